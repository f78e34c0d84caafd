import type { MeasuredRun } from '../model/measured-run.ts';
import type { FailureHistory } from '../model/trend.ts';
import { betweenRuns } from './changes.ts';
import { testName } from './metrics.ts';

/** A failure in a run. */
export interface Hit {
  readonly fingerprint: string;
  readonly title: string;
  readonly count: number;
  /** Tests in which it came; empty where no test was going on. */
  readonly tests: readonly string[];
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
}

export interface FailedRun {
  readonly run: MeasuredRun;
  readonly hits: readonly Hit[];
}

/** Of what has not come in so many runs that could have had it, one may hope that it is gone. */
const GONE_AFTER = 3;

/**
 * Failures by fingerprint over runs, in the order of time: which are new, known, gone, flaky. Only runs count that could have had one: those
 * with one of the tests in which it ever came.
 */
export function failureHistory(runs: readonly FailedRun[]): FailureHistory[] {
  const names = new Set(runs.flatMap(({ hits }) => hits.map(({ fingerprint }) => fingerprint)));
  return [...names]
    .map((fingerprint) => historyOf(fingerprint, runs))
    .toSorted((a, b) => RANK[a.status] - RANK[b.status] || (a.lastSeen < b.lastSeen ? 1 : -1));
}

const RANK: Readonly<Record<FailureHistory['status'], number>> = { new: 0, known: 1, rare: 2, gone: 3 };

function historyOf(fingerprint: string, runs: readonly FailedRun[]): FailureHistory {
  const hits = runs.map((each) => each.hits.find((hit) => hit.fingerprint === fingerprint));
  const own = hits.filter((hit) => hit !== undefined);
  const tests = new Set(own.flatMap((hit) => hit.tests));
  const able = runs.flatMap(({ run }, i) => {
    const could = hits[i] !== undefined || tests.size === 0 || run.tests.some((test) => tests.has(testName(test)));
    return could ? [{ name: run.name, has: hits[i] !== undefined }] : [];
  });
  const first = able.findIndex(({ has }) => has);
  const last = able.findLastIndex(({ has }) => has);
  const since = able.slice(first);
  const without = able.length - 1 - last;
  const status =
    without === 0 && last === first && able.length > 1
      ? 'new'
      : without === 0
        ? 'known'
        : without >= GONE_AFTER
          ? 'gone'
          : 'rare';
  const between = (at: number) => {
    const [before, after] = [able[at - 1], able[at]];
    return (
      before &&
      after &&
      betweenRuns(
        runs.map(({ run }) => run),
        before.name,
        after.name,
      )
    );
  };
  const [came, went] = [first > 0 ? between(first) : undefined, status === 'gone' ? between(last + 1) : undefined];
  return {
    ...{ fingerprint, title: own.at(-1)?.title ?? '', status },
    flaky: able.slice(first, last + 1).some(({ has }) => !has),
    count: own.reduce((sum, { count }) => sum + count, 0),
    ...{ hits: own.length, times: since.length, strip: able.map(({ has }) => (has ? 'x' : '·')).join('') },
    firstSeen: own.reduce((least, { first: at }) => (at < least ? at : least), own[0]?.first ?? ''),
    lastSeen: own.reduce((most, { last: at }) => (at > most ? at : most), ''),
    ...(came !== undefined && { came }),
    ...(went !== undefined && { went }),
  };
}
