/** A sentence with values, undefined when one of them is missing. */
export function words(parts: TemplateStringsArray, ...values: readonly unknown[]): string | undefined {
  const texts = values.map(word);
  return texts.includes(undefined) ? undefined : parts.map((part, i) => `${part}${texts[i] ?? ''}`).join('');
}

/** A value that can stand in a sentence. */
export function word(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
