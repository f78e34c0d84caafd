import type { AccessAct, Act, LockAct } from '../model/trace.ts';
import { functionOf } from './act-by.ts';
import { BoundedMap } from './bounded.ts';
import { Deadlines } from './deadlines.ts';
import { LockClasses } from './lock-classes.ts';
import { type InterruptFinding, LockContexts, type SleepFinding } from './lock-context.ts';
import { LockOrder, type OrderFinding } from './lock-order.ts';
import { type LockRule, LockRules } from './lock-rules.ts';
import { LockState } from './lock-state.ts';
import { type Owner, UNKNOWN } from './owners.ts';
import type { Tier } from './race-pair.ts';
import { type Race, Races } from './races.ts';
import type { TraceGap } from './trace-input.ts';

/** A race as it is told: once for each member, and again when better evidence comes. */
export interface RaceFinding extends Race {
  readonly object: string;
  readonly member: string;
  /** A report of KCSAN names the same functions. */
  readonly corroborated: boolean;
}

export type TraceVerdict =
  | { readonly kind: 'race'; readonly race: RaceFinding }
  | { readonly kind: 'order'; readonly order: OrderFinding }
  | { readonly kind: 'interrupt'; readonly interrupt: InterruptFinding }
  | { readonly kind: 'sleep'; readonly sleep: SleepFinding };

/** On how much the verdicts rest, and the silence. */
export interface AnalysisSummary {
  readonly accesses: number;
  /** So many that silence says something. */
  readonly enough: boolean;
  /** Accesses of tasks whose locks were not known, after a loss. */
  readonly unjudged: number;
  readonly lockPairs: number;
  readonly gaps: number;
  /** Events lost, as far as it was said how many. */
  readonly lost: number;
  readonly accessPairs: number;
  readonly lockClasses: number;
  readonly lockOrders: number;
  /** Pairs that are no races, by what keeps them apart. */
  readonly apart: Readonly<Record<string, number>>;
  /** Kept or looked at no longer for want of room. */
  readonly evicted: number;
  readonly rules: readonly LockRule[];
}

/** So many accesses, or silence says little. */
export const ENOUGH_ACCESSES = 100_000;
const MAX_REPORTED = 1024;
const MAX_CORROBORATED = 256;
const ADVANCE_SECONDS = 0.5;
/** A single suspicious pair may be a loss that nobody told of. */
const SUSPICIONS = 3;
const SUSPECT_SECONDS = 1;

interface Suspicion {
  /** What was told. */
  tier: Tier | null;
  seen: number;
  readonly since: number;
  /** What is suspected, and not told yet. */
  race: RaceFinding | null;
}

/**
 * Lock order, races, contexts and rules from the acts of one machine in the order of their time. Pure and bounded: what is kept
 * has a limit each, whatever comes.
 */
