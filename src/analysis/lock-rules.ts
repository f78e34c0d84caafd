import type { AccessAct } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { KNOWN, type Owner } from './owners.ts';

/** A place that did otherwise. */
export interface CounterExample {
  readonly locks: readonly string[];
  readonly site: string;
  readonly pid: number;
  readonly comm: string;
  readonly time: number;
}

/** Which locks are held when a member is read or written, as most of what was seen says. */
export interface LockRule {
  readonly member: string;
  readonly write: boolean;
  readonly locks: readonly string[];
  /** Share of the sections that keep to it, 0 to 1. */
  readonly support: number;
  readonly sections: number;
  /** At most three. */
  readonly counterExamples: readonly CounterExample[];
}

interface Combination {
  readonly locks: readonly string[];
  count: number;
  readonly example: CounterExample;
}
interface Member {
  readonly name: string;
  readonly write: boolean;
  readonly combinations: Map<string, Combination>;
  /** The section counted last: owner and version of its locks. */
  lastOwner: number;
  lastVersion: number;
}

const MAX_MEMBERS = 2048;
const MAX_COMBINATIONS = 32;
const MAX_LOCKS = 5;
const ACCEPT = 0.9;
const MIN_SECTIONS = 50;

/**
 * Rules as LockDoc mines them (EuroSys 2019): accesses are counted once for each section of constant locks, every set of locks is
 * a hypothesis, and of those that 0.9 of the sections keep to the most special one wins. What breaks a rule is mostly a wrong
 * rule: rules with their counter-examples, not findings.
 */
export class LockRules {
  readonly #members = new BoundedMap<string, Member>(MAX_MEMBERS);

  access(owner: Owner, act: AccessAct): void {
    if (owner.certainty !== KNOWN || act.marked) return;
    const name = `${act.object}.${act.member}`;
    const key = act.write ? `${name} w` : `${name} r`;
    let member = this.#members.get(key);
    if (member === undefined) {
      member = { name, write: act.write, combinations: new Map(), lastOwner: 0, lastVersion: -1 };
      this.#members.set(key, member);
    }
    if (member.lastOwner === owner.key && member.lastVersion === owner.heldVersion) return;
    member.lastOwner = owner.key;
    member.lastVersion = owner.heldVersion;
    const locks = [
      ...new Set(owner.held.map((held) => (held.mode === 'X' ? held.class : `${held.class}[${held.mode}]`))),
    ];
    const id = locks.sort().slice(0, MAX_LOCKS).join('\0');
    const known = member.combinations.get(id);
    if (known !== undefined) known.count += 1;
    else if (member.combinations.size < MAX_COMBINATIONS) {
      const { site, pid, comm, time } = act;
      member.combinations.set(id, {
        locks: locks.slice(0, MAX_LOCKS),
        count: 1,
        example: { locks, site, pid, comm, time },
      });
    }
  }

  /** Rules with at least 50 sections behind them, of members in the order of their names. */
  rules(): LockRule[] {
    return [...this.#members.values()]
      .flatMap((member) => ruleOf(member) ?? [])
      .sort((one, other) => (`${one.member} ${one.write}` < `${other.member} ${other.write}` ? -1 : 1));
  }

  reset(): void {
    this.#members.clear();
  }
}

function ruleOf({ name, write, combinations }: Member): LockRule | null {
  const all = [...combinations.values()];
  const sections = all.reduce((sum, { count }) => sum + count, 0);
  if (sections < MIN_SECTIONS) return null;
  let best: { locks: readonly string[]; count: number } | null = null;
  for (const locks of hypotheses(all)) {
    const count = all.reduce((sum, each) => sum + (keeps(each.locks, locks, write) ? each.count : 0), 0);
    if (count < ACCEPT * sections) continue;
    const special = best === null || count < best.count || (count === best.count && locks.length > best.locks.length);
    if (special) best = { locks, count };
  }
  if (best === null || best.locks.length === 0) return null;
  const { locks, count } = best;
  return {
    member: name,
    write,
    locks,
    support: count / sections,
    sections,
    counterExamples: all
      .filter((each) => !keeps(each.locks, locks, write))
      .slice(0, 3)
      .map(({ example }) => example),
  };
}

/** A reader's rule is kept by a writer as well. */
function keeps(held: readonly string[], rule: readonly string[], write: boolean): boolean {
  return rule.every(
    (lock) => held.includes(lock) || (!write && lock.endsWith('[R]') && held.includes(`${lock.slice(0, -3)}[W]`)),
  );
}

/** All sets of the locks of some combination: at most 32 times 32. */
function hypotheses(combinations: readonly Combination[]): (readonly string[])[] {
  const sets = new Map<string, readonly string[]>([['', []]]);
  for (const { locks } of combinations) {
    for (let bits = 1; bits < 1 << locks.length; bits++) {
      const set = locks.filter((_, at) => bits & (1 << at));
      sets.set(set.join('\0'), set);
    }
  }
  return [...sets.values()];
}
