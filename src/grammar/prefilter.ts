import { lazy } from '../base/lazy.ts';
import { headlinesOf } from './anchor.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import { createWordScanner, type WordScanner } from './word-scan.ts';

/** What a reader or its caller must see besides headlines: printk's note of messages that it dropped, and journalctl's between boots. */
const NOTES = ['printk messages dropped', '-- Boot ', '-- Reboot --'];

/**
 * The words without which whole lines of a log change nothing for a reader that is `idle`. The lines right before one with a word
 * are to be read, too: they may lead to a headline.
 */
export function prefilterWords(profile: ProfileName = 'default'): readonly string[] {
  const words = headlinesOf(PROFILES[profile].headlines).map((row) => row.text);
  return [...new Set([...words, ...NOTES])];
}

/** Searches for the words of a profile; made once, since it keeps nothing of what it searched. */
export const PREFILTERS: Readonly<Record<ProfileName, () => WordScanner>> = {
  default: lazy(() => createWordScanner(prefilterWords('default'))),
  syzkaller: lazy(() => createWordScanner(prefilterWords('syzkaller'))),
};
