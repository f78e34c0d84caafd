import { describe, expect, test } from 'vitest';
import type { Event } from '../model/event.ts';
import { AlertEvaluator } from './evaluator.ts';
import { parseAlerts } from './parse.ts';

/** An event so many seconds after the start, of a guest. */
type Step = readonly [seconds: number, event: object, lane?: string];

const start = (test: string) => ({ event: 'test', kind: 'start', test });
const end = (test: string, verdict = 'PASS', durationMs = 1000) => ({
  event: 'test',
  kind: 'end',
  test,
  verdict,
  durationMs,
});
const used = (memoryPercent: unknown, name = 'guest') => ({
  event: 'metric',
  kind: 'resource',
  name,
  values: { memoryPercent },
});
const guest = (kind: string, detail = {}) => ({ event: 'guest', kind, detail });
const incident = (kind: string, rest = {}) => ({
  ...{
    event: 'incident',
    kind,
    incident: 'i',
    title: 'a hang',
    classification: 'system-hang',
    severity: 'fatal',
    outcome: 'open',
  },
  ...rest,
});
const LATER = { event: 'gap', kind: 'line-cut', lost: 1 };

const CASES: Readonly<Record<string, readonly [when: string, steps: readonly Step[], told: readonly string[]]>> = {
  'a share of tests that failed': [
    '{ failure-rate: { above: 0.4, least: 2 } }',
    [
      [1, end('a', 'FAIL')],
      [2, end('b', 'FAIL')],
      [3, end('c')],
      [4, end('d', 'SKIP')],
      [5, end('e')],
      [6, end('f')],
    ],
    ['2s firing 2 of 2 tests failed in this run', '6s resolved 2 of 4 tests failed in this run'],
  ],
  'a window that goes on by itself': [
    '{ failure-rate: { above: 0.4, least: 1, over: 10s } }',
    [
      [1, end('a', 'FAIL')],
      [60, LATER],
    ],
    ['1s firing 1 of 1 tests failed in the last 10.0s', '11s resolved 1 of 1 tests failed in the last 10.0s'],
  ],
  'errors count where they are asked for': [
    '{ failure-rate: { above: 0.4, least: 1, verdicts: [ERROR] } }',
    [
      [1, end('a', 'FAIL')],
      [2, end('a', 'ERROR')],
    ],
    ['2s firing 1 of 2 tests failed in this run'],
  ],
  'guests that do not start': [
    '{ guest-start: { below: 0.7, least: 2 } }',
    [
      [1, guest('boot')],
      [2, guest('ready')],
      [3, guest('restore')],
      [4, guest('exit')],
      [5, guest('boot'), 'guest-2'],
      [6, guest('ready'), 'guest-2'],
      [7, guest('reset')],
      [8, guest('note', { restored: 'x' })],
    ],
    [
      '4s firing 1 of 2 starts of guests went well in this run',
      '8s resolved 2 of 3 starts of guests went well in this run',
    ],
  ],
  'memory, of each machine by itself': [
    '{ memory: { above: 0.9 } }',
    [
      [1, used(95)],
      [2, used(91, 'host')],
      [3, used(50), 'guest-2'],
      [4, used(89)],
      [5, used('much')],
    ],
    [
      '1s firing guest-1 uses 95 % of its memory',
      '2s firing host uses 91 % of its memory',
      '4s resolved guest-1 uses 95 % of its memory',
    ],
  ],
  'memory for a while, told when the while is over': [
    '{ memory: { above: 0.9 } }\n    for: 30s',
    [
      [1, used(95)],
      [20, used(95)],
      [100, LATER],
      [101, used(10)],
    ],
    ['31s firing guest-1 uses 95 % of its memory', '101s resolved guest-1 uses 95 % of its memory'],
  ],
  'not for long enough': [
    '{ memory: { above: 0.9 } }\n    for: 30s',
    [
      [1, used(95)],
      [20, used(50)],
      [21, used(95)],
      [50, LATER],
    ],
    [],
  ],
  'a test slower than before, while it is under way': [
    '{ duration: { above: 2 } }',
    [
      ...[1, 2, 3].flatMap((n): Step[] => [
        [10 * n, start(`a.${n}`)],
        [10 * n + 1, end(`a.${n}`)],
      ]),
      [50, start('a.4')],
      [70, end('a.4', 'PASS', 20_000)],
      [80, start('a.5')],
      [81, end('a.5')],
    ],
    ['52s firing a has taken 2.0s, usually 1.0s', '81s resolved a took 20.0s, usually 1.0s'],
  ],
  'two attempts are no baseline': [
    '{ duration: { above: 2 } }',
    [
      [1, end('a')],
      [2, end('a')],
      [3, end('a', 'PASS', 60_000)],
    ],
    [],
  ],
  'a test of the baseline': [
    '{ duration: { above: 2, baseline: nightly } }',
    [[1, end('known', 'PASS', 5000)]],
    ['1s firing known took 5.0s, usually 2.0s'],
  ],
  'a guest that does not answer, until it does': [
    '{ hang: {} }',
    [
      [1, guest('hang')],
      [2, incident('opened')],
      [3, incident('updated')],
      [4, incident('closed', { outcome: 'recovered' })],
    ],
    ['1s firing guest-1 does not answer (hang)', '4s resolved guest-1 does not answer (hang)'],
  ],
  'a hang that the kernel tells of': [
    '{ hang: {} }',
    [
      [1, incident('opened')],
      [2, incident('closed', { outcome: 'not-recovered' })],
    ],
    ['1s firing a hang (system-hang)'],
  ],
  'an incident that turns out worse': [
    '{ incident: { severity: critical } }',
    [
      [1, incident('opened', { severity: 'minor' })],
      [2, incident('updated')],
      [3, incident('closed', { outcome: 'not-attempted' })],
    ],
    ['2s firing a hang (system-hang)', '3s resolved a hang (system-hang)'],
  ],
  'an incident of another class': ['{ incident: { classification: [race] } }', [[1, incident('opened')]], []],
};

