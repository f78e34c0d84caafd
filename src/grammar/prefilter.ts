import { headlinesOf } from './anchor.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import { createWordScanner, type WordScanner } from './word-scan.ts';

/** What a reader or its caller must see besides headlines: printk's note of messages that it dropped. */
const NOTES = ['printk messages dropped'];

/**
 * The words without which whole lines of a log change nothing while no report is open. A caller that reads a long log asks for
 * each block of whole lines and passes over those that have none; the first block of a source should always be read, so that the
 * reader learns whether the source stamps its lines.
 */
export function prefilterWords(profile: ProfileName = 'default'): readonly string[] {
  const words = headlinesOf(PROFILES[profile].headlines).map((row) => row.text);
  return [...new Set([...words, ...NOTES])];
}

export function createPrefilter(profile: ProfileName = 'default'): WordScanner {
  return createWordScanner(prefilterWords(profile));
}
