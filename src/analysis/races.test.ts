import { expect, test } from 'vitest';
import { FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { analyserOf, script } from './testing.ts';

const analyse = analyserOf(() => new FtraceSplitter(), vexfsEvent);

/** Two tasks in turns, each between operations, so that their locks are known. */
function turns(first: string, second: string, times = 3): string {
  const one = `1 0 begin\n${first.replaceAll(/^/gm, '1 0 ')}\n1 0 end`;
  const other = `2 1 begin\n${second.replaceAll(/^/gm, '2 1 ')}\n2 1 end`;
  return Array.from({ length: times }, () => `${one}\n${other}`).join('\n');
}
const LOCKED = '+*l\nw s.x\n-*l';
const wake = (pid: number) => `sched_waking: comm=t${pid} pid=${pid} prio=120 target_cpu=000`;
const switchTo = (pid: number) =>
  `sched_switch: prev_comm=x prev_pid=9 prev_prio=120 prev_state=S ==> next_comm=t${pid} next_pid=${pid} next_prio=120`;

/** Textbook cases of races (Eraser, FastTrack) and what the kernel has beside them. */
const CASES: readonly (readonly [what: string, trace: string, told: readonly string[]])[] = [
  ['two writers without a lock', turns('w s.x', 'w s.x'), ['race B s.x']],
  ['a reader without a lock, a writer with one', turns('r s.x', LOCKED), ['race B s.x']],
  ['two with the same lock', turns(LOCKED, LOCKED), []],
  ['two with a lock each', turns(LOCKED, '+*k\nw s.x\n-*k'), ['race B s.x']],
  ['two readers', turns('r s.x', 'r s.x'), []],
  ['readers of a read-write lock, one of whom writes', turns('+l:R\nw s.x\n-l:R', '+l:R\nr s.x\n-l:R'), ['race B s.x']],
  ['a reader and a writer of a read-write lock', turns('+l:R\nr s.x\n-l:R', '+l:W\nw s.x\n-l:W'), []],
  ['two instances of a lock', turns('+l#1\nw s.x\n-l#1', '+l#2\nw s.x\n-l#2'), ['race B s.x']],
  ['two members', turns('w s.x', 'w s.y'), []],
  ['both marked', turns('W s.x', 'R s.x'), []],
  ['a marked write, a plain read', turns('W s.x', 'r s.x'), ['race B s.x']],
  ['a word written under its lock, read marked without', turns(LOCKED, 'R s.x'), []],
  [
    'initialization without the lock, then with it',
    `1 0 begin\n1 0 alloc s\n1 0 w s.x\n1 0 end\n${turns(LOCKED, LOCKED)}`,
    [],
  ],
  [
    'handed over once, and used by the other alone',
    `1 0 begin\n1 0 w s.x\n1 0 end\n2 1 begin\n2 1 w s.x\n2 1 w s.x\n2 1 end\n3 1 begin\n3 1 w s.x\n3 1 end`,
    [],
  ],
  ['freed and given to another', turns('alloc s\nw s.x\nfree s', 'alloc s\nw s.x\nfree s'), []],
  ['under RCU, against its writer', turns('+rcu:R\nr s.x\n-rcu:R', LOCKED), []],
  [
    'in a section that is retried, against its writer',
    turns('+seq:R\nr s.x\n-seq:R', '+*l\n+*seq\nw s.x\n-*seq\n-*l'),
    [],
  ],
  ['a seqlock that the writer does not take', turns('+seq:R\nr s.x\n-seq:R', LOCKED), ['race B s.x']],
  ['on one CPU without preemption', turns('+*l\nw s.x\n-*l', '+*k\nw s.x\n-*k').replaceAll('2 1 ', '2 0 '), []],
  ['each waked by the other', turns(`${switchTo(1)}\nw s.x\n${wake(2)}`, `${switchTo(2)}\nw s.x\n${wake(1)}`), []],
  [
    'ordered by a lock that is taken after and before',
    turns('w s.x\n+g\n-g', '+g\n-g\nw s.x\n+g\n-g').replaceAll('1 0 begin', '1 0 begin\n1 0 +g\n1 0 -g'),
    [],
  ],
  [
    'a loss before each',
    turns('w s.x', 'w s.x')
      .replaceAll('1 0 begin', '1 0 lost\n1 0 begin')
      .replaceAll('2 1 begin', '2 1 lost\n2 1 begin'),
    [],
  ],
  ['a loss, and the lock was taken in it', turns(LOCKED, LOCKED).replaceAll('1 0 +*l', '1 0 lost'), []],
];

test.each(CASES)('%s', (_, trace, told) => {
  expect(analyse(script(trace)).told).toEqual(told);
});

test('at the same time on two CPUs it is confirmed', () => {
  const trace = '1 0 begin\n2 1 begin\n1 0 w s.x\n2 1 w s.x\n1 0 w s.x\n2 1 w s.x\n1 0 end\n2 1 end';
  const { told, verdicts, summary } = analyse(script(trace));
  expect(told).toEqual(['race A s.x']);
  expect(verdicts[0]).toMatchObject({
    race: {
      object: 's',
      member: 'x',
      first: { pid: 2, site: 'put_x+0x1/0x2 [m]', locks: [] },
      second: { pid: 1, cpu: 0, write: true },
      corroborated: false,
    },
  });
  expect(summary).toMatchObject({ accesses: 4, unjudged: 0, gaps: 0 });
});

test('what KCSAN names as well is confirmed', () => {
  const { verdicts } = analyse(script(turns('w s.x', 'r s.x')), [['put_x', 'get_x']]);
  expect(verdicts).toMatchObject([{ race: { tier: 'A', corroborated: true } }]);
  expect(analyse(script(turns('w s.x', 'r s.x')), [['put_y', 'get_x']]).told).toEqual(['race B s.x']);
});

test('static memory is suspected across losses, no more', () => {
  const static_ = (text: string) => Buffer.from(text.replaceAll(/addr=0xffff8881./g, 'addr=0xffffffffc'));
  const lossy = turns('w s.x', 'w s.x', 6)
    .replaceAll('1 0 begin', '1 0 lost\n1 0 begin')
    .replaceAll('2 1 begin', '2 1 lost\n2 1 begin');
  expect(analyse(static_(script(lossy).toString())).told).toEqual(['race C s.x']);
});

test('tasks without operations: their locks are taken on trust, and known after a while', () => {
  const loop = Array.from({ length: 80 }, () => '1 0 w s.x\n2 1 w s.x').join('\n');
  expect(analyse(script(loop)).told).toEqual(['race A s.x']);
});

test('rules are mined, and what breaks them is listed', () => {
  const keep = turns(`${LOCKED}\n+l:R\nr s.y\n-l:R`, `${LOCKED}\n+l:W\nw s.y\n-l:W`, 60);
  const { rules } = analyse(script(`${keep}\n3 0 begin\n3 0 w s.x\n3 0 end`)).summary;
  expect(rules).toMatchObject([
    {
      member: 's.x',
      write: true,
      locks: ['l'],
      sections: 121,
      counterExamples: [{ locks: [], site: 'put_x+0x1/0x2 [m]', pid: 3 }],
    },
    { member: 's.y', write: false, locks: ['l[R]'], support: 1, sections: 60, counterExamples: [] },
    { member: 's.y', write: true, locks: ['l[W]'], support: 1, sections: 60, counterExamples: [] },
  ]);
});
