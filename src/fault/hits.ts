import type { FaultTarget } from './target.ts';

/** A failure that the kernel was told to make, as lib/fault-inject.c fail_dump prints it. */
export interface InjectionHit {
  /** `failslab`, `fail_page_alloc`, `fail_usercopy`, … */
  readonly point: string;
  /** A function of the module stands on its stack. */
  readonly inModule: boolean;
}

/** Lines of a hit and its stack; what is longer is counted with what was read of it. */
const MAX_LINES = 64;
const MAX_CONTEXTS = 64;

interface OpenHit {
  point: string;
  inModule: boolean;
  lines: number;
}

/**
 * Finds injected failures in the lines of a kernel log. The 6.1 kernel of x86-64 can filter no stacks
 * (FAULT_INJECTION_STACKTRACE_FILTER needs frame pointers that it does not have), so the stack that `verbose` 2 prints is what tells whose call failed.
 * Tasks that print at a time are told apart by their tags (`CONFIG_PRINTK_CALLER`), where there are any.
 */
export class HitReader {
  readonly #frame: string;
  readonly #onHit: (hit: InjectionHit) => void;
  readonly #open = new Map<string, OpenHit>();

  constructor(module: string, onHit: (hit: InjectionHit) => void) {
    this.#frame = ` [${module}]`;
    this.#onHit = onHit;
  }

  push(line: string): void {
    if (line.includes('FAULT_INJECTION: forcing a failure')) {
      this.#close(callerOf(line));
      if (this.#open.size >= MAX_CONTEXTS) this.flush();
      this.#open.set(callerOf(line), { point: '', inModule: false, lines: 0 });
      return;
    }
    if (this.#open.size === 0) return;
    const caller = callerOf(line);
    const hit = this.#open.get(caller);
    if (hit === undefined) return;
    if (hit.point === '') hit.point = nameIn(line);
    // An oops tells its module in brackets, too; frames alone end with it, with an offset before it.
    if (line.includes('+0x') && line.includes(this.#frame)) hit.inModule = true;
    hit.lines += 1;
    if (line.includes('</TASK>') || hit.lines >= MAX_LINES) this.#close(caller);
  }

  /** What has begun counts, though its stack may not have come. */
  flush(): void {
    for (const caller of [...this.#open.keys()]) this.#close(caller);
  }

  #close(caller: string): void {
    const hit = this.#open.get(caller);
    if (hit === undefined) return;
    this.#open.delete(caller);
    this.#onHit({ point: hit.point || 'unknown', inModule: hit.inModule });
  }
}

/** `T123` or `C0` of `[   12.345678][  T123] …`. */
function callerOf(line: string): string {
  const at = line.indexOf('][');
  if (at < 0 || at > 40) return '';
  const end = line.indexOf(']', at + 2);
  return end < 0 || end - at > 16 ? '' : line.slice(at + 2, end).trim();
}

/** `failslab` of `name failslab, interval 1, probability 100, space 0, times -1`. */
function nameIn(line: string): string {
  const at = line.indexOf('name ');
  const end = line.indexOf(', interval ');
  return at < 0 || end < at ? '' : line.slice(at + 'name '.length, end);
}

/** Counts the hits of one point, or of all, from now on. */
export function countHits(target: FaultTarget, point?: string): { hits: number; inModule: number; stop(): void } {
  const counts = { hits: 0, inModule: 0, stop: () => {} };
  const reader = new HitReader(target.module, (hit) => {
    if (point !== undefined && hit.point !== point) return;
    counts.hits += 1;
    if (hit.inModule) counts.inModule += 1;
  });
  const off = target.log((line) => reader.push(line));
  counts.stop = () => {
    off();
    reader.flush();
  };
  return counts;
}
