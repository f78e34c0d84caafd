import type { IncidentEntry } from '../model/run-report.ts';
import type { TestResult } from '../model/test-run.ts';
import type { Entry } from './journal.ts';
import { judge, judgeFault, type Observed } from './judge.ts';
import type { PlannedTest } from './plan.ts';
import type { StressTest } from './test.ts';

/** What a lane saw of one attempt. */
export interface Attempt extends Observed {
  readonly durationMs: number;
  readonly titles: readonly string[];
  /** The same failure was mended so often that what brings it about is to be left out. */
  readonly cameBack?: boolean;
  readonly incidents: readonly IncidentEntry[];
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Where tests are run, one at a time: a guest, or a folder of this machine. */
export interface Lane {
  readonly name: string;
  /** Gone for good unless it is renewed. */
  readonly lost: boolean;
  /** Why a test cannot be run here; undefined when it can. */
  lacks(test: StressTest): string | undefined;
  /** Never rejects. */
  attempt(planned: PlannedTest, attempt: number, signal: AbortSignal): Promise<Attempt>;
  /** The verdict is told to whoever watches. */
  conclude(planned: PlannedTest, attempt: number, result: TestResult, durationMs: number): void;
  /** Something else in its place; false when there is nothing. Never rejects. */
  renew(signal: AbortSignal): Promise<boolean>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Final entries of before, when a run is resumed. */
  readonly done: readonly Entry[];
  readonly append: (entry: Entry) => void;
  /** How often a test is tried again that could not be carried through. */
  readonly retries: number;
  /** Whether the first test that fails is the last one. */
  readonly failFast: boolean;
  readonly recoveryLimitMs: number;
  /** Awaited before the first attempt at a test, and behind its final verdict. */
  readonly beforeTest?: (planned: PlannedTest) => Promise<void>;
  readonly afterTest?: (entry: Entry) => Promise<void>;
}

const GOOD: ReadonlySet<string> = new Set(['PASS', 'DONE']);

/**
 * Runs what is planned on the lanes there are, in the order of the plan as far as dependencies and free lanes allow. Every planned
 * test gets one final entry, whatever becomes of guests; only an interruption leaves some without, for a resumed run.
 */
export async function runPlan(
  tests: readonly PlannedTest[],
  lanes: readonly Lane[],
  options: RunOptions,
): Promise<void> {
  const run = new Run(tests, options);
  await Promise.all(lanes.map((lane) => run.work(lane)));
  run.abandon();
}

class Run {
  readonly #options: RunOptions;
  readonly #waiting: PlannedTest[];
  /** Final entries by id. */
  readonly #final = new Map<string, Entry>();
  /** Tests that break their guest each time or over and over, with the id of the one that showed it. */
  readonly #isolated = new Map<string, string>();
  readonly #underWay = new Set<string>();
  #wake: (() => void)[] = [];
  #failed = false;

  constructor(tests: readonly PlannedTest[], options: RunOptions) {
    this.#options = options;
    for (const entry of options.done) this.#keep(entry);
    this.#waiting = tests.filter(({ id }) => !this.#final.has(id));
  }

