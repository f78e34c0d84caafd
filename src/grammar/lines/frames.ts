import { lines } from './line-row.ts';
import { MODULE, PLACE, SYMBOL } from './symbol.ts';

const re = (text: string): RegExp => new RegExp(text);

/** Stacks: arch kernel dumpstack and stacktrace sources, lib/stackdepot.c, kernel/stacktrace.c. */
export const FRAME_LINES = lines(
  ['call-trace', 'race', /^\s*(?:\[<[0-9a-f]+>\] +)?(?:Call [Tt]race|Backtrace|Trace):/, 'Call Trace:'],
  ['stack-switch', '<', /^ ?<\/?(?:TASK|IRQ|SOFTIRQ|NMI|#DF|#DB|EOI|HARDIRQ|ENTRY_TRAMPOLINE)>/, ' <TASK>'],
  [
    'interrupted',
    '--- interrupt',
    /^--- interrupt: [0-9a-f]+(?: at (?<fn>[A-Za-z0-9_]+))?/,
    '--- interrupt: 300 at vexfs_f+0x1/0x2',
  ],
  ['stack-dump', 'xception stack', /^Exception stack/, 'Exception stack(0xc0000000 to 0xc0000048)'],
  ['stack-dump', 'Stack:', /^Stack:|^Exception stack|^Stack\(/, 'Stack:'],
  [
    'stack-words',
    ' ',
    /^ (?:[0-9a-f]{8,16} ){3}[0-9a-f]{8,16}/,
    ' ffff880066befc88 0000000000000000 0000000000000001 0000000000000002',
  ],
  ['arm-register-info', 'Register ', /^Register r\d+ information:/, 'Register r1 information: NULL pointer'],
  ['memory-row', ' ', /^[0-9a-f]{4}:? +(?:(?:[0-9a-f]{4,16}|\*{8}) *)+$/, 'de20:                   8067b314 0b6d83e6'],
  [
    'arm-frame',
    ' from ',
    re(`^\\s*\\[<[0-9a-f]+>\\] \\((?<fn>[A-Za-z0-9_.]+)\\) from \\[<[0-9a-f]+>\\] \\((?<caller>[A-Za-z0-9_.]+)\\+`),
    ' [<c0>] (vexfs_f) from [<c1>] (vexfs_g+0x1/0x2)',
  ],
  [
    'arm-frame-new',
    ' from ',
    /^ (?<fn>[A-Za-z0-9_.]+)(?: \[(?<module>\w+)\])? from (?<caller>[A-Za-z0-9_.]+)\+0x/,
    ' vexfs_f from vexfs_g+0x1/0x2',
  ],
  [
    'frame',
    '+0x',
    re(
      `^\\s*(?:<[A-Z#]+> *)?(?:\\[[<0-9a-fx>]+\\] ){0,2}(?:\\((?:un)?reliable\\) )?(?<guess>\\? +)?(?:\\[[<0-9a-fx>]+\\] )?${SYMBOL}${PLACE}${MODULE}`,
    ),
    ' vexfs_f.isra.0+0x1/0x2 [vexfs]',
  ],
  [
    'frame-inlined',
    '[inline]',
    /^\s*(?:\[[<0-9a-fx>]+\] )?(?<fn>[A-Za-z0-9_.]+) (?<file>[A-Za-z0-9_./-]+):(?<line>\d+) \[inline\]/,
    ' vexfs_f fs/vexfs/a.c:1 [inline]',
  ],
  [
    'frame-placed',
    ':',
    /^ +(?:\[[<0-9a-fx>]+\] )?(?<fn>[A-Za-z0-9_.]+) (?<file>[A-Za-z0-9_./-]+\.[chS]):(?<line>\d+)$/,
    ' vexfs_f fs/vexfs/a.c:1',
  ],
  ['frame-address', '[<', /^\s*\[<(?<address>[0-9a-f]+)>\] +0x/, ' [<ffffffffa0000000>] 0xffffffffa0000000'],
  ['no-stack', 'stack is not available', /^\(stack is not available\)/, '(stack is not available)'],
  ['last-breaking', 'Last Breaking', /^Last Breaking-Event-Address:/, 'Last Breaking-Event-Address:'],
);
