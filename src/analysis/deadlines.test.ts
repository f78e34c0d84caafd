import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfirmedTime } from './confirmed-time.ts';
import { Deadlines } from './deadlines.ts';
import { Rising } from './rising.ts';

const time = fc.integer({ min: 0, max: 40 });

test('what is due is given once, earliest first, but for what no longer waits', () => {
  const step = fc.record({ add: time, gone: fc.boolean(), ask: fc.option(time) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const live = new Map<{ at: number }, boolean>();
      const deadlines = new Deadlines<{ at: number }>((item) => live.get(item) ?? false);
      for (const { add, gone, ask } of steps) {
        const item = { at: add };
        const [first] = [...live.keys()];
        if (live.size >= 8 && first !== undefined) live.delete(first);
        deadlines.add(add, item);
        if (!gone) live.set(item, true);
        if (ask === null) continue;
        const expected = [...live.keys()].filter(({ at }) => at <= ask);
        const due = deadlines.due(ask);
        expect(due.map(({ at }) => at)).toEqual(expected.map(({ at }) => at).sort((a, b) => a - b));
        expect(new Set(due)).toEqual(new Set(expected));
        for (const each of due) live.delete(each);
      }
    }),
  );
});

test('the least of keys that grow', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ who: fc.nat(9), by: fc.nat(5), drop: fc.boolean() })), (steps) => {
      const there: { key: number }[] = [];
      const rising = new Rising<{ key: number }>(({ key }) => key);
      for (const { who, by, drop } of steps) {
        const known = there[who];
        if (known === undefined) {
          const added = { key: by };
          there.push(added);
          rising.add(added);
        } else {
          known.key += by;
        }
        const least = rising.least();
        expect(least?.key).toBe(Math.min(...there.map(({ key }) => key)));
        if (!drop || least === undefined) continue;
        rising.drop();
        there.splice(there.indexOf(least), 1);
        if (there.length === 0) expect(rising.least()).toBeUndefined();
      }
    }),
  );
});

test('a trace is confirmed up to where the last of its CPUs is that still says something', () => {
  const step = fc.record({ cpu: fc.nat(5), later: fc.integer({ min: 0, max: 30 }) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const confirmed = new ConfirmedTime();
      const last = new Map<number, number>();
      let now = 0;
      for (const { cpu, later } of steps) {
        now += later / 10;
        confirmed.record({ cpu, time: now });
        last.set(cpu, now);
        expect(confirmed.at(now)).toBe(Math.min(...[...last.values()].filter((each) => now - each < 5)));
      }
    }),
  );
  const confirmed = new ConfirmedTime();
  for (const record of [
    { cpu: 0, time: 100 },
    { cpu: 1, time: 101 },
    { cpu: 0, time: 3 },
  ])
    confirmed.record(record);
  expect(confirmed.at(4)).toBe(3);
});
