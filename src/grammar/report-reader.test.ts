import { describe, expect, test } from 'vitest';
import * as samples from './samples.ts';
import { finalReports, readLog, stamped } from './testing.ts';

const BOOT = stamped(
  'Linux version 6.12.0\nCommand line: console=ttyS0\nRun /init as init process\nvexfs: loaded\n',
  0,
);

/** kernel/panic.c panic and check_panic_on_warn. */
const PANIC = (text: string) => `Kernel panic - not syncing: ${text}
CPU: 1 UID: 0 PID: 123 Comm: vexfs-load Not tainted 6.12.0 #1
Call Trace:
 <TASK>
 panic+0x118/0x2f4
 vexfs_fault_panic+0x11/0x20 [vexfs]
 </TASK>
---[ end Kernel panic - not syncing: ${text} ]---
`;

/** What says so, at kernel/watchdog.c, kernel/hung_task.c, kernel/rcu/tree_stall.h, mm/oom_kill.c, kernel/exit.c. */
const ECHOED = [
  ['NULL_DEREF', 'Fatal exception'],
  ['NULL_DEREF', 'Fatal exception in interrupt'],
  ['NULL_DEREF', 'Attempted to kill init! exitcode=0x00000009'],
  ['ARM_NULL_DEREF', 'Fatal exception'],
  ['REFCOUNT', 'kernel: panic_on_warn set ...'],
  ['KASAN', 'KASAN: panic_on_warn set ...'],
  ['HUNG', 'hung_task: blocked tasks'],
  ['OOM', 'System is deadlocked on memory'],
  ['OOM', 'Out of memory: system-wide panic_on_oom is enabled'],
] as const;

/** The module's own (kmod/), kernel/exit.c, kernel/watchdog.c, mm/oom_kill.c, init/do_mounts.c. */
const NOT_ECHOED = [
  ['OOM', 'vexfs: fault on demand'],
  ['OOM', 'Fatal exception'],
  ['OOM', 'Attempted to kill init! exitcode=0x00000009'],
  ['NULL_DEREF', 'vexfs: fault on demand'],
  ['NULL_DEREF', 'System is deadlocked on memory'],
  ['REFCOUNT', 'softlockup: hung tasks'],
  ['REFCOUNT', 'Attempted to kill init! exitcode=0x00000009'],
  ['KASAN', 'stack-protector: Kernel stack is corrupted in: vexfs_write+0x1/0x2'],
  ['HUNG', 'VFS: Unable to mount root fs on unknown-block(0,0)'],
] as const;

