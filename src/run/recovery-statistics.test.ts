import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addAttempt, readFigures } from './recovery-statistics.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-statistics-'));
afterAll(() => rmSync(dir, { recursive: true }));
const none = (text: string) => expect(text).toBe('');
const ATTEMPT = {
  classification: 'race',
  action: 'keep-running',
  result: 'ok',
  verified: true,
  durationMs: 1.6,
  kernel: 'stock',
} as const;

test('what is added is read back; lines that are none are passed over', () => {
  const file = join(dir, 'new', 'attempts.ndjson');
  expect(readFigures(file)).toEqual([]);
  addAttempt(file, ATTEMPT, none);
  appendFileSync(file, '{"action":\nnull\n{"classification":"race","action":"rm -rf"}\n');
  addAttempt(file, { ...ATTEMPT, verified: false }, none);
  expect(readFigures(file)).toMatchObject([{ action: 'keep-running', tries: 2, verified: 1 }]);
});

test('the file stays small, and what remains are whole lines of late', () => {
  const file = join(dir, 'long.ndjson');
  writeFileSync(file, `${JSON.stringify(ATTEMPT)}\n`.repeat(12_000));
  const before = statSync(file).size;
  addAttempt(file, ATTEMPT, none);
  expect(statSync(file).size).toBeLessThan(before / 1.9);
  const [figures] = readFigures(file);
  expect(figures?.tries).toBeGreaterThan(5000);
  expect(figures?.tries).toBe(Math.round(statSync(file).size / (JSON.stringify(ATTEMPT).length + 1)));
});

test('a place that cannot be written costs a warning', () => {
  const warnings: string[] = [];
  addAttempt(join(dir, 'long.ndjson', 'x'), ATTEMPT, (text) => warnings.push(text));
  expect(warnings).toHaveLength(1);
});
