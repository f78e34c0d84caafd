/** What a test is about; `--domain` selects by it. */
export const DOMAINS = ['module', 'filesystem', 'vector', 'performance', 'safety', 'integration'] as const;
export type Domain = (typeof DOMAINS)[number];

/**
 * What became of a test. PASS and FAIL say something of the code under test; MISS: it ran, but a detector that it rests on was
 * no longer armed, so its silence says nothing; ERROR: it could not be carried through; SKIP: it cannot run here, and the reason
 * says why; DONE: it ran and has nothing to judge, such as a load.
 */
export const VERDICTS = ['PASS', 'FAIL', 'ERROR', 'MISS', 'SKIP', 'DONE'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Who is to blame for what is neither PASS nor DONE: the code under test, this tool, or what surrounds both (emulator, machine, missing programs). */
export const CULPRITS = ['code', 'tool', 'harness'] as const;
export type Culprit = (typeof CULPRITS)[number];

/** The verdict on one test with what led to it. */
export interface TestResult {
  readonly verdict: Verdict;
  readonly culprit?: Culprit;
  /** One line for people. */
  readonly reason: string;
}