export class TraceAnalysis {
  readonly #state = new LockState();
  readonly #classes = new LockClasses();
  readonly #order = new LockOrder();
  readonly #contexts = new LockContexts(this.#classes, this.#order.graph);
  readonly #rules = new LockRules();
  readonly #races = new Races({ baseDepth: () => this.#classes.baseDepth, lastOf: (slot) => this.#lastOf(slot) });
  readonly #told = new BoundedMap<string, Suspicion>(MAX_REPORTED);
  /** Those that better evidence may still come for. */
  readonly #suspicions = new Deadlines<Suspicion>(
    (each) => each.race !== null && this.#told.get(memberOf(each.race)) === each,
  );
  readonly #toldRules = new BoundedMap<string, true>(MAX_REPORTED);
  /** Functions of KCSAN's reports. */
  readonly #corroborated = new BoundedMap<string, readonly string[]>(MAX_CORROBORATED);
  readonly #slots: Owner[] = [];
  #gaps = 0;
  #lost = 0;
  #advanced = Number.NEGATIVE_INFINITY;

  act(act: Act): TraceVerdict[] {
    const verdicts: TraceVerdict[] = [];
    if (act.context === 'task' && act.depth < this.#classes.baseDepth && act.kind !== 'edge')
      this.#classes.baseDepth = act.depth;
    const owner = this.#state.enter(act);
    this.#slots[owner.slot] = owner;
    if (owner.certainty !== UNKNOWN) this.#tellOrders(this.#order.settled(owner), verdicts);
    if (act.kind === 'access') this.#access(owner, act, verdicts);
    else if (act.kind === 'lock') this.#lock(owner, act, verdicts);
    else if (act.kind === 'alloc' || act.kind === 'free') this.#races.memory(act);
    if (Math.abs(act.time - this.#advanced) > ADVANCE_SECONDS) {
      this.#advanced = act.time;
      this.#tellOrders(this.#order.advance(act.time), verdicts);
      this.#suspected(act.time, verdicts);
    }
    return verdicts;
  }

  /** `ends`: it has been told of already, and is over now. */
  gap({ lost }: TraceGap, ends = false): void {
    if (!ends) {
      this.#gaps += 1;
      this.#lost += lost ?? 0;
    }
    this.#state.gap();
    this.#order.gap();
  }

  /** Another boot: no address of before means anything, and what happens again is told again. The rules are the code's: they stay. */
  reset(): void {
    this.#state.reset();
    this.#classes.reset();
    this.#order.reset();
    this.#races.reset();
    this.#contexts.reset();
    this.#told.clear();
    this.#suspicions.clear();
    this.#slots.length = 0;
    this.#advanced = Number.NEGATIVE_INFINITY;
  }

  /** The trace has ended. */
  end(): TraceVerdict[] {
    const verdicts: TraceVerdict[] = [];
    this.#tellOrders(this.#order.advance(Number.POSITIVE_INFINITY), verdicts);
    this.#suspected(Number.POSITIVE_INFINITY, verdicts);
    return verdicts;
  }

  /** Rules that something was seen to break, each told once. */
  brokenRules(): LockRule[] {
    return this.#rules.rules().filter(({ member, write, counterExamples }) => {
      const key = `${member} ${write}`;
      if (counterExamples.length === 0 || this.#toldRules.get(key)) return false;
      this.#toldRules.set(key, true);
      return true;
    });
  }

  /** KCSAN has seen a race between these functions: what is or will be found between the same ones was observed. */
  corroborate(functions: readonly string[]): void {
    this.#corroborated.set([...functions].sort().join(' '), functions);
  }

  summary(): AnalysisSummary {
    const races = this.#races;
    return {
      accesses: races.accesses,
      enough: races.accesses >= ENOUGH_ACCESSES,
      unjudged: races.unjudged,
      lockPairs: this.#state.pairs,
      gaps: this.#gaps,
      lost: this.#lost,
      accessPairs: races.pairs,
      lockClasses: [...this.#classes.values()].length,
      lockOrders: this.#order.graph.edges,
      apart: Object.fromEntries([...races.kept].sort()),
      evicted: this.#state.owners.evicted + races.evicted + this.#order.graph.left,
      rules: this.#rules.rules(),
    };
  }

  #access(owner: Owner, act: AccessAct, verdicts: TraceVerdict[]): void {
    this.#rules.access(owner, act);
    for (const race of this.#races.access(owner, act, this.#state.era)) {
      const corroborated = this.#isCorroborated(race);
      const tier = corroborated ? 'A' : race.tier;
      const found: RaceFinding = { ...race, tier, object: act.object, member: act.member, corroborated };
      if (this.#worthTelling(found, act.time)) verdicts.push({ kind: 'race', race: found });
    }
  }

  #lock(owner: Owner, act: LockAct, verdicts: TraceVerdict[]): void {
    const edges = this.#order.graph.edges;
    const { attempt, held } = owner;
    let newUse = false;
    if (act.step === 'attempt' || act.step === 'instant')
      this.#tellOrders(this.#order.asked(owner, act), verdicts, act);
    if (act.step === 'acquired' || act.step === 'instant') {
      newUse = this.#classes.acquired(act, attempt);
      for (const sleep of this.#contexts.sleeps(act, attempt, [...held])) verdicts.push({ kind: 'sleep', sleep });
    }
    if (this.#state.change(owner, act) === 'stray') this.#order.stray(owner);
    if ((!newUse && edges === this.#order.graph.edges) || this.#classes.interrupting.size === 0) return;
    for (const interrupt of this.#contexts.interrupts()) verdicts.push({ kind: 'interrupt', interrupt });
  }

  #tellOrders(orders: readonly OrderFinding[], verdicts: TraceVerdict[], asking?: LockAct): void {
    for (const order of orders) if (!this.#hangs(order, asking)) verdicts.push({ kind: 'order', order });
  }

  /** Each of the circle waits this very moment: that is a deadlock, and told as one when it lasts. */
  #hangs({ cycle }: OrderFinding, asking: LockAct | undefined): boolean {
    return cycle.every(({ inner, thread }) => inner === asking || this.#state.owners.find(thread)?.attempt === inner);
  }

  /** True when as good has not been told yet. What is only suspected waits: better evidence may come. */
  #worthTelling(race: RaceFinding, time: number): boolean {
    const key = memberOf(race);
    let known = this.#told.get(key);
    if (known === undefined) {
      known = { tier: null, seen: 0, since: time, race: null };
      this.#told.set(key, known);
    }
    known.seen += 1;
    if (race.tier === 'C') {
      if (known.tier !== null) return false;
      known.race ??= race;
      if (known.seen === SUSPICIONS) this.#suspicions.add(known.since + SUSPECT_SECONDS, known);
      return false;
    }
    known.race = null;
    if (known.tier !== null && known.tier !== 'C') return false;
    known.tier = race.tier;
    return true;
  }

  /** What is still only suspected after a while. */
  #suspected(time: number, verdicts: TraceVerdict[]): void {
    for (const known of this.#suspicions.due(time)) {
      const { race } = known;
      if (race === null) continue;
      known.race = null;
      known.tier = 'C';
      verdicts.push({ kind: 'race', race });
    }
  }

  #isCorroborated({ first, second }: Race): boolean {
    if (this.#corroborated.size === 0) return false;
    const pair = [functionOf(first.site), functionOf(second.site)];
    for (const functions of this.#corroborated.values())
      if (pair.every((name) => functions.includes(name))) return true;
    return false;
  }

  #lastOf(slot: number): number {
    return this.#slots[slot]?.last ?? Number.NEGATIVE_INFINITY;
  }
}

function memberOf({ object, member }: RaceFinding): string {
  return `${object}.${member}`;
}
