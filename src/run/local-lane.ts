import { existsSync, statSync } from 'node:fs';
import { arch } from 'node:os';
import { resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { buildVexcheck } from '../guest/check-program.ts';
import type { Capability } from '../model/capability.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { TestResult } from '../model/test-run.ts';
import type { BodyEnd } from '../stress/judge.ts';
import type { PlannedTest } from '../stress/plan.ts';
import type { Attempt, Lane } from '../stress/runner.ts';
import type { StressTest } from '../stress/test.ts';
import { readTold } from '../stress/told.ts';
import { runCheck } from './run-check.ts';

/** A test that begins or ends, as its event says it. */
export type TestEvent = Omit<Extract<HostRecord, { record: 'test' }>, 'record'>;

/** What a folder of this machine has of what tests need. Vectors are for the check itself to look for. */
const HERE: ReadonlySet<Capability> = new Set<Capability>([
  'vectors',
  ...(process.getuid?.() === 0 ? ['root' as const] : []),
]);

/**
 * A folder of this machine on any mounted filesystem: the checks that are programs run in it, as who calls. There is no guest, so
 * no kernel log is read and nothing is recovered.
 */
export class LocalLane implements Lane {
  readonly name = 'here';
  readonly lost = false;
  readonly #folder: string;
  readonly #program: string;
  readonly #tell: (event: TestEvent) => void;

  constructor(folder: string, tell: (event: TestEvent) => void) {
    this.#folder = resolve(folder);
    if (!existsSync(this.#folder) || !statSync(this.#folder).isDirectory())
      throw new ExpectedError('usage', `${folder} is no folder`, 'name a folder on the filesystem to test');
    this.#program = buildVexcheck(arch() === 'arm64' ? 'arm64' : 'x86_64').from;
    this.#tell = tell;
  }

  lacks({ needs, body, stage }: StressTest): string | undefined {
    if (body.kind !== 'program' || stage !== 'mounted')
      return 'it takes a guest, and the target is a folder of this machine';
    const missing = needs.find((need) => !HERE.has(need));
    return missing === undefined ? undefined : `the target is a folder of this machine, without ${missing}`;
  }

  async attempt(planned: PlannedTest, attempt: number, signal: AbortSignal): Promise<Attempt> {
    const { id, test, settings, seed, limitMs } = planned;
    const started = performance.now();
    this.#tell({ kind: 'start', test: id, attempt, domain: test.domain, about: test.about });
    const figures: Record<string, unknown> = {};
    const body: BodyEnd =
      test.body.kind === 'program'
        ? await this.#run(test.body.argv(settings, this.#folder, seed).slice(1), limitMs, figures, signal)
        : { end: 'cannot', why: 'it takes a guest' };
    return {
      ...{ body, findings: [], guest: 'well', disarmed: [], titles: [], incidents: [], figures },
      durationMs: performance.now() - started,
    };
  }

  conclude({ id, test }: PlannedTest, attempt: number, result: TestResult, durationMs: number): void {
    this.#tell({ kind: 'end', test: id, attempt, domain: test.domain, ...result, durationMs: Math.round(durationMs) });
  }

  async renew(): Promise<boolean> {
    return false;
  }

  async #run(
    args: readonly string[],
    limitMs: number,
    figures: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<BodyEnd> {
    const { answer, late, stuck } = await runCheck(this.#program, args, limitMs, signal);
    if (signal.aborted) return { end: 'interrupted' };
    if (late) return { end: 'late', limitMs, stuck };
    const { wrong, cannot, unusable, figures: told } = readTold(answer);
    Object.assign(figures, told);
    if (unusable !== undefined) return { end: 'broken', why: unusable };
    if (cannot !== undefined) return { end: 'cannot', why: cannot };
    return wrong.length === 0 ? { end: 'right' } : { end: 'wrong', wrong };
  }
}
