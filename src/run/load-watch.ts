import { deferred } from '../base/deferred.ts';
import { LineSplitter } from '../base/lines.ts';
import type { AgentNotice } from '../model/guest.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { waitFor } from './wait.ts';

/** What the load counts (kmod/README.md, vexload), summed over all loads that were started one after the other. */
export interface LoadCounts {
  readonly operations: number;
  readonly errors: number;
  readonly wrong: number;
  readonly noSpace: number;
}

const LINE_MS = 3000;
const NOTHING: LoadCounts = { operations: 0, errors: 0, wrong: 0, noSpace: 0 };

/** Reads the JSON lines that the built-in load writes each second. Other loads say nothing that is understood. */
export class LoadWatch {
  readonly #lines = new LineSplitter();
  #pid: unknown;
  /** Of loads that are over, less what the first one had done before it was watched. */
  #before = NOTHING;
  #now = NOTHING;
  #heard = deferred();
  readonly close: () => void;

  constructor(under: GuestUnderTest) {
    const { guest } = under;
    this.#pid = under.loadGroup;
    const onNotice = guest.onNotice?.bind(guest) ?? guest.control.onNotice.bind(guest.control);
    this.close = onNotice((notice) => this.#notice(notice));
  }

  /** When the load has told its counts once more, or has not for some seconds. */
  async told(): Promise<LoadCounts> {
    const done = new AbortController();
    await Promise.race([this.#heard.promise, waitFor(LINE_MS, done.signal)]);
    done.abort();
    return this.counts;
  }

  get counts(): LoadCounts {
    return add(this.#before, this.#now);
  }

  #notice({ event, pid, data }: AgentNotice): void {
    if (event !== 'output' || typeof data !== 'string') return;
    this.#lines.push(Buffer.from(data), ({ text }) => this.#line(pid, text));
  }

  #line(pid: unknown, text: string): void {
    const counts = parseCounts(text);
    if (counts === undefined) return;
    // After a restore another load may have the number of the one before.
    if (pid !== this.#pid || counts.operations < this.#now.operations) this.#before = this.counts;
    else if (this.#now === NOTHING) this.#before = since(NOTHING, counts);
    this.#pid = pid;
    this.#now = counts;
    this.#heard.resolve();
    this.#heard = deferred();
  }
}

/** How much more than before. */
export function since(counts: LoadCounts, before: LoadCounts): LoadCounts {
  return add(counts, {
    operations: -before.operations,
    errors: -before.errors,
    wrong: -before.wrong,
    noSpace: -before.noSpace,
  });
}

function add(a: LoadCounts, b: LoadCounts): LoadCounts {
  return {
    operations: a.operations + b.operations,
    errors: a.errors + b.errors,
    wrong: a.wrong + b.wrong,
    noSpace: a.noSpace + b.noSpace,
  };
}

function parseCounts(text: string): LoadCounts | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const { ops, errors, wrong, no_space: noSpace } = JSON.parse(text);
    const operations = Object.values(ops ?? {}).reduce<number>((sum, n) => sum + Number(n), 0);
    const all = [operations, errors, wrong, noSpace].map(Number);
    return all.every(Number.isFinite) ? { operations, errors, wrong, noSpace } : undefined;
  } catch {
    return undefined;
  }
}
