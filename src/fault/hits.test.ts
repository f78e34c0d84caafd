import { describe, expect, test } from 'vitest';
import { HitReader, type InjectionHit } from './hits.ts';

const stamp = (caller: string, lines: readonly string[]) =>
  lines.map((line, i) => `[   12.34567${i % 10}][ ${caller.padStart(4)}] ${line}`);

const hit = (point: string, frame: string) => [
  'FAULT_INJECTION: forcing a failure.',
  `name ${point}, interval 1, probability 100, space 0, times -1`,
  'CPU: 1 PID: 123 Comm: vexload Not tainted 6.1.192 #1',
  'Call Trace:',
  ' <TASK>',
  ' dump_stack_lvl+0x53/0x70',
  ` ${frame}`,
  ' </TASK>',
];

function read(lines: readonly string[]): InjectionHit[] {
  const hits: InjectionHit[] = [];
  const reader = new HitReader('vexfs', (each) => hits.push(each));
  for (const line of lines) reader.push(line);
  reader.flush();
  return hits;
}

describe('injected failures in a log', () => {
  const ours = hit('failslab', 'vexfs_new+0x10/0x20 [vexfs]');
  const others = hit('fail_usercopy', 'vfs_read+0x10/0x20');

  test.each<[string, readonly string[], readonly InjectionHit[]]>([
    ['with the module on the stack', stamp('T123', ours), [{ point: 'failslab', inModule: true }]],
    ['of others', stamp('T123', others), [{ point: 'fail_usercopy', inModule: false }]],
    ['without tags', ours, [{ point: 'failslab', inModule: true }]],
    ['without a stack', stamp('T1', ours.slice(0, 2)), [{ point: 'failslab', inModule: false }]],
    [
      'of two tasks at a time',
      stamp('T1', ours).flatMap((line, i) => [line, stamp('T2', others)[i] ?? '']),
      [
        { point: 'failslab', inModule: true },
        { point: 'fail_usercopy', inModule: false },
      ],
    ],
    [
      'one after the other, the first without its end',
      stamp('T1', [...ours.slice(0, -1), ...others]),
      [
        { point: 'failslab', inModule: true },
        { point: 'fail_usercopy', inModule: false },
      ],
    ],
    [
      'where the module is only named',
      stamp('T1', [...others.slice(0, 6), 'Modules linked in: x [vexfs]', ' </TASK>']),
      [{ point: 'fail_usercopy', inModule: false }],
    ],
    ['none', ['EXT4-fs (vda): mounted', 'name failslab, interval 1'], []],
  ])('%s', (_, lines, expected) => {
    expect(read(lines)).toEqual(expected);
  });

  test('a stack that never ends is counted once and read no further', () => {
    const endless = [
      ...ours.slice(0, 6),
      ...Array.from({ length: 500 }, () => ' f+0x1/0x2'),
      ' vexfs_x+0x1/0x2 [vexfs]',
    ];
    expect(read(stamp('T1', endless))).toEqual([{ point: 'failslab', inModule: false }]);
  });
});
