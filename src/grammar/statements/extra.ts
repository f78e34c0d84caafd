import { MODULE_STATEMENTS } from './modules.ts';
import { rows } from './statement-row.ts';
import { STORAGE_STATEMENTS } from './storage.ts';

/**
 * Headlines that no fuzzer counts as crashes but people who test a filesystem want to hear of: mm/oom_kill.c, mm/page_alloc.c,
 * mm/vmalloc.c, mm/slub.c, kernel/watchdog_perf.c, arch/x86/kernel/{nmi,traps}.c, arch/x86/kernel/cpu/mce/core.c.
 */
export const EXTRA_STATEMENTS = {
  ...STORAGE_STATEMENTS,
  ...MODULE_STATEMENTS,
  'oom-invoked': rows([
    'oom-invoked',
    /^(?<comm>.*) invoked oom-killer: gfp_mask=(?<gfp>0x[0-9a-f]+)/,
    'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  ]),
  'oom-killed': rows([
    'oom-killed',
    /(?<scope>Out of memory|[Mm]emory cgroup out of memory)(?: \(.*?\))?: Kill(?:ed)? process (?<victimPid>\d+) \((?<victim>.*?)\)/,
    'Out of memory: Killed process 1 (a) total-vm:1kB',
  ]),
  'allocation-failure': rows([
    'allocation-failure',
    /^(?<comm>.*): page allocation failure: order:(?<order>\d+)(?:, mode:(?<gfp>0x[0-9a-f]+)(?:\((?<gfpFlags>[^)]*)\))?)?/,
    'a: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL), nodemask=(null)',
  ]),
  'vmalloc-failure': rows([
    'vmalloc-failure',
    /^(?<comm>.*): vmalloc(?:: allocation failure:| error: size) (?<size>\d+)(?: bytes)?,(?:.*?mode:(?<gfp>0x[0-9a-f]+)(?:\((?<gfpFlags>[^)]*)\))?)?/,
    'a: vmalloc error: size 4096, failed to allocate pages, mode:0xcc0(GFP_KERNEL), nodemask=(null)',
  ]),
  'vmalloc-failure-old': rows([
    'vmalloc-failure',
    /^(?<comm>.*): vmalloc: allocation failure: (?<size>\d+) bytes(?:, mode:(?<gfp>0x[0-9a-f]+)(?:\((?<gfpFlags>[^)]*)\))?)?/,
    'a: vmalloc: allocation failure: 4096 bytes, mode:0xcc0(GFP_KERNEL), nodemask=(null)',
  ]),
  'slub-failure': rows([
    'slub-failure',
    /^SLUB: Unable to allocate memory on (?:CPU \d+ \(of node \d+\) on )?node (?<node>-?\d+),? ?\(?gfp=(?<gfp>0x[0-9a-f]+)(?:\((?<gfpFlags>[^)]*)\))?/,
    'SLUB: Unable to allocate memory on CPU 0 (of node 0) on node -1, gfp=0xcc0(GFP_KERNEL)',
  ]),
  'hard-lockup': rows(
    [
      'hard-lockup',
      /Watchdog detected hard LOCKUP on cpu (?<cpu>\d+)/,
      'watchdog: Watchdog detected hard LOCKUP on cpu 1',
    ],
    // arch/powerpc/kernel/watchdog.c
    [
      'hard-lockup',
      /^(?:watchdog: )?CPU (?<cpu>\d+) self-detected hard LOCKUP/,
      'watchdog: CPU 1 self-detected hard LOCKUP @ vexfs_f+0x1/0x2',
    ],
    [
      'hard-lockup',
      /^(?:watchdog: )?CPU (?<detectedBy>\d+) detected hard LOCKUP on other CPUs \d/,
      'watchdog: CPU 0 detected hard LOCKUP on other CPUs 1',
    ],
  ),
  // arch/{riscv,arm,mips,loongarch,powerpc,s390,x86} die: the line with the counter, where what was said before it is lost or was never said.
  die: rows(
    ['die', /^(?:Oops: )?Oops(?:: (?<errorCode>[0-9a-f]{4,16}))?(?: ilc:\d)? ?\[#\d+\]/, 'Oops: 0002 [#1] PREEMPT SMP'],
    ['die-of', /^Oops - (?<what>[A-Za-z][A-Za-z ,()/-]*?) \[#\d+\]/, 'Oops - illegal instruction [#1]'],
    [
      'die-of',
      /^Oops: (?<what>[A-Za-z][A-Za-z ,()/-]*?)(?:, sig: \d+|: (?<errorCode>[0-9a-f]{4,16})) \[#\d+\]/,
      'Oops: Kernel access of bad area, sig: 11 [#1]',
    ],
    [
      'die-of',
      /^(?<what>[a-z][a-z -]*): (?<errorCode>[0-9a-f]{4}) ilc:\d \[#\d+\]/,
      'illegal operation: 0001 ilc:1 [#1] SMP',
    ],
    ['die-bug', /^Kernel bug detected\[#\d+\]/, 'Kernel bug detected[#1]:'],
    [
      'die-stack',
      /^kernel stack overflow \([a-z -]+\): (?<errorCode>[0-9a-f]{4,16}) \[#\d+\]/,
      'kernel stack overflow (page fault): 0000 [#1] SMP',
    ],
  ),
  slab: rows([
    'slab',
    /^BUG (?<cache>\S+) \((?:Not tainted|Tainted.*?)\): (?<what>.*)/,
    'BUG vexfs_inode (Tainted: G    B      O): Poison overwritten',
  ]),
  leak: rows([
    'leak-object',
    /^unreferenced object (?:\(percpu\) )?0x[0-9a-f]+ \(size \d+\):/,
    'unreferenced object 0xffff888000000000 (size 64):',
  ]),
  'stack-space': rows([
    'stack-space',
    /^Insufficient stack space to handle exception/,
    'Insufficient stack space to handle exception!',
  ]),
  segfault: rows([
    'segfault',
    /^(?<comm>.*)\[(?<pid>\d+)\]: (?<what>segfault) at (?<address>[0-9a-f]+) ip (?<ip>[0-9a-f]+) sp (?<sp>[0-9a-f]+) error (?<errorCode>[0-9a-f]+)(?: in (?<file>[^[]+)\[(?:[0-9a-f]+,)?(?<mapped>[0-9a-f]+)\+(?<mappedSize>[0-9a-f]+)\])?(?: likely on CPU (?<cpu>\d+))?/,
    'a[1]: segfault at 0 ip 0000000000401000 sp 00007ffc00000000 error 4 in a[401000+1000]',
  ]),
  'user-trap': rows([
    'segfault',
    /^traps: (?<comm>.*)\[(?<pid>\d+)\] (?:trap )?(?<what>[a-z][a-z0-9 ]*?) ip:(?<ip>[0-9a-f]+) sp:(?<sp>[0-9a-f]+) error:(?<errorCode>[0-9a-f]+)(?: in (?<file>[^[]+)\[(?:[0-9a-f]+,)?(?<mapped>[0-9a-f]+)\+(?<mappedSize>[0-9a-f]+)\])?/,
    'traps: a[1] general protection fault ip:401000 sp:7ffc00000000 error:0 in a[401000+1000]',
  ]),
  'user-signal': rows([
    'segfault',
    /^(?<comm>.*)\[(?<pid>\d+)\]: unhandled (?:exception: (?<what>[^,]*), ESR (?<errorCode>0x[0-9a-f]+)|signal (?<signal>\d+) code (?<signalCode>0x[0-9a-f]+) at (?<address>0x[0-9a-f]+))(?:.* in (?<file>[^[ ]+)\[(?:[0-9a-f]+,)?(?<mapped>[0-9a-f]+)\+(?<mappedSize>[0-9a-f]+)\])?/,
    'a[1]: unhandled signal 11 code 0x1 at 0x0000000000000000 in a[10000+1000]',
  ]),
  mce: rows([
    'mce',
    /^(?:mce: )?(?:\{\d+\})?\[Hardware Error\]: (?<message>CPU (?<cpu>\d+): Machine Check.*|Machine check events logged|Hardware error from APEI.*)/,
    'mce: [Hardware Error]: Machine check events logged',
  ]),
  nmi: rows([
    'nmi',
    /^(?:NMI: (?<what>PCI system error \(SERR\)|IOCK error \(debug interrupt\?\)|Not continuing)|Uhhuh\. NMI received) for (?:unknown )?reason (?<reasonCode>[0-9a-f]{2}) on CPU (?<cpu>\d+)/,
    'NMI: PCI system error (SERR) for reason b1 on CPU 0.',
  ]),
  'nmi-unknown': rows([
    'nmi',
    /^(?:Uhhuh\. )?(?<what>NMI received for unknown reason) (?<reasonCode>[0-9a-f]{2}) on CPU (?<cpu>\d+)/,
    'Uhhuh. NMI received for unknown reason 20 on CPU 0.',
  ]),
  injection: rows(['injection', /^FAULT_INJECTION: forcing a failure/, 'FAULT_INJECTION: forcing a failure.']),
  ktap: rows(['ktap', /^ *K?TAP version \d+$/, 'KTAP version 1']),
} as const;
