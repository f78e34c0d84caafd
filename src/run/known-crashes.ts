import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lazy } from '../base/lazy.ts';
import { packageRoot } from '../guest/paths.ts';
import type { Classification } from '../model/classification.ts';
import type { Known } from '../patterns/neighbours.ts';
import { createUnknown } from '../patterns/unknown.ts';

/** Crashes of the project's own recordings and samples, with what each was (src/run/patterns-stats.ts writes it). */
export const KNOWN_CRASHES = 'patterns/known-crashes.json';

/** What is said of a finding that no pattern matches. Read when the first one comes: most never do. */
export const unknownMatch = lazy(() => createUnknown(readKnown()));

function readKnown(): readonly Known<Classification>[] {
  try {
    return JSON.parse(readFileSync(join(packageRoot(), KNOWN_CRASHES), 'utf8'));
  } catch {
    // Then nothing is known, and the kind decides.
    return [];
  }
}