  async work(lane: Lane): Promise<void> {
    for (;;) {
      if (this.#options.signal.aborted || (this.#failed && this.#options.failFast)) return;
      const next = this.#take();
      if (next === undefined) {
        if (this.#waiting.length === 0) return;
        await new Promise<void>((resolve) => this.#wake.push(resolve));
        continue;
      }
      this.#underWay.add(next.id);
      await this.#carry(lane, next);
      const entry = this.#final.get(next.id);
      if (entry !== undefined) await this.#options.afterTest?.(entry);
      this.#underWay.delete(next.id);
      for (const wake of this.#wake.splice(0)) wake();
      if (lane.lost && !(await lane.renew(this.#options.signal))) return;
    }
  }

  /** What no lane was left for. */
  abandon(): void {
    const { signal, failFast } = this.#options;
    if (signal.aborted) return;
    const result: TestResult =
      this.#failed && failFast
        ? { verdict: 'SKIP', reason: 'a test before it failed' }
        : { verdict: 'ERROR', culprit: 'harness', reason: 'there was no guest left to run it' };
    for (const planned of this.#waiting.splice(0)) this.#conclude(planned, 1, result, true);
  }

  /** The first whose dependencies are over. */
  #take(): PlannedTest | undefined {
    const at = this.#waiting.findIndex(({ after }) => after.every((id) => this.#final.has(id) || !this.#isPlanned(id)));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  #isPlanned(id: string): boolean {
    return this.#underWay.has(id) || this.#waiting.some((planned) => planned.id === id);
  }

  async #carry(lane: Lane, planned: PlannedTest): Promise<void> {
    const reason = this.#reasonToSkip(lane, planned);
    if (reason !== undefined) {
      this.#conclude(planned, 1, { verdict: 'SKIP', reason }, true, lane);
      return;
    }
    const { signal, retries, beforeTest } = this.#options;
    await beforeTest?.(planned);
    let broke: TestResult | undefined;
    let lasting = false;
    for (let attempt = 1; ; attempt++) {
      const seen = await lane.attempt(planned, attempt, signal);
      if (seen.body.end === 'interrupted' || signal.aborted) return;
      const result = this.#judge(planned, seen);
      lasting ||= seen.cameBack === true;
      // A test that broke its guest is run once more: what happens each time is kept away from the rest of the run.
      if (broke !== undefined) {
        const again = result.verdict === 'FAIL';
        const words = `${broke.reason} (${again ? 'each of 2 times' : 'once in 2 times'})`;
        this.#conclude(planned, attempt, { ...broke, reason: words }, true, lane, seen, again || lasting);
        return;
      }
      const breaks = planned.test.body.kind !== 'fault' && result.verdict === 'FAIL' && seen.guest !== 'well';
      const error = result.verdict === 'ERROR' && attempt <= retries;
      const usable = !lane.lost || ((breaks || error) && (await lane.renew(signal)));
      const final = !((breaks || error) && usable);
      this.#conclude(planned, attempt, result, final, lane, seen, final && lasting);
      if (final) return;
      if (breaks) broke = result;
    }
  }

  #judge({ test: { body, load } }: PlannedTest, seen: Attempt): TestResult {
    if (body.kind === 'fault') return judgeFault(seen, body.expects, this.#options.recoveryLimitMs);
    const result = judge(seen);
    return load && result.verdict === 'PASS' ? { ...result, verdict: 'DONE' } : result;
  }

  #reasonToSkip(lane: Lane, { test, after }: PlannedTest): string | undefined {
    const isolated = this.#isolated.get(test.name);
    if (isolated !== undefined) return `isolated: it breaks the guest (${isolated})`;
    const lacks = lane.lacks(test);
    if (lacks !== undefined) return lacks;
    const missing = after.find((id) => !GOOD.has(this.#final.get(id)?.verdict ?? ''));
    return missing === undefined ? undefined : `${missing}, which comes before it, is not right`;
  }

  #conclude(
    planned: PlannedTest,
    attempt: number,
    result: TestResult,
    final: boolean,
    lane?: Lane,
    seen?: Attempt,
    isolated = false,
  ): void {
    lane?.conclude(planned, attempt, result, seen?.durationMs ?? 0);
    const entry: Entry = {
      id: planned.id,
      test: planned.test.name,
      domain: planned.test.domain,
      attempt,
      final,
      ...result,
      ...(isolated && { isolated }),
      durationMs: seen?.durationMs ?? 0,
      seed: planned.seed,
      ...(lane !== undefined && { guest: lane.name }),
      findings: seen?.titles ?? [],
      incidents: seen?.incidents ?? [],
      figures: seen?.figures ?? {},
    };
    this.#options.append(entry);
    this.#keep(entry);
  }

  #keep(entry: Entry): void {
    if (!entry.final) return;
    this.#final.set(entry.id, entry);
    if (entry.isolated) this.#isolated.set(entry.test, entry.id);
    if (entry.verdict === 'FAIL' || entry.verdict === 'ERROR') this.#failed = true;
  }
}
