import type { Event } from '../model/event.ts';
import type { Condition, Holding } from './condition.ts';
import { type Baseline, duration } from './duration.ts';
import { hang } from './hang.ts';
import { incident } from './incident.ts';
import { memory } from './memory.ts';
import type { Rule, When } from './rule-schema.ts';
import { failureRate, guestStart } from './share.ts';
import type { Transition } from './transition.ts';

/** Series of one rule that are looked at; a run of many tests may have more that hold. */
const MAX_SERIES = 100;

type Builders = { readonly [K in keyof When]-?: (options: NonNullable<When[K]>, baseline: Baseline) => Condition };
const CONDITIONS: Builders = {
  'failure-rate': failureRate,
  'guest-start': guestStart,
  memory,
  duration,
  hang,
  incident,
};

interface Alert {
  readonly since: number;
  holding: Holding;
  firing: boolean;
}

interface Watched {
  readonly rule: Rule;
  readonly condition: Condition;
  readonly alerts: Map<string, Alert>;
}

const NO_BASELINE: Baseline = new Map();

/**
 * Alerts of a run: events in, what begins and ends out. Time is that of the events, so that the same events give the same whenever it
 * is; what is due between two of them is done at its own time. `baselines`: by the name that a rule gives.
 */
export class AlertEvaluator {
  readonly #watched: readonly Watched[];
  #now = Number.NEGATIVE_INFINITY;

  constructor(rules: readonly Rule[], baselines: ReadonlyMap<string, Baseline> = new Map()) {
    this.#watched = rules.map((rule) => ({ rule, condition: conditionOf(rule, baselines), alerts: new Map() }));
  }

  /** What began or ended by this event or before it. Events without a time on the wall count at the time of the last one. */
  event(event: Event, lane = 'guest-1'): Transition[] {
    const wall = event.time.wall === undefined ? Number.NaN : Date.parse(event.time.wall);
    // Those of several guests may come in a slightly other order.
    const now = Math.max(this.#now, Number.isNaN(wall) ? this.#now : wall);
    const transitions: Transition[] = [];
    if (now > this.#now) for (const watched of this.#watched) transitions.push(...catchUp(watched, now));
    this.#now = now;
    if (now === Number.NEGATIVE_INFINITY) return transitions;
    for (const watched of this.#watched)
      if (watched.condition.event(event, now, lane)) transitions.push(...step(watched, now));
    return transitions;
  }
}

function conditionOf({ when }: Rule, baselines: ReadonlyMap<string, Baseline>): Condition {
  const [kind, options] = Object.entries(when)[0] as [keyof When, never];
  const named = when.duration?.baseline;
  return CONDITIONS[kind](options, (named === undefined ? undefined : baselines.get(named)) ?? NO_BASELINE);
}

/** Does what is due up to a time, each at its own. */
function catchUp(watched: Watched, until: number): Transition[] {
  const transitions: Transition[] = [];
  for (let last = Number.NEGATIVE_INFINITY; ; ) {
    const due = dueOf(watched);
    if (due === undefined || due > until || due <= last) return transitions;
    transitions.push(...step(watched, due));
    last = due;
  }
}

function dueOf({ rule, condition, alerts }: Watched): number | undefined {
  const pending = [...alerts.values()].flatMap(({ firing, since }) => (firing ? [] : [since + (rule.for ?? 0)]));
  const all = [...pending, ...(condition.due === undefined ? [] : [condition.due])];
  return all.length === 0 ? undefined : Math.min(...all);
}

function step({ rule, condition, alerts }: Watched, at: number): Transition[] {
  const transitions: Transition[] = [];
  const holding = new Map(condition.holding(at).map((one) => [JSON.stringify(one.labels), one]));
  for (const [key, alert] of alerts) {
    if (holding.has(key)) continue;
    alerts.delete(key);
    if (alert.firing) transitions.push(transition(rule, alert, 'resolved', at));
  }
  for (const [key, one] of holding) {
    const known = alerts.get(key);
    if (known === undefined && alerts.size >= MAX_SERIES) continue;
    const alert = known ?? { since: at, holding: one, firing: false };
    alert.holding = one;
    alerts.set(key, alert);
    if (alert.firing || at - alert.since < (rule.for ?? 0)) continue;
    alert.firing = true;
    transitions.push(transition(rule, alert, 'firing', at));
  }
  return transitions;
}

function transition(rule: Rule, { since, holding }: Alert, state: Transition['state'], at: number): Transition {
  return {
    schema: 'vexfs-trace/alert/1',
    at: new Date(at).toISOString(),
    since: new Date(since).toISOString(),
    rule: rule.name,
    severity: rule.severity,
    state,
    labels: { ...holding.labels },
    value: holding.value,
    text: holding.text,
  };
}
