import type * as z from 'zod';
import { didYouMean } from '../base/text.ts';
import { offsetOf, readYaml, type YamlProblem } from '../base/yaml.ts';
import { type AlertFile, alertFileSchema, KNOWN_KEYS } from './rule-schema.ts';

const MAX_BYTES = 64 * 1024;
const MAX_PROBLEMS = 20;

export type ParsedAlerts = { readonly file: AlertFile } | { readonly problems: readonly YamlProblem[] };

/** Reads a file of alert rules. Never throws on any text; each problem has its place, and the word that was probably meant. */
export function parseAlerts(source: string): ParsedAlerts {
  const read = readYaml(source, { maxBytes: MAX_BYTES, maxNesting: 50, schema: 'core', what: 'files of alert rules' });
  if ('problems' in read) return read;
  const { document, place } = read;
  const result = alertFileSchema.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {}, { reportInput: true });
  if (!result.success) {
    const issues = result.error.issues;
    const unknown = new Set(issues.flatMap(({ code, path }) => (code === 'unrecognized_keys' ? [path.join('.')] : [])));
    const problems = issues
      // Where a key is unknown, what it was meant for is missing; one complaint will do.
      .filter(({ code, path }) => code !== 'custom' || !unknown.has(path.join('.')))
      .slice(0, MAX_PROBLEMS)
      .flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.slice(0, MAX_PROBLEMS).map((key) => ({
              ...place(offsetOf(document, issue.path, key)),
              message: `${where(issue.path)}unknown key "${key.slice(0, 80)}"${hint(key, KNOWN_KEYS)}`,
            }))
          : [{ ...place(offsetOf(document, issue.path)), message: `${where(issue.path)}${describe(issue)}` }],
      );
    return { problems: problems.sort((x, y) => x.line - y.line || x.column - y.column).slice(0, MAX_PROBLEMS) };
  }
  const names = result.data.rules.map(({ name }) => name);
  const twice = names.flatMap((name, i) => (names.indexOf(name) < i ? [i] : []));
  if (twice.length === 0) return { file: result.data };
  return {
    problems: twice.slice(0, MAX_PROBLEMS).map((i) => ({
      ...place(offsetOf(document, ['rules', i, 'name'])),
      message: `there is another rule "${names[i]}"`,
    })),
  };
}

const where = (path: readonly PropertyKey[]) => (path.length === 0 ? '' : `${path.map(String).join('.')}: `);

function describe(issue: z.core.$ZodIssue): string {
  const values = 'values' in issue ? issue.values.map(String) : [];
  if (issue.input === undefined && issue.code !== 'custom')
    return `is missing${values.length > 0 ? `; one of ${values.join(', ')}` : ''}`;
  if (values.length > 0) {
    const word = String(issue.input).slice(0, 80);
    return `"${word}" is not one of ${values.join(', ')}${hint(word, values)}`;
  }
  if (issue.code === 'invalid_union' && 'discriminator' in issue) {
    const known = ['terminal', 'desktop', 'webhook', 'command'];
    return `is not one of ${known.join(', ')}`;
  }
  return issue.message;
}

function hint(word: string, known: readonly string[]): string {
  const near = word === '' ? undefined : didYouMean(word, known);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
