import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { cleanSample } from '../patterns/clean-sample.ts';
import { draftPattern, type NearMiss } from '../patterns/draft.ts';
import { createMatcher } from '../patterns/match.ts';
import { parsePattern } from '../patterns/parse.ts';
import { formatProblem, type Pattern } from '../patterns/pattern.ts';
import { checkSamples } from './check-samples.ts';
import { fixtureLogs } from './labelled-logs.ts';
import type { ReadFinding } from './read-logs.ts';
import { matchRecorded, recordLog } from './recorded-log.ts';
import { recordSample } from './recorded-sample.ts';

export interface DraftOptions {
  /** Its id; made of what is found when absent. */
  readonly id?: string | undefined;
  /** What the messages of several such findings have in common, `<*>` where they differ. */
  readonly template?: string | undefined;
}

/** A pattern file of which words are missing, and what its author should know. */
export interface Drafted {
  readonly id: string;
  readonly source: string;
  readonly remarks: readonly string[];
}

const MAX_SAMPLE_BYTES = 15_000;
const MAX_NEAR_MISSES = 2;

/** Drafts patterns from findings, beside those that there are. */
export function createDrafter(patterns: readonly Pattern[]): (found: ReadFinding, options?: DraftOptions) => Drafted {
  const library = createMatcher(patterns);
  const fixtures = fixtureFindings();
  return (found, { id, template } = {}) => {
    const { finding, text, at } = found.step;
    const [winner] = library.begin().finding(finding, text, at);
    const like = patterns.find((pattern) => pattern.id === winner?.pattern);
    const sample = sampleOf(found);
    const recorded = `Linux ${finding.context.kernel ?? 'TODO'}, TODO where it happened`;
    const build = (nearMisses: readonly NearMiss[]) =>
      draftPattern({ finding, sample, recorded, nearMisses, like, id, template });
    const alone = createMatcher([parse(build([]))]);
    const matches = ({ step }: FixtureFinding) => alone.match(step.finding, step.text).length > 0;
    const others = fixtures.filter((row) => !matches(row));
    const source = build(nearest(others, found));
    const draft = parse(source);
    const wrong = checkSamples(draft, createMatcher([...patterns, draft])).filter(({ ok }) => !ok);
    const elsewhere = fixtures.filter(matches).map(({ name, step }) => `fixture ${name}: "${step.finding.title}"`);
    return {
      id: draft.id,
      source: `# yaml-language-server: $schema=../pattern.schema.json\n${source}`,
      remarks: [
        winner === undefined ? 'no pattern matches it today' : `${winner.pattern} wins it today: ${winner.explain}`,
        ...[...new Set([...elsewhere, ...samplesMatched(patterns, draft)])].map(
          (place) => `the draft would match ${place}, too`,
        ),
        ...wrong.map(({ kind, number, detail }) => `${kind} ${number} is not right yet: ${detail}`),
      ],
    };
  };
}

function samplesMatched(patterns: readonly Pattern[], draft: Pattern): string[] {
  const matcher = createMatcher([draft]);
  const found = ({ samples }: Pattern) =>
    samples.some((one) => matchRecorded(recordSample(one), matcher).some(({ matches }) => matches.length > 0));
  return patterns.filter(found).map(({ id }) => `a sample of ${id}`);
}

function parse(source: string): Pattern {
  const fixtures = join(packageRoot(), 'fixtures');
  const parsed = parsePattern(source, 'draft.yaml', (path) => ({ text: readFileSync(join(fixtures, path), 'utf8') }));
  if ('pattern' in parsed) return parsed.pattern;
  throw new Error(`the draft does not load: ${parsed.problems.map(formatProblem).join('; ')}\n${source}`);
}

/** Lines before a report that may belong to it: what a warning says stands before its header. */
const MAX_LEAD = 6;

/** The report as it stood in the log, without what says where, with as much before it as makes a reader read the same again. */
function sampleOf({ raw, before, step }: ReadFinding): string {
  const report = cut(raw === '' ? `${step.text}\n` : raw);
  for (let lead = 0; lead <= Math.min(MAX_LEAD, before.length); lead++) {
    const text = cleanSample([...before.slice(0, lead).reverse(), report].join('\n'));
    if (readsAs(text, step.finding)) return text;
  }
  return cleanSample(report);
}

function cut(text: string): string {
  return text.length <= MAX_SAMPLE_BYTES ? text : `${text.slice(0, text.lastIndexOf('\n', MAX_SAMPLE_BYTES))}\n`;
}

function readsAs(text: string, { kind, title, details }: ReadFinding['step']['finding']): boolean {
  return recordLog([{ stream: 'file', bytes: Buffer.from(text) }]).some(
    (step) =>
      step.kind === 'finding' &&
      step.finding.kind === kind &&
      step.finding.title === title &&
      cleanSample(String(step.finding.details.message)) === cleanSample(String(details.message)),
  );
}

interface FixtureFinding {
  readonly name: string;
  readonly file: string;
  readonly step: ReadFinding['step'];
}

function fixtureFindings(): FixtureFinding[] {
  return fixtureLogs(join(packageRoot(), 'fixtures')).flatMap(({ name, file, steps }) =>
    steps.flatMap((step) => (step.kind === 'finding' && file !== undefined ? [{ name, file, step }] : [])),
  );
}

/** Findings that are most like this one, one of each pattern-less kind of likeness: same kind, then same event. */
function nearest(fixtures: readonly FixtureFinding[], { step: { finding } }: ReadFinding): NearMiss[] {
  const likeness = ({ step: { finding: other } }: FixtureFinding) =>
    (other.kind === finding.kind ? 4 : 0) +
    (other.event === finding.event ? 2 : 0) +
    (other.type === finding.type ? 1 : 0);
  const seen = new Set<string>();
  return fixtures
    .filter(({ step }) => step.finding.source.stream === 'file')
    .toSorted((a, b) => likeness(b) - likeness(a) || (a.name < b.name ? -1 : 1))
    .flatMap(({ file, step }): NearMiss[] => {
      if (seen.has(step.finding.title) || seen.size >= MAX_NEAR_MISSES) return [];
      const { line, endLine } = step.finding.source;
      const miss = { fixture: file, lines: `${line}-${endLine}` };
      if (!readsAlone(miss, step.finding.kind)) return [];
      seen.add(step.finding.title);
      return [miss];
    });
}

/** A stretch that is read by itself as the finding that it is in its log. */
function readsAlone({ fixture, lines }: NearMiss, kind: string): boolean {
  const [from = 1, to = 1] = lines.split('-').map(Number);
  const text = readFileSync(join(packageRoot(), 'fixtures', fixture), 'utf8')
    .split('\n')
    .slice(from - 1, to);
  const steps = recordLog([{ stream: 'file', bytes: Buffer.from(`${text.join('\n')}\n`) }]);
  return steps.some((step) => step.kind === 'finding' && step.finding.kind === kind);
}
