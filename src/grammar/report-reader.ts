import type { LogLine } from '../model/line.ts';
import type { ParsedReport } from '../model/report.ts';
import { HeadlineGate } from './headline-gate.ts';
import { CONTINUATIONS, type HeadlineRow, INTRUDERS } from './headlines.ts';
import { LeadLines } from './lead.ts';
import { OpenReport } from './open-report.ts';
import { PROFILES, type Profile, type ProfileName } from './profiles.ts';
import { isKernelLine, readReportLine } from './report-line.ts';

export interface ReportUpdate {
  readonly report: ParsedReport;
  /** False for the first sight of a report, given as soon as its header was read; its key comes again when it is final. */
  readonly final: boolean;
}

export interface ReportReader {
  push(line: LogLine): ReportUpdate[];
  /** Ends what is open: the input is over, or has been quiet long enough. */
  flush(): ReportUpdate[];
  /** How many reports are open: a caller may flush after a quiet period only when this is not zero. */
  readonly open: number;
}

/** A printk context that fell silent for so long (seconds of kernel time) has ended its report. */
const SILENCE = 10;
/** The same, once its end marker was read. */
const ENDING_SILENCE = 1;
/** Contexts that may have a report open at a time; the oldest ends when there are more. */
const MAX_OPEN = 32;
/** A line behind a headline that says that the headline was an old message shown again (kernel/printk/printk.c). */
const REPLAY = '** replaying previous printk message **';

/** What a cloud host writes into a console log when it loses the port. */
const DISCONNECTED = 'serialport: VM disconnected.';

/** Reads reports out of the lines of one stream. State is bounded: open contexts, lines of a report, a few lines of look-back. */
export function createReportReader(options: { readonly profile?: ProfileName } = {}): ReportReader {
  const profile = PROFILES[options.profile ?? 'default'];
  return profile.ends ? new StreamReader(profile) : new WholeLogReader(profile);
}

/** The context of a line in printk's sense: who may have its lines between those of others. */
function contextOf(line: LogLine): string {
  if (!isKernelLine(line)) return '';
  return line.caller ?? 'console';
}

function noteDamage(report: OpenReport, line: LogLine): void {
  if (line.text.includes(DISCONNECTED)) report.broken = 'the serial port was disconnected';
  if (line.dropped === undefined) return;
  report.lost = line.dropped === null || report.lost === null ? null : report.lost + line.dropped;
}

