import pc from 'picocolors';
import type { Severity } from '../model/classification.ts';
import type { Brief } from './brief.ts';
import { oneLine } from './escape.ts';
import type { Group } from './incident-groups.ts';
import { placeText } from './places.ts';
import type { StackRows } from './stack-rows.ts';
import { clip, wrap } from './wrap.ts';

export interface TextStyle {
  readonly color: boolean;
  readonly width: number;
}

type Colors = ReturnType<typeof pc.createColors>;

const INDENT = '  ';
const LABEL = 10;
const NARROWEST = 40;

/** An incident as text: its findings, the cause first, and what came again. */
export function groupText({ briefs, repeats, uncounted, continued }: Group, style: TextStyle): string {
  const page = new Page(style);
  for (const [i, brief] of briefs.entries()) {
    if (i > 0 || continued) page.dim('in the same incident:');
    page.finding(brief);
  }
  if (repeats.length > 0) page.repeats(repeats, uncounted);
  return page.text();
}

/** A single finding as text. */
export function findingText(brief: Brief, style: TextStyle): string {
  const page = new Page(style);
  page.finding(brief);
  return page.text();
}

/** Lines of a fixed width. Every text of a log is escaped here. */
class Page {
  readonly #lines: string[] = [];
  readonly #colors: Colors;
  readonly #width: number;

  constructor({ color, width }: TextStyle) {
    this.#colors = pc.createColors(color);
    this.#width = Math.max(NARROWEST, width);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  dim(text: string): void {
    this.#lines.push(this.#colors.dim(text));
  }

  finding(brief: Brief): void {
    const paint = paintOf(brief.severity, this.#colors);
    const head = `${brief.severity.toUpperCase()} ${brief.event} ${brief.kind}`;
    const place = [placeText(brief.place), brief.when].filter((part) => part !== '').join(' at ');
    this.#lines.push(`${paint(this.#colors.bold(oneLine(head)))}  ${this.#colors.dim(oneLine(place))}`);
    for (const line of wrap(oneLine(brief.title), this.#width - INDENT.length))
      this.#lines.push(INDENT + this.#colors.bold(line));
    let label = '';
    for (const row of brief.rows) {
      this.#row(row.label === label ? '' : row.label, row.text);
      label = row.label;
    }
    if (brief.meaning !== '') this.#row('meaning', brief.meaning);
    for (const [i, text] of brief.lookAt.entries()) this.#row(i === 0 ? 'look at' : '', text, '- ');
    for (const [i, text] of brief.references.entries()) this.#row(i === 0 ? 'see' : '', text);
    for (const stack of brief.stacks) this.#stack(stack);
    this.#code(brief.code);
    this.#excerpt(brief);
    this.#lines.push('');
  }

  repeats(repeats: Group['repeats'], uncounted: number): void {
    const count = repeats.length + uncounted;
    this.dim(`again in the same incident, ${count} time${count === 1 ? '' : 's'}:`);
    const byTitle = new Map<string, string[]>();
    for (const { title, place } of repeats) byTitle.set(title, [...(byTitle.get(title) ?? []), placeText(place)]);
    for (const [title, places] of byTitle) {
      const [first = '', ...others] = places;
      // The name of the log once is enough.
      const file = first.slice(0, first.lastIndexOf(':') + 1);
      const rest = others.map((place) => (place.startsWith(file) ? place.slice(file.length) : place));
      for (const line of wrap(oneLine(title), this.#width - INDENT.length)) this.#lines.push(INDENT + line);
      this.#row('', [first, ...rest].join(', '));
    }
    this.#lines.push('');
  }

  #row(label: string, text: string, bullet = ''): void {
    const [first = '', ...others] = wrap(oneLine(text), this.#width - INDENT.length - LABEL - bullet.length);
    this.#lines.push(`${INDENT}${this.#colors.cyan(label.padEnd(LABEL))}${bullet}${first}`);
    for (const line of others) this.#lines.push(`${INDENT}${''.padEnd(LABEL + bullet.length)}${line}`);
  }

  #stack({ title, rows, above, below, shared }: StackRows): void {
    if (rows.length === 0) return;
    const hidden = above === 0 ? '' : ` (${above} inner frame${above === 1 ? '' : 's'} left out)`;
    this.#lines.push(`${INDENT}${this.#colors.cyan(oneLine(title))}${this.#colors.dim(hidden)}`);
    for (const { text, blamed } of rows) {
      const line = `${INDENT}${blamed ? '> ' : '  '}${clip(oneLine(text), this.#width - INDENT.length - 2)}`;
      this.#lines.push(blamed ? this.#colors.bold(line) : line);
    }
    if (below > 0) this.#lines.push(this.#colors.dim(`${INDENT}  and ${below} more`));
    if (shared > 0) this.#lines.push(this.#colors.dim(`${INDENT}  and ${shared} more as in the first stack`));
  }

  #code(code: readonly string[]): void {
    if (code.length > 0) this.#lines.push(`${INDENT}${this.#colors.cyan('code')}`);
    for (const instruction of code) this.#lines.push(INDENT + clip(oneLine(instruction), this.#width - INDENT.length));
  }

  #excerpt({ excerpt, more }: Brief): void {
    if (excerpt.length === 0) return;
    this.#lines.push(`${INDENT}${this.#colors.cyan('report')}`);
    for (const line of excerpt)
      this.#lines.push(this.#colors.dim(`${INDENT}| ${clip(oneLine(line), this.#width - INDENT.length - 2)}`));
    if (more > 0) this.#lines.push(this.#colors.dim(`${INDENT}| ${more} more line${more === 1 ? '' : 's'}`));
  }
}

function paintOf(severity: Severity, colors: Colors): (text: string) => string {
  if (severity === 'fatal' || severity === 'critical') return colors.red;
  return severity === 'major' ? colors.yellow : colors.cyan;
}
