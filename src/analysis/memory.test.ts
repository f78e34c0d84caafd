import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { vexfsAct } from './acts-vexfs.ts';
import { TextPool } from './text-pool.ts';
import { benchVerdicts } from './trace.bench.ts';
import { TraceAnalysis } from './trace-analysis.ts';

setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>;

test('memory does not grow with the length of a trace', { timeout: 120_000 }, () => {
  const { records, megabytes } = benchVerdicts(300_000);
  expect(records).toBeGreaterThanOrEqual(300_000);
  expect(megabytes).toBeLessThan(8);
});

test('nor with how many tasks, locks, classes, members and objects there are', { timeout: 120_000 }, () => {
  const texts = new TextPool();
  const analysis = new TraceAnalysis();
  const feed = (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      const event = { time: n / 1e5, cpu: n % 64, pid: n, comm: `c${n}`, flags: '.....', name: '', payload: '' };
      const address = `0xff19${(n * 8192).toString(16).padStart(12, '0')}`;
      const lock = { class: `class${n}`, mode: 'X', lock: address, ip: `f${n}+0x1/0x2 [m]` };
      const access = { object: `o${n}`, addr: address, member: 'm', size: 8, write: true, marked: false, ip: lock.ip };
      for (const module of [
        { kind: 'lock-attempt', ...lock },
        { kind: 'lock-acquired', ...lock },
        { kind: 'lock-attempt', ...lock, class: `inner${n}`, lock: `${address}1` },
        { kind: 'alloc', what: `o${n}`, ptr: address, size: 64 },
        { kind: 'mem-access', ...access },
      ] as const) {
        const act = vexfsAct(event, module, texts);
        if (act !== null) analysis.act(act);
      }
    }
  };
  const used = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  feed(0, 70_000);
  const before = used();
  feed(70_000, 100_000);
  expect(used() - before).toBeLessThan(4 << 20);
});
