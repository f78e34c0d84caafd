import { addressText, functionOf } from '../analysis/act-by.ts';
import type { InterruptFinding, SleepFinding } from '../analysis/lock-context.ts';
import type { LockEdge } from '../analysis/lock-graph.ts';
import type { OrderFinding } from '../analysis/lock-order.ts';
import type { LockRule } from '../analysis/lock-rules.ts';
import type { SeenAccess } from '../analysis/race-pair.ts';
import type { RaceFinding, TraceVerdict } from '../analysis/trace-analysis.ts';
import type { Evidence } from '../model/event.ts';
import type { LockAct } from '../model/trace.ts';
import type { PlainFinding } from './plain-finding.ts';

/** What an analysis of traces found, as a finding; the place in the trace is that of the record which completed it. */
export function traceFinding(verdict: TraceVerdict, evidence: Evidence): PlainFinding {
  switch (verdict.kind) {
    case 'race':
      return raceFinding(verdict.race, evidence);
    case 'order':
      return orderFinding(verdict.order, evidence);
    case 'interrupt':
      return interruptFinding(verdict.interrupt, evidence);
    case 'sleep':
      return sleepFinding(verdict.sleep, evidence);
  }
}

/** Times of a finding: when what completed it happened. */
export function timeOf(verdict: TraceVerdict): number {
  switch (verdict.kind) {
    case 'race':
      return verdict.race.second.time;
    case 'order':
      return Math.max(...verdict.order.cycle.map(({ inner }) => inner.time));
    case 'interrupt':
      return Math.max(verdict.interrupt.inside.time, verdict.interrupt.outside.time);
    case 'sleep':
      return verdict.sleep.act.time;
  }
}

/** A rule of locking that some places break: one for each member and direction. */
export function ruleFinding(rule: LockRule, evidence: Evidence): PlainFinding {
  const { member, write, locks } = rule;
  const what = `${write ? 'written' : 'read'} with ${locks.join(', ')}`;
  return {
    kind: 'trace-lock-rule',
    title: `lock rule: ${member} is ${what} held, not always`,
    identity: [member, write ? 'write' : 'read', ...locks],
    context: {},
    details: { tier: 'D', ...rule },
    evidence,
  };
}

function raceFinding(race: RaceFinding, evidence: Evidence): PlainFinding {
  const { object, member, tier, first, second, corroborated, address } = race;
  const name = `${object}.${member}`;
  const suspected = tier === 'C';
  return {
    kind: suspected ? 'trace-race-suspect' : 'trace-data-race',
    title: suspected ? `suspected data race on ${name}` : `data race on ${name}`,
    identity: [name],
    context: contextOf(second),
    details: {
      tier,
      object,
      member,
      address: addressText(address),
      functions: [...new Set([functionOf(first.site), functionOf(second.site)])].sort(),
      accesses: [accessText(first), accessText(second)],
      ...(corroborated && { corroboratedBy: 'KCSAN' }),
    },
    evidence,
  };
}

function accessText(access: SeenAccess): Readonly<Record<string, unknown>> {
  const { pid, comm, cpu, time, site, write, marked, size, context, locks } = access;
  return { pid, cpu, time, context, write, marked, size, site, locks: locks.map(lockText), comm };
}

function orderFinding({ cycle, classes, confidence }: OrderFinding, evidence: Evidence): PlainFinding {
  const last = cycle.reduce(
    (latest, { inner }) => (inner.time > latest.time ? inner : latest),
    cycle[0]?.inner as LockAct,
  );
  return {
    kind: 'trace-lock-order',
    title: `lock order: ${[...new Set(classes)].join(', ')} are taken in a circle`,
    identity: [...classes],
    context: contextOf(last),
    details: {
      classes,
      confidence,
      oneTask: new Set(cycle.map(({ thread }) => thread)).size === 1,
      edges: cycle.map(edgeText),
    },
    evidence,
  };
}

function edgeText({ outer, inner, guards }: LockEdge): Readonly<Record<string, unknown>> {
  const { pid, comm, cpu, context, time } = inner;
  return {
    pid,
    cpu,
    context,
    time,
    holds: lockText(outer),
    asksFor: lockText(inner),
    alsoHolds: guards.map(lockText),
    comm,
  };
}

function interruptFinding(found: InterruptFinding, evidence: Evidence): PlainFinding {
  const { rule, interrupt, inside, outside, path } = found;
  const title =
    rule === 'interrupt'
      ? `lock ${inside.class} is taken in ${interrupt}, and held with ${interrupt}s on`
      : `lock order: ${inside.class}, taken in ${interrupt}, comes before ${outside.class}, held with ${interrupt}s on`;
  return {
    kind: 'trace-lock-irq',
    title,
    identity: [interrupt, inside.class, outside.class],
    context: contextOf(inside),
    details: {
      rule,
      interrupt,
      inInterrupt: useText(inside),
      withInterrupts: useText(outside),
      path: path.map(edgeText),
    },
    evidence,
  };
}

function sleepFinding({ act, held }: SleepFinding, evidence: Evidence): PlainFinding {
  return {
    kind: 'trace-atomic-sleep',
    title: `sleeping lock ${act.class} is taken where nobody may sleep`,
    identity: [act.class, functionOf(act.site)],
    context: contextOf(act),
    details: { ...useText(act), preemptDepth: act.depth, irqsOff: act.irqsOff, holds: held.map(lockText) },
    evidence,
  };
}

function useText(act: LockAct): Readonly<Record<string, unknown>> {
  const { pid, comm, cpu, context, time } = act;
  return { ...lockText(act), pid, cpu, context, time, comm };
}

function lockText({ class: name, mode, lock, site }: LockAct): Readonly<Record<string, unknown>> {
  return { class: name, mode, lock: addressText(lock), site };
}

function contextOf({ pid, comm, cpu }: Pick<LockAct, 'pid' | 'comm' | 'cpu'>): PlainFinding['context'] {
  return { pid, comm, cpu };
}
