import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entry } from '../stress/journal.ts';
import { beginRun, leftOf, resumeRun } from './stress.ts';
import { SHORT_LEVEL } from './testing-stress.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'resume-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A run whose first test has passed, but for what is said of its entry. */
async function passed(changed: Partial<Entry> = {}): Promise<void> {
  const { plan, journal, release } = await beginRun(dir, SHORT_LEVEL, ['stress']);
  const [first] = plan.tests;
  if (first === undefined) throw new Error('no test is planned');
  const { id, seed, test: planned } = first;
  journal.append({
    ...{ id, seed, test: planned.name, domain: planned.domain, attempt: 1, final: true, verdict: 'PASS', reason: '' },
    ...{ durationMs: 1, findings: [], incidents: [], figures: {} },
    ...changed,
  });
  release();
}

test('what has a verdict is not run again', async () => {
  await passed();
  const run = await resumeRun(dir);
  run.release();
  expect(leftOf(run)).toHaveLength(run.plan.tests.length - 1);
});

test.each([
  ['a test that this version does not plan', { id: 'gone.7' }],
  ['another test by its name', { test: 'other' }],
  ['another seed', { seed: 1 }],
])('%s: the verdicts are not of this plan', async (_, changed) => {
  await passed(changed);
  await expect(resumeRun(dir)).rejects.toThrow(/has a test that is not of the plan/);
});

test('a run that is under way is not gone on with', async () => {
  await passed();
  const run = await resumeRun(dir);
  await expect(resumeRun(dir)).rejects.toThrow(/is being worked in by another/);
  run.release();
  (await resumeRun(dir)).release();
});
