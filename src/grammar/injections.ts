import type { LogLine } from '../model/line.ts';

/** Seconds within which a failure that was asked for leads to a report of the same context. */
const REACH = 2;
/** `FAULT_INJECTION: …` and the line with its name and numbers. */
const LINES = 2;
const MAX_CONTEXTS = 32;

/**
 * Failures that the kernel was told to inject (lib/fault-inject.c): nothing to report by themselves, and worth knowing of
 * whatever goes wrong next in the same context.
 */
export class Injections {
  readonly #last = new Map<string, LogLine[]>();

  begin(context: string, line: LogLine): void {
    this.#last.delete(context);
    if (this.#last.size >= MAX_CONTEXTS) this.#last.delete(this.#last.keys().next().value ?? '');
    this.#last.set(context, [line]);
  }

  add(context: string, line: LogLine): void {
    const lines = this.#last.get(context);
    if (lines && lines.length < LINES) lines.push(line);
  }

  /** What was injected right before a header of this context. */
  take(context: string, { time }: LogLine): readonly LogLine[] {
    const lines = this.#last.get(context) ?? [];
    this.#last.delete(context);
    const before = lines[0]?.time;
    return before === undefined || time === undefined || time - before <= REACH ? lines : [];
  }
}
