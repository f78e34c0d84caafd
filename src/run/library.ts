import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { packageRoot } from '../guest/paths.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import { formatProblem } from '../patterns/pattern.ts';
import { builtInPatterns } from './built-in.ts';

/**
 * The patterns that a command works with: the built-in ones, `./patterns` of the current folder, then what was named.
 * Later ones override earlier ones by id, which `warn` hears of. A broken pattern fails with exit 2.
 */
export async function openLibrary(named: readonly string[], warn: (message: string) => void): Promise<Matcher> {
  const root = packageRoot();
  const local = join(process.cwd(), 'patterns');
  for (const dir of named) {
    if (!existsSync(dir))
      throw new ExpectedError('usage', `pattern folder ${dir} does not exist`, 'name a folder or a .yaml file');
  }
  const builtIn = await builtInPatterns(root);
  const dirs = [...(local !== join(root, 'patterns') && existsSync(local) ? [local] : []), ...named];
  if (dirs.length === 0) return createMatcher(builtIn);
  // What reads and checks pattern files is much to load.
  const { loadPatterns } = await import('../patterns/load.ts');
  const { patterns, problems } = loadPatterns(dirs, { fixtures: join(root, 'fixtures'), before: builtIn });
  const errors = problems.filter(({ level }) => level === 'error');
  if (errors.length > 0)
    throw new ExpectedError('usage', errors.slice(0, 5).map(formatProblem).join('\n'), 'mend the pattern files above');
  for (const problem of problems) warn(formatProblem(problem));
  return createMatcher(patterns);
}
