import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PatternMatch } from './condition-schema.ts';
import { createMatcher } from './match.ts';
import type { OtherEvent } from './subject.ts';
import { findingWith, patternWith } from './testing.ts';

type Step = readonly [at: number, what: string, parts?: { pid?: number; incident?: string; final?: boolean }];

/** Kinds with a colon are other events; `|` is another boot. Gives the times at which the pattern was complete. */
function play(match: PatternMatch, steps: readonly Step[]): string[] {
  const run = createMatcher([patternWith(match)]).begin();
  return steps.flatMap(([seconds, what, { pid = 1, incident, final = true } = {}]) => {
    const at = { seconds, incident };
    if (what === '|') {
      run.boundary();
      return [];
    }
    const [event, kind] = what.split(':');
    if (kind !== undefined) {
      const other: OtherEvent = { event: event as 'metric', kind, name: kind, context: { pid }, details: { value: 7 } };
      return run.other(other, at).map(({ match: { explain } }) => `${seconds}: ${explain}`);
    }
    const finding = findingWith({ kind: what, final, context: { pid, cpu: 0, module: 'vexfs' } });
    return run.finding(finding, '', at).map(({ explain }) => `${seconds}: ${explain}`);
  });
}

const errors = { kind: 'io-error', count: 3, within: 10 };
const slow: PatternMatch = { sequence: [{ kind: 'slow-operation' }, { kind: 'hung-task' }], within: 60, same: 'task' };

describe('a sequence', () => {
  test.each<[string, PatternMatch, readonly Step[], readonly string[]]>([
    [
      'three within ten seconds, then a remount',
      { sequence: [errors, { event: 'recovery', kind: 'remount' }], within: 60 },
      [
        [1, 'io-error'],
        [2, 'io-error'],
        [4, 'io-error'],
        [9, 'recovery:remount'],
      ],
      ['9: 3 × io-error in 3.0 s; then after 5.0 s event=recovery, kind=remount'],
    ],
    [
      'three that took too long',
      { sequence: [errors, { event: 'recovery', kind: 'remount' }], within: 60 },
      [
        [1, 'io-error'],
        [2, 'io-error'],
        [12, 'io-error'],
        [13, 'recovery:remount'],
      ],
      [],
    ],
    [
      'a count alone, as often as it holds',
      { sequence: [errors] },
      [
        [1, 'io-error'],
        [5, 'io-error'],
        [10, 'io-error'],
        [11, 'io-error'],
        [30, 'io-error'],
      ],
      ['10: 3 × io-error in 9.0 s', '11: 3 × io-error in 6.0 s'],
    ],
    [
      'in the same task',
      slow,
      [
        [1, 'slow-operation', { pid: 4 }],
        [2, 'hung-task', { pid: 5 }],
        [3, 'hung-task', { pid: 4 }],
      ],
      ['3: kind=slow-operation; then after 2.0 s kind=hung-task'],
    ],
    [
      'in the wrong order',
      slow,
      [
        [1, 'hung-task'],
        [2, 'slow-operation'],
      ],
      [],
    ],
    [
      'the latest beginning counts',
      slow,
      [
        [1, 'slow-operation'],
        [50, 'slow-operation'],
        [100, 'hung-task'],
      ],
      ['100: kind=slow-operation; then after 50.0 s kind=hung-task'],
    ],
    [
      'not over another boot',
      slow,
      [
        [1, 'slow-operation'],
        [2, '|'],
        [3, 'hung-task'],
      ],
      [],
    ],
    [
      'over another boot where it is of the whole run',
      { ...slow, same: 'run' },
      [
        [1, 'slow-operation'],
        [2, '|'],
        [3, 'hung-task'],
      ],
      ['3: kind=slow-operation; then after 2.0 s kind=hung-task'],
    ],
    [
      'of one incident',
      { ...slow, same: 'incident' },
      [
        [1, 'slow-operation', { incident: 'a' }],
        [2, 'hung-task', { incident: 'b' }],
        [3, 'hung-task', { incident: 'a' }],
        [4, 'hung-task'],
      ],
      ['3: kind=slow-operation; then after 2.0 s kind=hung-task'],
    ],
    [
      'one event is no two steps, and one that is not final is none',
      { sequence: [{ kind: 'warning' }, { kind: 'warning' }], within: 5 },
      [
        [1, 'warning', { final: false }],
        [1, 'warning'],
        [2, 'warning', { final: false }],
        [3, 'warning'],
      ],
      ['3: kind=warning; then after 2.0 s kind=warning'],
    ],
    [
      'metrics and traces by name and value; raised once a minute',
      { event: ['metric', 'trace'], name: 'latency', details: { value: { atLeast: 5 } } },
      [
        [1, 'metric:latency'],
        [2, 'trace:latency'],
        [30, 'metric:other'],
        [62, 'metric:latency'],
      ],
      ['1: event=metric; name=latency; details.value=7', '62: event=metric; name=latency; details.value=7'],
    ],
    ['a condition that names no event is about findings', { name: 'latency' }, [[1, 'metric:latency']], []],
  ])('%s', (_name, match, steps, expected) => {
    expect(play(match, steps)).toEqual(expected);
  });

  test('holds exactly when there is such a chain, whatever comes between', () => {
    const kinds = ['io-error', 'oom', 'bug'];
    const events = fc.array(fc.tuple(fc.nat(6), fc.constantFrom(...kinds)), { maxLength: 14 });
    const match = {
      sequence: [{ kind: 'io-error', count: 2, within: 6 }, { kind: 'oom' }, { kind: 'bug' }],
      within: 12,
    };
    let complete = 0;
    fc.assert(
      fc.property(events, (gaps) => {
        let now = 0;
        const steps = gaps.map(([gap, kind]): Step => {
          now += gap;
          return [now, kind];
        });
        const got = play(match, steps).map((line) => Number(line.split(':')[0]));
        const wanted = steps.flatMap(([end, last], l) => (last === 'bug' && chain(steps, l, end) ? [end] : []));
        complete += wanted.length;
        expect(got).toEqual(wanted);
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(complete).toBeGreaterThan(50);
  });

  test('keeps a bounded number of chains', () => {
    const run = createMatcher([patternWith(slow)]).begin();
    const at = (seconds: number, kind: string, pid: number) =>
      run.finding(findingWith({ kind, context: { pid } }), '', { seconds }).length;
    for (let pid = 0; pid < 5000; pid++) at(1, 'slow-operation', pid);
    expect(at(2, 'hung-task', 4999)).toBe(1);
    expect(at(2, 'hung-task', 1)).toBe(0);
  });
});

/** By trying everything: two errors within 6 s, then an oom, then the event `l`, all within 12 s. */
function chain(steps: readonly Step[], l: number, end: number): boolean {
  const of = (kind: string, to: number) =>
    steps.flatMap(([at, name], i) => (name === kind && i < to ? [{ at, i }] : []));
  return of('oom', l).some(({ i }) =>
    of('io-error', i).some((second) =>
      of('io-error', second.i).some((first) => second.at - first.at <= 6 && end - first.at <= 12),
    ),
  );
}