const T0 = Date.parse('2026-01-01T00:00:00Z');
const eventOf = (seconds: number, event: object): Event =>
  ({
    schema: 'vexfs-trace/event/1',
    id: 'x',
    seq: 0,
    evidence: [],
    time: { wall: new Date(T0 + seconds * 1000).toISOString() },
    ...event,
  }) as unknown as Event;

function evaluatorOf(when: string): AlertEvaluator {
  const parsed = parseAlerts(`rules:\n  - name: a\n    when: ${when}\n`);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return new AlertEvaluator(parsed.file.rules, new Map([['nightly', new Map([['known', 2000]])]]));
}
function told(when: string, steps: readonly Step[]): string[] {
  const evaluator = evaluatorOf(when);
  return steps
    .flatMap(([seconds, event, lane]) => evaluator.event(eventOf(seconds, event), lane))
    .map(({ at, state, text }) => `${(Date.parse(at) - T0) / 1000}s ${state} ${text}`);
}

describe('alerts', () => {
  for (const [name, [when, steps, expected]] of Object.entries(CASES)) {
    test(name, () => expect(told(when, steps)).toEqual(expected));

    test(`${name}: the same whatever comes between`, () => {
      const last = steps.at(-1)?.[0] ?? 0;
      const ticks = Array.from({ length: last * 4 }, (_, i): Step => [i / 4, LATER]);
      const all = [...steps, ...ticks].sort((a, b) => a[0] - b[0]);
      expect(told(when, all)).toEqual(expected);
    });
  }

  test('events without a time are of the time of the last one', () => {
    const evaluator = evaluatorOf('{ memory: { above: 0.9 } }');
    evaluator.event(eventOf(5, LATER));
    const [one] = evaluator.event({ ...eventOf(0, used(99)), time: {} });
    expect(one?.at).toBe('2026-01-01T00:00:05.000Z');
  });

  test('a flood of series is bounded', () => {
    const evaluator = evaluatorOf('{ memory: { above: 0.9 } }');
    const all = Array.from({ length: 500 }, (_, i) => evaluator.event(eventOf(i, used(99)), `guest-${i}`)).flat();
    expect(all).toHaveLength(100);
  });
});
