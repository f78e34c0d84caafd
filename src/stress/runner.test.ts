import { describe, expect, test } from 'vitest';
import type { TestResult } from '../model/test-run.ts';
import type { Entry } from './journal.ts';
import type { PlannedTest } from './plan.ts';
import { type Attempt, type Lane, runPlan } from './runner.ts';

const RIGHT: Attempt = {
  ...{ body: { end: 'right' }, findings: [], guest: 'well', disarmed: [] },
  ...{ durationMs: 1, titles: [], incidents: [], figures: {} },
};
const OOPS = { title: 'an oops', severity: 'critical' } as const;
const BREAKS: Attempt = { ...RIGHT, findings: [OOPS], titles: ['an oops'], guest: 'recovered' };
const BROKEN: Attempt = { ...RIGHT, body: { end: 'broken', why: 'no answer' } };

function planned(id: string, after: readonly string[] = []): PlannedTest {
  const name = id.replace(/\.\d+$/, '');
  return {
    ...{ id, settings: { seconds: 1, workers: 1, cycles: 1 }, seed: 1, limitMs: 1000, after },
    test: {
      ...{ name, domain: 'filesystem', about: '', stage: 'mounted', needs: [], after: [] },
      body: { kind: 'program', argv: () => [] },
    },
  };
}

/** A lane that does what its script says of a test, attempt by attempt, and notes what it was told. */
class ScriptedLane implements Lane {
  readonly name: string;
  readonly done: string[] = [];
  readonly told: string[] = [];
  lost = false;
  renewals = 0;
  readonly #script: Readonly<Record<string, readonly Attempt[]>>;
  readonly #renewable: boolean;

  constructor(script: Readonly<Record<string, readonly Attempt[]>> = {}, { name = 'lane', renewable = true } = {}) {
    this.#script = script;
    this.name = name;
    this.#renewable = renewable;
  }

  lacks = ({ name }: PlannedTest['test']) => (name === 'impossible' ? 'no device' : undefined);

  async attempt({ id }: PlannedTest, attempt: number): Promise<Attempt> {
    this.done.push(id);
    await new Promise((resolve) => setImmediate(resolve));
    const seen = this.#script[id]?.[attempt - 1] ?? RIGHT;
    this.lost = seen.guest === 'lost';
    return seen;
  }

  conclude({ id }: PlannedTest, attempt: number, { verdict }: TestResult): void {
    this.told.push(`${id} ${attempt} ${verdict}`);
  }

