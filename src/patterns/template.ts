/** Words of a log that differ between two tellings of the same thing. */
const VARIABLE: readonly (readonly [what: RegExp, expression: string])[] = [
  [/^(?:0x)?[0-9a-f]*[0-9][0-9a-f]*$/i, '(?:0x)?[0-9a-f]+'],
  [/^[0-9]+(?:\.[0-9]+)+$/, '[0-9.]+'],
];
/** What stands between words, and what belongs to it. */
const SEPARATORS = /([\s,;:=()[\]{}<>"'/+@#-]+)/;

/** Text cut into words and what separates them; words at odd places are separators. */
export function wordsOf(text: string): string[] {
  return text.split(SEPARATORS);
}

export function isVariable(word: string): boolean {
  return VARIABLE.some(([what]) => what.test(word));
}

/** The text with its numbers and addresses as `<*>`, as people know it from log templates. */
export function templateOf(text: string): string {
  return wordsOf(text)
    .map((word, i) => (i % 2 === 0 && isVariable(word) ? '<*>' : word))
    .join('');
}

/** An expression (RE2) for the text that leaves its numbers and addresses open. */
export function expressionOf(text: string): string {
  return wordsOf(text)
    .map((word, i) => {
      const open = i % 2 === 0 ? VARIABLE.find(([what]) => what.test(word)) : undefined;
      return open?.[1] ?? quote(word);
    })
    .join('')
    .replaceAll('0x(?:0x)?', '(?:0x)?');
}

/** An expression for all texts of a template: `<*>` is any word. */
export function templateExpression(template: string): string {
  const [line = ''] = template.split('\n');
  return line.trim().slice(0, 200).split('<*>').map(expressionOf).join('\\S+').replaceAll('0x\\S+', '\\S+');
}

/** The text as an expression that means nothing but itself, readable: only what has a meaning is quoted. */
function quote(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&').replaceAll(/\s{2,}|[^\S ]/g, '\\s+');
}
