import { formatMs } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { StartWatch } from '../model/start-watch.ts';
import type { Condition, Holding } from './condition.ts';
import type { When } from './rule-schema.ts';

/** What is remembered of a window at most. */
const MAX_ENTRIES = 100_000;

interface Sample {
  readonly at: number;
  readonly bad: boolean;
}

/** What of several things went wrong, of the last of them or of all. */
class Shares {
  readonly #over: number | undefined;
  #samples: Sample[] = [];
  #from = 0;
  #all = 0;
  #bad = 0;

  constructor(over: number | undefined) {
    this.#over = over;
  }

  add(sample: Sample): void {
    this.#all += 1;
    if (sample.bad) this.#bad += 1;
    if (this.#over === undefined) return;
    this.#samples.push(sample);
    if (this.#samples.length - this.#from > MAX_ENTRIES) this.#drop();
  }

  at(now: number): { readonly all: number; readonly bad: number } {
    while ((this.#due ?? Number.POSITIVE_INFINITY) <= now) this.#drop();
    return { all: this.#all, bad: this.#bad };
  }

  /** When the oldest one is too old. */
  get due(): number | undefined {
    return this.#due;
  }

  get #due(): number | undefined {
    const oldest = this.#samples[this.#from];
    return oldest === undefined || this.#over === undefined ? undefined : oldest.at + this.#over;
  }

  #drop(): void {
    const oldest = this.#samples[this.#from++];
    this.#all -= 1;
    if (oldest?.bad) this.#bad -= 1;
    if (this.#from > 1000 && this.#from * 2 > this.#samples.length) {
      this.#samples = this.#samples.slice(this.#from);
      this.#from = 0;
    }
  }
}

const within = (over: number | undefined) => (over === undefined ? 'in this run' : `in the last ${formatMs(over)}`);

/** The share of tests that failed. What was left out, or has nothing to judge, does not count. */
export function failureRate({ above, over, least, verdicts }: NonNullable<When['failure-rate']>): Condition {
  const shares = new Shares(over);
  return {
    event(event: Event, at: number) {
      if (event.event !== 'test' || event.kind !== 'end') return false;
      const { verdict } = event;
      if (verdict === undefined || verdict === 'SKIP' || verdict === 'DONE') return false;
      shares.add({ at, bad: verdicts.includes(verdict) });
      return true;
    },
    holding(at): readonly Holding[] {
      const { all, bad } = shares.at(at);
      if (all < least || bad / all <= above) return [];
      return [{ labels: {}, value: bad / all, text: `${bad} of ${all} tests failed ${within(over)}` }];
    },
    get due() {
      return shares.due;
    },
  };
}

/** The share of starts of guests that went well. */
export function guestStart({ below, over, least }: NonNullable<When['guest-start']>): Condition {
  const shares = new Shares(over);
  const starts = new Map<string, StartWatch>();
  return {
    event(event: Event, at: number, lane: string) {
      if (event.event !== 'guest') return false;
      const watch = starts.get(lane) ?? new StartWatch();
      starts.set(lane, watch);
      const ended = watch.event(event);
      for (const { ok } of ended) shares.add({ at, bad: !ok });
      return ended.length > 0;
    },
    holding(at): readonly Holding[] {
      const { all, bad } = shares.at(at);
      const good = all - bad;
      if (all < least || good / all >= below) return [];
      return [{ labels: {}, value: good / all, text: `${good} of ${all} starts of guests went well ${within(over)}` }];
    },
    get due() {
      return shares.due;
    },
  };
}
