import { seeded, seedFor, shuffled } from '../base/random.ts';
import type { Domain } from '../model/test-run.ts';
import { ALWAYS_CHOSEN, FAULT_TESTS } from './fault-tests.ts';
import { BASE, type Level, levelRow } from './levels.ts';
import type { Settings, StressTest } from './test.ts';
import { TESTS } from './tests.ts';

/** What a run was asked for; the same wishes give the same plan, which is how a run is resumed and repeated. */
export interface Wishes {
  readonly levels: readonly Level[];
  /** Only these domains; all when empty. */
  readonly domains: readonly Domain[];
  /** Only these tests, by name; all of the levels when empty. A test that no level has is run once. */
  readonly tests: readonly string[];
  /** How long a level of rounds lasts, milliseconds. */
  readonly durationMs: number;
  /** How many faults, drawn by the seed; `all` three times over; or these. Of level 3 only. */
  readonly faults: number | 'all' | readonly string[];
  readonly seed: number;
  /** How often all of it is run; rounds of the same, so that what drifts meets every test alike. Once when absent. */
  readonly repeat?: number;
  /** Settings that a user has changed, for all tests. */
  readonly settings: Partial<Settings>;
  /** Levels that a user has made otherwise. */
  readonly levelOptions: Readonly<Partial<Record<Level, LevelOptions>>>;
}

export interface LevelOptions extends Partial<Settings> {
  /** Instead of the level's own. */
  readonly tests?: readonly string[] | undefined;
}

export interface PlannedTest {
  /** Name of the test, with its round behind a dot when it is not the first: unique, and the same in each run of the plan. */
  readonly id: string;
  readonly test: StressTest;
  readonly settings: Settings;
  readonly seed: number;
  /** After this time it will not be done. */
  readonly limitMs: number;
  /** Planned tests of the same run that have to be right before. */
  readonly after: readonly string[];
}

export interface RunPlan {
  readonly tests: readonly PlannedTest[];
  /** What it takes if nothing breaks, milliseconds. */
  readonly estimateMs: number;
}

/** Beyond what a test is told to work: staging the guest, markers, waiting for late reports. */
const OVERHEAD_MS = 3000;
/** What a fault takes to be noticed and mended, roughly. */
const FAULT_MS = 30_000;
/** How often each class is put in when all are asked for. */
const ALL_TIMES = 3;
/** Rounds that a plan may have: a day of the shortest tests. */
const MAX_TESTS = 20_000;

/** Which tests, how much of each, and in which order. */
export function planRun(wishes: Wishes): RunPlan {
  const names = new Map<string, number>();
  const planned: PlannedTest[] = [];
  let estimateMs = 0;
  const add = (test: StressTest, settings: Settings) => {
    const round = (names.get(test.name) ?? 0) + 1;
    names.set(test.name, round);
    const id = round === 1 ? test.name : `${test.name}.${round}`;
    const after = test.after.filter((name) => names.has(name));
    planned.push({ id, test, settings, seed: seedFor(wishes.seed, id), limitMs: limitOf(test, settings), after });
    estimateMs += estimateOf(test, settings);
  };

  for (const level of wishes.levels) {
    const row = levelRow(level);
    const { tests: others, ...changed } = wishes.levelOptions[level] ?? {};
    const wanted = (others?.map((test) => ({ test })) ?? row.tests).flatMap(({ test: name, ...own }) => {
      const test = TESTS.find((each) => each.name === name);
      return test !== undefined && isWanted(test, wishes)
        ? [{ test, settings: { ...BASE, ...own, ...changed, ...wishes.settings } }]
        : [];
    });
    if (!row.rounds) {
      for (const { test, settings } of wanted) add(test, settings);
      continue;
    }
    const random = seeded(seedFor(wishes.seed, `level ${level}`));
    const faults = chosenFaults(wishes, random).map((test) => ({ test, settings: { ...BASE, ...wishes.settings } }));
    const end = estimateMs + wishes.durationMs;
    const reserved = faults.length * (FAULT_MS + OVERHEAD_MS);
    const rounds: typeof wanted = [];
    for (let time = estimateMs + reserved; wanted.length > 0 && time < end && rounds.length < MAX_TESTS; ) {
      for (const each of shuffled(wanted, random)) {
        if (time >= end) break;
        rounds.push(each);
        time += estimateOf(each.test, each.settings);
      }
    }
    for (const { test, settings } of spread(faults, rounds)) add(test, settings);
  }
  for (const name of wishes.tests) {
    const test = TESTS.find((each) => each.name === name);
    if (test !== undefined && !names.has(name) && isWanted(test, wishes)) add(test, { ...BASE, ...wishes.settings });
  }
  const once = [...planned];
  for (let round = 2; round <= (wishes.repeat ?? 1) && planned.length < MAX_TESTS; round++)
    for (const { test, settings } of once) add(test, settings);
  return { tests: planned, estimateMs };
}

function isWanted({ name, domain }: StressTest, { domains, tests }: Wishes): boolean {
  return (domains.length === 0 || domains.includes(domain)) && (tests.length === 0 || tests.includes(name));
}

/** Those that nobody reports of himself are always among them; the others are drawn. */
function chosenFaults(wishes: Wishes, random: () => number): StressTest[] {
  const { faults } = wishes;
  const candidates = FAULT_TESTS.filter((test) => isWanted(test, wishes));
  if (faults === 'all') return shuffled(Array.from({ length: ALL_TIMES }, () => candidates).flat(), random);
  if (typeof faults !== 'number') return candidates.filter(({ name }) => faults.includes(name.replace('fault-', '')));
  const always = candidates.filter(({ name }) => ALWAYS_CHOSEN.includes(name));
  const others = shuffled(
    candidates.filter(({ name }) => !ALWAYS_CHOSEN.includes(name)),
    random,
  );
  return shuffled([...always, ...others].slice(0, Math.max(0, faults)), random);
}

/** The few between the many, evenly. */
function spread<T>(few: readonly T[], many: readonly T[]): T[] {
  const all: T[] = [];
  let next = 0;
  for (const [i, one] of many.entries()) {
    all.push(one);
    for (; next < few.length && (next + 1) * many.length <= (i + 1) * (few.length + 1); next++)
      all.push(few[next] as T);
  }
  return [...all, ...few.slice(next)];
}

function estimateOf({ body }: StressTest, { seconds, cycles }: Settings): number {
  const work =
    body.kind === 'fault' ? FAULT_MS : body.kind !== 'scenario' ? seconds * 1000 : Math.max(seconds, cycles) * 500;
  return work + OVERHEAD_MS;
}

/** Generous: a busy emulator is several times slower than an idle one, and what hangs is told by the watch over the guest. */
function limitOf({ body }: StressTest, { seconds, cycles }: Settings): number {
  if (body.kind === 'fault') return 180_000;
  return 60_000 + seconds * 4000 + (body.kind === 'scenario' ? cycles * 6000 : 0);
}
