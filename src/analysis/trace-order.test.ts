import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TraceOrder } from './trace-order.ts';

type Item = { readonly time: number; readonly cpu: number };

function ordered(
  steps: readonly (Item | { readonly lost: number } | { readonly reach: Item })[],
  options: { readonly idleSeconds?: number; readonly size?: number } = {},
) {
  const out: string[] = [];
  const order = new TraceOrder<Item>({
    ...options,
    onItem: ({ time, cpu }) => out.push(`${cpu}@${time}`),
    onGap: ({ cpu }, ends) => out.push(`${ends ? 'end' : 'gap'} ${cpu}`),
  });
  for (const step of steps) {
    if ('lost' in step) order.gap({ cpu: step.lost, lost: null });
    else if ('reach' in step) order.reach(step.reach.cpu, step.reach.time);
    else order.push(step);
  }
  const before = out.length;
  order.flush();
  return { out, before, late: order.late };
}

test('any mixture of CPUs, each in its own order, comes out in the order of time', () => {
  const cpus = fc.array(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 40 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(cpus, fc.infiniteStream(fc.nat(3)), (times, picks) => {
      const queues = times.map((each, cpu) => each.sort((a, b) => a - b).map((time) => ({ cpu, time: time / 1000 })));
      const mixed: Item[] = [];
      for (const pick of picks) {
        const left = queues.filter((queue) => queue.length > 0);
        const next = left[pick % Math.max(1, left.length)]?.shift();
        if (next === undefined) break;
        mixed.push(next);
      }
      const { out, late } = ordered(mixed);
      const seen = out.map((text) => Number(text.split('@')[1]));
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect([seen.length, late]).toEqual([mixed.length, 0]);
    }),
  );
});

test('a loss reaches from the record before it to the one behind, whatever others did meanwhile', () => {
  const steps = [{ cpu: 0, time: 1 }, { cpu: 1, time: 1.1 }, { cpu: 1, time: 1.2 }, { lost: 0 }, { cpu: 0, time: 1.3 }];
  expect(ordered(steps).out).toEqual(['0@1', 'gap 0', '1@1.1', '1@1.2', 'end 0', '0@1.3']);
});

test('an idle CPU is not waited for, what it still brings is a loss of order', () => {
  const steps = [{ cpu: 0, time: 1 }, ...[1.1, 1.6, 2.2, 2.4].map((time) => ({ cpu: 1, time }))];
  const { out, before } = ordered(steps);
  expect(out.slice(0, before)).toEqual(['0@1', '1@1.1', '1@1.6', '1@2.2', '1@2.4']);
  expect(ordered([...steps, { cpu: 0, time: 1.5 }])).toMatchObject({ late: 1, out: expect.arrayContaining(['gap 0']) });
});

test('records of no interest move time on, and no more wait than there is room for', () => {
  expect(
    ordered([
      { cpu: 0, time: 1 },
      { reach: { cpu: 1, time: 1 } },
      { cpu: 0, time: 2.1 },
      { reach: { cpu: 1, time: 2.1 } },
    ]),
  ).toMatchObject({
    out: ['0@1', '0@2.1'],
    before: 2,
  });
  const many = Array.from({ length: 100 }, (_, at) => ({ cpu: 0, time: 1 + at / 1e6 }));
  expect(ordered([{ reach: { cpu: 1, time: 1 } }, ...many], { size: 10 }).before).toBeGreaterThan(80);
});

test('a clock that goes back is another machine', () => {
  expect(
    ordered([
      { cpu: 0, time: 9 },
      { cpu: 0, time: 2 },
      { cpu: 0, time: 2.1 },
    ]).out,
  ).toEqual(['0@9', 'gap null', '0@2', '0@2.1']);
});
