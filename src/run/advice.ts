import { type Event, isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import { planRecovery } from '../recovery/plan.ts';

const MAX_LOOK_AT = 3;

/**
 * What a person is told about a finding that nobody recovers: what it means and where to look, as its pattern says, and
 * the first thing that we would do to a guest of ours. A line each; none for what is no complete finding.
 */
export function adviceFor(event: Event, matcher: Matcher): readonly string[] {
  if (!isFinding(event) || !event.final) return [];
  const [best] = event.matches;
  if (best === undefined) return [];
  const pattern = matcher.pattern(best.pattern);
  const plan = planRecovery({
    classification: best.classification,
    severity: best.severity,
    kind: event.kind,
    actions: pattern?.actions ?? best.actions,
    facts: {
      guestAlive: !event.panicked,
      agentAnswers: !event.panicked,
      snapshotAvailable: false,
      moduleLoaded: true,
      taint: event.context.taint ?? '',
      attempts: {},
    },
  });
  const [first] = plan.rungs;
  const steps = plan.rungs.filter(({ stage }) => stage === first?.stage).map(({ action }) => action);
  return [
    ...(pattern === undefined ? [] : [`meaning: ${pattern.advice.meaning}`]),
    ...(pattern?.advice.lookAt.slice(0, MAX_LOOK_AT).map((text) => `look at: ${text}`) ?? []),
    ...(first === undefined ? [] : [`next: ${steps.join(', ')} (${first.reason})`]),
  ];
}
