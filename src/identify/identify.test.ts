import { describe, expect, test } from 'vitest';
import { SAMPLES as samples } from '../grammar/samples.ts';
import { finalReports, readLog, stamped } from '../grammar/testing.ts';
import { KINDS } from '../model/kinds.ts';
import { identify } from './identify.ts';

const only = (log: string) => {
  const found = finalReports(stamped(log)).map(identify);
  expect(found.length).toBe(1);
  return found[0];
};

/** Single lines; formats of kernel/panic.c, mm/, fs/, block/blk-core.c and the vexfs module. */
const LINES: readonly (readonly [line: string, kind: string, title: string])[] = [
  [
    'VEXFS error (device vda): vexfs_write: I/O error writing inode 12 at offset 4096',
    'fs-error',
    'VEXFS error: vexfs_write: I/O error writing inode NUM at offset NUM',
  ],
  [
    'EXT4-fs error (device vda): ext4_lookup:1: inode #2: comm a: deleted inode',
    'fs-error',
    'EXT4 error: ext4_lookup:NUM: inode #NUM: comm a: deleted inode',
  ],
  [
    'vexfs: mount failed: superblock checksum mismatch (stored 0x00000001, computed 0x00000002) on device vda',
    'mount-failure',
    'vexfs: mount failed: superblock checksum mismatch (stored ADDR, computed ADDR)',
  ],
  ['I/O error, dev vda, sector 8 op 0x0:(READ) flags 0x0', 'io-error', 'I/O error on vda'],
  [
    'vexfs: Unknown symbol vexfs_missing (err -2)',
    'module-load-failure',
    'module vexfs failed to load: unknown symbol vexfs_missing',
  ],
  [
    'sh[12]: segfault at 0 ip 0000000000401000 sp 00007ffc00000000 error 4 in sh[401000+1000]',
    'user-segfault',
    'segfault in sh',
  ],
  [
    'unregister_netdevice: waiting for lo to become free. Usage count = 2',
    'netdevice-unregister',
    'unregister_netdevice: waiting for DEV to become free',
  ],
  [
    'VFS: Busy inodes after unmount of vda (vexfs)',
    'vfs-busy-inodes',
    'VFS: Busy inodes after unmount (use-after-free)',
  ],
];

describe('a report is named', () => {
  test.each([
    [
      'NULL_DEREF',
      'null-deref',
      'BUG: unable to handle kernel NULL pointer dereference in vexfs_store',
      ['bad-access in vexfs_store'],
      'NULL-POINTER-DEREFERENCE',
    ],
    [
      'ARM_NULL_DEREF',
      'null-deref',
      'BUG: unable to handle kernel NULL pointer dereference in vexfs_store',
      ['bad-access in vexfs_store'],
      'NULL-POINTER-DEREFERENCE',
    ],
    ['REFCOUNT', 'refcount', 'WARNING: refcount bug in vexfs_put', [], 'REFCOUNT_WARNING'],
    [
      'KASAN',
      'kasan-use-after-free',
      'KASAN: slab-use-after-free Read in vexfs_read',
      ['bad-access in vexfs_read'],
      'KASAN-USE-AFTER-FREE-READ',
    ],
    ['CIRCULAR', 'lockdep-circular', 'possible deadlock in vexfs_lock_b_then_a', [], 'LOCKDEP'],
    ['HUNG', 'hung-task', 'INFO: task hung in vexfs_ioctl', ['hang in vexfs_ioctl'], 'HANG'],
    ['OOM', 'oom', 'out of memory: killed sh', [], ''],
    ['KCSAN', 'kcsan-data-race', 'KCSAN: data-race in vexfs_count / vexfs_reset', [], 'KCSAN-DATARACE'],
    ['LEAK', 'memory-leak', 'memory leak in vexfs_new', [], 'LEAK'],
  ] as const)('%s', (name, kind, title, altTitles, type) => {
    const found = only(samples[name]);
    expect(found).toMatchObject({ kind, title, altTitles, type, corrupted: false, corruptedReason: '' });
    expect(found?.fingerprint).toMatch(/^v1:[0-9a-f]{16}$/);
  });

  test.each(LINES)('%s', (line, kind, title) => {
    expect(only(`${line}\n`)).toMatchObject({ kind, title, corrupted: false });
  });

  test('with the module of the blamed frame', () => {
    for (const name of ['NULL_DEREF', 'REFCOUNT', 'KASAN', 'CIRCULAR', 'HUNG', 'KCSAN', 'LEAK'] as const) {
      expect(only(samples[name])?.context.module, name).toBe('vexfs');
    }
  });

  test('without a stack it is corrupted, and says why', () => {
    const cut = samples.NULL_DEREF.split('\n').slice(0, 6).join('\n');
    expect(only(`${cut}\n`)).toMatchObject({
      title: 'BUG: unable to handle kernel NULL pointer dereference in corrupted',
      corrupted: true,
      corruptedReason: 'extracted no frames',
    });
  });

  test('with a kind of the table, whatever it says', () => {
    for (const log of Object.values(samples)) expect(Object.keys(KINDS)).toContain(only(log)?.kind);
  });

  test('as if it had not been symbolized', () => {
    for (const name of ['NULL_DEREF', 'REFCOUNT', 'KASAN', 'HUNG', 'KCSAN', 'LEAK'] as const) {
      const plain = samples[name];
      const wanted = only(plain);
      const line = (fn: string, mod: string | undefined) =>
        `${fn} (fs/x/${fn}.c:12 (discriminator 3))${mod === undefined ? '' : ` ${mod}`}`;
      // The words of scripts/decode_stacktrace.sh, then those of syzbot.
      const decoded = plain.replace(/(\w+)(?:\.\w+)*\+0x\w+\/0x\w+(?: \[(\w+)\])?/g, (_, fn, mod) => line(fn, mod));
      const inlined = plain.replace(
        /^(.*?)(\w+)(\+0x\w+\/0x\w+)(.*)$/gm,
        '$1in_$2 fs/x/$2.h:7 [inline]\n$1$2$3 fs/x/$2.c:12$4',
      );
      for (const log of [decoded, inlined]) {
        const found = only(log);
        expect([found?.title, found?.altTitles, found?.context.module, found?.corrupted], log).toEqual([
          wanted?.title,
          wanted?.altTitles,
          wanted?.context.module,
          false,
        ]);
      }
      expect(only(decoded)?.guiltyFile.startsWith('fs/x/')).toBe(true);
    }
  });

  test('by a symbolized report with the file to blame', () => {
    const log = samples.REFCOUNT.replace(
      'vexfs_put+0x1a/0x40 [vexfs]',
      'vexfs_put+0x1a/0x40 fs/vexfs/inode.c:12 [vexfs]',
    );
    expect(only(log)?.guiltyFile).toBe('fs/vexfs/inode.c');
  });
});

