/**
 * What bpftrace says, as values. Shapes follow src/output.cpp of bpftrace 0.17–0.23 and src/output/json.cpp of 0.24–0.26.
 *
 * Integers are 64 bits wide: one that a double cannot hold is a bigint. From 0.24 on bpftrace writes such integers as JSON
 * strings; where only a number can stand (counts, buckets) they become bigint again, in map values they stay strings.
 */
export type Int = number | bigint;

/** A record or an object of a version we do not know. Pairs, not an object: bpftrace repeats keys. */
export interface Fields {
  readonly fields: readonly (readonly [string, Value])[];
}
export type Value = Int | string | boolean | null | readonly Value[] | Fields;

/**
 * One entry of a map. `key` is what bpftrace printed: parts joined by commas without any quoting, so that keys which hold
 * commas cannot be told apart, and the same text may appear twice. null when the map has no key.
 */
export interface MapEntry {
  readonly key: string | null;
  /** The parts of the key, of maps that were read from the kernel: there they can be told apart. */
  readonly parts?: readonly Value[];
  readonly value: Value;
}

/** A closed interval; null where it is open. */
export interface Bucket {
  readonly min: Int | null;
  readonly max: Int | null;
  readonly count: Int;
}
export interface HistEntry {
  readonly key: string | null;
  readonly parts?: readonly Value[];
  readonly buckets: readonly Bucket[];
}

interface Histogram<K> {
  readonly kind: K;
  readonly name: string;
  readonly entries: readonly HistEntry[];
  readonly cut?: true;
}

/** `avg()` gives the average alone. */
export interface StatsEntry {
  readonly key: string | null;
  readonly parts?: readonly Value[];
  readonly count: Int | null;
  readonly average: Int;
  readonly total: Int | null;
}

/** Line and column (1-based) in the program, the column's end exclusive, as bpftrace prints them. */
export interface ProgramPlace {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endColumn: number | null;
}

export type Message =
  /** Probes are attached, or are about to be: 0.17 says so before an attach failure too. */
  | { readonly kind: 'attached'; readonly probes: number }
  /** One call of printf; in text mode one line. The line end is part of the text. */
  | { readonly kind: 'printf'; readonly text: string }
  /** Output of `time`, `cat`, `join`, `system`, and of `errorf` and `warnf` (0.24). */
  | { readonly kind: 'time' | 'cat' | 'join' | 'system' | 'errorf' | 'warnf'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'map'; readonly name: string; readonly entries: readonly MapEntry[]; readonly cut?: true }
  /** `lhist` when the buckets are equally wide; a histogram of one bucket counts as `hist`. */
  | Histogram<'hist'>
  | Histogram<'lhist'>
  | { readonly kind: 'stats'; readonly name: string; readonly entries: readonly StatsEntry[]; readonly cut?: true }
  | { readonly kind: 'tseries'; readonly name: string; readonly value: Value }
  /** Events lost since the last such message, over all CPUs, at an unknown time before it. */
  | { readonly kind: 'lost'; readonly events: number }
  /** Something failed while the program ran: a helper (`-k`), a runtime error. */
  | {
      readonly kind: 'error';
      readonly helper: string | null;
      readonly code: number | null;
      readonly text: string;
      readonly place: ProgramPlace;
    }
  /** A message of a type we do not know. */
  | { readonly kind: 'other'; readonly type: string; readonly value: Value }
  /** Bytes that are no message: text of a child of `-c`, a line cut by a kill, garbage. At most 4096 characters are kept. */
  | { readonly kind: 'unread'; readonly reason: 'not-json' | 'cut' | 'wrong-shape'; readonly text: string };

export type MessageKind = Message['kind'];
export type MessageOf<K extends MessageKind> = Extract<Message, { kind: K }>;

/** The longest text of an `unread` message, in characters. */
export const MAX_UNREAD = 4096;
