import { type Command, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { OPTIONS } from './options.ts';
import { print, say } from './output.ts';

interface Flags {
  readonly patterns: readonly string[];
  readonly only?: boolean;
}

const warn = (text: string) => say(`warning: ${text}`);
const only = () => new Option('--only', 'no other patterns than those of --patterns');
const corpus = () =>
  new Option('--corpus <folder>', 'labelled logs, too: `TITLE:`, `TYPE:` … above a blank line and the log');

/** Work on the library of patterns. */
export function definePatterns(program: Command): void {
  const patterns = program.command('patterns').description('the library of patterns: look at it, check it, add to it');
  defineList(patterns);
  defineShow(patterns);
  defineLint(patterns);
  defineTest(patterns);
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
      print(CATALOGUES[format](library.patterns));
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
      print(showText(findPattern(id, (await open(flags)).patterns)));
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
      print(LINT_REPORTS[format](result.rows));
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
    .option('--update', 'what wins the fixtures now is what must win them: review the difference')
    .addOption(OPTIONS.patterns())
    .addOption(only())
    .action(async ({ format, ...flags }: TestFlags) => {
      const { passes, testPatterns } = await import('../run/patterns-test.ts');
      const { TEST_REPORTS } = await import('../run/patterns-report.ts');
      const { patterns: all } = await open(flags);
      const { corpus: folder, base, update } = flags;
      const report = testPatterns(all, {
        ...(folder !== undefined && { corpus: folder }),
        ...(base !== undefined && { base }),
        ...(update !== undefined && { update }),
      });
      print(TEST_REPORTS[format](report));
      process.exitCode = passes(report) ? EXIT.ok : EXIT.findings;
    });
}

interface TestFlags extends Flags {
  readonly format: 'text' | 'json' | 'junit' | 'github' | 'markdown';
  readonly corpus?: string;
  readonly base?: string;
  readonly update?: boolean;
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