  async renew(): Promise<boolean> {
    this.renewals += 1;
    if (this.#renewable) this.lost = false;
    return this.#renewable;
  }
}

async function run(
  tests: readonly PlannedTest[],
  lanes: readonly Lane[],
  more: Partial<Parameters<typeof runPlan>[2]> = {},
): Promise<Entry[]> {
  const entries: Entry[] = [];
  await runPlan(tests, lanes, {
    ...{ signal: new AbortController().signal, done: [], retries: 2, failFast: false, recoveryLimitMs: 30_000 },
    append: (entry) => entries.push(entry),
    ...more,
  });
  return entries;
}

const brief = (entries: readonly Entry[]) =>
  entries.filter(({ final }) => final).map(({ id, verdict, reason }) => `${id} ${verdict} ${reason}`.trim());

describe('one lane', () => {
  test('runs all in the order of the plan', async () => {
    const lane = new ScriptedLane();
    expect(brief(await run([planned('a'), planned('b')], [lane]))).toEqual(['a PASS', 'b PASS']);
    expect(lane.told).toEqual(['a 1 PASS', 'b 1 PASS']);
  });

  test('what cannot be run is skipped with the reason, and so is what comes after it', async () => {
    const tests = [planned('impossible'), planned('b', ['impossible']), planned('c')];
    expect(brief(await run(tests, [new ScriptedLane()]))).toEqual([
      'impossible SKIP no device',
      'b SKIP impossible, which comes before it, is not right',
      'c PASS',
    ]);
  });

  test('what could not be carried through is tried again, so often', async () => {
    const lane = new ScriptedLane({ a: [BROKEN, BROKEN, RIGHT], b: [BROKEN, BROKEN, BROKEN, RIGHT] });
    expect(brief(await run([planned('a'), planned('b')], [lane]))).toEqual(['a PASS', 'b ERROR no answer']);
    expect(lane.done).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  test('what breaks the guest each time is run twice and then kept away from it', async () => {
    const lane = new ScriptedLane({ a: [BREAKS, BREAKS] });
    const entries = await run([planned('a'), planned('b'), planned('a.2')], [lane]);
    expect(brief(entries)).toEqual([
      'a FAIL an oops (each of 2 times)',
      'b PASS',
      'a.2 SKIP isolated: it breaks the guest (a)',
    ]);
    expect(entries.find(({ isolated }) => isolated)?.id).toBe('a');
  });

  test('what breaks the guest once is told so, and run again later', async () => {
    const lane = new ScriptedLane({ a: [BREAKS, RIGHT] });
    expect(brief(await run([planned('a'), planned('a.2')], [lane]))).toEqual([
      'a FAIL an oops (once in 2 times)',
      'a.2 PASS',
    ]);
  });

  test('what the recovery has mended too often is kept away, too', async () => {
    const lane = new ScriptedLane({ a: [{ ...BREAKS, cameBack: true }, RIGHT] });
    expect(brief(await run([planned('a'), planned('a.2')], [lane]))).toEqual([
      'a FAIL an oops (once in 2 times)',
      'a.2 SKIP isolated: it breaks the guest (a)',
    ]);
  });

  test('a lost guest is replaced, and the run goes on', async () => {
    const lane = new ScriptedLane({ a: [{ ...BROKEN, guest: 'lost' }, RIGHT] });
    expect(brief(await run([planned('a'), planned('b')], [lane]))).toEqual(['a PASS', 'b PASS']);
    expect(lane.renewals).toBe(1);
  });

  test('a load without a finding is done, with one it has failed', async () => {
    const load = (id: string): PlannedTest => ({ ...planned(id), test: { ...planned(id).test, load: true } });
    const lane = new ScriptedLane({ b: [{ ...BREAKS, guest: 'well' }] });
    expect(brief(await run([load('a'), load('b')], [lane]))).toEqual(['a DONE', 'b FAIL an oops']);
  });

  test('without a guest every test still gets a verdict', async () => {
    const lane = new ScriptedLane({ a: [{ ...BREAKS, guest: 'lost' }] }, { renewable: false });
    expect(brief(await run([planned('a'), planned('b'), planned('c')], [lane]))).toEqual([
      'a FAIL an oops',
      'b ERROR there was no guest left to run it',
      'c ERROR there was no guest left to run it',
    ]);
  });

  test('with fail-fast the first failure is the last', async () => {
    const lane = new ScriptedLane({ a: [{ ...RIGHT, body: { end: 'wrong', wrong: ['x'] } }] });
    expect(brief(await run([planned('a'), planned('b')], [lane], { failFast: true }))).toEqual([
      'a FAIL x',
      'b SKIP a test before it failed',
    ]);
  });

  test('an interruption leaves the rest without a verdict, and a resumed run gives it', async () => {
    const stop = new AbortController();
    const lane = new ScriptedLane({ b: [{ ...RIGHT, body: { end: 'interrupted' } }] });
    const tests = [planned('a'), planned('b'), planned('c')];
    const first: Entry[] = [];
    const append = (entry: Entry) => {
      first.push(entry);
      stop.abort();
    };
    await run(tests, [lane], { signal: stop.signal, append });
    expect(brief(first)).toEqual(['a PASS']);
    expect(brief(await run(tests, [new ScriptedLane()], { done: first }))).toEqual(['b PASS', 'c PASS']);
  });

  test('a resumed run knows what was isolated', async () => {
    const done = await run([planned('a')], [new ScriptedLane({ a: [BREAKS, BREAKS] })]);
    expect(brief(await run([planned('a'), planned('a.2')], [new ScriptedLane()], { done }))).toEqual([
      'a.2 SKIP isolated: it breaks the guest (a)',
    ]);
  });
});

describe('several lanes', () => {
  const tests = Array.from({ length: 20 }, (_, i) => planned(`t${i}`, i % 5 === 4 ? [`t${i - 1}`] : []));
  const script = { t3: [BROKEN, RIGHT], t7: [{ ...RIGHT, body: { end: 'wrong', wrong: ['x'] } } as Attempt] };

  test('give the same verdicts as one, each test once', async () => {
    const one = await run(tests, [new ScriptedLane(script)]);
    const lanes = [1, 2, 3].map((i) => new ScriptedLane(script, { name: `lane ${i}` }));
    const three = await run(tests, lanes);
    expect(brief(three).toSorted()).toEqual(brief(one).toSorted());
    expect(lanes.every(({ done }) => done.length > 0)).toBe(true);
    expect(new Set(brief(three)).size).toBe(tests.length);
  });

  test('go on without the one that is lost', async () => {
    const bad = new ScriptedLane({ t0: [{ ...BROKEN, guest: 'lost' }] }, { renewable: false });
    const entries = await run(tests, [bad, new ScriptedLane()]);
    expect(brief(entries)).toHaveLength(tests.length);
    expect(entries.filter(({ verdict }) => verdict !== 'PASS').map(({ id }) => id)).toEqual(['t0']);
  });
});
