import type { RunReport, TestRow } from '../model/run-report.ts';
import { VERDICTS, type Verdict } from '../model/test-run.ts';
import type { Entry } from './journal.ts';
import type { PlannedTest } from './plan.ts';

type Facts = Omit<RunReport, 'tests' | 'planned' | 'counts'>;

/** Of a plan and what became of it, what is told to people and programs. */
export function reportOf(tests: readonly PlannedTest[], entries: readonly Entry[], facts: Facts): RunReport {
  const byId = grouped(entries);
  const rows = tests.flatMap((planned) => {
    const attempts = byId.get(planned.id) ?? [];
    const last = attempts.findLast(({ final }) => final);
    return last === undefined ? [] : [rowOf(planned, attempts, last)];
  });
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, rows.filter((row) => row.verdict === verdict).length]),
  ) as Record<Verdict, number>;
  return { ...facts, tests: rows, planned: tests.length, counts };
}

function rowOf({ test }: PlannedTest, attempts: readonly Entry[], last: Entry): TestRow {
  const { body } = test;
  const findings = [...new Set(attempts.flatMap((entry) => entry.findings))];
  const incidents = attempts.flatMap((entry) => entry.incidents);
  const { id, domain, verdict, culprit, reason, seed, guest, figures } = last;
  return {
    ...{ id, domain, about: test.about, verdict, reason, seed, figures },
    ...(culprit !== undefined && { culprit }),
    ...(guest !== undefined && { guest }),
    attempts: attempts.length,
    durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ...(body.kind === 'fault' && { fault: body.fault }),
    findings,
    unexpected: body.kind === 'fault' ? strangers(incidents, body.expects) : findings,
    incidents,
  };
}

/** What broke beside the fault that was put in: it is called something that the fault is not. */
function strangers(incidents: TestRow['incidents'], expects: readonly string[]): string[] {
  return incidents.flatMap(({ classification, title }) => (expects.includes(classification) ? [] : [title]));
}

function grouped(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.id);
    if (group === undefined) groups.set(entry.id, [entry]);
    else group.push(entry);
  }
  return groups;
}
