import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { EXIT, ExpectedError, messageOf } from '../base/errors.ts';
import type { Suggestion } from '../run/patterns-suggest.ts';
import { manyLines } from '../sink/escape.ts';
import { OPTIONS, positive } from './options.ts';
import { print, say } from './output.ts';

interface Flags {
  readonly patterns: readonly string[];
  readonly only?: boolean;
}

const warn = (text: string) => say(`warning: ${text}`);
const only = () => new Option('--only', 'no other patterns than those of --patterns');
const corpus = () =>
  new Option('--corpus <folder>', 'labelled logs, too: `TITLE:`, `TYPE:` … above a blank line and the log');

/** Patterns and logs come from anyone: what people read has no control characters. The other formats have escapes of their own. */
function show(format: string, text: string): void {
  print(format === 'text' || format === 'markdown' ? manyLines(text) : text);
}

/** Work on the library of patterns. */
export function definePatterns(program: Command): void {
  const patterns = program.command('patterns').description('the library of patterns: look at it, check it, add to it');
  defineList(patterns);
  defineShow(patterns);
  defineLint(patterns);
  defineTest(patterns);
  defineNew(patterns);
  defineSuggest(patterns);
  defineStats(patterns);
  defineSchema(patterns);
}

function defineList(patterns: Command): void {
  patterns
    .command('list')
    .description('all patterns, where each comes from and which ones are overridden')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'json', 'markdown']).default('text'))
    .addOption(OPTIONS.patterns())
    .addOption(only())
    .action(async ({ format, ...flags }: Flags & { readonly format: 'text' | 'json' | 'markdown' }) => {
      const { CATALOGUES } = await import('../run/patterns-catalogue.ts');
      const library = await open(flags);
      show(format, CATALOGUES[format](library.patterns));
      if (format === 'text') say(`${library.patterns.length} patterns from ${library.packs.join(', ')}`);
    });
}

function defineShow(patterns: Command): void {
  patterns
    .command('show')
    .description('one pattern as its file says it; see also: vexfs-trace explain')
    .argument('<pattern>', 'id of a pattern')
    .addOption(OPTIONS.patterns())
    .action(async (id: string, flags: Flags) => {
      const { findPattern, showText } = await import('../run/patterns-catalogue.ts');
      show('text', showText(findPattern(id, (await open(flags)).patterns)));
    });
}

function defineLint(patterns: Command): void {
  patterns
    .command('lint')
    .description('what is wrong with patterns by themselves and beside each other; exit 2 when something is')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'json', 'github']).default('text'))
    .addOption(OPTIONS.patterns())
    .addOption(only())
    .action(async ({ format, ...flags }: Flags & { readonly format: 'text' | 'json' | 'github' }) => {
      const { lint, LINT_REPORTS } = await import('../run/patterns-lint.ts');
      const result = await lint(flags.patterns, flags.only);
      show(format, LINT_REPORTS[format](result.rows));
      if (format === 'text')
        say(`${result.patterns} patterns, ${result.errors} errors, ${result.rows.length - result.errors} warnings`);
      process.exitCode = result.errors > 0 ? EXIT.usage : EXIT.ok;
    });
}

function defineTest(patterns: Command): void {
  patterns
    .command('test')
    .description('every sample and counter-sample, all fixtures, and labelled logs; exit 1 when something is wrong')
    .addOption(
      new Option('--format <format>', 'how').choices(['text', 'json', 'junit', 'github', 'markdown']).default('text'),
    )
    .addOption(corpus())
    .option('--base <commit>', 'compare with the patterns of a commit; main when there is one')
    .option(
      '--update',
      'write the catalogue, the known crashes, and what wins each sample and fixture now: review the difference',
    )
    .addOption(OPTIONS.patterns())
    .addOption(only())
    .action(async ({ format, ...flags }: TestFlags) => {
      const { passes, testPatterns } = await import('../run/patterns-test.ts');
      const { TEST_REPORTS } = await import('../run/patterns-report.ts');
      const { patterns: all } = await open(flags);
      const { corpus: folder, base, update } = flags;
      if (update) {
        const { updateDerived } = await import('../run/patterns-derived.ts');
        for (const path of await updateDerived()) say(`written: ${path}`);
      }
      const report = testPatterns(all, {
        whole: flags.only !== true,
        ...(folder !== undefined && { corpus: folder }),
        ...(base !== undefined && { base }),
      });
      show(format, TEST_REPORTS[format](report));
      process.exitCode = passes(report) ? EXIT.ok : EXIT.findings;
    });
}

interface TestFlags extends Flags {
  readonly format: 'text' | 'json' | 'junit' | 'github' | 'markdown';
  readonly corpus?: string;
  readonly base?: string;
  readonly update?: boolean;
}

