import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import type { Classification } from '../model/classification.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import type { Pattern } from '../patterns/pattern.ts';
import type { Unmatched } from '../patterns/subject.ts';
import { corpusLogs, fixtureLogs, type LabelledLog, labelled } from './labelled-logs.ts';
import type { RecordedStep } from './recorded-log.ts';
import { recordSample } from './recorded-sample.ts';

/** A crash of which it is known what it was. */
export interface LabelledCrash {
  readonly id: string;
  readonly from: 'fixture' | 'sample' | 'corpus';
  readonly finding: Unmatched;
  readonly text: string;
  readonly steps: readonly RecordedStep[];
  /** Right answers; the first is what is learned from it. */
  readonly accepted: readonly [Classification, ...Classification[]];
  /** Bug that it is of: crashes that share a title or an alternative title are of one. */
  bug: number;
}

/**
 * All labelled crashes that there are: recordings by the fault that was triggered, samples by their pattern, labelled logs by the type
 * that their labels give. Of each the finding that the label names.
 */
export function labelledCrashes(patterns: readonly Pattern[], corpus?: string): LabelledCrash[] {
  const fixtures = fixtureLogs(join(packageRoot(), 'fixtures')).map((log) => fromLog(log, 'fixture'));
  const labelled = corpus === undefined ? [] : corpusLogs(corpus).map((log) => fromLog(log, 'corpus'));
  const samples = patterns.flatMap((pattern) =>
    pattern.samples.map((sample, i) => {
      const steps = recordSample(sample);
      const name = `${pattern.id} sample ${i + 1}`;
      return fromLog({ name, steps, accepted: [pattern.classification], titles: [] }, 'sample');
    }),
  );
  const crashes = [...fixtures, ...samples, ...labelled].flatMap((one) => (one === undefined ? [] : [one]));
  assignBugs(crashes.map(({ crash, titles }) => ({ crash, titles })));
  return crashes.map(({ crash }) => crash);
}

function fromLog({ name, steps, accepted, titles }: LabelledLog, from: LabelledCrash['from']) {
  const step = labelled(
    steps.map((step) => ({ step })),
    titles,
  )?.step;
  if (step?.kind !== 'finding' || accepted === undefined) return undefined;
  const { finding, text } = step;
  // Where a label leaves several open, what is learned is what the kind stands for, if that is one of them.
  const ofKind = KINDS[finding.kind as Kind]?.classification;
  const [learned = 'unknown', ...others] = [...accepted].sort((a, b) => Number(b === ofKind) - Number(a === ofKind));
  const crash: LabelledCrash = { id: name, from, finding, text, steps, accepted: [learned, ...others], bug: 0 };
  return { crash, titles: [...titles, finding.title, ...finding.altTitles] };
}

/** Numbers the groups of crashes that are joined by titles, over however many others. */
function assignBugs(rows: readonly { readonly crash: LabelledCrash; readonly titles: readonly string[] }[]): void {
  const parent = rows.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] ?? at;
    return at;
  };
  const byTitle = new Map<string, number>();
  for (const [i, { titles }] of rows.entries()) {
    for (const title of titles) {
      const other = byTitle.get(title);
      if (other === undefined) byTitle.set(title, i);
      else parent[root(i)] = root(other);
    }
  }
  for (const [i, { crash }] of rows.entries()) crash.bug = root(i);
}
