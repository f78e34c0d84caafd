import { expect, test } from 'vitest';
import { finalReports, stamped } from './testing.ts';

const KERNEL = 'c708c6bafa1314b3e84c64b9f03b67766970ebbd';
const MODULE = '3b43fad5034874490492495d552c0af6a5fab235';

/** A report of a kernel with CONFIG_STACKTRACE_BUILD_ID: lib/dump_stack.c, kernel/kallsyms.c. */
const report = (kernel: string, module: string) =>
  stamped(`BUG: kernel NULL pointer dereference, address: 0000000000000008
Oops: 0002 [#1] PREEMPT SMP NOPTI
CPU: 0 UID: 0 PID: 143 Comm: sh Tainted: G           OE      6.12.0 #1${kernel}
RIP: 0010:vexfs_f+0x7/0x20 [vexfs${module}]
RSP: 0018:ff7aeca5c03e7bd0 EFLAGS: 00000246
Call Trace:
 <TASK>
 vexfs_write+0xed/0x140 [vexfs${module}]
 vfs_write+0xc7/0x3f0
 </TASK>
---[ end trace 0000000000000000 ]---
`);

test.each([
  [` ${KERNEL}`, ` ${MODULE}`, { vmlinux: KERNEL, vexfs: MODULE }],
  [' PREEMPT(lazy)', ` ${MODULE}`, { vexfs: MODULE }],
  [' PREEMPT(lazy) c708c6ba', '', undefined],
  ['', '', undefined],
])('build ids of the kernel "%s" and the module "%s"', (kernel, module, expected) => {
  const [found] = finalReports(report(kernel, module));
  expect(found?.sections.details.buildIds).toEqual(expected);
  expect(found?.sections.stacks[0]?.frames.map(({ fn, module }) => [fn, module])).toEqual([
    ['vexfs_f', 'vexfs'],
    ['vexfs_write', 'vexfs'],
    ['vfs_write', undefined],
  ]);
  expect(found?.sections.context).toMatchObject({ kernel: '6.12.0', taint: 'GOE' });
});
