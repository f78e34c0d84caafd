import { manyLines } from '../sink/escape.ts';

/** What may stand in a page: text is escaped, markup is what `html` has made. */
export type Content = string | number | Markup | readonly Content[] | undefined | false;

/** HTML or SVG that is safe, because every text in it went through `html`. */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Makes markup of a template. Every value is text and stays text, but for markup itself. */
  static html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
    return new Markup(parts.map((part, i) => part + textOf(values[i])).join(''));
  }

  /** Of this program's own words: style and script, which know no escapes. */
  static own(text: string): Markup {
    return new Markup(text);
  }
}

/** A tagged template: `` html`<p>${text}</p>` ``. Attributes have to stand in double quotes. */
export const html = Markup.html;

function textOf(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return escapeText(String(value));
}

/** Control characters become visible, what is markup becomes an entity; right in text and in attributes. */
function escapeText(text: string): string {
  return manyLines(text).replaceAll(SPECIAL, (char) => ENTITIES[char] ?? '\ufffd');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
/** Also marks of direction, which would turn the order of what stands beside, and what no page may hold. */
const SPECIAL = /[&<>"'`\u061c\u200e\u200f\u2028\u2029\ufffe\uffff]|\p{Surrogate}/gu;
