import type { LogLine } from '../model/line.ts';
import { Clocks } from './clocks.ts';
import { splitGlued } from './glued-line.ts';
import { goesOn } from './goes-on.ts';
import { HeadlineGate } from './headline-gate.ts';
import type { HeadlineRow } from './headlines.ts';
import { Injections } from './injections.ts';
import { KtapWatch } from './ktap.ts';
import { LeadLines } from './lead.ts';
import { contextOf, noteDamage } from './line-source.ts';
import { MixedPair } from './mixed.ts';
import { MIXED, OpenReport, SILENCE } from './open-report.ts';
import type { Profile } from './profiles.ts';
import { readReportLine } from './report-line.ts';
import type { ReportReader, ReportUpdate } from './report-update.ts';

/** Seconds of silence that end a report whose end marker was read. */
const ENDING_SILENCE = 1;
/** Seconds for which others may write while a context is in the middle of a report: they may be of another log that was pasted in. */
const BESIDE_SILENCE = 60;
/** Contexts that may have a report open at a time; the oldest ends when there are more. */
const MAX_OPEN = 32;
const NOTHING: ReportUpdate[] = [];
const NONE: readonly number[] = [];

/** Every report of an endless stream, each ended where it ends. */
export class StreamReader implements ReportReader {
  readonly #gate: HeadlineGate;
  readonly #profile: Profile;
  readonly #provisional: boolean;
  readonly #lead = new LeadLines();
  readonly #open = new Map<string, OpenReport>();
  readonly #injections = new Injections();
  readonly #tests: KtapWatch;
  /** Two reports of the one context that has no tag. */
  #mixed: MixedPair | undefined;
  /** End of the line before, in the stream. */
  #end = 0;
  readonly #clocks = new Clocks();
  /** The clock of the line before. */
  #clock = 0;

  constructor(profile: Profile, provisional: boolean) {
    this.#profile = profile;
    this.#provisional = provisional;
    this.#gate = new HeadlineGate(profile);
    this.#tests = new KtapWatch(profile);
  }

  get open(): number {
    return this.#open.size + (this.#tests.open ? 1 : 0);
  }

