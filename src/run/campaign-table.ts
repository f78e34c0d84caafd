import { OUTCOMES, type Outcome } from '../fault/outcome.ts';
import type { CampaignEntry, CampaignPlan } from './campaign-journal.ts';

/** What came of one operation at one point. */
export interface CampaignRow {
  readonly point: string;
  readonly op: string;
  /** Calls that failed, and of them those with the module on the stack. */
  readonly failed: number;
  readonly inModule: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** There were more calls than the campaign was to try. */
  readonly bounded: boolean;
  /** Why it could not be tried. */
  readonly skipped?: string;
}

/** What a kernel developer has to look at. */
const BAD: readonly Outcome[] = ['report', 'hang', 'wrong-data'];

export function isBad({ outcome }: CampaignEntry): boolean {
  return BAD.includes(outcome);
}

/** A row for each point and operation that has an entry, in the order of the plan. */
export function campaignRows(plan: CampaignPlan, entries: readonly CampaignEntry[]): CampaignRow[] {
  return plan.points.flatMap((point) =>
    plan.ops.flatMap((op) => {
      const mine = entries.filter((entry) => entry.point === point && entry.op === op);
      if (mine.length === 0) return [];
      const counts = Object.fromEntries(
        OUTCOMES.map((name) => [name, mine.filter(({ outcome }) => outcome === name).length]),
      ) as Record<Outcome, number>;
      const skipped = mine.find(({ outcome }) => outcome === 'skip')?.detail;
      return [
        {
          ...{ point, op },
          failed: mine.length - counts['not-reached'] - counts.skip,
          inModule: mine.filter((entry) => entry.inModule).length,
          outcomes: counts,
          bounded: mine.some(({ nth }) => nth >= plan.maxNth) && counts['not-reached'] === 0,
          ...(skipped !== undefined && { skipped }),
        },
      ];
    }),
  );
}

const COLUMNS = ['point', 'operation', 'failed', 'in module', 'handled', 'error', 'report', 'hang', 'wrong data', ''];

/** The rows as text, with what has to be looked at below them. */
export function campaignText(plan: CampaignPlan, entries: readonly CampaignEntry[]): string {
  const rows = campaignRows(plan, entries).map(({ point, op, failed, inModule, outcomes, bounded, skipped }) => [
    ...[point, op, failed, inModule].map(String),
    ...(['handled', 'error', ...BAD] as const).map((name) => String(outcomes[name])),
    skipped === undefined ? (bounded ? `more than ${plan.maxNth} calls` : '') : `skip: ${skipped}`,
  ]);
  const widths = COLUMNS.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const bad = entries
    .filter(isBad)
    .map(
      ({ point, op, nth, hit, outcome, detail }) =>
        `${outcome}: ${op}, call ${nth} (${hit ?? point}): ${detail ?? ''}\n  again: fault campaign --points ${point} --ops ${op} --max-nth ${nth}`,
    );
  return [line(COLUMNS), ...rows.map(line), ...(bad.length > 0 ? ['', ...bad] : [])].join('\n');
}
