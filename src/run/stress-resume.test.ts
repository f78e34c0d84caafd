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
function passed(changed: Partial<Entry> = {}): void {
  const { plan, journal } = beginRun(dir, SHORT_LEVEL, ['stress']);
  const [first] = plan.tests;
  if (first === undefined) throw new Error('no test is planned');
  const { id, seed, test: planned } = first;
  journal.append({
    ...{ id, seed, test: planned.name, domain: planned.domain, attempt: 1, final: true, verdict: 'PASS', reason: '' },
    ...{ durationMs: 1, findings: [], incidents: [], figures: {} },
    ...changed,
  });
  journal.close();
}

test('what has a verdict is not run again', () => {
  passed();
  const run = resumeRun(dir);
  run.journal.close();
  expect(leftOf(run)).toHaveLength(run.plan.tests.length - 1);
});

test.each([
  ['a test that this version does not plan', { id: 'gone.7' }],
  ['another test by its name', { test: 'other' }],
  ['another seed', { seed: 1 }],
])('%s: the verdicts are not of this plan', (_, changed) => {
  passed(changed);
  expect(() => resumeRun(dir)).toThrow(/has a test that is not of the plan/);
});
