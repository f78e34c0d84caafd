import type { LogLine } from '../model/line.ts';
import { splitGlued } from './glued-line.ts';
import { HeadlineGate } from './headline-gate.ts';
import { CONTINUATIONS, type HeadlineRow } from './headlines.ts';
import { LeadLines } from './lead.ts';
import { contextOf, noteDamage } from './line-source.ts';
import { OpenReport } from './open-report.ts';
import { isPanicEcho } from './panic-echo.ts';
import type { Profile } from './profiles.ts';
import { readReportLine } from './report-line.ts';
import type { ReportReader, ReportUpdate } from './report-update.ts';

/** A printk context that fell silent for so long (seconds of kernel time) has ended its report. */
const SILENCE = 10;
/** The same, once its end marker was read. */
const ENDING_SILENCE = 1;
/** CPUs may disagree by less than this (seconds); a clock that goes back further is that of another boot. */
const REBOOT = 1;
/** Contexts that may have a report open at a time; the oldest ends when there are more. */
const MAX_OPEN = 32;
const NOTHING: ReportUpdate[] = [];

/** Every report of an endless stream, each ended where it ends. */
export class StreamReader implements ReportReader {
  readonly #gate: HeadlineGate;
  readonly #profile: Profile;
  readonly #provisional: boolean;
  readonly #lead = new LeadLines();
  readonly #open = new Map<string, OpenReport>();
  /** Kernel time of the line before. */
  #time = 0;

  constructor(profile: Profile, provisional: boolean) {
    this.#profile = profile;
    this.#provisional = provisional;
    this.#gate = new HeadlineGate(profile);
  }

  get open(): number {
    return this.#open.size;
  }

  get idle(): boolean {
    return this.open === 0 && this.#gate.settled;
  }

  push(line: LogLine): ReportUpdate[] {
    const parts = splitGlued(line);
    return parts ? parts.flatMap((part) => this.#push(part)) : this.#push(line);
  }

  #push(line: LogLine): ReportUpdate[] {
    const ended = this.#isNewBoot(line) ? this.flush() : NOTHING;
    const updates = this.#take(line);
    return ended.length > 0 ? [...ended, ...updates] : updates;
  }

  #take(line: LogLine): ReportUpdate[] {
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

  #isNewBoot({ time }: LogLine): boolean {
    if (time === undefined) return false;
    const back = time < this.#time - REBOOT;
    this.#time = time;
    return back;
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
      if (this.#provisional) updates.push({ report: whole, final: false });
      updates.push({ report: whole, final: true });
      return;
    }
    if (report) this.#close(report, updates);
    const oldest = this.#open.size >= MAX_OPEN ? this.#open.values().next().value : undefined;
    if (oldest) this.#close(oldest, updates);
    this.#open.set(context, opened);
    if (this.#provisional) updates.push({ report: opened.snapshot(), final: false });
  }

  #body(line: LogLine, context: string, updates: ReportUpdate[]): void {
    const report = this.#reportFor(context);
    if (!report) return;
    const parsed = readReportLine(line, this.#profile.strict);
    // A dump of the trace buffer has a reader of its own, and may be longer than all reports together.
    if (parsed.kind === 'ftrace-dump') return;
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
    if (this.#provisional && report.takeNamed()) updates.push({ report: report.snapshot(), final: false });
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

/** What a later headline may be to the report that is open: its own next line, or the panic that it led to. */
function goesOn(report: OpenReport, headline: HeadlineRow, line: LogLine): boolean {
  if (headline.id === 'netdevice') return false;
  if (headline.id === 'panic') return isPanicEcho(report, line.body);
  if (headline.id === 'oom-killed') return report.headline.id === 'oom-invoked';
  if (headline.continues === true) return report.end.style !== 'oom';
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
