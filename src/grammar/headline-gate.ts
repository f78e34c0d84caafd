import type { LogLine } from '../model/line.ts';
import { anchorPattern, findHeadline, headlinesOf } from './anchor.ts';
import type { HeadlineRow } from './headlines.ts';
import type { Profile } from './profiles.ts';
import { isKernelLine, MAX_TEXT } from './report-line.ts';
import { STATEMENTS } from './statements/statements.ts';
import { isInlined, undecoded } from './symbolized.ts';

/** After so many stamped lines a source is known to stamp what the kernel writes. */
const STAMPED_ENOUGH = 3;

/** What the kernel puts before a headline: subsystem prefixes (`pr_fmt`), the opening of a boxed title, an oops counter. */
const LEADS =
  /^ *(?:\[ ?|Oops: |traps: |watchdog: |NMI watchdog: |rcu: |kasan: |mce: |VFS: |CPU\d+: |CPU \d+ |EXT4-fs \S+: |\d+: |list_\w+: ){0,3}$/;
const LEAD_REACH = 64;

/** `general protection fault: 0000 [#1]`: no one but the kernel writes this, even behind another line that lost its end. */
const OOPS_COUNTER = /: [0-9a-f]{4,16} \[#\d+\]/;
const OOPS_REACH = 160;

/** Decides whether a line starts a report. The cost for a line that does not is one search. */
export class HeadlineGate {
  readonly #rows: readonly HeadlineRow[];
  readonly #any: RegExp;
  readonly #profile: Profile;
  #stamped = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#rows = headlinesOf(profile.headlines);
    this.#any = anchorPattern(this.#rows);
  }

  /** True when later lines cannot change what counts as a headline. */
  get settled(): boolean {
    return !this.#profile.kernelOnly || this.#stamped >= STAMPED_ENOUGH;
  }

  find(line: LogLine): HeadlineRow | undefined {
    const stamped = isKernelLine(line);
    if (stamped && this.#stamped < STAMPED_ENOUGH) this.#stamped++;
    // What no record of the kernel holds is not looked at: patterns with two gaps would take the square of a line's length.
    const body = line.body.length > MAX_TEXT ? line.body.slice(0, MAX_TEXT) : line.body;
    if (!this.#any.test(body)) return undefined;
    const row = findHeadline(this.#rows, body);
    if (!row || !this.#profile.strict) return row;
    if (this.#profile.kernelOnly && !this.#isKernels(line, stamped)) return undefined;
    return isInlined(body) ? undefined : this.#says(undecoded(body), stamped || line.level !== undefined);
  }

  #isKernels(line: LogLine, stamped: boolean): boolean {
    if (line.ident !== undefined && line.ident !== 'kernel') return false;
    return stamped || line.level !== undefined || this.#stamped < STAMPED_ENOUGH;
  }

  /**
   * The first row, in the order of the table, that stands where a headline stands and says something known. What is not known
   * must be marked as the kernel's by stamp or level: test programs write `BUG: …` as well.
   */
  #says(body: string, marked: boolean): HeadlineRow | undefined {
    for (const row of this.#rows) {
      const at = body.indexOf(row.text);
      if (at < 0 || row.not?.some((exception) => exception.test(body))) continue;
      const known = STATEMENTS[row.id]?.some(({ id, pattern }) => !VAGUE.has(id) && pattern.test(body)) ?? false;
      if (known ? row.extra === true || this.#stands(body, at) : row.open === true && marked && leads(body, at))
        return row;
    }
    return undefined;
  }

  #stands(body: string, at: number): boolean {
    return leads(body, at) || OOPS_COUNTER.test(body.slice(at, at + OOPS_REACH));
  }
}

function leads(body: string, at: number): boolean {
  return at <= LEAD_REACH && LEADS.test(body.slice(0, at));
}

/** Statements that say no more than the headline itself. */
const VAGUE = new Set(['bug-bare', 'warning-bare', 'info-bare', 'booting', 'slub-track']);
