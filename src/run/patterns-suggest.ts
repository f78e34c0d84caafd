import type { Readable } from 'node:stream';
import { stringify } from 'yaml';
import { SEVERITIES } from '../model/classification.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import type { PatternMatch } from '../patterns/condition-schema.ts';
import { generalMatch } from '../patterns/draft.ts';
import { TemplateTree } from '../patterns/drain.ts';
import { createMatcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { oneLine } from '../sink/escape.ts';
import { readLibraryFiles } from './library.ts';
import { createDrafter } from './patterns-draft.ts';
import { onlyExists } from './patterns-numbers.ts';
import { type ReadFinding, readLogs } from './read-logs.ts';

/** Findings that look like one failure without a pattern. */
export interface Suggestion {
  /** Findings, by how bad their kind is and in how many logs they are. */
  readonly weight: number;
  readonly findings: number;
  readonly logs: number;
  readonly kind: string;
  readonly template: string;
  /** Functions at the top of the stack of the first, innermost first. */
  readonly frames: readonly string[];
  readonly match: PatternMatch;
  /** A pattern file of the weightiest ones, as `patterns new` drafts it; words of people are missing. */
  readonly draft?: { readonly id: string; readonly source: string; readonly remarks: readonly string[] };
  /** Where to begin: `patterns new --from LOG --event N`. */
  readonly example: { readonly log: string; readonly event: number };
}

export interface SuggestOptions {
  readonly patterns: readonly string[];
  /** A pattern that names a kind and nothing else knows too little. */
  readonly general: boolean;
  /** How many drafts to make, of the weightiest groups; 5 when absent. */
  readonly drafts?: number;
}

const DRAFTS = 5;
const MAX_SUGGESTIONS = 50;
const FRAMES = 3;
/** Of what is said of a draft, as much as people read above it. */
const REMARKS = 5;

/** Groups what no pattern matches, by log templates and frames, and drafts a pattern for each of the weightiest groups. */
export async function suggest(
  logs: readonly string[],
  stdin: Readable,
  options: SuggestOptions,
  warn: (text: string) => void,
): Promise<Suggestion[]> {
  const { findings } = await readLogs(logs, stdin, warn);
  const { patterns } = await readLibraryFiles(options.patterns);
  const matcher = createMatcher(patterns);
  const run = matcher.begin();
  const numbers = new Map<string, number>();
  const unknown = findings.flatMap((found): Numbered[] => {
    const event = (numbers.get(found.log) ?? 0) + 1;
    numbers.set(found.log, event);
    const [best] = run.finding(found.step.finding, found.step.text, found.step.at);
    const pattern = best === undefined ? undefined : matcher.pattern(best.pattern);
    return pattern === undefined || (options.general && isGeneral(pattern)) ? [{ ...found, event }] : [];
  });
  const trees = new Map<string, TemplateTree<Numbered>>();
  for (const found of unknown) {
    const { kind, details, title } = found.step.finding;
    // The same words from another place are another failure.
    const key = [kind, ...framesOf(found).slice(0, 1)].join(' ');
    const tree = trees.get(key) ?? new TemplateTree<Numbered>();
    trees.set(key, tree);
    tree.add(typeof details.message === 'string' ? details.message : title, found);
  }
  const groups = [...trees.values()]
    .flatMap((tree) => tree.clusters().flatMap(({ template, members }) => suggestion(template, members)))
    .sort((a, b) => b.row.weight - a.row.weight || (a.row.template < b.row.template ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS);
  if (groups.length === 0) return [];
  const draft = createDrafter(patterns);
  return groups.map(({ row, first, template }, i) =>
    i < (options.drafts ?? DRAFTS) ? { ...row, draft: draft(first, { template }) } : row,
  );
}

export const SUGGESTIONS: Readonly<Record<'text' | 'json', (rows: readonly Suggestion[]) => string>> = {
  json: (rows) => `${JSON.stringify(rows, null, 2)}\n`,
  text: (rows) => (rows.length === 0 ? 'every finding has a pattern\n' : rows.map(suggestionText).join('\n')),
};

interface Numbered extends ReadFinding {
  readonly event: number;
}

/** One of a group speaks for all. What they have in common counts where there are several. */
function suggestion(words: string, members: readonly Numbered[]) {
  const [first] = members;
  if (first === undefined) return [];
  const { finding } = first.step;
  const logs = new Set(members.map(({ log }) => log)).size;
  const severity = KINDS[finding.kind as Kind]?.severity ?? 'info';
  const worst = SEVERITIES.length - SEVERITIES.indexOf(severity);
  const template = members.length > 1 ? words : undefined;
  const row: Suggestion = {
    weight: worst * (logs * 2 + members.length),
    findings: members.length,
    logs,
    kind: finding.kind,
    template: words,
    frames: framesOf(first),
    match: generalMatch(finding, template),
    example: { log: first.log, event: first.event },
  };
  return [{ row, first, template }];
}

/** A draft below what it is for, as a comment: several make one stream of YAML documents. */
function suggestionText({ weight, findings, logs, kind, template, frames, match, draft, example }: Suggestion): string {
  const head = [
    `weight ${weight}: ${findings} × ${kind} in ${logs} log${logs === 1 ? '' : 's'}`,
    `  ${template}`,
    ...(frames.length === 0 ? [] : [`  at ${frames.join(' < ')}`]),
    `  the same again: vexfs-trace patterns new --from ${example.log} --event ${example.event}`,
    ...(draft?.remarks ?? []).slice(0, REMARKS).map((remark) => `  ${remark}`),
  ];
  const comment = head.map((line) => `# ${line.slice(0, line.search(/\S/))}${oneLine(line.trimStart())}\n`).join('');
  return `---\n${comment}${draft?.source ?? stringify({ match }, { lineWidth: 0 })}`;
}

/** From the function to blame on, where it stands in the first stack. */
function framesOf({ step: { finding } }: ReadFinding): string[] {
  const frames = finding.stacks[0]?.frames.filter(({ reliable }) => reliable).map(({ fn }) => fn) ?? [];
  const from = frames.indexOf(finding.frame);
  const own = from >= 0 || finding.frame === '' || finding.frame === 'corrupted' ? [] : [finding.frame];
  return [...own, ...frames.slice(Math.max(0, from))].slice(0, FRAMES);
}

/** It asks for kinds, and at most for something to be there at all. */
function isGeneral({ match }: Pattern): boolean {
  return Object.entries(match).every(([member, test]) => member === 'kind' || member === 'event' || onlyExists(test));
}
