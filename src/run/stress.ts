import { existsSync, mkdirSync } from 'node:fs';
import { cpus, freemem } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import * as z from 'zod';
import { claimFolder } from '../base/claim.ts';
import { NS_PER_MS } from '../base/clock.ts';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { listRecords } from '../guest/run-dir.ts';
import type { Event } from '../model/event.ts';
import { NETWORK_KINDS } from '../model/network.ts';
import type { RunReport } from '../model/run-report.ts';
import { DOMAINS } from '../model/test-run.ts';
import { THRESHOLDS, type Threshold } from '../model/thresholds.ts';
import { type Entry, JOURNAL_SCHEMA, Journal, type JournalHeader, readJournal } from '../stress/journal.ts';
import { type PlannedTest, planRun, type RunPlan, type Wishes } from '../stress/plan.ts';
import { reportOf } from '../stress/report.ts';
import { type Lane, runPlan } from '../stress/runner.ts';
import type { StressTest } from '../stress/test.ts';
import { TESTS } from '../stress/tests.ts';
import type { AttachOptions } from './attach.ts';
import { Emitter } from './emitter.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { LocalLane } from './local-lane.ts';
import { type RunFacts, runFacts } from './run-facts.ts';
import { GuestLane } from './stress-lane.ts';
import { TOOL } from './version.ts';

const thresholdNames = Object.keys(THRESHOLDS) as Threshold[];

/** What a run is asked for: kept in its journal, and read again when it is resumed. */
export const askedSchema = z.object({
  levels: z.array(z.union([z.literal(1), z.literal(2), z.literal(3)])),
  domains: z.array(z.enum(DOMAINS)),
  tests: z.array(z.string()),
  durationMs: z.number(),
  faults: z.union([z.number(), z.literal('all'), z.array(z.string())]),
  seed: z.number(),
  repeat: z.number().optional(),
  settings: z.object({ seconds: z.number(), workers: z.number(), cycles: z.number() }).partial(),
  levelOptions: z.partialRecord(
    z.enum(['1', '2', '3']),
    z.object({ seconds: z.number(), workers: z.number(), cycles: z.number(), tests: z.array(z.string()) }).partial(),
  ),
  thresholds: z.partialRecord(z.enum(thresholdNames), z.number()),
  /** Of the plan only these, by their ids, with the seeds that they have there. */
  only: z.array(z.string()).optional(),
  guests: z.number(),
  retries: z.number(),
  failFast: z.boolean(),
  /** A folder of this machine instead of a guest. */
  target: z.string().optional(),
  attach: z.object({
    kernel: z.string(),
    cpus: z.number(),
    memoryMiB: z.number().optional(),
    accelerator: z.enum(['kvm', 'tcg']).optional(),
    modulePath: z.string().optional(),
    fstype: z.string().optional(),
    params: z.string().optional(),
    scratch: z
      .object({ disk: z.string().optional(), diskSize: z.string().optional(), mkfs: z.string().optional() })
      .optional(),
    /** The disk can be made to fail. */
    breakable: z.boolean().optional(),
    network: z.enum(NETWORK_KINDS).optional(),
    patterns: z.array(z.string()),
    probes: z.boolean(),
    trace: z.boolean(),
    races: z.boolean(),
  }),
});
export type Asked = z.infer<typeof askedSchema>;

export interface StressPorts {
  readonly onEvent: (event: Event, guest: string) => void;
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  /** File of what recoveries came to in all runs: read by the planner, added to. */
  readonly statistics?: string;
  /** Each attempt that has ended. */
  readonly onEntry?: (entry: Entry) => void;
  /** A verdict is final; so many of the planned have one. */
  readonly onVerdict: (entry: Entry, done: number, planned: number) => void;
  /** Awaited around each test. */
  readonly beforeTest?: (planned: PlannedTest) => Promise<void>;
  readonly afterTest?: (entry: Entry) => Promise<void>;
}

export interface StressRun {
  readonly folder: string;
  readonly asked: Asked;
  readonly header: JournalHeader;
  readonly plan: RunPlan;
  /** Entries of before, when the run is resumed. */
  readonly entries: readonly Entry[];
  readonly journal: Journal;
  /** Closes the journal; another may go on with the run then. */
  readonly release: () => void;
}

const JOURNAL = 'journal.ndjson';

/** Begins a run in a folder of its own. */
export async function beginRun(folder: string, asked: Asked, command: readonly string[]): Promise<StressRun> {
  const plan = planOf(asked);
  mkdirSync(folder, { recursive: true });
  const header: JournalHeader = {
    schema: JOURNAL_SCHEMA,
    run: ulid(),
    started: new Date().toISOString(),
    tool: TOOL,
    asked: { ...asked, command },
  };
  return owned(folder, () => {
    const journal = Journal.create(join(folder, JOURNAL), header);
    return { folder, asked, header, plan, entries: [], journal };
  });
}

