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
      if (line.body.includes(OPENING)) return found.reverse();
      found.push(line);
    }
    const telling = found.slice(0, 2).filter((line) => TELLING.some((start) => line.body.startsWith(start)));
    return telling.reverse();
  }

  clear(): void {
    this.#lines.fill(undefined);
  }
}
