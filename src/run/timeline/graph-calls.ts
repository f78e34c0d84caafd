import type { GraphRecord } from '../../grammar/ftrace/graph.ts';
import type { TimelineSpan, Track } from '../../model/timeline.ts';

interface Call {
  readonly name: string;
  readonly start: number;
  readonly depth: number;
}

/** The kernel's own limit of what it can unwind (FTRACE_RETFUNC_DEPTH). */
const MAX_DEPTH = 512;
const MAX_OWNERS = 65_536;

/**
 * Calls of function_graph. Its clock is coarse, and only there with `funcgraph-abstime`, while durations are fine: the calls of a task follow each
 * other as closely as their durations allow, and no earlier than the clock says.
 */
export class GraphCalls {
  readonly #stacks = new Map<string, { readonly calls: Call[]; now: number }>();

  take(record: GraphRecord, track: Track, key: string): TimelineSpan | null {
    const { what, time, micros, depth, name } = record;
    const stack = this.#stackOf(key);
    const { calls } = stack;
    const at = Math.max(stack.now, time === null ? 0 : time * 1e6);
    if (what === 'enter') {
      // A deeper call that never returned was lost.
      while ((calls.at(-1)?.depth ?? -1) >= depth) calls.pop();
      if (calls.length < MAX_DEPTH) calls.push({ name, start: at, depth });
      stack.now = at;
      return null;
    }
    if (what === 'leaf') {
      stack.now = at + (micros ?? 0);
      return call(track, name, at, micros ?? 0);
    }
    if (what !== 'exit') return null;
    while ((calls.at(-1)?.depth ?? -1) > depth) calls.pop();
    const entered = calls.at(-1)?.depth === depth ? calls.pop() : undefined;
    const start = entered?.start ?? (time === null || micros === null ? undefined : at - micros);
    if (start === undefined) return null;
    stack.now = Math.max(at, start + (micros ?? 0));
    return call(track, entered?.name ?? (name || 'a call'), start, stack.now - start);
  }

  /** Records are missing: nothing is known of open calls. */
  gap(): void {
    this.#stacks.clear();
  }

  #stackOf(key: string): { readonly calls: Call[]; now: number } {
    let stack = this.#stacks.get(key);
    if (stack === undefined) {
      stack = { calls: [], now: 0 };
      if (this.#stacks.size >= MAX_OWNERS) this.#stacks.clear();
      this.#stacks.set(key, stack);
    }
    return stack;
  }
}

function call(track: Track, name: string, start: number, micros: number): TimelineSpan {
  return {
    kind: 'span',
    track,
    name,
    category: 'function',
    start: fine(start),
    micros: fine(micros),
    loose: false,
    args: {},
  };
}

/** Nanoseconds are the finest that the kernel prints. */
function fine(micros: number): number {
  return Math.round(micros * 1000) / 1000;
}
