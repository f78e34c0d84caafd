import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { CLASSIFICATIONS } from '../model/classification.ts';
import type { Step } from '../patterns/calibration.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { KNOWN_CRASHES } from './known-crashes.ts';
import { type LabelledCrash, labelledCrashes } from './labelled-crashes.ts';
import {
  type Evaluation,
  evaluate,
  evaluateShipped,
  knownCrashes,
  neighbourSteps,
  patternSteps,
} from './patterns-evaluate.ts';
import { libraryNumbers } from './patterns-numbers.ts';

/** Numbers about the library. */
export function statsText(patterns: readonly Pattern[]): string {
  const { narrow, recorded, bareKinds } = libraryNumbers(patterns);
  const count = (of: (pattern: Pattern) => boolean) => patterns.filter(of).length;
  const rows: readonly (readonly [string, string | number])[] = [
    ['patterns', patterns.length],
    ['  that ask for more than kind and title', narrow],
    ['  with a recorded sample', recorded],
    ['  of events in time', count(({ match }) => match.sequence !== undefined)],
    ['samples', patterns.reduce((sum, { samples }) => sum + samples.length, 0)],
    ['counter-samples', patterns.reduce((sum, { counterSamples }) => sum + counterSamples.length, 0)],
    ...CLASSIFICATIONS.map((name) => [name, count(({ classification }) => classification === name)] as const),
    ['kinds that no pattern names', bareKinds.length === 0 ? 'none' : bareKinds.join(', ')],
  ];
  return rows.map(([label, value]) => `${label.padEnd(42)} ${value}\n`).join('');
}

/** Cross-validation of what is said of crashes that no pattern knows, as a page to read. */
export function evaluateText(patterns: readonly Pattern[], corpus?: string): string {
  const crashes = labelledCrashes(patterns, corpus);
  const shipped = evaluateShipped(crashes);
  const all = [...evaluate(crashes), ...(shipped === undefined ? [] : [shipped])];
  const [best] = all;
  return [
    `${crashes.length} labelled crashes of ${new Set(crashes.map(({ bug }) => bug)).size} bugs: ${sources(crashes)}`,
    'Ten parts; a bug, with all that share a title with it, is told from the other parts alone.',
    '',
    'accuracy  Brier   ECE    sure (0.8 and above), and right of these',
    ...all.map(summaryLine),
    ...(best === undefined
      ? []
      : ['', `Reliability, ${best.name}:`, ...reliabilityLines(best), '', ...confusionLines(best)]),
    ...(shipped === undefined ? [] : ['', `Reliability, ${shipped.name}:`, ...reliabilityLines(shipped)]),
    '',
    'Confidence of patterns by the weight of what matched, each bug counted once:',
    ...stepLines(patternSteps(crashes, patterns).patterns),
    '',
  ].join('\n');
}

/** Counts anew how often matches and neighbours are right, and writes the tables that the program carries. */
export function writeCalibration(patterns: readonly Pattern[], corpus?: string): readonly string[] {
  const crashes = labelledCrashes(patterns, corpus);
  const table = { ...patternSteps(crashes, patterns), neighbours: neighbourSteps(crashes) };
  const rows = Object.entries(table).map(([name, steps]) => `  "${name}": ${stepsJson(steps)}`);
  const path = join(packageRoot(), 'src/patterns/calibration.json');
  writeFileSync(path, `{\n${rows.join(',\n')}\n}\n`);
  return [path, writeKnownCrashes(crashes)];
}

/** Writes what unknown crashes are compared with: crashes of the project's own alone. */
export function updateKnownCrashes(patterns: readonly Pattern[]): string {
  return writeKnownCrashes(labelledCrashes(patterns));
}

function writeKnownCrashes(crashes: readonly LabelledCrash[]): string {
  const path = join(packageRoot(), KNOWN_CRASHES);
  const rows = knownCrashes(crashes).map((row) => JSON.stringify(row));
  writeFileSync(path, `[\n${rows.join(',\n')}\n]\n`);
  return path;
}

function stepsJson(steps: readonly Step[]): string {
  const rows = steps.map(({ upTo, confidence, n }) => `{ "upTo": ${upTo}, "confidence": ${confidence}, "n": ${n} }`);
  return rows.length < 2 ? `[${rows.join('')}]` : `[\n    ${rows.join(',\n    ')}\n  ]`;
}

function sources(crashes: readonly LabelledCrash[]): string {
  const names = { fixture: 'recordings', sample: 'samples of patterns', corpus: 'labelled logs' } as const;
  return (Object.keys(names) as (keyof typeof names)[])
    .map((from) => `${crashes.filter((crash) => crash.from === from).length} ${names[from]}`)
    .join(', ');
}

const figure = (value: number): string => value.toFixed(3);

function summaryLine({ name, n, accuracy, reliability: { brier, ece }, sure }: Evaluation): string {
  const share = `${sure.n} of ${n}${sure.n === 0 ? '' : `, ${figure(sure.right)}`}`;
  return `${figure(accuracy)}     ${figure(brier)}  ${figure(ece)}  ${share.padEnd(18)}  ${name}`;
}

function reliabilityLines({ reliability: { bins } }: Evaluation): string[] {
  return bins
    .filter(({ n }) => n > 0)
    .map(
      ({ from, n, said, right }) =>
        `  from ${from.toFixed(1)}: ${String(n).padStart(4)}, said ${figure(said)}, right ${figure(right)}`,
    );
}

function confusionLines({ name, confusion }: Evaluation): string[] {
  return [
    `Confusion, ${name} (what it was: what was said):`,
    ...[...confusion].map(
      ([truth, row]) =>
        `  ${truth.padEnd(22)} ${[...row]
          .sort((a, b) => b[1] - a[1])
          .map(([said, n]) => `${said} ${n}`)
          .join(', ')}`,
    ),
  ];
}

function stepLines(steps: readonly Step[]): string[] {
  return steps.map(
    ({ upTo, confidence, n }) =>
      `  ${upTo === null ? 'more' : `up to ${upTo}`.padEnd(10)}: ${figure(confidence)} (${n} bugs)`,
  );
}
