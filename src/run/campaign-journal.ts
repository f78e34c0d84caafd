import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { toNdjson } from '../base/ndjson.ts';
import { OUTCOMES, type Outcome } from '../fault/outcome.ts';

/** What a campaign is of. Whoever goes on with it goes on with this. */
export interface CampaignPlan {
  readonly schema: 'vexfs-trace/campaign/1';
  readonly kernel: string;
  readonly points: readonly string[];
  readonly ops: readonly string[];
  readonly seed: number;
  readonly maxNth: number;
}

/** One operation whose Nth call failed, and what came of it. */
export interface CampaignEntry {
  readonly point: string;
  readonly op: string;
  readonly nth: number;
  readonly outcome: Outcome;
  /** Whose call it was that failed: `failslab`, `fail_usercopy`, … */
  readonly hit?: string;
  /** A function of the module stood on its stack. */
  readonly inModule?: boolean;
  /** The operation's errno by name, where it returned one. */
  readonly errno?: string;
  /** One line for people. */
  readonly detail?: string;
  readonly ms: number;
}

const FILE = 'campaign.ndjson';

/** One line an entry, on the disk before the next begins; a line that was torn by the end of a run is taken back. */
export class CampaignJournal {
  readonly plan: CampaignPlan;
  readonly entries: CampaignEntry[];
  readonly #fd: number;

  private constructor(path: string, plan: CampaignPlan, entries: CampaignEntry[]) {
    this.plan = plan;
    this.entries = entries;
    this.#fd = openSync(path, 'a');
  }

  static begin(folder: string, plan: CampaignPlan): CampaignJournal {
    const path = join(folder, FILE);
    if (existsSync(path))
      throw new ExpectedError('usage', `${folder} holds a campaign already`, `go on with it: --resume ${folder}`);
    mkdirSync(folder, { recursive: true });
    const journal = new CampaignJournal(path, plan, []);
    journal.#write(plan);
    return journal;
  }

  static resume(folder: string): CampaignJournal {
    const path = join(folder, FILE);
    if (!existsSync(path))
      throw new ExpectedError('usage', `${folder} holds no campaign`, 'name the folder that holds campaign.ndjson');
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [first, ...rest] = whole.split('\n').filter(Boolean).map(parseLine);
    if (!isPlan(first)) throw new ExpectedError('usage', `${path} does not begin as the journal of a campaign does`);
    truncateSync(path, Buffer.byteLength(whole));
    return new CampaignJournal(path, first, rest.filter(isEntry));
  }

  add(entry: CampaignEntry): void {
    this.entries.push(entry);
    this.#write(entry);
  }

  /** Which call of a pair is to fail next; undefined when its last call has failed, or it cannot be tried. */
  next(point: string, op: string): number | undefined {
    const mine = this.entries.filter((entry) => entry.point === point && entry.op === op);
    if (mine.some(({ outcome }) => outcome === 'not-reached' || outcome === 'skip')) return undefined;
    const nth = Math.max(0, ...mine.map((entry) => entry.nth)) + 1;
    return nth > this.plan.maxNth ? undefined : nth;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(line: CampaignPlan | CampaignEntry): void {
    writeSync(this.#fd, toNdjson(line));
    fdatasyncSync(this.#fd);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isPlan(value: unknown): value is CampaignPlan {
  const plan = value as Partial<CampaignPlan> | undefined;
  const lists = Array.isArray(plan?.points) && Array.isArray(plan.ops);
  return (
    plan?.schema === 'vexfs-trace/campaign/1' &&
    lists &&
    typeof plan.kernel === 'string' &&
    typeof plan.maxNth === 'number'
  );
}

function isEntry(value: unknown): value is CampaignEntry {
  const entry = value as Partial<CampaignEntry> | undefined;
  return (
    typeof entry?.point === 'string' &&
    typeof entry.op === 'string' &&
    typeof entry.nth === 'number' &&
    OUTCOMES.some((each) => each === entry.outcome)
  );
}
