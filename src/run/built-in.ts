import { join } from 'node:path';
import { formatProblem, type Pattern } from '../patterns/pattern.ts';

/**
 * The patterns that come with the program, in `root`/patterns. Here they are read from their files; the build puts what was
 * read in the place of this module (.ci/build.mjs), so that a start parses and checks none of them.
 */
export async function builtInPatterns(root: string): Promise<readonly Pattern[]> {
  const { loadPatterns } = await import('../patterns/load.ts');
  const { patterns, problems } = loadPatterns([join(root, 'patterns')], { fixtures: join(root, 'fixtures') });
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'));
  return patterns;
}
