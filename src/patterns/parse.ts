import { isNode, isScalar, visit } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../base/text.ts';
import { offsetOf, readYaml, type YamlLimits } from '../base/yaml.ts';
import type { Pattern, PatternAction, PatternProblem, Sample } from './pattern.ts';
import { regexSource } from './regex.ts';
import { KNOWN_KEYS, type PatternFile, patternSchema } from './schema.ts';

/** A pattern file holds one pattern and its excerpts; nothing honest is larger. */
export const MAX_FILE_BYTES = 64 * 1024;

/** Each takes its time to compile, up to some hundredths of a second. */
const MAX_EXPRESSIONS = 32;

/** Honest ones are nested a dozen times; brackets that excerpts leave open count as well. */
const LIMITS: YamlLimits = {
  maxBytes: MAX_FILE_BYTES,
  makeSmaller: '; keep excerpts short or refer to a fixture',
  maxNesting: 500,
  schema: 'core',
  what: 'pattern files',
};

type Path = readonly PropertyKey[];
/** Text of a fixture, or why there is none. */
export type ReadFixture = (path: string) => { readonly text: string } | { readonly reason: string };
export type Parsed =
  | { readonly pattern: Pattern; readonly problems: readonly [] }
  | { readonly problems: readonly PatternProblem[] };

/**
 * Reads one pattern file. Values in, values out: fixtures come through `readFixture`. Never throws on any text; every problem
 * has a place in the file and, for slips of the finger, the word that was probably meant.
 */
export function parsePattern(source: string, file: string, readFixture: ReadFixture): Parsed {
  const read = readYaml(source, LIMITS);
  if ('problems' in read) return { problems: read.problems.map((problem) => ({ level: 'error', file, ...problem })) };
  const { document, place } = read;
  const problems: PatternProblem[] = [];
  const add = (offset: number, message: string): void => {
    problems.push({ level: 'error', file, ...place(offset), message });
  };
  let expressions = 0;
  visit(document, (_key, node) => {
    if (isScalar(node) && typeof node.value === 'string' && regexSource(node.value) !== undefined) expressions += 1;
    if (expressions > MAX_EXPRESSIONS) {
      add(
        isNode(node) ? (node.range?.[0] ?? 0) : 0,
        `has more than ${MAX_EXPRESSIONS} expressions; join some, or make several patterns`,
      );
      return visit.BREAK;
    }
    return undefined;
  });
  if (problems.length > 0) return { problems };

  const result = patternSchema.safeParse(document.toJS({ maxAliasCount: 0 }), { reportInput: true });
  if (!result.success) {
    for (const issue of withoutEchoes(result.error.issues.flatMap((one) => leaves(one, [])))) {
      add(offsetOf(document, issue.path, issue.keys?.[0]), describe(issue));
    }
    problems.sort((x, y) => x.line - y.line || x.column - y.column);
    return { problems };
  }
  const samplesOf = (key: 'samples' | 'counterSamples'): Sample[] =>
    result.data[key].flatMap((sample, i) => {
      const resolved = resolveSample(sample, readFixture);
      if ('reason' in resolved) add(offsetOf(document, [key, i]), resolved.reason);
      return 'reason' in resolved ? [] : [resolved];
    });
  const pattern = toPattern(result.data, file, samplesOf('samples'), samplesOf('counterSamples'));
  return problems.length > 0 ? { problems } : { pattern, problems: [] };
}

function toPattern(data: PatternFile, file: string, samples: Sample[], counterSamples: Sample[]): Pattern {
  const { since, until } = data;
  return {
    id: data.id,
    title: data.title,
    classification: data.classification,
    severity: data.severity,
    match: data.match,
    extract: data.extract ?? {},
    advice: data.advice,
    actions: (data.actions ?? []).map((item) =>
      typeof item === 'string' ? { action: item } : (item as PatternAction),
    ),
    references: data.references ?? [],
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    samples,
    counterSamples,
    file,
  };
}

function resolveSample(sample: PatternFile['samples'][number], readFixture: ReadFixture): Sample | { reason: string } {
  const { text = '', finding, events } = sample;
  if (sample.fixture === undefined) {
    const origin = sample.recorded ?? sample.constructed ?? '';
    const recorded = sample.recorded !== undefined;
    return { text, origin, recorded, ...(finding && { finding }), ...(events && { events }) };
  }
  const path = sample.fixture;
  const fixture = readFixture(path);
  if ('reason' in fixture) return { reason: `fixture ${path}: ${fixture.reason}` };
  const [from, to] = (sample.lines ?? '').split('-').map(Number);
  if (!from || !to) return { text: fixture.text, origin: path, recorded: true };
  const lines = fixture.text.split('\n').slice(from - 1, to);
  if (lines.length < to - from + 1) return { reason: `fixture ${path}: has no lines ${sample.lines}` };
  return { text: `${lines.join('\n')}\n`, origin: path, recorded: true };
}

interface Leaf {
  readonly code?: string;
  readonly path: Path;
  readonly message?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly input?: unknown;
  readonly expected?: unknown;
}

/** Of a union, the branch that came furthest speaks: its complaint is the one that the author can use. */
function leaves(issue: z.core.$ZodIssue, above: Path): Leaf[] {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path } as Leaf];
  const branches = issue.errors.filter((branch) => !branch.some(isWrongType));
  const [best] = (branches.length > 0 ? branches : issue.errors).toSorted((a, b) => depth(b) - depth(a));
  if (branches.length === 0) return [{ path, message: expectedTypes(issue.errors) }];
  return (best ?? []).flatMap((inner) => leaves(inner, path));
}

/** An object whose only key is unknown is empty as well; one complaint will do. */
function withoutEchoes(issues: readonly Leaf[]): readonly Leaf[] {
  const unknown = new Set(issues.filter(({ keys }) => keys !== undefined).map(({ path }) => path.join('.')));
  return issues.filter(({ code, path }) => code !== 'custom' || !unknown.has(path.join('.')));
}

const depth = (branch: readonly z.core.$ZodIssue[]): number => Math.max(...branch.map((issue) => issue.path.length));
const isWrongType = (issue: z.core.$ZodIssue): boolean => issue.code === 'invalid_type' && issue.path.length === 0;

function expectedTypes(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const types = branches.flat().flatMap((issue) => ('expected' in issue ? [String(issue.expected)] : []));
  return `expected ${[...new Set(types)].join(' or ')}`;
}

function describe(issue: Leaf): string {
  const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  if (issue.keys !== undefined) {
    return issue.keys.map((key) => `${where}unknown key "${key}"${hint(key, KNOWN_KEYS)}`).join('; ');
  }
  const values = issue.values?.map(String) ?? [];
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    return `${where}is missing${values.length > 0 ? `; one of ${values.slice(0, 12).join(', ')}` : ''}`;
  }
  if (issue.values !== undefined) {
    const word = String(issue.input).slice(0, 80);
    return `${where}"${word}" is not one of the known values${hint(word, values, 12)}`;
  }
  // YAML makes a key of the words before a colon with a blank behind it.
  const isMap = typeof issue.input === 'object' && issue.input !== null && !Array.isArray(issue.input);
  if (issue.expected === 'string' && isMap) return `${where}is no text; one with ": " in it needs quotes`;
  return `${where}${issue.message ?? 'is not valid'}`;
}

function hint(word: string, known: readonly string[], listUpTo = 0): string {
  const near = word === '' ? undefined : didYouMean(word, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return known.length > 0 && known.length <= listUpTo ? `: ${known.join(', ')}` : '';
}
