/** What a key of a histogram says, by how its trigger has it printed. */
export type HistogramKey = { readonly name: string } & (
  | { readonly form: 'number'; readonly value: number }
  /** `.log2`: 2 to the power of this, or less. */
  | { readonly form: 'log2'; readonly power: number }
  /** `.buckets=N` */
  | { readonly form: 'range'; readonly from: number; readonly to: number }
  /** `.sym`, `.sym-offset` */
  | { readonly form: 'symbol'; readonly address: string; readonly symbol: string }
  /** `.syscall`, `.execname`: a name with its number. */
  | { readonly form: 'named'; readonly value: number; readonly text: string }
  | { readonly form: 'stack'; readonly frames: readonly string[] }
  | { readonly form: 'text'; readonly text: string }
);

const NUMBER = /^(?:-?\d{1,20}|0x[\da-f]{1,16})$/;
const LOG2 = /^~ 2\^(\d{1,2})$/;
const RANGE = /^~ (-?\d{1,20})-(-?\d{1,20})$/;
const SYMBOL = /^\[([\da-f]{1,16})\] (.*)$/;
const NAMED = /^(.*?) *\[ *(-?\d{1,20})\]$/;

/** kernel/trace/trace_events_hist.c, hist_trigger_print_key. */
export function histogramKey(name: string, text: string, frames: readonly string[]): HistogramKey {
  const value = text.trim();
  if (/stacktrace$/.test(name)) return { name, form: 'stack', frames };
  if (NUMBER.test(value)) return { name, form: 'number', value: Number(value) };
  const log2 = LOG2.exec(value);
  if (log2) return { name, form: 'log2', power: Number(log2[1]) };
  const range = RANGE.exec(value);
  if (range) return { name, form: 'range', from: Number(range[1]), to: Number(range[2]) };
  const symbol = SYMBOL.exec(value);
  if (symbol) return { name, form: 'symbol', address: symbol[1] ?? '', symbol: symbol[2] ?? '' };
  const named = NAMED.exec(value);
  if (named) return { name, form: 'named', value: Number(named[2]), text: named[1] ?? '' };
  return { name, form: 'text', text: value };
}
