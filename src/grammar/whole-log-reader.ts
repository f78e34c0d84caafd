import type { LogLine } from '../model/line.ts';
import { HeadlineGate } from './headline-gate.ts';
import { CONTINUATIONS, type HeadlineRow, INTRUDERS } from './headlines.ts';
import { LeadLines } from './lead.ts';
import { contextOf, noteDamage } from './line-source.ts';
import { OpenReport } from './open-report.ts';
import type { Profile } from './profiles.ts';
import { readReportLine } from './report-line.ts';
import type { ReportReader, ReportUpdate } from './report-update.ts';

/** A line behind a headline that says that the headline was an old message shown again (kernel/printk/printk.c). */
const REPLAY = '** replaying previous printk message **';

const NOTHING: ReportUpdate[] = [];

/** The first report of a whole log, with everything behind it that could belong to it. */
export class WholeLogReader implements ReportReader {
  readonly #gate: HeadlineGate;
  readonly #profile: Profile;
  readonly #provisional: boolean;
  readonly #lead = new LeadLines();
  #report: OpenReport | undefined;
  #panicked = false;
  /** A headline waits for the next line, which may say that it was a replay. */
  #waiting: { headline: HeadlineRow | undefined; line: LogLine } | undefined;

  constructor(profile: Profile, provisional: boolean) {
    this.#profile = profile;
    this.#provisional = provisional;
    this.#gate = new HeadlineGate(profile);
  }

  get open(): number {
    return this.#report || this.#waiting?.headline ? 1 : 0;
  }

  /** The whole log has to be there. */
  get ending(): boolean {
    return false;
  }

  get idle(): boolean {
    return this.open === 0 && this.#gate.settled;
  }

  wants(line: LogLine): boolean {
    return this.#gate.find(line) !== undefined;
  }

  push(line: LogLine): ReportUpdate[] {
    const before = this.#waiting;
    this.#waiting = { headline: this.#gate.find(line), line };
    return before ? this.#take(before.line, line.text.includes(REPLAY) ? undefined : before.headline) : NOTHING;
  }

  flush(): ReportUpdate[] {
    const last = this.#waiting;
    this.#waiting = undefined;
    const updates = last ? this.#take(last.line, last.headline) : [];
    const report = this.#report;
    if (!report) return updates;
    this.#report = undefined;
    report.panicked = this.#panicked;
    return [...updates, { report: report.finish(), final: true }];
  }

  #take(line: LogLine, headline: HeadlineRow | undefined): ReportUpdate[] {
    if (line.text.includes('Kernel panic - not syncing')) this.#panicked = true;
    const report = this.#report;
    if (!report) {
      if (!headline) {
        this.#lead.push(line);
        return NOTHING;
      }
      this.#report = new OpenReport(this.#profile, headline, line, contextOf(line), this.#lead.take(line.caller));
      return this.#provisional ? [{ report: this.#report.finish(), final: false }] : NOTHING;
    }
    noteDamage(report, line);
    if (endsWindow(line, headline)) report.closeWindow();
    const context = contextOf(line);
    if (context !== report.source && !(report.allCpus && context.startsWith('C'))) return NOTHING;
    if (report.lines.length >= this.#profile.maxLines) report.broken = 'the report is longer than the reader keeps';
    else report.add(readReportLine(line, this.#profile.strict));
    return NOTHING;
  }
}

/** A later report, or a message that is no part of any, ends what the title may be taken from. */
function endsWindow(line: LogLine, headline: HeadlineRow | undefined): boolean {
  if (headline && !CONTINUATIONS.some((text) => line.body.includes(text))) return true;
  return INTRUDERS.some((text) => line.body.includes(text));
}
