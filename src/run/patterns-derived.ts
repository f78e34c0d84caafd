import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { createMatcher } from '../patterns/match.ts';
import { checkSamples } from './check-samples.ts';
import { readLibraryFiles } from './library.ts';
import { CATALOGUES, patternJsonSchema } from './patterns-catalogue.ts';
import { updateExpected } from './patterns-expected.ts';
import { updateKnownCrashes } from './patterns-stats.ts';
import { updateWinners } from './patterns-winners.ts';

/** Files that are made of the library, and what each must hold. */
export async function derivedFiles(): Promise<Readonly<Record<string, string>>> {
  const { patterns } = await readLibraryFiles([join(packageRoot(), 'patterns')], true);
  return {
    'docs/patterns.md': CATALOGUES.markdown(patterns),
    'patterns/pattern.schema.json': patternJsonSchema(),
  };
}

/** Writes all files that are made of the library and its recordings. Gives their paths. */
export async function updateDerived(): Promise<readonly string[]> {
  const { patterns } = await readLibraryFiles([join(packageRoot(), 'patterns')], true);
  const files = Object.entries(await derivedFiles()).map(([name, text]) => {
    const path = join(packageRoot(), name);
    writeFileSync(path, text);
    return path;
  });
  const matcher = createMatcher(patterns);
  const samples = patterns.flatMap((pattern) => checkSamples(pattern, matcher));
  return [...files, updateKnownCrashes(patterns), updateExpected(patterns), updateWinners(samples)];
}