describe('a log yields', () => {
  test('each report, the first sight of it at once, then its stack, and the whole when it has ended', () => {
    const log =
      BOOT + stamped(samples.NULL_DEREF) + stamped(samples.REFCOUNT, 20) + stamped('usb 1-1: new device\n', 30);
    const updates = readLog(log);
    expect(updates.map(({ report, final }) => [report.headline, final])).toEqual([
      ['BUG', false],
      ['BUG', false],
      ['BUG', true],
      ['WARNING', false],
      ['WARNING', false],
      ['WARNING', true],
    ]);
    expect(updates.map(({ report }) => report.open)).toEqual([true, true, false, true, true, false]);
    expect(updates[0]?.report.key).toBe(updates[2]?.report.key);
    expect(updates[1]?.report.sections.stacks[0]?.frames.length).toBe(
      updates[2]?.report.sections.stacks[0]?.frames.length,
    );
    expect(updates[2]?.report.sections.context).toMatchObject({
      cpu: 1,
      pid: 123,
      comm: 'vexfs-load',
      taint: 'GO',
      kernel: '6.12.0',
    });
  });

  test('one report of an oops and the panic it led to', () => {
    const [report, ...others] = finalReports(BOOT + stamped(samples.NULL_DEREF + samples.FATAL_PANIC));
    expect(others).toEqual([]);
    expect(report?.panicked).toBe(true);
    expect(report?.echoes).toEqual(['Kernel panic - not syncing: Fatal exception']);
  });

  test.each(ECHOED)('one report that ends in its panic: %s', (name, text) => {
    const [report, ...others] = finalReports(BOOT + stamped(samples.SAMPLES[name] + PANIC(text)));
    expect(others).toEqual([]);
    expect(report?.echoes).toEqual([`Kernel panic - not syncing: ${text}`]);
  });

  test.each(NOT_ECHOED)('two reports when the panic is another matter: %s', (name, text) => {
    const reports = finalReports(BOOT + stamped(samples.SAMPLES[name] + PANIC(text)));
    expect(reports.map(({ headline, panicked, echoes }) => [headline, panicked, echoes])).toEqual([
      [expect.not.stringMatching('panic'), false, []],
      ['panic', true, []],
    ]);
  });

  test.each([
    ['Kernel Offset: 0x34400000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)'],
    ['Kernel Offset: disabled\nPHYS_OFFSET: 0x40000000\nCPU features: 0x0,0,0\nMemory Limit: none'],
  ])('a panic up to what it says when the other CPUs have been stopped, and the panic of the next run: %s', (end) => {
    const [dead, ...others] = ['vexfs: one', 'vexfs: two'].map((text) =>
      PANIC(text).replace(/---\[ end.*\n/, `${end}\n`),
    );
    const reports = finalReports(stamped(`${dead}Rebooting in 1 seconds..\n`) + stamped(others.join(''), 12));
    expect(reports.map(({ lines, echoes }) => [lines[0]?.text, echoes])).toEqual([
      ['Kernel panic - not syncing: vexfs: one', []],
      ['Kernel panic - not syncing: vexfs: two', []],
    ]);
    expect(reports[0]?.lines.at(-1)?.kind).toBe('panic-tail');
  });

  test('two reports of errors that the hardware reported one after the other', () => {
    const fatal = 'mce: [Hardware Error]: CPU 0: Machine Check Exception: 5 Bank 1: be00000000000134\n';
    const corrected = `mce: [Hardware Error]: Machine check events logged\n${fatal.replace(' Exception: 5', ': 0')}`;
    const reports = finalReports(stamped(fatal) + stamped(corrected, 12));
    expect(reports.map(({ lines }) => lines.length)).toEqual([1, 2]);
  });

  test('an OOM report up to the line that names the victim, whatever comes behind it', () => {
    const reaped = 'oom_reaper: reaped process 150 (sh), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n';
    const [report, ...others] = finalReports(stamped(`${samples.OOM}${reaped}usb 1-1: new device\n${samples.OOM}`));
    expect(report?.lines.at(-1)?.kind).toBe('oom-reaper');
    expect(others.map(({ lines }) => lines[0]?.kind)).toEqual(['oom-invoked']);
    const [torn] = finalReports(stamped(`${samples.OOM.split('\n').slice(-2).join('\n')}usb 1-1: new device\n`));
    expect(torn?.lines.map(({ kind }) => kind)).toEqual(['oom-killed']);
  });

  test('each report of two boots in one console, neither joined to the other', () => {
    const whole = stamped(samples.NULL_DEREF, 10);
    for (let cut = 0; cut < whole.length; cut += 37) {
      for (const glue of ['', '\n', '\0d', '\r\n']) {
        const log = `${BOOT}${whole.slice(0, cut)}${glue}${stamped(`Linux version 6.12.0\n${samples.REFCOUNT}`, 0)}`;
        const reports = finalReports(log);
        const second = reports.at(-1);
        expect(second?.headline, `${cut}${JSON.stringify(glue)}`).toBe('WARNING');
        expect(second?.lines.every(({ place }) => (place.time ?? 0) < 1)).toBe(true);
        for (const { lines } of reports.slice(0, -1))
          expect(lines.every(({ place }) => place.time === undefined || place.time >= 10)).toBe(true);
      }
    }
  });

  test('one report when the clocks of its CPUs disagree a little', () => {
    const lines = stamped(samples.HUNG, 10).split('\n');
    lines.splice(5, 0, '[    9.200000] usb 1-1: new device');
    expect(finalReports(lines.join('\n')).map(({ sections }) => sections.stacks[0]?.frames.length)).toEqual([5]);
  });

  test.each([
    ['a rest of a torn line', 'Tasks: 12\0d'],
    ['a shell prompt', '/ # '],
    ['a torn line of the kernel', '[   10.000000] R10: 00000000'],
    ['a torn stamp', '[   10.0000'],
  ])('a report whose first line stands behind %s', (_, before) => {
    const [report] = finalReports(`${BOOT}${before}${stamped(samples.OOM, 10, '[  T150]')}`);
    expect(report?.lines[0]?.text).toMatch(/^sh invoked oom-killer: /);
    expect(report?.lines[0]?.place).toMatchObject({
      byte: BOOT.length + before.length,
      line: 5,
      time: 10,
      caller: 'T150',
    });
  });

  test('two reports whose lines are mixed, told apart by their callers', () => {
    const one = stamped(samples.NULL_DEREF, 10, '[  T123]').split('\n');
    const two = stamped(samples.REFCOUNT, 10, '[   T77]').split('\n');
    const mixed = one.flatMap((line, i) => [line, two[i] ?? '']).filter((line) => line !== '');
    const alone = [...finalReports(one.join('\n')), ...finalReports(two.join('\n'))];
    const parts = finalReports(`${mixed.join('\n')}\n`);
    const facts = (reports: typeof parts) =>
      reports.map(({ sections }) => sections.stacks).sort((a, b) => a.length - b.length);
    expect(parts.length).toBe(2);
    expect(facts(parts)).toEqual(facts(alone));
  });

  test('a report that stopped, behind 5,000 lines of another log; for ever it is not waited for', () => {
    const lines = stamped(samples.CIRCULAR, 5000, '[  T123]').split('\n');
    const others = (count: number) => stamped('usb 1-1: new device\n'.repeat(count), 10, '[   T77]');
    const spliced = (count: number) => [...lines.slice(0, 8), others(count), ...lines.slice(8)].join('\n');
    const stacks = (log: string) => finalReports(log).map(({ sections }) => sections.stacks);
    expect(stacks(spliced(5_000))).toEqual(stacks(lines.join('\n')));
    const late = `${lines.slice(0, 8).join('\n')}\n${others(10_050)}${stamped(samples.REFCOUNT, 20, '[   T77]')}`;
    expect(readLog(late).map(({ report, final }) => [report.source, final])).toEqual([
      ['T123', false],
      ['T123', true],
      ['T77', false],
      ['T77', false],
      ['T77', true],
    ]);
  });

  test('single lines that are findings, and the report that they broke into', () => {
    const lines = stamped(samples.HUNG).split('\n');
    lines.splice(6, 0, '[   10.005500] VEXFS error (device vda): vexfs_write: I/O error writing inode 12 at offset 0');
    expect(finalReports(lines.join('\n')).map(({ headline, lines: kept }) => [headline, kept.length > 5])).toEqual([
      ['fs-error', false],
      ['INFO', true],
    ]);
  });

  test('a report around a dump of the trace buffer', () => {
    const lines = stamped(samples.NULL_DEREF).split('\n');
    const dump = '[   10.004500]   <idle>-0         1d..2. 96079us : sched_switch: prev_comm=BUG: a';
    lines.splice(5, 0, ...new Array(9_000).fill(dump));
    const reports = finalReports(lines.join('\n'));
    expect(reports.map(({ sections }) => sections.stacks[0]?.frames[0]?.fn)).toEqual(['vexfs_store']);
  });

  test('the same report from every collector', () => {
    const plain = finalReports(stamped(samples.NULL_DEREF));
    const prefixes = [
      '',
      '[Sat Nov 21 02:31:46 2026] ',
      'Nov 21 02:31:46 vm kernel: ',
      '2026-11-21T02:31:46,000000+00:00 ',
      '<4>',
      '3,1,2,-;',
    ];
    for (const prefix of prefixes) {
      const log = samples.NULL_DEREF.split('\n')
        .filter((line) => line !== '')
        .map((line) => `${prefix}${line}\n`)
        .join('');
      const [report] = finalReports(log);
      expect(report?.sections.stacks, prefix).toEqual(plain[0]?.sections.stacks);
      expect(report?.sections.registers, prefix).toEqual(plain[0]?.sections.registers);
    }
  });

  test('what was lost while a report was read', () => {
    const lines = stamped(samples.NULL_DEREF).split('\n');
    lines[10] = `** 40 printk messages dropped ** ${lines[10]}`;
    expect(finalReports(lines.join('\n'))[0]?.lost).toBe(40);
  });
});

describe('sections', () => {
  const only = (log: string) => {
    const reports = finalReports(BOOT + stamped(log));
    expect(reports.length).toBe(1);
    return reports[0]?.sections;
  };
  const names = (log: string) =>
    only(log)?.stacks.map(({ role, frames }) => [role, frames.map(({ fn }) => fn).join(' ')]);

  test('of an oops: trap, registers, code, modules', () => {
    const found = only(samples.NULL_DEREF);
    expect(found?.stacks[0]?.frames[0]).toMatchObject({
      fn: 'vexfs_store',
      module: 'vexfs',
      offset: '0x1a',
      reliable: true,
    });
    expect(found?.stacks[0]?.frames[1]).toMatchObject({ fn: '__die_body', reliable: false });
    expect(found?.registers).toMatchObject({ RBX: '0xffff888003456000', CR2: '0x0000000000000008' });
    expect(found?.modules).toEqual(['vexfs', 'loop']);
    expect(found?.code).toContain('<c7>');
  });

  test('of KASAN: access, allocation and free, the object', () => {
    expect(names(samples.KASAN)?.map(([role]) => role)).toEqual(['access', 'alloc', 'free']);
    expect(only(samples.KASAN)?.details).toMatchObject({
      access: 'read',
      size: 8,
      address: '0xffff888003456010',
      object: {
        address: '0xffff888003456000',
        cache: 'kmalloc-64',
        size: 64,
        length: 64,
        state: 'freed',
        relation: 'inside',
        distance: 16,
        offset: 16,
      },
    });
  });

  test('of KCSAN: both accesses', () => {
    expect(names(samples.KCSAN)).toEqual([
      ['access', 'vexfs_reset vfs_write'],
      ['other-access', 'vexfs_count vfs_read'],
    ]);
  });

  test('of lockdep: who wants and holds what, the chain', () => {
    const found = only(samples.CIRCULAR);
    expect(found?.details).toMatchObject({ wants: { name: 'vexfs_a', pid: 56 }, holds: { name: 'vexfs_b' } });
    expect(found?.details.cycle).toEqual({
      nodes: ['vexfs_b', 'vexfs_a'],
      edges: [
        { from: 'vexfs_a', to: 'vexfs_b', stack: 0 },
        { from: 'vexfs_b', to: 'vexfs_a', stack: 1 },
      ],
    });
    expect(found?.locks).toMatchObject([{ name: 'vexfs_b', comm: 'sh', pid: 56 }]);
  });

  test('of the OOM killer: the victim and the tasks', () => {
    const found = only(samples.OOM);
    expect(found?.tasks).toEqual([
      { pid: 150, uid: 0, rssPages: 20000, totalVmPages: 30000, oomScoreAdj: 0, name: 'sh' },
    ]);
    expect(found?.details).toMatchObject({ victim: 'sh', constraint: 'CONSTRAINT_NONE' });
  });

  test('of a hung task: whose stack it is', () => {
    expect(only(samples.HUNG)?.stacks).toMatchObject([{ role: 'task', comm: 'vexfs-load', pid: 99, about: 'state D' }]);
  });

  test('of kmemleak: who allocated', () => {
    expect(names(samples.LEAK)).toEqual([['alloc', '__kmalloc_noprof vexfs_new vfs_write']]);
  });

  test('of a warning: what stood before it', () => {
    expect(only(samples.REFCOUNT)?.details).toMatchObject({ message: 'refcount_t: underflow; use-after-free.' });
  });
});

/** Lines of boot loaders, shells, test harnesses, daemons and of kernels that are well. */
const HARMLESS = [
  'INFO: ARM GICv3 driver initialized',
  'WARNING: Caches not enabled',
  'INFO: all tests passed',
  'WARNING: apt does not have a stable CLI interface.',
  'panic: this is a word of a program',
  'fatal error: all goroutines are asleep - deadlock!',
  '# WARNING: 1 test failed',
  'not ok 1 - INFO: task',
  '[    1.000000] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on',
  '[    1.000000] EXT4-fs (vda): WARNING: mounting fs with errors',
  '[    1.000000] workqueue: round-robin CPU selection forced, expect performance impact',
  '[    1.000000] systemd[1]: WARNING: something',
  '[    1.000000] INFO: lockdep is turned off.',
  '[    1.000000] rcu: RCU event tracing is enabled.',
  '[    1.000000] Kernel command line: panic=1 oops=panic nmi_watchdog=panic',
  '[    1.000000] Booting the kernel.',
  '[    1.000000] vexfs: loading out-of-tree module taints kernel.',
  '[    1.000000] sda: write cache: BUG workaround',
  'Nov 21 02:52:42 vm sshd[1]: BUG: unable to handle kernel NULL pointer dereference',
];

describe('no report comes of', () => {
  test.each(HARMLESS)('%s', (line) => {
    expect(readLog(`${BOOT}${line}\n`)).toEqual([]);
  });

  test('a kernel headline that a user program prints, where the kernel stamps its lines', () => {
    expect(readLog(`${BOOT}BUG: kernel NULL pointer dereference, address: 0000000000000008\n`)).toEqual([]);
    expect(readLog('BUG: kernel NULL pointer dereference, address: 0000000000000008\n').length).toBe(2);
  });
});