/** Takes up a run that was ended before it was over. */
export async function resumeRun(folder: string): Promise<StressRun> {
  return owned(folder, () => ({ folder, ...readRun(folder), journal: Journal.open(join(folder, JOURNAL)) }));
}

/** Two that go on with one run would mix its journal. */
async function owned(folder: string, open: () => Omit<StressRun, 'release'>): Promise<StressRun> {
  const giveBack = await claimFolder(folder);
  try {
    const run = open();
    const release = () => {
      run.journal.close();
      giveBack();
    };
    return { ...run, release };
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** What a run was asked for, its plan, and what has become of it so far. It may be under way. */
function readRun(folder: string): Pick<StressRun, 'asked' | 'header' | 'plan' | 'entries'> {
  const { header, entries } = readJournal(join(folder, JOURNAL));
  const asked = askedSchema.safeParse(header.asked);
  if (!asked.success)
    throw new ExpectedError(
      'usage',
      `${join(folder, JOURNAL)} does not say what the run was asked for: ${z.prettifyError(asked.error).replaceAll('\n', ' ')}`,
      'begin a new one',
    );
  const plan = planOf(asked.data);
  // Tests are data of the tool: another version may mean another thing by a name, or draw others.
  const planned = new Map(plan.tests.map(({ id, test, seed }) => [id, `${test.name} ${seed}`]));
  const stranger = entries.find(({ id, test, seed }) => planned.get(id) !== `${test} ${seed}`);
  if (stranger !== undefined)
    throw new ExpectedError(
      'usage',
      `${join(folder, JOURNAL)} has a test that is not of the plan: ${stranger.id}; it was begun with ${header.tool}, this is ${TOOL}`,
      'go on with the version that it was begun with, or begin a new one',
    );
  return { asked: asked.data, header, plan, entries };
}

/** Every test there is, whatever the level. */
export function testsThere(): readonly StressTest[] {
  return TESTS;
}

export function planOf(asked: Asked): RunPlan {
  // JSON has no undefined, whatever the schema allows.
  const plan = chosen(planRun(asked as Wishes), asked.only);
  if (plan.tests.length === 0)
    throw new ExpectedError('nothingRan', 'no test matches what was asked for', 'see: vexfs-trace stress --list');
  return plan;
}

/** Begins a run of what another one has not passed, with the same seeds. */
export function askAgain(folder: string): Asked {
  const { entries, asked } = readRun(folder);
  const only = entries.filter(({ final, verdict }) => final && NOT_PASSED.has(verdict)).map(({ id }) => id);
  if (only.length === 0)
    throw new ExpectedError(
      'nothingRan',
      `every test of ${folder} has passed or was skipped`,
      'there is nothing to do',
    );
  return { ...asked, only };
}

const NOT_PASSED: ReadonlySet<string> = new Set(['FAIL', 'ERROR', 'MISS']);

function chosen(plan: RunPlan, only: readonly string[] | undefined): RunPlan {
  if (only === undefined) return plan;
  const tests = plan.tests.filter(({ id }) => only.includes(id));
  const left = new Set(tests.map(({ id }) => id));
  // What they come after has been right before.
  return {
    tests: tests.map((planned) => ({ ...planned, after: planned.after.filter((id) => left.has(id)) })),
    estimateMs: plan.estimateMs * (tests.length / Math.max(1, plan.tests.length)),
  };
}

/** Runs what is left of a plan, in as many guests as asked for, and says what became of all of it. */
export async function stress(run: StressRun, ports: StressPorts): Promise<RunReport> {
  const { asked, plan, journal, header, folder } = run;
  const entries = [...run.entries];
  const started = performance.now();
  const final = new Set(entries.filter((entry) => entry.final).map(({ id }) => id));
  const append = (entry: Entry) => {
    journal.append(entry);
    entries.push(entry);
    ports.onEntry?.(entry);
    if (!entry.final) return;
    final.add(entry.id);
    ports.onVerdict(entry, final.size, plan.tests.length);
  };
  const lanes: Opened[] = [];
  const strays = new Set<string>();
  const guests: string[] = [];
  let facts: RunFacts = {};
  try {
    if (plan.tests.some(({ id }) => !final.has(id))) await openLanes(run, ports, strays, lanes);
    for (const { describe } of lanes) guests.push(describe);
    facts = runFacts(asked.target, lanes[0]?.under);
    await runPlan(
      plan.tests,
      lanes.map(({ lane }) => lane),
      {
        signal: ports.signal,
        done: run.entries,
        append,
        retries: asked.retries,
        failFast: asked.failFast,
        recoveryLimitMs: asked.thresholds.recovery ?? THRESHOLDS.recovery.limit,
        ...(ports.beforeTest !== undefined && { beforeTest: ports.beforeTest }),
        ...(ports.afterTest !== undefined && { afterTest: ports.afterTest }),
      },
    );
  } finally {
    // One that cannot be closed keeps no other one.
    for (const closed of await Promise.allSettled(lanes.map(({ close }) => close())))
      if (closed.status === 'rejected') ports.warn(`a guest could not be closed: ${messageOf(closed.reason)}`);
    run.release();
  }
  return reportOf(plan.tests, entries, {
    ...{ run: header.run, tool: header.tool, started: header.started, seed: asked.seed, guests },
    command: commandOf(header),
    durationMs: entries.length === 0 ? 0 : performance.now() - started + earlier(run.entries),
    strays: [...strays],
    orphans: orphans(),
    resumed: resumedTimes(folder),
    facts,
  });
}

interface Opened {
  readonly lane: Lane;
  /** For people. */
  readonly describe: string;
  /** Of a guest. */
  readonly under?: GuestUnderTest;
  close(): Promise<void>;
}

/** Guests are opened one after the other: two that boot at once on few CPUs look as if they hung. What was opened is in `lanes` whatever happens. */
async function openLanes(run: StressRun, ports: StressPorts, strays: Set<string>, lanes: Opened[]): Promise<void> {
  const { asked } = run;
  if (asked.target !== undefined) {
    const startWall = Date.now();
    const start = performance.now();
    const emitter = new Emitter({
      // Of its own, as that of a guest: a run that is taken up again counts its events anew.
      run: ulid(),
      startWall,
      live: true,
      sink: (event) => ports.onEvent(event, 'here'),
    });
    const lane = new LocalLane(asked.target, (event) => {
      emitter.now = Math.round((performance.now() - start) * NS_PER_MS);
      emitter.emit({ event: 'test', ...event, evidence: [] });
    });
    lanes.push({ lane, describe: `${asked.target} on this machine`, close: async () => {} });
    return;
  }
  for (let number = 1; number <= guestCount(asked, ports.warn); number++) {
    const lane = await openLane(run, number, ports, strays);
    const { under } = lane.attached;
    lanes.push({ lane, describe: under.guest.describe, under, close: () => lane.close() });
  }
}

async function openLane(run: StressRun, number: number, ports: StressPorts, strays: Set<string>): Promise<GuestLane> {
  const { asked, folder } = run;
  const name = `guest-${number}`;
  const { attach } = asked;
  const options = {
    ...attach,
    ...{
      load: { stress: true },
      recover: true,
      ...(ports.statistics !== undefined && { statistics: ports.statistics }),
      captureDir: freshFolder(folder, name),
      command: commandOf(run.header),
    },
  } as AttachOptions;
  return GuestLane.open({
    name,
    attach: options,
    onStray: (title) => void (strays.size < MAX_STRAYS && strays.add(title)),
    thresholds: asked.thresholds as Partial<Record<Threshold, number>>,
    ports: {
      onEvent: (event) => ports.onEvent(event, name),
      progress: (text) => ports.progress(asked.guests > 1 ? `${name}: ${text}` : text),
      warn: (text) => ports.warn(asked.guests > 1 ? `${name}: ${text}` : text),
      signal: ports.signal,
    },
  });
}

/** Titles that are kept of what counts for no test. */
const MAX_STRAYS = 1000;

/** A resumed run records beside what it has. */
function freshFolder(folder: string, name: string): string {
  for (let time = 1; ; time++) {
    const dir = join(folder, time === 1 ? name : `${name}-again-${time}`);
    if (!existsSync(dir)) return dir;
  }
}

function resumedTimes(folder: string): number {
  let times = 0;
  while (existsSync(join(folder, `guest-1-again-${times + 2}`))) times += 1;
  return times;
}

/** Memory that a guest takes beside its own, mebibytes. */
const AROUND_MIB = 512;

/** As many as the machine has CPUs and memory for. */
function guestCount({ guests, attach }: Asked, warn: (message: string) => void): number {
  if (guests === 1) return 1;
  const byMemory = Math.floor(freemem() / 2 ** 20 / ((attach.memoryMiB ?? 1024) + AROUND_MIB));
  if (byMemory < guests) warn(`the machine has memory for ${Math.max(1, byMemory)} of ${guests} guests`);
  const byCpu = Math.floor(cpus().length / attach.cpus);
  if (byCpu < guests)
    warn(
      `${guests} guests of ${attach.cpus} CPUs on a machine of ${cpus().length} wait for each other: limits of time may be passed`,
    );
  return Math.max(1, Math.min(guests, byMemory));
}

function commandOf({ asked }: JournalHeader): string[] {
  return Array.isArray(asked.command) ? asked.command.map(String) : [];
}

function earlier(entries: readonly Entry[]): number {
  return entries.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** What of our guests is still there. */
function orphans(): string[] {
  return listRecords()
    .filter(({ record }) => record.owner?.pid === process.pid)
    .map(({ record }) => record.id);
}

/** The tests of a plan that have no verdict yet. */
export function leftOf({ plan, entries }: StressRun): readonly PlannedTest[] {
  const final = new Set(entries.filter((entry) => entry.final).map(({ id }) => id));
  return plan.tests.filter(({ id }) => !final.has(id));
}
