import { isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import { Pipeline } from './pipeline.ts';

/** An oops as x86 prints it (arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c), and a warning (kernel/panic.c). */
const REPORTS = `[    1.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008
[    1.000001] #PF: supervisor write access in kernel mode
[    1.000002] Oops: 0002 [#1] PREEMPT SMP NOPTI
[    1.000003] CPU: 0 PID: 7 Comm: sh Tainted: G           OE      6.1.0 #1
[    1.000004] RIP: 0010:warm_up+0x1a/0x40 [warm]
[    1.000005] RSP: 0018:ffffc90000000000 EFLAGS: 00010246
[    1.000006] RAX: 0000000000000000 RBX: 000000000000000a RCX: ffffffffc05b75dc
[    1.000007] Call Trace:
[    1.000008]  <TASK>
[    1.000009]  vfs_write+0xb7/0x3c0
[    1.000010]  ? ksys_write+0x5f/0xe0
[    1.000011]  do_syscall_64+0x3b/0x90
[    1.000012]  </TASK>
[    1.000013] Modules linked in: warm(OE)
[    1.000014] CR2: 0000000000000008
[    1.000015] ---[ end trace 0000000000000000 ]---
[    2.500000] ------------[ cut here ]------------
[    2.500001] WARNING: CPU: 0 PID: 7 at fs/warm.c:12 warm_up+0x1a/0x40 [warm]
[    2.500002] CPU: 0 PID: 7 Comm: sh Not tainted 6.1.0 #1
[    2.500003] RIP: 0010:warm_up+0x1a/0x40 [warm]
[    2.500004] Call Trace:
[    2.500005]  <TASK>
[    2.500006]  vfs_write+0xb7/0x3c0
[    2.500007]  </TASK>
[    2.500008] ---[ end trace 0000000000000000 ]---
`;

/**
 * Reads two reports of no meaning, so that the first real one does not wait for parsers and expressions to be made: that takes
 * ten times as long as reading it. For runs that watch; they have the time while a guest boots. Gives how many findings it made.
 */
export function warmUp(matcher: Matcher): number {
  let findings = 0;
  const pipeline = new Pipeline({
    ...{ run: 'warm-up', startWall: 0, live: true, matcher },
    sink: (event) => {
      if (isFinding(event) && event.final) findings += 1;
    },
    warn: () => {},
  });
  pipeline.push({ stream: 'console', observed: 0, bytes: Buffer.from(REPORTS) });
  pipeline.end();
  return findings;
}
