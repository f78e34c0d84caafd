import { type FailedRun, failureHistory, type Hit } from '../compare/failure-history.ts';
import { metricFilter } from '../compare/gate.ts';
import { testName } from '../compare/metrics.ts';
import { readRun } from '../compare/read-run.ts';
import { trendOf } from '../compare/trends.ts';
import type { MeasuredRun } from '../model/measured-run.ts';
import type { FailureHistory, Trend } from '../model/trend.ts';
import { asColumn } from '../store/columns.ts';
import type { Database } from '../store/database.ts';
import { failuresOf, type RunSince, runsSince } from '../store/run-queries.ts';
import { commandOf, parseJson } from '../store/sound-rows.ts';

/** More than that are not looked at: the last ones count. */
const MAX_RUNS = 1000;
/** How the names of tests begin that put a fault in. */
const FAULT_TESTS = 'fault-';

/** How the metrics of runs of tests went since then (ISO 8601). `metrics`: only these, `*` for any text; all when empty. */
export async function trendSince(database: Database, since: string, metrics: readonly string[]): Promise<Trend> {
  const runs = await runsSince(database, since, MAX_RUNS);
  const measured = runs.filter(({ summary }) => summary !== null).map(measuredOf);
  return trendOf(measured, metrics.length === 0 ? undefined : metricFilter(metrics));
}

/**
 * Failures that were seen since then, with how they stand in all runs that the store has: `planted`, those that were put in on purpose,
 * too.
 */
export async function failuresSince(database: Database, since: string, planted: boolean): Promise<FailureHistory[]> {
  const runs = await runsSince(database, '', MAX_RUNS);
  const rows =
    runs.length === 0
      ? []
      : await failuresOf(
          database,
          runs.map(({ id }) => id),
        );
  const failed = runs.map((row): FailedRun => {
    const isOwn = planted ? () => true : ownOf(row);
    const mine = rows.filter((each) => each.top === row.id && isOwn(each));
    const run = measuredOf(row);
    return { run, hits: hitsOf(mine, run.started) };
  });
  return failureHistory(failed).filter(({ lastSeen }) => lastSeen >= since);
}

function measuredOf({ summary, ...row }: RunSince): MeasuredRun {
  const read = summary === null ? undefined : readRun(parseJson(summary), row.id);
  if (read !== undefined && !('problem' in read)) return { ...read, started: row.started };
  const facts = Object.entries({ kernel: row.kernel, module: row.module }).filter(
    (fact): fact is [string, string] => fact[1] !== null,
  );
  return {
    ...{ name: row.id, tool: row.tool ?? '', started: row.started, command: commandOf(row.command), guests: [] },
    ...{ facts: new Map(facts), tests: [] },
  };
}

/** Of what nobody put in: as the summary has it; of a run without one all that did not come in a test of a fault. */
function ownOf({ summary }: RunSince): (row: Row) => boolean {
  const said = summary === null ? undefined : parseJson(summary);
  const { tests, strays } = (said ?? {}) as { readonly tests?: unknown; readonly strays?: unknown };
  if (!Array.isArray(tests)) return ({ test }) => test?.startsWith(FAULT_TESTS) !== true;
  const titles = tests.flatMap((test: { readonly unexpected?: unknown } | null) => test?.unexpected ?? []);
  const own = new Set([...titles, ...(Array.isArray(strays) ? strays : [])].map((title) => asColumn(String(title))));
  return ({ title }) => own.has(title ?? '');
}

type Row = Awaited<ReturnType<typeof failuresOf>>[number];

/** A row for each test in which it came: together they are the failure of the run. */
function hitsOf(rows: readonly Row[], started: string): Hit[] {
  const hits = new Map<string, Hit>();
  for (const { fingerprint, title, test, n, first, last } of rows) {
    const key = fingerprint ?? '';
    const known = hits.get(key);
    const tests = test === null ? [] : [testName({ id: test })];
    hits.set(key, {
      ...{ fingerprint: key, title: title ?? known?.title ?? '' },
      count: n + (known?.count ?? 0),
      tests: [...(known?.tests ?? []), ...tests],
      first: [first ?? started, known?.first ?? '~'].sort()[0] ?? started,
      last: [last ?? started, known?.last ?? ''].sort()[1] ?? started,
    });
  }
  return [...hits.values()];
}
