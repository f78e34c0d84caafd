/** A word as sh, bash and zsh take it literally. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Words for `compgen -W`, which splits and expands them once more. */
export function wordList(words: readonly string[]): string {
  return shellWord(words.map((word) => word.replaceAll(/[^\w.,:@%+=/-]/g, '\\$&')).join(' '));
}

/** A word as fish takes it literally: in its single quotes a backslash escapes. */
export function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
