import { describe, expect, test } from 'vitest';
import { EVIL } from '../sink/testing-evil.ts';
import { lineOf } from './event-line.ts';

const line = (value: unknown) => lineOf(JSON.stringify(value));

describe('an event as a line', () => {
  test.each([
    [{ seq: 3, time: { observed: 1.5e9 }, event: 'crash', kind: 'oops', severity: 'major', title: 'T' }, 'T'],
    [{ seq: 1, event: 'race', kind: 'kcsan-race', title: 'T', final: false }, 'T …'],
    [{ seq: 1, event: 'incident', kind: 'closed', outcome: 'recovered', title: 'T' }, 'recovered: T'],
    [{ seq: 1, event: 'recovery', kind: 'remount', result: 'ok', verified: true, reason: 'R' }, 'ok, verified: R'],
    [
      { seq: 1, event: 'guest', kind: 'load', detail: { state: 'running', pid: 7, gone: null } },
      'state: running, pid: 7',
    ],
    [{ seq: 1, event: 'metric', kind: 'map', name: '@a', values: [{ key: 'x', value: 5 }] }, '@a  x 5'],
    [
      { seq: 1, event: 'gap', kind: 'ftrace-lost', stream: 'ftrace', lost: null, unit: 'records' },
      'ftrace: an unknown number of records lost',
    ],
    [{ seq: 1, event: 'test', kind: 'end', test: 'files', verdict: 'FAIL', reason: 'R' }, 'files  FAIL  R'],
    [{ seq: 1, event: 'something new', kind: 'k', what: [1] }, '{"what":[1]}'],
  ])('%j', (value, text) => {
    expect(line(value)?.text).toBe(text);
  });

  test('when it was and how bad it is', () => {
    expect(line({ seq: 3, time: { observed: 1.5e9 }, event: 'crash', kind: 'oops', severity: 'major' })).toMatchObject({
      ...{ seq: 3, at: 1.5, event: 'crash', kind: 'oops', severity: 'major' },
    });
  });

  test.each(['', '{', 'null', '[]', '{"seq":"1"}', '5'])('%j is none', (json) => expect(lineOf(json)).toBeUndefined());

  test.each([
    { seq: 1 },
    { seq: 1, event: {}, kind: [], severity: 5, time: 'x' },
    { seq: 1, event: 'guest', detail: 'x' },
    { seq: 1, event: 'metric', values: [null, 1, {}] },
    { seq: 1, event: 'metric', values: null },
  ])('%j has not the form of one and harms nobody', (value) => expect(line(value)).toMatchObject({ seq: 1 }));

  test.each(Object.entries(EVIL))('%s stays on its line', (_, text) => {
    const said = line({ seq: 1, event: text, kind: text, severity: text, title: text, detail: { [text]: text } });
    for (const part of [said?.event, said?.kind, said?.severity, said?.text]) {
      expect(part).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(part?.length).toBeLessThan(1500);
    }
  });
});
