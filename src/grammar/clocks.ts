import type { LogLine } from '../model/line.ts';

/** CPUs may disagree by less than this (seconds); a clock that goes back further is another one. */
const BACK = 1;
/** A step forward that a log takes without a doubt (seconds). */
const AHEAD = 10;
/** Clocks that may run beside each other in one log. */
const MAX_CLOCKS = 4;
/** Lines without one of a clock after which nothing more is waited for: more than a kernel says while it boots. */
const GONE_AFTER = 10_000;
/** The same when nothing is missing: a panic that it led to may come. */
const DONE_AFTER = 200;

/** One run of a kernel, as its time stamps show it. */
interface Clock {
  readonly id: number;
  time: number;
  line: number;
}

/**
 * Which run of a kernel a line is of. The clock of a kernel that begins anew goes back; so it does in a log into which another one was
 * mixed or pasted, and then the lines can still be told apart.
 */
export class Clocks {
  #clocks: Clock[] = [];
  #line = 0;
  #ids = 0;

  /**
   * The clock of a line, and whether everything before it is over. `awaited` are the clocks of reports that stopped before their end, so that
   * a step may be into another log.
   */
  read({ time, body }: LogLine, awaited: readonly number[]): { readonly clock: number; readonly anew: boolean } {
    this.#line++;
    const current = this.#clocks[0];
    if (time === undefined || current === undefined) {
      return { clock: this.#set(current, time, awaited).id, anew: false };
    }
    const back = time < current.time - BACK;
    if (back && isBoot(time, body)) {
      this.#clocks = [current];
      return { clock: this.#set(current, time, awaited).id, anew: true };
    }
    const known = this.#nearest(time);
    const goesOn = known === undefined && !back && awaited.length === 0;
    return { clock: this.#set(goesOn ? current : known, time, awaited).id, anew: false };
  }

  /** No line of the clock came for so long that none is waited for. `awaited`: something is missing. */
  isGone(id: number, awaited: boolean): boolean {
    const clock = this.#clocks.find((one) => one.id === id);
    return clock === undefined || this.#line - clock.line > (awaited ? GONE_AFTER : DONE_AFTER);
  }

  #nearest(time: number): Clock | undefined {
    let best: Clock | undefined;
    for (const clock of this.#clocks) {
      if (time < clock.time - BACK || time > clock.time + AHEAD) continue;
      if (!best || Math.abs(time - clock.time) < Math.abs(time - best.time)) best = clock;
    }
    return best;
  }

  #set(clock: Clock | undefined, time: number | undefined, awaited: readonly number[]): Clock {
    const found = clock ?? { id: this.#ids++, time: time ?? 0, line: 0 };
    if (time !== undefined) found.time = time;
    found.line = this.#line;
    if (this.#clocks[0] !== found) {
      this.#clocks = [found, ...this.#clocks.filter((one) => one !== found)];
      if (this.#clocks.length > MAX_CLOCKS) this.#forget(awaited);
    }
    return found;
  }

  /** The one that was not seen for longest, and that no report waits for if there is such a one. */
  #forget(awaited: readonly number[]): void {
    const idle = this.#clocks.findLastIndex(({ id }, at) => at > 0 && !awaited.includes(id));
    this.#clocks.splice(idle, 1);
  }
}

/** The first lines of a kernel. */
function isBoot(time: number, body: string): boolean {
  return time < BACK || body.startsWith('Linux version ');
}
