import { expect, test } from 'vitest';
import { FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { analyserOf, script } from './testing.ts';

const analyse = analyserOf(() => new FtraceSplitter(), vexfsEvent);

/** Two orders of two locks by two tasks. */
const INVERSION = `
  1 0 begin
  1 0 +a
  1 0 +b
  1 0 -b
  1 0 -a
  2 1 begin
  2 1 +b
  2 1 +a
  2 1 -a
  2 1 -b`;

/** Textbook cases of lock order (Goodlock, lockdep), and what each must come to. */
const CASES: readonly (readonly [what: string, trace: string, told: readonly string[]])[] = [
  ['two tasks, two orders', INVERSION, ['order a b']],
  ['the same again is told once', `${INVERSION}\n${INVERSION}`, ['order a b']],
  [
    'three in a circle',
    '1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n2 0 +b\n2 0 +c\n2 0 -c\n2 0 -b\n3 0 +c\n3 0 +a\n3 0 -a\n3 0 -c',
    ['order a b c'],
  ],
  ['one order', '1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n2 1 +a\n2 1 +b\n2 1 -b\n2 1 -a', []],
  [
    'a gate lock around both',
    '1 0 +g\n1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n1 0 -g\n2 1 +g\n2 1 +b\n2 1 +a\n2 1 -a\n2 1 -b\n2 1 -g',
    [],
  ],
  [
    'two gates that are none',
    '1 0 +g\n1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n1 0 -g\n2 1 +h\n2 1 +b\n2 1 +a\n2 1 -a\n2 1 -b\n2 1 -h',
    ['order a b'],
  ],
  [
    'a gate that lets readers in together',
    '1 0 +g:R\n1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n1 0 -g:R\n2 1 +g:R\n2 1 +b\n2 1 +a\n2 1 -a\n2 1 -b\n2 1 -g:R',
    ['order a b'],
  ],
  [
    'one task of a program: others may run its code',
    '1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n1 0 +b\n1 0 +a\n1 0 -a\n1 0 -b',
    ['order a b'],
  ],
  ['one kernel thread alone', '900 0 +a\n900 0 +b\n900 0 -b\n900 0 -a\n900 0 +b\n900 0 +a\n900 0 -a\n900 0 -b', []],
  ['readers on both sides', '1 0 +a:R\n1 0 +b:R\n1 0 -b:R\n1 0 -a:R\n2 1 +b:R\n2 1 +a:R\n2 1 -a:R\n2 1 -b:R', []],
  [
    'readers, and a writer on one side',
    '1 0 +a:R\n1 0 +b:W\n1 0 -b:W\n1 0 -a:R\n2 1 +b:R\n2 1 +a:W\n2 1 -a:W\n2 1 -b:R',
    ['order a b'],
  ],
  ['a trylock does not wait', '1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n2 1 +b\n2 1 ?a\n2 1 -a\n2 1 -b', []],
  [
    'what is held by trylock keeps others waiting',
    '1 0 ?a\n1 0 +b\n1 0 -b\n1 0 -a\n2 1 +b\n2 1 +a\n2 1 -a\n2 1 -b',
    ['order a b'],
  ],
  ['two of one kind', '1 0 +a#1\n1 0 +a#2\n1 0 -a#2\n1 0 -a#1\n2 1 +a#2\n2 1 +a#1\n2 1 -a#1\n2 1 -a#2', []],
  ['a loss between the two orders', INVERSION.replace('2 1 begin', '1 0 lost\n2 1 begin'), ['order a b']],
  [
    'a loss within, and a gate that shows only when it is let go of',
    '1 0 lost\n1 0 +a\n1 0 +b\n1 0 -b\n1 0 -a\n1 0 -g\n1 0 end\n2 1 +g\n2 1 +b\n2 1 +a\n2 1 -a\n2 1 -b\n2 1 -g',
    [],
  ],
  [
    'an interrupt holds nothing of the task below it',
    '1 0 +a\n1s 0 +*b\n1s 0 -*b\n1 0 -a\n2 1 +b\n2 1 +a\n2 1 -a\n2 1 -b',
    ['softirq b'],
  ],
  ['a spinlock of a softirq, held with softirqs on', '1 0 +*a\n1 0 -*a\n2s 1 +*a\n2s 1 -*a', ['softirq a']],
  ['a spinlock of a hardirq, held with interrupts on', '1 0 +*a\n1 0 -*a\n2h 1 +*a\n2h 1 -*a', ['hardirq a']],
  ['a spinlock of an interrupt alone', '1s 0 +*a\n1s 0 -*a\n2s 1 +*a\n2s 1 -*a', []],
  [
    'a lock held with softirqs on behind one of a softirq',
    '1s 0 +*a\n1s 0 -*a\n2 1 +*b\n2 1 -*b\n3s 0 +*a\n3s 0 +*b\n3s 0 -*b\n3s 0 -*a',
    ['softirq a b', 'softirq b'],
  ],
  [
    'another boot: of the one before nothing is told again',
    '1 0 +*a\n1 0 -*a\n2s 1 +*a\n2s 1 -*a\nboot\n1s 0 +*b\n1s 0 -*b\n1 0 +*a\n1 0 -*a\n1 0 +*c\n1 0 -*c',
    ['softirq a'],
  ],
  ['another boot: what happens again is told again', `${INVERSION}\nboot\n${INVERSION}`, ['order a b', 'order a b']],
  [
    'another boot: half of it in each is no whole',
    '1 0 +*a\n1 0 -*a\n1 0 +m\n1 0 +n\n1 0 -n\n1 0 -m\nboot\n2s 1 +*a\n2s 1 -*a\n2 0 +n\n2 0 +m\n2 0 -m\n2 0 -n',
    [],
  ],
  ['a mutex under a spinlock', '1 0 +*s\n1 0 +m\n1 0 -m\n1 0 -*s', ['sleep m']],
  ['a spinlock under a spinlock', '1 0 +*s\n1 0 +*t\n1 0 -*t\n1 0 -*s', []],
  ['a mutex, where this kernel counts no depth', '1h 0 +m\n1h 0 -m', []],
];

test.each(CASES)('%s', (_, trace, told) => {
  const boots = trace.split('\nboot\n').map((boot) => script(boot));
  expect(analyse(boots).told.sort()).toEqual([...told].sort());
});

test('a finding of lock order shows both ways with what else was held', () => {
  const [verdict] = analyse(script(INVERSION)).verdicts;
  expect(verdict).toMatchObject({
    order: {
      classes: ['a', 'b'],
      confidence: 'high',
      cycle: [
        { thread: 2, outer: { class: 'b' }, inner: { class: 'a', site: 'use_a+0x1/0x2 [m]' }, guards: [] },
        { thread: 1, outer: { class: 'a' }, inner: { class: 'b' } },
      ],
    },
  });
});

test('tasks that wait for each other now are left to the wait cycles', () => {
  const trace = INVERSION.replace('1 0 +b\n  1 0 -b\n  1 0 -a', 'wait 0').replace(
    '2 1 +a\n  2 1 -a\n  2 1 -b',
    'wait 0',
  );
  const attempt = (pid: number, cpu: number, name: string) => {
    const [line = ''] = script(`${pid} ${cpu} +${name}`).toString().split('\n');
    return `${pid} ${cpu} ${line.slice(line.indexOf('lock_attempt'))}`;
  };
  expect(analyse(script(`${trace}\n${attempt(1, 0, 'b')}\n${attempt(2, 1, 'a')}`)).told).toEqual([]);
});
