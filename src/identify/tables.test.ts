import { describe, expect, test } from 'vitest';
import { cleanTitle } from './clean-title.ts';
import { demangle } from './demangle.ts';
import { fingerprint } from './fingerprint.ts';
import { FORMATS } from './formats/formats.ts';
import { nameMatcher } from './name-match.ts';
import { refineKind } from './refine-kind.ts';
import { isBystander, withoutSyscallPrefix } from './skip-list.ts';
import { pickHung, pickStall } from './special-frames.ts';
import { typeOf } from './types.ts';

describe('titles are cleaned', () => {
  test.each([
    ['addresses', 'BUG: x at ffff888003456000 and 0xdeadbeef', 'BUG: x at ADDR and ADDR'],
    ['numbers', 'waited 120 seconds for 3', 'waited NUM seconds for NUM'],
    ['long numbers in words', 'testdir12345678', 'testdirNUM'],
    ['lines', 'kernel BUG at fs/vexfs/a.c:123!', 'kernel BUG at fs/vexfs/a.c:LINE!'],
    ['columns', 'in fs/a.c:12:34', 'in fs/a.c:LINE'],
    ['offsets', 'in vexfs_write+0x1f/0x30', 'in vexfs_write'],
    ['CPUs', 'stuck on CPU#12', 'stuck on CPU'],
    ['IP addresses', 'from 10.0.0.1:', 'from IP:'],
    ['executors', 'by syz-executor.3/123', 'by syz-executor'],
    ['executors, until nothing is left to clean', 'by syz-executor1.2.3', 'by syz-executor'],
    ['parts of IP addresses', 'from 3110.0.0.2561', 'from 3IP1'],
    ['control characters', 'a\tb\u0000c  d ', 'a bc d'],
    ['nothing else', 'WARNING in vexfs_write', 'WARNING in vexfs_write'],
  ])('%s', (_, title, clean) => {
    expect(cleanTitle(title)).toBe(clean);
  });

  test('and cut', () => {
    expect(cleanTitle('a'.repeat(10_000)).length).toBe(120);
  });
});

describe('types', () => {
  test.each([
    ['KASAN: slab-use-after-free Read in f', 'KASAN-USE-AFTER-FREE-READ'],
    ['KASAN: slab-out-of-bounds Write in f', 'KASAN-WRITE'],
    ['KASAN: something new in f', 'KASAN-UNKNOWN'],
    ['possible deadlock in f', 'LOCKDEP'],
    ['WARNING in f', 'WARNING'],
    ['WARNING: refcount bug in f', 'REFCOUNT_WARNING'],
    ['INFO: task hung in f', 'HANG'],
    ['BUG: soft lockup in f', 'HANG'],
    ['BUG: stack guard page was hit in f', ''],
    ['VEXFS error: x', ''],
  ])('%s is %s', (title, type) => {
    expect(typeOf(title)).toBe(type);
  });
});

describe('names', () => {
  test('match lists', () => {
    const matches = nameMatcher('in =whole ^start end$ a*b');
    expect(['begin', 'whole', 'starts', 'the_end', 'xaxbx'].map(matches)).toEqual([true, true, true, true, true]);
    expect(['wholes', 'astart', 'ends', 'ba'].map(matches)).toEqual([false, false, false, false]);
  });

  test('of bystanders are skipped, those of a module are not', () => {
    expect(['kasan_report', 'mutex_lock', 'dump_stack_lvl', '__kmalloc', 'kfree', 'crc32c'].every(isBystander)).toBe(
      true,
    );
    expect(['vexfs_write', 'vfs_write', 'ksys_write', 'crc'].some(isBystander)).toBe(false);
  });

  test('of system calls lose their prefixes, the shortest last', () => {
    expect(withoutSyscallPrefix('__x64_sys_ioctl').at(-1)).toBe('sys_ioctl');
    expect(withoutSyscallPrefix('__se_sys_ioctl').at(-1)).toBe('ioctl');
    expect(withoutSyscallPrefix('vfs_ioctl')).toEqual([]);
  });

  test.each([
    ['_RNvCs123_7mycrate3foo', 'mycrate::foo'],
    ['_RNvMNtCs123_7mycrate3modNtB2_4Type4call', '<mycrate::mod::Type>::call'],
    ['_RNCNvCs123_7mycrate3foo0', 'mycrate::foo::{closure#0}'],
    ['_ZN4core9panicking5panic17h0123456789abcdefE', 'core::panicking::panic'],
    ['_ZN3foo3barEv', 'foo::bar'],
    ['_RNvBroken', '_RNvBroken'],
    ['_ZN99', '_ZN99'],
    ['vexfs_write', 'vexfs_write'],
  ])('%s reads %s', (mangled, name) => {
    expect(demangle(mangled)).toBe(name);
  });
});

describe('frames of', () => {
  test('a stall: what the kernel loop called', () => {
    expect(pickStall(['vexfs_spin', 'vexfs_ioctl', 'do_syscall_64'])).toEqual({ name: 'vexfs_ioctl', at: 1 });
    expect(pickStall(['smp_call_function_single', 'x'])).toEqual({ name: 'smp_call_function', at: 0 });
    expect(pickStall(['vexfs_spin'])).toBeUndefined();
  });

  test('a hung task: what waits, not how', () => {
    expect(pickHung(['__schedule', 'schedule', 'rwsem_down_write_slowpath', 'vexfs_ioctl'])?.name).toBe('vexfs_ioctl');
    expect(pickHung(['__schedule', 'synchronize_rcu_expedited', 'vexfs_ioctl'])?.name).toBe('synchronize_rcu');
  });
});

test('a kind is refined by the file that raised it', () => {
  expect(refineKind('warning', { where: 'lib/list_debug.c:62' })).toBe('list-corruption');
  expect(refineKind('warning', { where: 'fs/vexfs/a.c:1' })).toBe('warning');
  expect(refineKind('null-deref', { where: 'lib/list_debug.c:62' })).toBe('null-deref');
});

test('a fingerprint can be computed again from its inputs, and ignores who reported', () => {
  const frame = (fn: string) => ({ fn, reliable: true });
  const a = fingerprint('warning', 'vexfs', 'vexfs_a', [
    { role: 'trap', frames: ['dump_stack', 'vexfs_a', 'vfs_write'].map(frame) },
  ]);
  const b = fingerprint('warning', 'vexfs', 'vexfs_a', [{ role: 'trap', frames: ['vexfs_a', 'vfs_write'].map(frame) }]);
  expect(a).toEqual(b);
  expect(a.inputs).toEqual(['warning', 'vexfs', 'vexfs_a', 'vfs_write']);
  expect(a.fingerprint).toMatch(/^v1:[0-9a-f]{16}$/);
});

test('the format tables have words for what they promise', () => {
  for (const [group, table] of Object.entries(FORMATS)) {
    for (const format of table) {
      const asksFrame = format.title.includes('{F}') || (format.alt ?? []).some((alt) => alt.includes('{F}'));
      expect(asksFrame ? format.plan !== undefined : true, `${group}: ${format.title}`).toBe(true);
    }
  }
});
