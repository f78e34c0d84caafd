import { shown } from '../words.ts';

/** Which colour a word has that stands for how bad something is; words that are not known have none. */
const MOODS: Readonly<Record<string, string>> = {
  ...{ fatal: 'bad', critical: 'bad', major: 'warn', minor: 'dim', info: 'dim' },
  ...{ PASS: 'good', FAIL: 'bad', ERROR: 'warn', MISS: 'warn', SKIP: 'dim', DONE: 'good' },
  ...{ recovered: 'good', 'not-recovered': 'bad', open: 'warn', 'not-attempted': 'dim' },
  ...{ running: 'live', ended: 'dim', 'cut off': 'warn' },
  ...{ worse: 'bad', better: 'good', same: 'dim', new: 'bad', gone: 'good', known: 'dim' },
  ...{ ok: 'good', failed: 'bad', skipped: 'dim' },
};

export function moodOf(word: string): string {
  return MOODS[word] ?? 'plain';
}

export function Badge({ word }: { readonly word: string }) {
  return <span class={`badge ${moodOf(word)}`}>{shown(word, 40)}</span>;
}