/** Every report of an endless stream, each ended where it ends. */
class StreamReader implements ReportReader {
  readonly #gate: HeadlineGate;
  readonly #profile: Profile;
  readonly #lead = new LeadLines();
  readonly #open = new Map<string, OpenReport>();

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#gate = new HeadlineGate(profile);
  }

  get open(): number {
    return this.#open.size;
  }

  push(line: LogLine): ReportUpdate[] {
    const headline = this.#gate.find(line);
    if (!headline && this.#open.size === 0) {
      this.#lead.push(line);
      return NOTHING;
    }
    const updates: ReportUpdate[] = [];
    const context = contextOf(line);
    const report = this.#reportFor(context);
    if (report) noteDamage(report, line);
    this.#closeLate(line, updates);
    if (headline) this.#header(headline, line, context, updates);
    else this.#body(line, context, updates);
    this.#lead.push(line);
    return updates;
  }

  flush(): ReportUpdate[] {
    const updates: ReportUpdate[] = [];
    for (const report of [...this.#open.values()]) this.#close(report, updates);
    this.#lead.clear();
    return updates;
  }

  /** Ends what has been silent for too long: a task that died writes no further line to end its report by. */
  #closeLate(line: LogLine, updates: ReportUpdate[]): void {
    if (line.time === undefined) return;
    for (const report of [...this.#open.values()]) {
      if (report.lastTime === undefined) continue;
      const limit = report.end.ending ? ENDING_SILENCE : SILENCE;
      if (Math.abs(line.time - report.lastTime) > limit) this.#close(report, updates);
    }
  }

  #header(headline: HeadlineRow, line: LogLine, context: string, updates: ReportUpdate[]): void {
    const report = this.#reportFor(context);
    if (report && goesOn(report, headline, line)) {
      if (headline.id === 'panic') {
        report.panicked = true;
        report.echoes.push(line.body.slice(0, 256));
        report.end.reopen();
      }
      this.#body(line, context, updates);
      return;
    }
    const lead = this.#lead.take(line.caller);
    const opened = new OpenReport(this.#profile, headline, line, context, lead);
    opened.panicked = headline.id === 'panic';
    if (line.dropped !== undefined) opened.lost = line.dropped;
    if (opened.end.single) {
      // It says all it has to say; a report that it broke into goes on.
      const whole = opened.finish();
      updates.push({ report: whole, final: false }, { report: whole, final: true });
      return;
    }
    if (report) this.#close(report, updates);
    const oldest = this.#open.size >= MAX_OPEN ? this.#open.values().next().value : undefined;
    if (oldest) this.#close(oldest, updates);
    this.#open.set(context, opened);
    updates.push({ report: opened.finish(), final: false });
  }

  #body(line: LogLine, context: string, updates: ReportUpdate[]): void {
    const report = this.#reportFor(context);
    if (!report) return;
    const parsed = readReportLine(line);
    if (report.end.over(parsed)) {
      this.#close(report, updates);
      return;
    }
    if (report.lines.length >= this.#profile.maxLines) {
      report.broken = 'the report is longer than the reader keeps';
      this.#close(report, updates);
      return;
    }
    report.add(parsed);
  }

  /** The report that a line of this context belongs to: its own, or the one that asked all CPUs to show themselves. */
  #reportFor(context: string): OpenReport | undefined {
    const own = this.#open.get(context);
    if (own || !context.startsWith('C')) return own;
    for (const report of this.#open.values()) if (report.allCpus) return report;
    return undefined;
  }

  #close(report: OpenReport, updates: ReportUpdate[]): void {
    this.#open.delete(report.source);
    updates.push({ report: report.finish(), final: true });
  }
}

const NOTHING: ReportUpdate[] = [];

/** What a later headline may be to the report that is open: its own next line, or the panic that it led to. */
function goesOn(report: OpenReport, headline: HeadlineRow, line: LogLine): boolean {
  if (headline.id === 'netdevice') return false;
  if (headline.continues === true) return headline.id !== 'oom-killed' || report.headline.id === 'oom-invoked';
  if (FOLLOWS[report.headline.id] === headline.id) return true;
  if (headline.id === 'slab' || headline.id === 'leak') return report.headline.id === 'BUG' && report.lines.length < 3;
  return (
    CONTINUATIONS.some((text) => line.body.includes(text)) || OOPS_WORDS.some((text) => line.body.startsWith(text))
  );
}

/** A trap that carries out what the message before it announced. */
const FOLLOWS: Readonly<Record<string, string>> = { rust: 'kernel-bug' };

/** The second line of an oops that began with a plainer one (arch/x86/kernel/dumpstack.c __die). */
const OOPS_WORDS = ['Oops: invalid opcode'];

/** The first report of a whole log, with everything behind it that could belong to it. */
class WholeLogReader implements ReportReader {
  readonly #gate: HeadlineGate;
  readonly #profile: Profile;
  readonly #lead = new LeadLines();
  #report: OpenReport | undefined;
  #panicked = false;
  /** A headline waits for the next line, which may say that it was a replay. */
  #waiting: { headline: HeadlineRow | undefined; line: LogLine } | undefined;

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#gate = new HeadlineGate(profile);
  }

  get open(): number {
    return this.#report ? 1 : 0;
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
      return [{ report: this.#report.finish(), final: false }];
    }
    noteDamage(report, line);
    if (endsWindow(line, headline)) report.closeWindow();
    const context = contextOf(line);
    if (context !== report.source && !(report.allCpus && context.startsWith('C'))) return NOTHING;
    if (report.lines.length >= this.#profile.maxLines) report.broken = 'the report is longer than the reader keeps';
    else report.add(readReportLine(line));
    return NOTHING;
  }
}

/** A later report, or a message that is no part of any, ends what the title may be taken from. */
function endsWindow(line: LogLine, headline: HeadlineRow | undefined): boolean {
  if (headline && !CONTINUATIONS.some((text) => line.body.includes(text))) return true;
  return INTRUDERS.some((text) => line.body.includes(text));
}
