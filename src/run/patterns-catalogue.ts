import { stringify } from 'yaml';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { CLASSIFICATIONS } from '../model/classification.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import { eventsOf, kindsOf } from '../patterns/gate.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { LADDERS, type Stage } from '../recovery/ladder.ts';
import { wrap } from '../sink/wrap.ts';
import { openLibrary } from './library.ts';

export { patternJsonSchema } from '../patterns/json-schema.ts';
export { formatProblem } from '../patterns/pattern.ts';

/** The library in the formats of `patterns list`. */
export const CATALOGUES = { text: listText, json: listJson, markdown: listMarkdown } as const;

/** Fails with exit 2, and with the id that was probably meant. */
export function findPattern(id: string, patterns: readonly Pattern[]): Pattern {
  const found = patterns.find((pattern) => pattern.id === id);
  if (found !== undefined) return found;
  const near = didYouMean(
    id,
    patterns.map((pattern) => pattern.id),
  );
  throw new ExpectedError(
    'usage',
    `there is no pattern "${id}"`,
    near === undefined ? 'vexfs-trace patterns list' : `did you mean ${near}?`,
  );
}

/** `kind:NAME` stands at findings that no pattern matched. */
export async function explainPattern(
  id: string,
  named: readonly string[],
  warn: (text: string) => void,
): Promise<string> {
  const [, kind] = /^kind:(.+)$/.exec(id) ?? [];
  if (kind !== undefined && kind in KINDS) return explainKind(kind as Kind);
  const { patterns } = await openLibrary(named, warn);
  const pattern = findPattern(id, patterns);
  return explainText(pattern, ladderOf(pattern));
}

function explainKind(kind: Kind): string {
  const { classification, severity } = KINDS[kind];
  const ladder = LADDERS[classification].stages.map(stageText);
  return `No pattern knows more of it than its kind.\n${kind}: ${classification}, ${severity}\n\nRecovery of a guest of ours:\n${ladder.map((text) => `  - ${text}\n`).join('')}`;
}

/** What a pattern asks for comes before what its classification has. */
function ladderOf({ actions, classification }: Pattern): string[] {
  const own = actions.map(({ action, attempts, timeoutSeconds }) => {
    const limits = [attempts && `${attempts} attempts`, timeoutSeconds && `${timeoutSeconds} s`].filter(Boolean);
    return `${action}${limits.length === 0 ? '' : ` (${limits.join(', ')})`}: this pattern asks for it`;
  });
  return [...own, ...LADDERS[classification].stages.map(stageText)];
}

const stageText = ({ purpose, actions }: Stage): string => `${actions.join(', ')}: ${purpose}`;

/** One line a pattern, in columns. */
function listText(patterns: readonly Pattern[]): string {
  const rows = patterns.map(({ id, classification, severity, title }) => [id, classification, severity, title]);
  return table(rows);
}

/** What scripts want to know of each; the samples stay in the files. */
function listJson(patterns: readonly Pattern[]): string {
  const rows = patterns.map(({ samples, counterSamples, ...pattern }) => ({
    ...pattern,
    samples: samples.length,
    recordedSamples: samples.filter(({ recorded }) => recorded).length,
    counterSamples: counterSamples.length,
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** The catalogue of the documentation: docs/patterns.md is this, and a test says when it is not. */
function listMarkdown(patterns: readonly Pattern[]): string {
  const recorded = patterns.filter(({ samples }) => samples.some((sample) => sample.recorded)).length;
  const sections = CLASSIFICATIONS.flatMap((classification) => {
    const own = patterns.filter((pattern) => pattern.classification === classification);
    if (own.length === 0) return [];
    const rows = own.map(
      ({ id, title, severity, match }) => `| \`${id}\` | ${cell(title)} | ${severity} | ${cell(looksAt(match))} |`,
    );
    return [
      [`## ${classification}`, '', '| pattern | what it is | severity | looks at |', '|---|---|---|---|', ...rows].join(
        '\n',
      ),
    ];
  });
  return `# Patterns

Made by \`vexfs-trace patterns list --format markdown > docs/patterns.md\`; do not edit it. \`vexfs-trace explain ID\` says what a failure means and
what to look at.

${patterns.length} patterns, ${recorded} of them with a recorded sample.

${sections.join('\n\n')}
`;
}

/** A pattern as its file says it, without the excerpts. */
export function showText(pattern: Pattern): string {
  const { samples, counterSamples, file, advice: _advice, match, extract, actions, references, ...rest } = pattern;
  const excerpts = (all: Pattern['samples']) =>
    all.map(({ origin, recorded, text }) => `${recorded ? 'recorded' : 'constructed'}: ${origin} (${lines(text)})`);
  const known = {
    ...rest,
    match,
    ...(Object.keys(extract).length > 0 && { extract }),
    ...(actions.length > 0 && { actions }),
    ...(references.length > 0 && { references }),
    samples: excerpts(samples),
    counterSamples: excerpts(counterSamples),
  };
  return `# ${file}\n${stringify(known, { lineWidth: 100 })}`;
}

/** What a failure means, in words, for somebody who just met it. `ladder` is what the recovery would do. */
function explainText(pattern: Pattern, ladder: readonly string[]): string {
  const { id, title, classification, severity, advice, references, since, until } = pattern;
  const range = [since && `since ${since}`, until && `until ${until}`].filter(Boolean).join(', ');
  return [
    `${title}`,
    `${id}: ${classification}, ${severity}${range === '' ? '' : `, Linux ${range}`}`,
    '',
    paragraph(advice.meaning),
    '',
    'Look at:',
    ...advice.lookAt.map((text, i) => paragraph(text, `${String(i + 1).padStart(2)}. `)),
    '',
    'Recovery of a guest of ours:',
    ...ladder.map((text) => paragraph(text, '  - ')),
    '',
    'Read:',
    ...[...advice.docs, ...references].map((text) => `  ${text}`),
    '',
  ].join('\n');
}

/** The gates of a condition, for people: kinds, else events. */
function looksAt(match: Pattern['match']): string {
  const conditions = match.sequence ?? [match];
  const words = conditions.map((condition) => {
    const kinds = kindsOf(condition);
    return kinds === undefined ? [...eventsOf(condition)].join(', ') : [...kinds].join(', ');
  });
  return words.join(' → ');
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

function lines(text: string): string {
  const count = text === '' ? 0 : text.trimEnd().split('\n').length;
  return count === 0 ? 'events' : count === 1 ? '1 line' : `${count} lines`;
}

function cell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

const WIDTH = 100;

/** A paragraph with its first line behind `first` and the others below it. */
function paragraph(text: string, first = ''): string {
  const words = text.trim().replaceAll(/\s+/g, ' ');
  return wrap(words, WIDTH - first.length)
    .map((line, i) => (i === 0 ? first : ' '.repeat(first.length)) + line)
    .join('\n');
}
