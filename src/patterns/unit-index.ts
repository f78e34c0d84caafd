import { type Anchor, anchorsOf, fieldTexts } from './anchor.ts';
import type { Condition } from './condition-schema.ts';
import { ExpressionSet } from './expression-set.ts';
import { eventsOf, FINDINGS, kindsOf } from './gate.ts';
import type { Subject } from './subject.ts';

/** Something with a condition that is looked for among many. */
export interface Unit {
  readonly condition: Condition;
}

/**
 * Finds the units whose condition an event may satisfy: by event and kind first, then by what can be looked up, then by one
 * search for all expressions. It leaves out only what cannot match.
 */
export class UnitIndex<T extends Unit> {
  readonly #byEvent = new Map<string, Map<string, T[]>>();
  readonly #buckets = new Map<string, Bucket<T>>();

  constructor(units: readonly T[]) {
    for (const unit of units) {
      const kinds = kindsOf(unit.condition) ?? [ANY];
      for (const event of groupsOf(unit.condition)) {
        const byKind = entry(this.#byEvent, event, () => new Map<string, T[]>());
        for (const kind of kinds) entry(byKind, kind, (): T[] => []).push(unit);
      }
    }
  }

  /** Some unit waits for such events. */
  watches(event: string): boolean {
    return this.#byEvent.has(groupOf(event));
  }

  candidates(subject: Subject): readonly T[] {
    const byKind = this.#byEvent.get(groupOf(subject.event));
    return byKind === undefined ? [] : this.#bucket(subject, byKind).candidates(subject);
  }

  /** Made when the first such event comes: many logs are clean, and most kinds never come. */
  #bucket({ event, kind }: Subject, byKind: ReadonlyMap<string, readonly T[]>): Bucket<T> {
    const known = byKind.has(kind) ? kind : ANY;
    return entry(this.#buckets, `${groupOf(event)} ${known}`, () => {
      const own = known === ANY ? [] : (byKind.get(known) ?? []);
      return new Bucket([...own, ...(byKind.get(ANY) ?? [])]);
    });
  }
}

/** Findings are one group: their kinds tell them apart, and a start has no time to list each pattern four times. */
const groupOf = (event: string): string => (FINDINGS.has(event) ? 'finding' : event);

function groupsOf(condition: Condition): Iterable<string> {
  const events = eventsOf(condition);
  return events === FINDINGS ? ['finding'] : new Set([...events].map(groupOf));
}

const ANY = '*';
/** So many are checked one by one: an index takes longer to make than it saves. */
const FEW = 24;

class Bucket<T extends Unit> {
  /** Those that have to be checked for every event. */
  readonly #rest: T[] = [];
  readonly #equals = new Map<string, Map<string, T[]>>();
  readonly #searched = new Map<string, { readonly set: ExpressionSet; readonly units: T[] }>();

  constructor(units: readonly T[]) {
    for (const unit of units) {
      const anchors = units.length <= FEW ? undefined : anchorsOf(unit.condition);
      if (anchors === undefined) this.#rest.push(unit);
      else for (const anchor of anchors) this.#add(anchor, unit);
    }
  }

  #add({ field, equals, regex, contains }: Anchor, unit: T): void {
    if (equals !== undefined) {
      const values = entry(this.#equals, field, () => new Map<string, T[]>());
      entry(values, equals, (): T[] => []).push(unit);
      return;
    }
    const { set, units } = entry(this.#searched, field, () => ({ set: new ExpressionSet(), units: [] as T[] }));
    if (regex !== undefined) set.add(regex);
    else set.addText(contains ?? '');
    units.push(unit);
  }

  candidates(subject: Subject): readonly T[] {
    if (this.#equals.size === 0 && this.#searched.size === 0) return this.#rest;
    const found = new Set(this.#rest);
    for (const [field, values] of this.#equals)
      for (const text of fieldTexts(subject, field)) for (const unit of values.get(text) ?? []) found.add(unit);
    for (const [field, { set, units }] of this.#searched)
      for (const text of fieldTexts(subject, field))
        for (const number of set.hits(text)) {
          const unit = units[number];
          if (unit !== undefined) found.add(unit);
        }
    return [...found];
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
