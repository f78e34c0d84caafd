import { isLinear, unread } from './decode-json.ts';
import type { Bucket, HistEntry, Int, Message, Value } from './message.ts';

type Emit = (message: Message) => void;

/** Keys over several lines (kernel stacks) and histograms are gathered up to these. */
const MAX_KEY_LINES = 256;
const MAX_BUCKETS = 2048;

/**
 * Reads bpftrace's text output (src/output.cpp, TextOutput). It is ambiguous by nature: a printf may print what a map looks
 * like, and calls of printf without a line end run together. Where there is a choice use JSON.
 */
export class TextOutput {
  #hist: { name: string; key: string | null; buckets: Bucket[] } | null = null;
  #key: { name: string; lines: string[] } | null = null;
  /** Lines to drop: a warning quotes the program's line and marks the place below. */
  #quoted = 0;

  line(text: string, cut: boolean, emit: Emit): void {
    if (this.#hist) {
      const bucket = this.#hist.buckets.length < MAX_BUCKETS ? bucketOf(text) : null;
      if (bucket) {
        this.#hist.buckets.push(bucket);
        return;
      }
      this.#endHist(emit);
    }
    if (this.#key && this.#stackLine(text, emit)) return;
    if (this.#quoted > 0) {
      this.#quoted -= 1;
      return;
    }
    if (text.trim() === '') return;
    if (cut) emit(unread(text, 'cut'));
    else this.#plain(text, emit);
  }

  end(emit: Emit): void {
    this.#endHist(emit);
    this.#endKey(emit);
  }

  #plain(text: string, emit: Emit): void {
    const warning = WARNING.exec(text);
    if (warning) {
      this.#quoted = 2;
      emit(failure(warning));
      return;
    }
    for (const [form, build] of FORMS) {
      const found = form.exec(text);
      if (found) {
        emit(build(found));
        return;
      }
    }
    const head = MAP.exec(text);
    const name = head?.groups?.name;
    const open = OPEN_KEY.exec(text)?.groups?.name;
    if (head?.groups && name !== undefined) this.#map(name, head.groups, emit);
    else if (open !== undefined) this.#key = { name: open, lines: [] };
    else emit({ kind: 'printf', text: `${text}\n` });
  }

  #map(name: string, groups: Readonly<Record<string, string | undefined>>, emit: Emit): void {
    const key = groups.key ?? null;
    const value = groups.value ?? '';
    if (value.trim() === '') {
      this.#hist = { name, key, buckets: [] };
      return;
    }
    const stats = STATS.exec(value);
    if (stats) {
      const [count = 0, average = 0, total = 0] = stats.slice(1).map((digits) => intOf(digits));
      emit({ kind: 'stats', name, entries: [{ key, count, average, total }] });
      return;
    }
    emit({ kind: 'map', name, entries: [{ key, value: textValue(value) }] });
  }

  /** `@e[` stands alone when the first part of a key is a stack; the key ends at the line with `]: `. */
  #stackLine(text: string, emit: Emit): boolean {
    const open = this.#key;
    if (!open) return false;
    const close = CLOSE_KEY.exec(text);
    if (close) {
      const key = ['', ...open.lines, close[1] ?? ''].join('\n');
      this.#key = null;
      this.#map(open.name, { key, value: close[2] ?? '' }, emit);
      return true;
    }
    if (open.lines.length < MAX_KEY_LINES && (text === '' || STACK_LINE.test(text))) {
      open.lines.push(text);
      return true;
    }
    this.#endKey(emit);
    return false;
  }

  #endKey(emit: Emit): void {
    if (this.#key) emit(unread([`${this.#key.name}[`, ...this.#key.lines].join('\n'), 'cut'));
    this.#key = null;
  }

  #endHist(emit: Emit): void {
    const hist = this.#hist;
    this.#hist = null;
    if (!hist) return;
    const entries: HistEntry[] = [{ key: hist.key, buckets: hist.buckets }];
    if (hist.buckets.length === 0) emit({ kind: 'map', name: hist.name, entries: [{ key: hist.key, value: '' }] });
    else emit({ kind: isLinear(entries) ? 'lhist' : 'hist', name: hist.name, entries });
  }
}

const WARNING = /^([^\s:]+):(\d+):(\d+)-(\d+): WARNING: (.*)$/;
const HELPER = /^Failed to (\w+): (.*) \((-?\d+)\)$/;
// Histograms stand below: `@h: ` in 0.17, `@h:` in 0.23.
const MAP = /^(?<name>@\w*)(?:\[(?<key>.*)\])?:(?: (?<value>.*))?$/s;
const OPEN_KEY = /^(?<name>@\w*)\[$/;
const CLOSE_KEY = /^((?:, .*)?)\]:(?: (.*))?$/;
/** Four blanks in 0.17, eight in 0.23. */
const STACK_LINE = /^ {4,8}\S/;
const STATS = /^(?:\{ \.)?count (?:= )?(\d+), \.?average (?:= )?(-?\d+), \.?total (?:= )?(-?\d+)(?: \})?$/;

const FORMS: readonly (readonly [RegExp, (found: RegExpExecArray) => Message])[] = [
  [/^Attach(?:ing|ed) (\d+) probes?(?:\.\.\.)?$/, (found) => ({ kind: 'attached', probes: Number(found[1]) })],
  [/^Lost (\d+) events$/, (found) => ({ kind: 'lost', events: Number(found[1]) })],
];

function failure(found: RegExpExecArray): Message {
  const [, file = null, line, column, endColumn, text = ''] = found;
  const helper = HELPER.exec(text);
  return {
    kind: 'error',
    helper: helper?.[1] ?? null,
    code: helper ? Number(helper[3]) : null,
    text: helper?.[2] ?? text,
    place: { file, line: Number(line), column: Number(column), endColumn: Number(endColumn) },
  };
}

/** `[4K, 8K)   3 |@@@ |`, `[0]`, `(..., 0)`, `[100, ...)`: half-open, with suffixes in powers of 1024. */
const BUCKET = /^(?:\[(-?\d+)([KMGTPE]?)\]|[[(](\.\.\.|-?\d+[KMGTPE]?), (\.\.\.|-?\d+[KMGTPE]?)\)) +(\d+) \|[@ ]*\|$/;

function bucketOf(text: string): Bucket | null {
  const found = BUCKET.exec(text);
  if (!found) return null;
  const [, only, unit = '', from, to, count = '0'] = found;
  if (only !== undefined) {
    const value = sizeOf(only + unit);
    return { min: narrow(value), max: narrow(value), count: intOf(count) };
  }
  const below = to === '...' || to === undefined ? null : narrow(sizeOf(to) - 1n);
  return { min: from === '...' || from === undefined ? null : narrow(sizeOf(from)), max: below, count: intOf(count) };
}

function sizeOf(text: string): bigint {
  const unit = ' KMGTPE'.indexOf(text.charAt(text.length - 1));
  return unit > 0 ? BigInt(text.slice(0, -1)) << BigInt(unit * 10) : BigInt(text);
}

function intOf(digits: string): Int {
  return digits.length < 16 ? Number(digits) : narrow(BigInt(digits));
}

function narrow(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function textValue(text: string): Value {
  return /^-?\d{1,20}$/.test(text) ? intOf(text) : text;
}