function defineNew(patterns: Command): void {
  patterns
    .command('new')
    .description('a draft of a pattern from a finding of a log or capture; what it needs stands there as TODO')
    .requiredOption('--from <log|capture>', 'a log in any form, a folder of `attach`, or - for standard input')
    .addOption(new Option('--event <n>', 'which finding of it, from 1').argParser(positive))
    .option('-o, --output <file>', 'write it there, with the name of the file as its id; a file that is there is kept')
    .addOption(OPTIONS.patterns())
    .action(async ({ from, event, output, patterns: named }: NewFlags) => {
      const { draftFrom } = await import('../run/patterns-new.ts');
      // A pattern is named after its file.
      const [, id] = /^([a-z0-9]+(?:-[a-z0-9]+)*)\.ya?ml$/.exec(basename(output ?? '')) ?? [];
      const request = { from, patterns: named, ...(event !== undefined && { event }), ...(id !== undefined && { id }) };
      const { source, remarks } = await draftFrom(request, process.stdin, warn);
      if (output === undefined) print(source);
      else writeNew(output, source);
      for (const remark of remarks) say(remark);
    });
}

interface NewFlags extends Flags {
  readonly from: string;
  readonly event?: number;
  readonly output?: string;
}

function writeNew(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be written: ${messageOf(error)}`, 'name another file with -o');
  }
}

function defineSuggest(patterns: Command): void {
  patterns
    .command('suggest')
    .description('proposes patterns for what none knows in logs, in groups, the weightiest first')
    .argument('<logs...>', 'logs, folders, captures, or - for standard input')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'json']).default('text'))
    .option('--general', 'also what only patterns of a whole kind match')
    .addOption(new Option('--drafts <n>', 'how many to draft').argParser(positive).default(5))
    .option('-o, --output <folder>', 'write the drafts there, a file each; files that are there are kept')
    .addOption(OPTIONS.patterns())
    .action(async (logs: string[], { format, general, drafts, output, patterns: named }: SuggestFlags) => {
      const { suggest, SUGGESTIONS } = await import('../run/patterns-suggest.ts');
      const rows = await suggest(logs, process.stdin, { patterns: named, general: general === true, drafts }, warn);
      show(format, SUGGESTIONS[format](rows));
      if (output !== undefined) writeDrafts(output, rows);
    });
}

function writeDrafts(folder: string, rows: readonly Suggestion[]): void {
  for (const { draft } of rows) {
    const path = join(folder, `${draft?.id}.yaml`);
    if (draft === undefined || existsSync(path)) continue;
    writeNew(path, draft.source);
    say(`written: ${path}`);
  }
}

interface SuggestFlags extends Flags {
  readonly format: 'text' | 'json';
  readonly drafts: number;
  readonly output?: string;
  readonly general?: boolean;
}

function defineStats(patterns: Command): void {
  patterns
    .command('stats')
    .description('numbers about the library; how well unknown crashes are told')
    .option('--evaluate', 'cross-validation over recordings, samples and labelled logs, whole bugs left out')
    .option('--calibrate', 'count anew how often matches are right, and write the tables of the program')
    .addOption(corpus())
    .addOption(OPTIONS.patterns())
    .action(async ({ evaluate, calibrate, corpus: folder, ...flags }: StatsFlags) => {
      const { evaluateText, statsText, writeCalibration } = await import('../run/patterns-stats.ts');
      const { patterns: all } = await open(flags);
      if (calibrate) for (const path of writeCalibration(all, folder)) say(`written: ${path}`);
      show('text', evaluate ? evaluateText(all, folder) : statsText(all));
    });
}

interface StatsFlags extends Flags {
  readonly evaluate?: boolean;
  readonly calibrate?: boolean;
  readonly corpus?: string;
}

function defineSchema(patterns: Command): void {
  patterns
    .command('schema')
    .description('the JSON Schema of pattern files, for editors')
    .action(async () => {
      const { patternJsonSchema } = await import('../run/patterns-catalogue.ts');
      print(patternJsonSchema());
    });
}

/** The library with its samples; what overrides what is told, what does not load ends the command. */
async function open({ patterns, only: alone }: Flags) {
  const { readLibraryFiles } = await import('../run/library.ts');
  const { formatProblem } = await import('../run/patterns-catalogue.ts');
  const library = await readLibraryFiles(patterns, alone);
  const errors = library.problems.filter(({ level }) => level === 'error').map(formatProblem);
  if (errors.length > 0)
    throw new ExpectedError('usage', errors.slice(0, 20).join('\n'), 'mend the pattern files above');
  for (const problem of library.problems) warn(formatProblem(problem));
  return library;
}
