import { eventSchema } from '../model/event-schema.ts';
import { KINDS } from '../model/kinds.ts';
import { anchorsOf } from './anchor.ts';
import type { Condition, PatternMatch } from './condition-schema.ts';
import { TODO } from './draft.ts';
import { eventsOf, FINDINGS, kindsOf } from './gate.ts';
import { docProblem } from './kernel-docs.ts';
import type { Pattern } from './pattern.ts';
import { compileRegex, regexSource } from './regex.ts';

/** Something about a pattern that its author should know. */
export interface Complaint {
  readonly level: 'error' | 'warning';
  readonly pattern: Pattern;
  readonly rule: string;
  readonly message: string;
}

type Rule = (pattern: Pattern, library: readonly Pattern[]) => readonly Omit<Complaint, 'pattern' | 'rule'>[];

/** What can be said of patterns by reading them. What they do to logs is in src/run/patterns-lint.ts. */
export function lintPatterns(patterns: readonly Pattern[]): Complaint[] {
  return patterns.flatMap((pattern) =>
    Object.entries(RULES).flatMap(([rule, check]) =>
      check(pattern, patterns).map((complaint) => ({ ...complaint, pattern, rule })),
    ),
  );
}

const error = (message: string) => ({ level: 'error', message }) as const;
const warning = (message: string) => ({ level: 'warning', message }) as const;

const RULES: Readonly<Record<string, Rule>> = {
  'unused-capture': ({ match, extract }) => [
    ...expressionsIn(match)
      .filter((source) => Object.keys(namedGroups(source)).length > 0)
      .map((source) => error(`nothing uses what /${source}/ names; take it out with \`extract\``)),
    ...Object.entries(extract)
      .filter(([, { regex }]) => groupCount(regexSource(regex) ?? '') > 1)
      .map(([name]) => error(`extract.${name} shows its first group only; write the others as (?:…)`)),
  ],
  duplicate: (pattern, library) => [
    ...sameAs(pattern, library, ({ match }) => canonical(match)).map((id) =>
      error(`asks for exactly what ${id} asks for`),
    ),
    ...sameAs(pattern, library, ({ title }) => title.toLowerCase()).map((id) => error(`has the title of ${id}`)),
    ...sameAs(pattern, library, ({ advice }) => advice.meaning).map((id) =>
      warning(`means, word by word, what ${id} means`),
    ),
  ],
  'shared-sample': (pattern, library) =>
    pattern.samples.flatMap(({ text }, i) => {
      const other = library.find(
        ({ id, samples }) => id < pattern.id && text !== '' && samples.some((sample) => sample.text === text),
      );
      return other === undefined ? [] : [error(`sample ${i + 1} is a sample of ${other.id}, too; only one can win it`)];
    }),
  'own-counter-sample': ({ samples, counterSamples }) =>
    counterSamples.flatMap(({ text }, i) =>
      text !== '' && samples.some((sample) => sample.text === text)
        ? [error(`counter-sample ${i + 1} is one of its samples`)]
        : [],
    ),
  'never-matches': ({ match }) =>
    conditionsOf(match).flatMap((condition, i) => {
      const kinds = kindsOf(condition);
      const step = match.sequence === undefined ? '' : `step ${i + 1} `;
      if (kinds?.size === 0) return [error(`${step}asks for kinds that exclude each other`)];
      const events = eventsOf(condition);
      if (events.size === 0) return [error(`${step}asks for events that exclude each other`)];
      const strange = [...(kinds ?? [])].filter((kind) => ![...events].some((event) => hasKind(event, kind)));
      return strange.map((kind) => error(`${step}asks for the kind ${kind}, which no ${[...events].join(' or ')} has`));
    }),
  'too-wide': ({ match }) =>
    conditionsOf(match).flatMap((condition) => {
      const narrow = kindsOf(condition) !== undefined || anchorsOf(condition) !== undefined;
      const short = [condition.text ?? []].flat().filter((word) => word.length < 4 && regexSource(word) === undefined);
      return [
        ...(narrow || match.sequence !== undefined
          ? []
          : [error('names neither a kind nor anything to look for: it would match nearly everything')]),
        ...short.map((word) => error(`the text "${word}" occurs in nearly every report; say more of it`)),
      ];
    }),
  todo: ({ title, advice, samples, counterSamples }) => {
    const words = [
      title,
      advice.meaning,
      ...advice.lookAt,
      ...[...samples, ...counterSamples].map(({ origin }) => origin),
    ];
    return words.some((text) => text.includes(TODO)) ? [error('still says TODO where a person has to write')] : [];
  },
  'dead-doc': ({ advice }) =>
    advice.docs.flatMap((path) => {
      const problem = docProblem(path);
      return problem === undefined ? [] : [warning(problem)];
    }),
  'kernel-range': ({ since, until }) =>
    since !== undefined && until !== undefined && versionKey(since) > versionKey(until)
      ? [error(`applies since ${since}, which is after ${until}`)]
      : [],
};

const conditionsOf = (match: PatternMatch): readonly Condition[] => match.sequence ?? [match];

/** The expressions of a condition, wherever they stand. */
function expressionsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const source = regexSource(value);
    return source === undefined ? [] : [source];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

function namedGroups(source: string): Readonly<Record<string, number>> {
  const regex = compileRegex(source);
  return regex.ok ? regex.re.namedGroups() : {};
}

function groupCount(source: string): number {
  const regex = compileRegex(source);
  return regex.ok ? regex.re.groupCount() : 0;
}

/** Ids of patterns before this one that are the same in a respect: the pair is told once. */
function sameAs(pattern: Pattern, library: readonly Pattern[], respect: (pattern: Pattern) => string): string[] {
  const own = respect(pattern);
  return library.filter((other) => other.id < pattern.id && respect(other) === own).map(({ id }) => id);
}

/** The same text for conditions that differ in the order of their members alone. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, inner]) => `${key}:${key === 'sequence' ? JSON.stringify(inner) : canonical(inner)}`,
  );
  return `{${members.sort().join(',')}}`;
}

function hasKind(event: string, kind: string): boolean {
  if (kind in KINDS) return KINDS[kind as keyof typeof KINDS].event === event || !FINDINGS.has(event);
  const option = eventSchema.options.find(({ shape }) => (shape.event.safeParse(event).success as boolean) === true);
  return option?.shape.kind.safeParse(kind).success === true && !FINDINGS.has(event);
}

function versionKey(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}
