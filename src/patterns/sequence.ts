import type { PatternMatch, Same, SequenceStep } from './condition-schema.ts';
import type { Subject } from './subject.ts';

/** When an event was, in seconds of one clock, and in which boot of the machine. */
export interface Moment {
  readonly seconds: number;
  readonly incident?: string | undefined;
}

/** A step that an event has satisfied, with what was seen. */
export interface StepFound {
  readonly weight: number;
  readonly explain: readonly string[];
}

/** A sequence that an event has completed. */
export interface Completed {
  readonly weight: number;
  readonly explain: readonly string[];
}

/** Chains that are kept apart by `same`: tasks, CPUs, incidents. The one that was quiet longest is forgotten. */
const MAX_KEYS = 256;
/** An order in time says something of its own, beyond the events. */
const WEIGHT_OF_ORDER = 1;

/**
 * One sequence in one run. For each step it keeps the latest time at which a chain that has come so far can have begun, which
 * decides exactly whether there is a chain within the limit, whatever other events come between. Bounded: `count` times a step.
 */
export class SequenceState {
  readonly #steps: readonly SequenceStep[];
  readonly #within: number;
  readonly #same: Same;
  readonly #chains = new Map<string, Chain>();

  constructor({ sequence = [], within, same = 'boot' }: PatternMatch) {
    this.#steps = sequence;
    this.#within = within ?? Number.POSITIVE_INFINITY;
    this.#same = same;
  }

  /** An event satisfies the steps named. The later ones are looked at first, since one event is no two steps. */
  advance(found: ReadonlyMap<number, StepFound>, subject: Subject, at: Moment): Completed | undefined {
    const key = KEYS[this.#same](subject, at);
    if (key === undefined) return undefined;
    const chain = this.#chain(key);
    let completed: Completed | undefined;
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = found.get(i);
      if (step === undefined) continue;
      const link = this.#link(chain, i, step, subject, at.seconds);
      if (link !== undefined && i === this.#steps.length - 1) completed = summary(link);
    }
    return completed;
  }

  /** Another boot begins: what it shares with the one before is incident and run alone. */
  boundary(): void {
    if (this.#same !== 'incident' && this.#same !== 'run') this.#chains.clear();
  }

  #link(chain: Chain, i: number, found: StepFound, { kind, name }: Subject, now: number): Link | undefined {
    const before = i === 0 ? null : chain.reached[i - 1];
    if (before === undefined) return undefined;
    const step = this.#steps[i];
    const count = step?.count ?? 1;
    const hits = chain.hits[i] ?? [];
    hits.push({ seconds: now, before });
    if (hits.length > count) hits.shift();
    const [first] = hits;
    if (first === undefined || hits.length < count || now - first.seconds > (step?.within ?? Number.POSITIVE_INFINITY))
      return undefined;
    const start = first.before === null ? first.seconds : first.before.start;
    if (now - start > this.#within) return undefined;
    const label = name ?? kind;
    const words = count === 1 ? found.explain.join(', ') : `${count} × ${label} in ${seconds(now - first.seconds)}`;
    const link = { start, end: now, words, weight: found.weight, before: first.before };
    chain.reached[i] = link;
    return link;
  }

  #chain(key: string): Chain {
    const chain = this.#chains.get(key) ?? { reached: [], hits: this.#steps.map(() => []) };
    this.#chains.delete(key);
    this.#chains.set(key, chain);
    const [oldest] = this.#chains.keys();
    if (this.#chains.size > MAX_KEYS && oldest !== undefined) this.#chains.delete(oldest);
    return chain;
  }
}

interface Link {
  readonly start: number;
  readonly end: number;
  readonly words: string;
  readonly weight: number;
  readonly before: Link | null;
}

interface Chain {
  /** The chain that ends with a step and began latest. */
  readonly reached: (Link | undefined)[];
  /** The last `count` events of a step, each with the chain that it came behind. */
  readonly hits: { readonly seconds: number; readonly before: Link | null }[][];
}

const KEYS: Readonly<Record<Same, (subject: Subject, at: Moment) => string | undefined>> = {
  run: () => '',
  boot: () => '',
  incident: (_subject, { incident }) => incident,
  task: ({ context: { pid } }) => textOf(pid),
  cpu: ({ context: { cpu } }) => textOf(cpu),
  module: ({ context: { module } }) => textOf(module),
};

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function summary(last: Link): Completed {
  const links: Link[] = [];
  for (let link: Link | null = last; link !== null; link = link.before) links.unshift(link);
  const explain = links.map(({ words, end }, i) => {
    const previous = links[i - 1];
    return previous === undefined ? words : `then after ${seconds(end - previous.end)} ${words}`;
  });
  return { weight: links.reduce((sum, { weight }) => sum + weight, WEIGHT_OF_ORDER), explain };
}

function seconds(value: number): string {
  return `${Math.max(0, value).toFixed(1)} s`;
}
