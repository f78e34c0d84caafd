import type { LogLine } from '../model/line.ts';

/** Lines kept for what stands before a header. */
const REACH = 8;

const OPENING = '[ cut here ]';

/** Starts of lines that the kernel prints right before a header without opening a box: lib/list_debug.c, lib/refcount.c, mm/usercopy.c, mm/kasan/report.c. */
const TELLING = ['list_add', 'list_del', 'refcount_t:', 'usercopy:', 'ODEBUG:', 'kasan:', 'KASAN:', 'kobject'];

/**
 * Remembers the last few lines, so that a header can have what was printed before it: the text of a `WARN` stands between
 * `cut here` and the `WARNING:` line.
 */
export class LeadLines {
  readonly #lines: (LogLine | undefined)[] = new Array(REACH).fill(undefined);
  #at = 0;

  push(line: LogLine): void {
    this.#lines[this.#at] = line;
    this.#at = (this.#at + 1) % REACH;
  }

  /** What leads to a header of this context, oldest first. */
  take(caller: string | undefined): LogLine[] {
    const found: LogLine[] = [];
    for (let back = 1; back <= REACH; back++) {
      const line = this.#lines[(this.#at - back + REACH) % REACH];
      if (!line) break;
      if (line.caller !== caller) continue;
      found.push(line);
    }
    const opening = found.findIndex((line) => line.body.includes(OPENING));
    const told = found.slice(Math.max(opening, 0), Math.max(opening, 0) + 3).filter(isTelling);
    return [...found.slice(0, Math.max(opening, 0)), ...told].reverse();
  }

  clear(): void {
    this.#lines.fill(undefined);
  }
}

function isTelling(line: LogLine): boolean {
  return TELLING.some((start) => line.body.startsWith(start));
}
