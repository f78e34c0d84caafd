import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceGap } from './trace-input.ts';
import { TraceOrder, type TraceOrderOptions } from './trace-order.ts';

type Item = { readonly time: number; readonly cpu: number };

function ordered(
  steps: readonly (Item | { readonly lost: number } | { readonly reach: Item })[],
  options: { readonly idleSeconds?: number; readonly size?: number } = {},
) {
  const out: string[] = [];
  const order = new TraceOrder<Item>({
    ...options,
    onDisorder: (cpu) => out.push(`disorder ${cpu}`),
    onItem: ({ time, cpu }) => out.push(`${cpu}@${time}`),
    onGap: ({ cpu }, ends) => out.push(`${ends ? 'end' : 'gap'} ${cpu}`),
  });
  for (const step of steps) {
    if ('lost' in step) order.gap({ cpu: step.lost, lost: null });
    else if ('reach' in step) order.reach(step.reach.cpu, step.reach.time);
    else order.push(step.cpu, step.time, step);
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
  expect(ordered([...steps, { cpu: 0, time: 1.5 }])).toMatchObject({
    late: 1,
    out: expect.arrayContaining(['disorder 0']),
  });
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
  ).toEqual(['0@9', 'disorder null', '0@2', '0@2.1']);
});

test('a loss of nobody knows which CPU may lie before all that waits, and is over for each CPU with its next record', () => {
  const order = recorder();
  for (const [cpu, time] of [
    [0, 1],
    [1, 1.1],
  ] as const)
    order.push(cpu, time);
  order.gap(null);
  expect(order.out).toEqual(['gap null']);
  for (const [cpu, time] of [
    [1, 1.2],
    [0, 1.3],
    [0, 1.4],
  ] as const)
    order.push(cpu, time);
  order.gap(7);
  order.flush();
  expect(order.out).toEqual([
    ...['gap null', 'gap 7', '0@1', '1@1.1', 'end null', '1@1.2', 'end null', '0@1.3', '0@1.4'],
  ]);
});

describe('by rounds', () => {
  test('an end that is read before its beginning on another CPU comes behind it', () => {
    const order = recorder(ROUNDS);
    order.push(1, 2);
    expect(order.waiting()).toEqual(['1@2']);
    order.push(0, 1);
    expect(order.out).toEqual([]);
    order.reached(2.5, []);
    expect(order.out).toEqual(['0@1', '1@2']);
    expect(order.waiting()).toEqual([]);
  });

  test('of a CPU that has more only what has come is known', () => {
    const order = recorder(ROUNDS);
    for (const [cpu, time] of [
      [0, 1],
      [0, 3],
      [1, 2],
      [1, 4],
    ] as const)
      order.push(cpu, time);
    order.reached(5, [0]);
    expect([order.out, order.waiting()]).toEqual([['0@1', '1@2', '0@3'], ['1@4']]);
    order.reached(5, []);
    expect(order.out.slice(3)).toEqual(['1@4']);
    // Of one that has said nothing so far, nothing is known.
    order.push(0, 6);
    order.reached(7, [9]);
    expect(order.waiting()).toEqual(['0@6']);
  });

  test('a CPU that was busy a moment ago may have been stopped with a record in its hands', () => {
    const order = recorder(ROUNDS);
    order.push(1, 1);
    order.push(0, 1.02);
    order.reached(1.05, []);
    expect(order.out).toEqual(['1@1']);
    order.push(1, 1.01);
    order.reached(1.2, []);
    expect(order.out).toEqual(['1@1', '1@1.01', '0@1.02']);
  });

  test('a loss reaches from the record before it to the next of its CPU', () => {
    const order = recorder(ROUNDS);
    order.push(0, 1);
    order.push(1, 1.5);
    order.gap(1);
    order.push(0, 2);
    order.push(1, 3);
    order.push(0, 4);
    order.reached(9, []);
    expect(order.out).toEqual(['0@1', '1@1.5', 'gap 1', '0@2', 'end 1', '1@3', '0@4']);
    order.gap(0);
    order.flush();
    expect(order.out.slice(7)).toEqual(['gap 0']);
  });

  test('what waits is bounded, whoever never gets to an end', () => {
    const order = recorder({ byRounds: true, size: 20_000 });
    for (let i = 0; i < 45_000; i++) order.push(i % 2, i);
    expect(order.waiting().length).toBeLessThanOrEqual(20_000);
    expect(order.out.length).toBeGreaterThan(20_000);
    expect(order.late).toBe(0);
  });

  test('what was told to be there comes in the order of time, all of it and once', () => {
    const steps = fc.array(fc.record({ cpu: fc.nat(3), later: fc.nat(40), round: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const order = recorder(ROUNDS);
        // Each CPU's records are read in rounds: up to its beginning all, behind it some.
        const unread: { cpu: number; time: number }[] = [];
        let now = 0;
        let count = 0;
        for (const { cpu, later, round } of all) {
          now += later / 1000;
          unread.push({ cpu, time: now });
          count += 1;
          if (!round) continue;
          for (const each of unread.splice(0).sort((a, b) => a.cpu - b.cpu || a.time - b.time))
            order.push(each.cpu, each.time);
          order.reached(now, []);
        }
        for (const each of unread) order.push(each.cpu, each.time);
        order.flush();
        const seen = order.out.map((text) => Number(text.split('@')[1]));
        expect(seen).toEqual([...seen].sort((a, b) => a - b));
        expect([seen.length, order.late]).toEqual([count, 0]);
      }),
    );
  });
});

const ROUNDS = { byRounds: true, idleSeconds: 0.1 };

function recorder(options: Partial<TraceOrderOptions<string, TraceGap>> = {}) {
  const out: string[] = [];
  const order = new TraceOrder<string>({
    ...options,
    onItem: (item) => out.push(item),
    onGap: ({ cpu }, ends) => out.push(`${ends ? 'end' : 'gap'} ${cpu}`),
    onDisorder: (cpu) => out.push(`disorder ${cpu}`),
  });
  return {
    out,
    get late() {
      return order.late;
    },
    push: (cpu: number, time: number) => order.push(cpu, time, `${cpu}@${time}`),
    gap: (cpu: number | null) => order.gap({ cpu, lost: null }),
    reached: (time: number, unfinished: readonly number[]) => order.reached(time, new Set(unfinished)),
    waiting: () => [...order.waiting()],
    flush: () => order.flush(),
  };
}
