import type { Block } from '../ftrace/block.ts';
import { utf8 } from '../ftrace/prefix.ts';
import type { Place } from '../ftrace/record.ts';

/** A row of `perf lock contention`, or of `perf lock report`, which counts acquisitions too. Times are nanoseconds. */
export interface ContentionRecord extends Place {
  readonly kind: 'contention';
  readonly contended: number;
  readonly acquired?: number;
  readonly totalWait?: number;
  readonly maxWait?: number;
  readonly minWait?: number;
  readonly avgWait?: number;
  /** `spinlock`, `mutex`, `rwsem:W`, …; not with `-t` and in reports. */
  readonly type?: string;
  /** The function that waited, the lock's name, its address, or with `-t` the task. */
  readonly caller: string;
  /** With `-t`. */
  readonly pid?: number;
  /** With `-v`: who waited, the innermost first. */
  readonly stack: readonly string[];
}

type Column = 'contended' | 'acquired' | 'totalWait' | 'maxWait' | 'minWait' | 'avgWait' | 'type' | 'pid';
const COLUMNS: Readonly<Record<string, Column>> = {
  ...{ contended: 'contended', acquired: 'acquired', 'total wait': 'totalWait', 'max wait': 'maxWait' },
  ...{ 'min wait': 'minWait', 'avg wait': 'avgWait', type: 'type', pid: 'pid' },
};
const HEADING = /\b(?:contended|acquired|(?:total|max|min|avg) wait|type|pid)\b/g;
const DURATION = /^ *(\d{1,12}(?:\.\d{1,6})?) (ns|us|ms|s|m)(?= |$)/;
const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9 };
const STACK = /^\t{1,4} {0,8}0x([\da-f]{1,16}) {1,4}(.*)$/;
const MAX_FRAMES = 128;

/** Begins at the heading of such a table; null when the line is none (tools/perf/builtin-lock.c). */
export function openLockTable(line: string): Block<ContentionRecord> | null {
  if (!line.includes(' contended ') || !/ (?:total|avg|max) wait/.test(line)) return null;
  const columns = [...line.matchAll(HEADING)].map(([name]) => COLUMNS[name] as Column);
  // Of `report` the name comes first, of `contention` the caller last.
  const nameFirst = /^ *Name /.test(line);
  return new LockTable(columns, nameFirst);
}

class LockTable implements Block<ContentionRecord> {
  readonly #columns: readonly Column[];
  readonly #nameFirst: boolean;
  #row: (ContentionRecord & { readonly stack: string[] }) | null = null;

  constructor(columns: readonly Column[], nameFirst: boolean) {
    this.#columns = columns;
    this.#nameFirst = nameFirst;
  }

  line(text: string, place: Place, emit: (record: ContentionRecord) => void): boolean {
    if (text.trim() === '') return true;
    const frame = STACK.exec(text);
    if (frame !== null && this.#row !== null) {
      const [, address = '', symbol = ''] = frame;
      if (this.#row.stack.length < MAX_FRAMES) this.#row.stack.push(utf8(symbol).trim() || `0x${address}`);
      this.#row = { ...this.#row, endByte: place.endByte };
      return true;
    }
    this.end(emit);
    const row = this.#nameFirst ? this.#named(text) : this.#counted(text);
    if (row === null) return false;
    this.#row = { kind: 'contention', contended: 0, ...row, stack: [], ...place };
    return true;
  }

  end(emit: (record: ContentionRecord) => void): void {
    if (this.#row !== null) emit(this.#row);
    this.#row = null;
  }

  /** Values, then the caller. */
  #counted(text: string): Row | null {
    const values = this.#values(text);
    if (values === null) return null;
    const caller = utf8(values.rest).trim();
    return caller === '' ? null : { ...values.row, caller };
  }

  /** The name, which may hold blanks and is cut to 20 columns, then values up to the end. */
  #named(text: string): Row | null {
    const trimmed = text.trimEnd();
    for (let at = 0; at <= Math.min(trimmed.length, NAME_COLUMNS + 8); at++) {
      if (trimmed[at] !== ' ') continue;
      const values = this.#values(trimmed.slice(at));
      const name = utf8(trimmed.slice(0, at)).trim();
      if (values !== null && values.rest === '' && name !== '') return { ...values.row, caller: name };
    }
    return null;
  }

  #values(text: string): { readonly row: Values; readonly rest: string } | null {
    const row: Record<string, number | string> = {};
    let rest = text;
    for (const column of this.#columns) {
      const found =
        column === 'type'
          ? /^ *([^ ]{1,20})(?= |$)/.exec(rest)
          : column.endsWith('Wait')
            ? DURATION.exec(rest)
            : INTEGER.exec(rest);
      if (found === null) return null;
      const [all, value = '', unit] = found;
      row[column] =
        column === 'type'
          ? value
          : unit === undefined
            ? Number(value)
            : Math.round(Number(value) * (NANOSECONDS[unit] ?? 1));
      rest = rest.slice(all.length);
    }
    return { row: row as Values, rest };
  }
}

type Values = Partial<Omit<ContentionRecord, 'kind' | 'caller' | 'stack' | keyof Place>>;
type Row = Values & { readonly caller: string };
const INTEGER = /^ *(-?\d{1,15})(?= |$)/;
const NAME_COLUMNS = 20;
