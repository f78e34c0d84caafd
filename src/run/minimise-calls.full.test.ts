import { expect, test } from 'vitest';
import { minimiseCalls } from './minimise-calls.ts';

const PORTS = { onEvent: () => {}, progress: () => {}, warn: () => {}, signal: new AbortController().signal };
const ASKED = { seed: 7, calls: 300, workers: 2, mostRuns: 120, attach: { kernel: 'stock', cpus: 2 } };

test('of 300 calls, those are left that make the next write, which fails', async () => {
  const tries: (string | undefined)[] = [];
  const ports = { ...PORTS, onTry: (_: number, __: number, failure: string | undefined) => void tries.push(failure) };
  const asked = { ...ASKED, inject: 'io-error=1' };
  const { failure, lines, of } = await minimiseCalls(asked, ports);
  expect(of).toBe(300);
  expect(failure).toMatch(/error/i);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(8);
  // What is left is enough, and without the fault it is harmless.
  expect(tries).toContain(undefined);
  expect(await minimiseCalls({ ...asked, lines, mostRuns: 1 }, ports)).toMatchObject({ failure });
  const harmless = await minimiseCalls({ ...ASKED, lines }, ports);
  expect(harmless.failure).toBeUndefined();
});
