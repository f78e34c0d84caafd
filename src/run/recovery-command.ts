import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { CLASSIFICATIONS, type Classification, type Severity } from '../model/classification.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import { type PlanInput, planRecovery } from '../recovery/plan.ts';
import { openLibrary } from './library.ts';
import { readFigures, statisticsFile } from './recovery-statistics.ts';

export interface PlanRequest {
  /** A classification, a kind of finding or the id of a pattern. */
  readonly what: string;
  readonly taint: string;
  readonly snapshot: boolean;
  /** The guest has died. */
  readonly dead: boolean;
  /** Its agent does not answer. */
  readonly silent: boolean;
  /** How often the same failure was recovered before. */
  readonly earlier: number;
  readonly patterns: readonly string[];
}

/** What recovery would do, without a guest: the rungs in their order, and what was decided and why. */
export async function planText(request: PlanRequest, warn: (message: string) => void): Promise<string> {
  const subject = await subjectOf(request, warn);
  const { rungs, afterwards, explain, budget } = planRecovery({
    ...subject,
    statistics: readFigures(statisticsFile()),
    facts: {
      guestAlive: !request.dead,
      agentAnswers: !request.dead && !request.silent,
      snapshotAvailable: request.snapshot,
      moduleLoaded: true,
      taint: request.taint,
      attempts: {},
      earlier: request.earlier,
    },
  });
  const line = (rung: (typeof rungs)[number], i: number) =>
    `${String(i + 1).padStart(3)}. ${rung.action.padEnd(18)} ${rung.reason}${rung.attempts > 1 ? `, up to ${rung.attempts} times` : ''}, ${rung.timeoutMs / 1000} s${rung.verify ? '; then a health check' : ''}`;
  return [
    ...explain.slice(0, 1),
    ...rungs.map(line),
    ...(afterwards.length > 0 ? ['then, when the guest is healthy:'] : []),
    ...afterwards.map(({ action, reason }) => `     ${action.padEnd(18)} ${reason}`),
    ...explain.slice(1).map((text) => `     (${text})`),
    `at most ${budget.actions} actions in ${budget.deadlineMs / 60_000} minutes`,
    '',
  ].join('\n');
}

async function subjectOf(
  { what, patterns }: PlanRequest,
  warn: (message: string) => void,
): Promise<Pick<PlanInput, 'classification' | 'severity' | 'kind' | 'actions'>> {
  const classification = CLASSIFICATIONS.find((name) => name === what);
  if (classification !== undefined) return { classification, severity: worstOf(classification) };
  if (what in KINDS) {
    const { classification, severity } = KINDS[what as Kind];
    return { classification, severity, kind: what };
  }
  const matcher = await openLibrary(patterns, warn);
  const pattern = matcher.pattern(what);
  if (pattern !== undefined) {
    const { classification, severity, actions } = pattern;
    return { classification, severity, actions };
  }
  const near = didYouMean(what, [...CLASSIFICATIONS, ...Object.keys(KINDS)]);
  throw new ExpectedError(
    'usage',
    `"${what}" is no classification, kind or pattern${near === undefined ? '' : `, did you mean "${near}"?`}`,
    'docs/recovery.md has the classifications, docs/kinds.md the kinds',
  );
}

function worstOf(classification: Classification): Severity {
  return Object.values(KINDS).find((row) => row.classification === classification)?.severity ?? 'major';
}

/** What recoveries came to in all runs on this machine, as a table. */
export function statisticsText(): string {
  const figures = readFigures(statisticsFile());
  if (figures.length === 0) return 'no recovery has been recorded yet\n';
  const rows = figures
    .toSorted((a, b) => a.classification.localeCompare(b.classification) || b.tries - a.tries)
    .map((one) => [
      one.classification,
      one.action,
      String(one.tries),
      `${Math.round((100 * one.done) / one.tries)} %`,
      String(one.verified),
      String(one.escalated),
      `${one.meanMs} ms`,
    ]);
  const head = ['classification', 'action', 'tries', 'done', 'healthy', 'went on', 'mean'];
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [head, ...rows]
    .map(
      (row) =>
        `${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}\n`,
    )
    .join('');
}