test('a module built elsewhere names its files without a folder, and keeps the blame', () => {
  const log = samples.REFCOUNT.replace('vexfs_put+0x1a/0x40 [vexfs]', 'vexfs_put+0x1a/0x40 inode.c:12 [vexfs]');
  const deeper = log.replace(/^( vfs_\w+\+\S+)/m, '$1 fs/ext4/file.c:7');
  expect(deeper).not.toBe(log);
  expect(only(deeper)?.guiltyFile).toBe('inode.c');
});

test('wordings that syzbot does not know have titles of its manner, in the default profile only', () => {
  const log = stamped(
    samples.NULL_DEREF.replace(
      'BUG: kernel NULL pointer dereference, address: 0000000000000008',
      'Unable to handle kernel write to read-only memory at virtual address ffff800008000000',
    ),
  );
  const title = (profile: 'default' | 'syzkaller') => finalReports(log, profile).map(identify)[0]?.title;
  expect(title('default')).toBe('BUG: unable to handle kernel write to read-only memory in vexfs_store');
  expect(title('syzkaller')).toBe('Unable to handle kernel write to read-only memory at virtual address ADDR');
});

describe('a report that is still being read', () => {
  const told = (log: string) =>
    readLog(stamped(log))
      .filter(({ final }) => !final)
      .map(({ report }) => identify(report));

  test.each([
    ['NULL_DEREF', 'BUG: unable to handle kernel NULL pointer dereference', 'vexfs_store'],
    ['ARM_NULL_DEREF', 'BUG: unable to handle kernel NULL pointer dereference', 'vexfs_store'],
    ['REFCOUNT', 'WARNING: refcount bug', 'vexfs_put'],
    ['KASAN', 'KASAN: slab-use-after-free', 'vexfs_read'],
    ['CIRCULAR', 'possible deadlock', 'vexfs_lock_b_then_a'],
    ['HUNG', 'INFO: task hung', 'vexfs_ioctl'],
  ] as const)('%s has a title without frame, then the one that it keeps', (name, title, frame) => {
    const [first, second, ...more] = told(samples[name]);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ title, altTitles: [], frame: '', corrupted: false, corruptedReason: '' });
    expect(second).toMatchObject({ frame, corrupted: false });
    expect(second?.title).toBe(only(samples[name])?.title);
    expect(first?.kind).toBe(second?.kind);
  });

  test('OOM names the victim as soon as it is known', () => {
    expect(told(samples.OOM).map(({ title }) => title)).toEqual([
      'out of memory: invoked by sh',
      'out of memory: killed sh',
    ]);
  });

  test('never takes for damage what has not come yet, wherever the log stops', () => {
    const stops = Object.values(samples).flatMap((log) =>
      log.split('\n').map((_, at, all) => `${all.slice(0, at + 1).join('\n')}\n`),
    );
    for (const identity of stops.flatMap(told)) {
      expect(identity).toMatchObject({ corrupted: false, corruptedReason: '' });
      expect(identity.title).not.toMatch(/\bcorrupted\b|[:{} ]$| in$/);
      expect(identity.altTitles.join()).not.toContain('corrupted');
      expect(identity.frame).not.toBe('corrupted');
    }
  });

  test.each([
    'BUG:',
    'INFO:',
    'BUG: soft lockup - CPU#1 stuck for 13s! [sh:1]',
    'Kernel panic - not syncing: Fatal exception',
  ])('%s', (header) => {
    for (const { title, corrupted } of told(`${header}\n`)) {
      expect(title).not.toContain('corrupted');
      expect(corrupted).toBe(false);
    }
  });
});
