import type { Block } from './block.ts';
import { type HistogramKey, histogramKey } from './histogram-key.ts';
import { utf8 } from './prefix.ts';
import type { Place } from './record.ts';

/** A row of a histogram trigger's `hist` file (kernel/trace/trace_events_hist.c). */
export interface HistogramEntry extends Place {
  readonly kind: 'histogram';
  /** The trigger as it was set: `hist:keys=…:vals=…`. */
  readonly trigger: string;
  readonly keys: readonly HistogramKey[];
  /** `hitcount` and the sums, of `.percent` and `.graph` the number in parentheses or nothing. */
  readonly values: Readonly<Record<string, number>>;
}

/** The end of a histogram. `dropped` are hits that found no room in the table, which was too small. */
export interface HistogramTotals extends Place {
  readonly kind: 'histogram-totals';
  readonly trigger: string;
  readonly hits: number;
  readonly entries: number;
  readonly dropped: number;
}

type Emit = (record: HistogramEntry | HistogramTotals) => void;

/** Begins at `# event histogram`; null when the line is another. */
export function openHistogram(line: string): Block<HistogramEntry | HistogramTotals> | null {
  return line.startsWith('# event histogram') ? new Histogram() : null;
}

const TRIGGER = '# trigger info: ';
const TOTAL = /^ {2,8}(Hits|Entries|Dropped): (\d{1,18})\s*$/;
const VALUE = / *([A-Za-z_][\w.]{0,63}): *(-?\d{1,20}|0x[\da-f]{1,16}|[# ]{1,60})(?: *\( *(\d{1,3}\.\d{1,4})%?\))?/g;
const MAX_STACK = 64;

class Histogram implements Block<HistogramEntry | HistogramTotals> {
  #trigger = '';
  #names: readonly string[] = [];
  /** A row whose key is a stack, up to the brace that ends it. */
  #open: { text: string; readonly frames: string[]; readonly place: Place } | null = null;
  #totals: { hits: number; entries: number; dropped: number; readonly place: Place } | null = null;

  line(text: string, place: Place, emit: Emit): boolean {
    if (this.#open !== null) return this.#inside(text, place, emit);
    if (text.startsWith(TRIGGER)) {
      this.#trigger = utf8(text.slice(TRIGGER.length)).trim();
      this.#names = namesOf(this.#trigger);
      return true;
    }
    if (text.startsWith('{ ')) {
      const end = text.lastIndexOf(' } ');
      if (end > 0) emit(this.#entry(text.slice(2, end), text.slice(end + 3), [], place));
      else this.#open = { text, frames: [], place };
      return true;
    }
    if (text.startsWith('Totals:')) {
      this.#totals = { hits: 0, entries: 0, dropped: 0, place };
      return true;
    }
    const total = TOTAL.exec(text);
    if (total !== null && this.#totals !== null) return this.#total(total, place, emit);
    return text.trim() === '' || text === '#';
  }

  end(emit: Emit): void {
    const totals = this.#totals;
    this.#totals = null;
    this.#open = null;
    if (totals === null) return;
    const { place, ...counts } = totals;
    emit({ kind: 'histogram-totals', trigger: this.#trigger, ...counts, ...place });
  }

  #inside(text: string, place: Place, emit: Emit): boolean {
    const open = this.#open;
    if (open === null) return false;
    if (/^ {4,16}\S/.test(text) && open.frames.length < MAX_STACK) {
      open.frames.push(utf8(text.trim()));
      return true;
    }
    this.#open = null;
    const end = text.indexOf('} ');
    // What comes behind the stack are the other keys, then the values.
    if (end < 0) return false;
    const keys = `${open.text.slice(2)}${text.slice(0, end)}`;
    emit(this.#entry(keys, text.slice(end + 2), open.frames, { ...open.place, endByte: place.endByte }));
    return true;
  }

  #entry(keys: string, values: string, frames: readonly string[], place: Place): HistogramEntry {
    return {
      ...{ kind: 'histogram', trigger: this.#trigger },
      ...{ keys: keysOf(keys, this.#names).map(([name, text]) => histogramKey(name, text, frames)) },
      ...{ values: valuesOf(values), ...place },
    };
  }

  #total([, name, count]: RegExpExecArray, place: Place, emit: Emit): boolean {
    const totals = this.#totals;
    if (totals === null) return false;
    if (name === 'Hits') totals.hits = Number(count);
    else if (name === 'Entries') totals.entries = Number(count);
    else totals.dropped = Number(count);
    this.#totals = { ...totals, place: { ...totals.place, endByte: place.endByte } };
    if (name === 'Dropped') this.end(emit);
    return true;
  }
}

/** The names of the keys, in order, without what follows a dot. */
function namesOf(trigger: string): string[] {
  const [, keys = ''] = /\bkeys?=([^:\s]{1,500})/.exec(trigger) ?? [];
  return keys.split(',').map((key) => key.split(/[.=]/, 1)[0] ?? '');
}

/** Names of tasks among the keys may hold what looks like another key; the trigger says which there are. */
function keysOf(text: string, names: readonly string[]): [string, string][] {
  const keys: [string, string][] = [];
  let from = 0;
  for (const [i, name] of names.entries()) {
    const head = text.startsWith(`${name}:`, from) ? `${name}:` : /^[^:]{0,64}:/.exec(text.slice(from))?.[0];
    if (head === undefined) break;
    const next = names[i + 1];
    const at = next === undefined ? -1 : text.indexOf(`, ${next}:`, from + head.length);
    keys.push([head.slice(0, -1), utf8(text.slice(from + head.length, at < 0 ? undefined : at))]);
    if (at < 0) break;
    from = at + 2;
  }
  return keys;
}

function valuesOf(text: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [, name = '', number = '', percent] of text.slice(0, 4096).matchAll(VALUE)) {
    const value = percent ?? number;
    if (/^[\d-]/.test(value)) values[name] = Number(value);
  }
  return values;
}