  get ending(): boolean {
    let any = false;
    for (const { end, clock } of this.#open.values()) {
      if (end.ending) any = true;
      // What another log cut is not waited for when this one is quiet.
      else if (clock === this.#clock) return false;
    }
    return any && !this.#tests.open;
  }

  get idle(): boolean {
    return this.open === 0 && this.#gate.settled;
  }

  wants(line: LogLine): boolean {
    return (splitGlued(line) ?? [line]).some((part) => this.#gate.find(part) !== undefined);
  }

  push(line: LogLine): ReportUpdate[] {
    const parts = splitGlued(line);
    return parts ? parts.flatMap((part) => this.#push(part)) : this.#push(line);
  }

  #push(line: LogLine): ReportUpdate[] {
    const { clock, anew } = this.#clocks.read(line, this.#awaited());
    this.#clock = clock;
    const ended = anew ? this.flush() : NOTHING;
    const updates = this.#take(line);
    return ended.length > 0 ? [...ended, ...updates] : updates;
  }

  /** Clocks of reports that have more to show. */
  #awaited(): readonly number[] {
    if (this.#open.size === 0) return NONE;
    return [...this.#open.values()].filter(({ midway, waits }) => midway || waits).map(({ clock }) => clock);
  }

  /** The same task in another run of the kernel is another task. */
  #contextOf(line: LogLine): string {
    const context = contextOf(line);
    if (context === '') return context;
    if (context !== 'console') {
      for (const [key, report] of this.#open) if (report.source === context && report.goesOnAt(line.time)) return key;
    }
    return this.#clock > 0 ? `${context}@${this.#clock}` : context;
  }

  #take(line: LogLine): ReportUpdate[] {
    const headline = this.#gate.find(line);
    if (!headline && this.open === 0) {
      this.#lead.push(line);
      return NOTHING;
    }
    const updates: ReportUpdate[] = [];
    this.#closeLate(line, updates);
    if (this.#isResult(headline, line, updates)) return updates;
    const context = this.#contextOf(line);
    const report = this.#reportFor(context);
    // Whose messages were dropped is not known.
    for (const open of line.dropped === undefined ? [report] : this.#open.values()) if (open) noteDamage(open, line);
    if (headline) this.#header(headline, line, context, updates);
    else this.#body(line, context, updates);
    this.#lead.push(line);
    this.#end = line.endByte;
    return updates;
  }

  /** Test results go their own way, whatever report is open beside them. */
  #isResult(headline: HeadlineRow | undefined, line: LogLine, updates: ReportUpdate[]): boolean {
    const over = this.#tests.ended(line.time);
    if (over) this.#tell(over, updates);
    if (headline?.id !== 'ktap') return this.#tests.takes(line);
    const before = this.#tests.begin(headline, line);
    if (before) this.#tell(before, updates);
    return true;
  }

  flush(): ReportUpdate[] {
    const updates: ReportUpdate[] = [];
    for (const report of [...this.#open.values()]) {
      if (report.lines.at(-1)?.place.endByte === this.#end) report.truncate();
      this.#close(report, updates);
    }
    const failed = this.#tests.end();
    if (failed) this.#tell(failed, updates);
    this.#lead.clear();
    return updates;
  }

  /** Ends what has been silent for too long: a task that died writes no further line to end its report by. */
  #closeLate(line: LogLine, updates: ReportUpdate[]): void {
    const { time } = line;
    if (time === undefined) return;
    const context = contextOf(line);
    for (const report of [...this.#open.values()]) {
      if (report.lastTime === undefined) continue;
      const beside = report.waits && report.source !== context;
      const limit = report.end.ending ? ENDING_SILENCE : beside ? BESIDE_SILENCE : SILENCE;
      const silent = Math.abs(time - report.lastTime) > limit;
      const gone = () => this.#clocks.isGone(report.clock, report.midway || report.waits);
      if (report.clock === this.#clock ? silent : gone()) this.#close(report, updates);
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
    if (report?.replayed(headline)) {
      report.restart(line);
      return;
    }
    const injected = headline.quiet ? [] : this.#injections.take(context, line);
    const lead = [...injected, ...this.#lead.take(line.caller)];
    const opened = new OpenReport(this.#profile, headline, line, contextOf(line), lead);
    opened.clock = this.#clock;
    opened.panicked = headline.id === 'panic';
    if (line.dropped !== undefined) opened.lost = line.dropped;
    if (opened.end.single) {
      // It says all it has to say; a report that it broke into goes on.
      this.#tell(opened, updates);
      return;
    }
    if (report && !this.#mix(report, opened)) {
      report.interrupt(opened);
      if (this.#mixed?.has(report)) opened.broken = MIXED;
      this.#close(report, updates);
      const rest = this.#open.get(context);
      if (rest) this.#close(rest, updates);
    }
    const oldest = this.#open.size >= MAX_OPEN ? this.#open.values().next().value : undefined;
    if (oldest) this.#close(oldest, updates);
    this.#open.set(this.#mixed?.has(opened) ? `${context}+` : context, opened);
    if (headline.quiet) this.#injections.begin(context, line);
    else if (this.#provisional) updates.push({ report: opened.snapshot(), final: false });
  }

  #body(line: LogLine, context: string, updates: ReportUpdate[]): void {
    const found = this.#reportFor(context);
    if (!found) return;
    if (found.headline.quiet) this.#injections.add(context, line);
    const parsed = readReportLine(line, this.#profile.strict);
    const report = this.#mixed?.has(found) ? this.#mixed.choose(parsed) : found;
    // A dump of the trace buffer has a reader of its own, and may be longer than all reports together.
    if (parsed.kind === 'ftrace-dump') return;
    if (report.end.over(parsed)) {
      const rest = this.#mixed?.has(report) ? this.#mixed.without(report) : undefined;
      this.#close(report, updates);
      if (rest && !rest.end.over(parsed)) rest.add(parsed);
      return;
    }
    if (report.lines.length >= this.#profile.maxLines) {
      report.broken = 'the report is longer than the reader keeps';
      this.#close(report, updates);
      return;
    }
    report.add(parsed);
    if (this.#provisional && !report.headline.quiet && report.takeNamed())
      updates.push({ report: report.snapshot(), final: false });
  }

  /** The report that a line of this context belongs to: its own, or the one that asked all CPUs to show themselves. */
  #reportFor(context: string): OpenReport | undefined {
    const own = this.#open.get(context);
    if (own || !context.startsWith('C')) return own;
    for (const report of this.#open.values()) if (report.allCpus) return report;
    return undefined;
  }

  /** Where nobody says who writes, a report that begins before another has shown its stack goes on beside it. */
  #mix(older: OpenReport, newer: OpenReport): boolean {
    const untagged = older.source === 'console' || older.source === '';
    if (!untagged || this.#mixed || older.headline.quiet || newer.headline.quiet || !older.unfinished) return false;
    this.#mixed = new MixedPair(older, newer);
    return true;
  }

  #close(report: OpenReport, updates: ReportUpdate[]): void {
    for (const [context, open] of this.#open) if (open === report) this.#open.delete(context);
    if (this.#mixed?.has(report)) {
      const rest = this.#mixed.without(report);
      this.#mixed = undefined;
      for (const [context, open] of this.#open) {
        if (open !== rest || !context.endsWith('+')) continue;
        this.#open.delete(context);
        this.#open.set(context.slice(0, -1), rest);
      }
    }
    if (!report.headline.quiet) updates.push({ report: report.finish(), final: true });
  }

  /** A report that is first told of when it is whole. */
  #tell(report: OpenReport, updates: ReportUpdate[]): void {
    const whole = report.finish();
    if (this.#provisional) updates.push({ report: whole, final: false });
    updates.push({ report: whole, final: true });
  }
}
