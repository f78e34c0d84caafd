import type { Advice } from '../model/about.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import { planRecovery } from '../recovery/plan.ts';

const MAX_LOOK_AT = 3;

/** What its pattern says about a finding, and the first thing that we would do to a guest of ours. */
export function adviceOf(finding: Finding, matcher: Matcher): Advice | undefined {
  const [best] = finding.matches;
  if (best === undefined) return undefined;
  const pattern = matcher.pattern(best.pattern);
  const plan = planRecovery({
    classification: best.classification,
    severity: best.severity,
    kind: finding.kind,
    actions: pattern?.actions ?? best.actions,
    facts: {
      guestAlive: !finding.panicked,
      agentAnswers: !finding.panicked,
      snapshotAvailable: false,
      moduleLoaded: true,
      taint: finding.context.taint ?? '',
      attempts: {},
    },
  });
  const [first] = plan.rungs;
  const actions = plan.rungs.filter(({ stage }) => stage === first?.stage).map(({ action }) => action);
  return {
    pattern: pattern?.title ?? '',
    meaning: pattern?.advice.meaning ?? '',
    lookAt: pattern?.advice.lookAt.slice(0, MAX_LOOK_AT) ?? [],
    references: [...(pattern?.advice.docs ?? []), ...(pattern?.references ?? [])],
    ...(first !== undefined && { next: { actions, reason: first.reason } }),
  };
}

/** The same as lines to put below a finding of a live run; none for what is no complete finding. */
export function adviceFor(event: Event, matcher: Matcher): readonly string[] {
  const advice = isFinding(event) && event.final ? adviceOf(event, matcher) : undefined;
  if (advice === undefined) return [];
  return [
    ...(advice.meaning === '' ? [] : [`meaning: ${advice.meaning}`]),
    ...advice.lookAt.map((text) => `look at: ${text}`),
    ...(advice.next === undefined ? [] : [`next: ${advice.next.actions.join(', ')} (${advice.next.reason})`]),
  ];
}
