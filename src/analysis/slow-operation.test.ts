import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VexfsEvent } from '../model/trace.ts';
import { SlowOperations } from './slow-operation.ts';

const LIMITS = { fast: 300, slow: 2000 } as const;
const by = { cpu: 0, pid: 1, comm: 'x', flags: '.....', name: '', payload: '' };

function begin(op: string, id: number): VexfsEvent {
  return { kind: 'op-begin', op, sb: 's', ino: '2', id: String(id) };
}
function end(op: string, id: number, ns: number): VexfsEvent {
  return { kind: 'op-end', op, sb: 's', ino: '2', id: String(id), ret: 0, ns };
}

test('each slow operation is told once: when time has come to its threshold, or when it ends', () => {
  const operation = fc.record({
    op: fc.constantFrom('fast', 'slow', 'other'),
    begins: fc.integer({ min: 0, max: 5000 }),
    takes: fc.option(fc.integer({ min: 1, max: 4000 })),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const slow = new SlowOperations({ perOperation: LIMITS, everySeconds: 0 });
      const records = operations.flatMap(({ op, begins, takes }, id) => [
        { at: begins, module: begin(op, id) },
        ...(takes === null ? [] : [{ at: begins + takes, module: end(op, id, takes * 1e6) }]),
      ]);
      records.push({ at: 12_000, module: end('last', 999, 1) });
      const told = records
        .sort((a, b) => a.at - b.at)
        .flatMap(({ at, module }) => slow.record({ ...by, time: at / 1e3 }, module));
      const expected = operations.filter(({ op, takes }) => (takes ?? 12_000) >= (op === 'other' ? 1000 : LIMITS[op]));
      expect(told.map(({ op }) => op).sort()).toEqual(expected.map(({ op }) => op).sort());
      for (const { durationMs, thresholdMs } of told) expect(durationMs).toBeGreaterThanOrEqual(thresholdMs);
    }),
  );
});

test('one that stays in flight is told once, however many begin and end meanwhile or stay as well', () => {
  const slow = new SlowOperations();
  const told = slow.record({ ...by, time: 1 }, begin('stuck', 0));
  for (let id = 1; id < 50_000; id++) {
    const time = 1 + id / 1e4;
    told.push(...slow.record({ ...by, time }, begin('quick', id)));
    if (id % 20 !== 0) told.push(...slow.record({ ...by, time }, end('quick', id, 1000)));
  }
  told.push(...slow.record({ ...by, time: 90 }, end('stuck', 0, 89e9)));
  expect(told.filter(({ op }) => op === 'stuck')).toMatchObject([{ ret: null, durationMs: 1000 }]);
});
