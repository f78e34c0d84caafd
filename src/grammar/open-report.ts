import type { LogLine } from '../model/line.ts';
import type { ParsedReport, ReportLine } from '../model/report.ts';
import { type EndStyle, EndWatch, FRAMES } from './endings.ts';
import type { HeadlineRow } from './headlines.ts';
import type { Profile } from './profiles.ts';
import { readReportLine } from './report-line.ts';
import { readSections } from './sections.ts';

/** Kept lines after which a panic or a circular-lock warning is an echo of this report, not part of it. */
const ECHO_AFTER = 22;
const ECHO_AFTER_KMSAN = 16;

const PANIC = 'Kernel panic - not syncing';
const CIRCULAR = 'WARNING: possible circular locking dependency detected';
const TAINT_NOTE = 'Disabling lock debugging due to kernel taint';

/** kernel/printk/printk.c, before 5.1: the line before was cut off by another console, and comes again. */
const REPLAY = '** replaying previous printk message **';
/** A printk context that fell silent for so long (seconds of kernel time) has ended its report. */
export const SILENCE = 10;
/** CPUs may disagree by so much (seconds). */
const BACK = 1;
/** Why reports whose lines came mixed are less than what the kernel wrote. */
export const MIXED = 'lines of two reports are mixed, and the kernel does not say whose is whose';
/** Reports whose stack comes soon, so that another header before it means that two CPUs write at a time. */
const MIXABLE: ReadonlySet<EndStyle> = new Set(['trace', 'rule', 'dump']);
const MIX_WITHIN = 16;
/** Reports that the kernel ends with a line of its own. */
const MARKED: ReadonlySet<EndStyle> = new Set(['trace', 'rule']);
/** Reports whose stack is the last that they show. */
const UNMARKED: ReadonlySet<EndStyle> = new Set(['lockdep', 'dump']);

/** Reports that show one task only. */
const ONE_TASK: ReadonlySet<EndStyle> = new Set(['trace', 'rule', 'lockdep']);

/** Lines between the frames of a stack: where it was interrupted. */
const IN_STACK = new Set(['stack-switch', 'rip', 'rip-address', 'rip-user', 'code', 'stack-pointer', 'registers']);

/** A report being read: the lines of its context from the header on. */
export class OpenReport {
  readonly key: string;
  readonly headline: HeadlineRow;
  readonly source: string;
  readonly lines: ReportLine[] = [];
  readonly end: EndWatch;
  lastTime: number | undefined;
  /** Whose time it is. */
  clock = 0;
  /** Lines of other CPUs count too: an NMI asked them to show themselves. */
  allCpus = false;
  panicked = false;
  lost: number | null = 0;
  broken = '';
  /** Lines that printk wrote twice, because the first try was cut off. */
  replays = 0;
  readonly echoes: string[] = [];
  readonly #profile: Profile;
  readonly #header: LogLine;
  readonly #lead: readonly LogLine[];
  readonly #echoAfter: number;
  #kept = 0;
  #cut = false;
  #replay = false;
  /** The stacks so far are of how it came about: the report's own is behind `stack backtrace:` (kernel/locking/lockdep.c). */
  #history: boolean;
  #stack: 'none' | 'open' | 'over' | 'told' = 'none';
  /** Lines of the title window; undefined while no second report was seen. */
  #window: number | undefined;

  constructor(profile: Profile, headline: HeadlineRow, line: LogLine, source: string, lead: readonly LogLine[]) {
    this.#profile = profile;
    this.#header = line;
    this.#lead = lead;
    this.headline = headline;
    this.source = source;
    this.key = `${line.stream}:${line.file ?? ''}:${line.byte}`;
    this.#echoAfter = line.body.includes('BUG: KMSAN:') ? ECHO_AFTER_KMSAN : ECHO_AFTER;
    const header = readReportLine(line, profile.strict, true);
    this.end = new EndWatch(header);
    this.#history = header.says.some(({ says }) => says === 'lockdep-state');
    this.#keep(header);
  }

  add(line: ReportLine): void {
    if (line.raw.includes(REPLAY)) {
      this.replays++;
      this.#replay = true;
      if (this.lines.length > 1) this.lines.pop();
      return;
    }
    if (line.text.includes(TAINT_NOTE)) {
      if (!line.questionable) this.#kept++;
      return;
    }
    if (line.text.includes('Sending NMI from CPU')) this.allCpus = true;
    if (
      !line.questionable &&
      this.#kept >= this.#echoAfter &&
      // On arm64 the panic of a stack that overflowed brings the only stack there is (arch/arm64/kernel/traps.c panic_bad_stack).
      this.headline.id !== 'stack-space' &&
      (line.text.includes(PANIC) || line.text.includes(CIRCULAR))
    ) {
      this.#cut = true;
    }
    if (this.#cut) return;
    this.#keep(line);
    this.#follow(line);
  }

  /** A line of this time may be its next. */
  goesOnAt(time: number | undefined): boolean {
    if (time === undefined || this.lastTime === undefined) return true;
    return time >= this.lastTime - BACK && time <= this.lastTime + SILENCE;
  }

  /** It has an end of its own to show, and has not shown it. */
  get midway(): boolean {
    return (this.#hasEnd() || this.end.style === 'oom') && !this.end.ending && !this.panicked;
  }

  /** Its caller has more to say, and a tag to be known by. */
  get waits(): boolean {
    if (this.source === 'console' || this.source === '') return false;
    const last = this.lines.at(-1);
    return this.midway || (UNMARKED.has(this.end.style) && !(this.end.shown && last && leavesStack(last)));
  }

  /** The report has begun and its stack has not come. */
  get unfinished(): boolean {
    return this.#stack === 'none' && !this.end.ending && MIXABLE.has(this.end.style) && this.lines.length <= MIX_WITHIN;
  }

  /** printk said that its last line was cut off and comes again; a headline of the same kind is that line. */
  replayed(headline: HeadlineRow): boolean {
    return this.lines.length === 1 && this.#replay && headline.id === this.headline.id;
  }

  /** Takes the place of a header that was cut off. */
  restart(line: LogLine): void {
    this.lines.length = 0;
    this.#kept = 0;
    this.#replay = false;
    this.#keep(readReportLine(line, this.#profile.strict, true));
  }

  /** The log ends here: what was to come is missing, if the report has an end of its own to show. */
  truncate(): void {
    if (this.#hasEnd() && this.midway && this.broken === '') this.broken = 'the log ends within the report';
  }

  /** Another report begins in its context. */
  interrupt(by: OpenReport): void {
    const unended = MARKED.has(this.end.style) || (this.end.style === 'lockdep' && this.#lacksStack());
    if (unended && !this.end.ending && !this.panicked && this.broken === '')
      this.broken = 'another report began before it ended';
    const untagged = this.source === 'console' || this.source === '';
    if (unended && untagged && !this.end.ending && this.#stack !== 'over' && this.#stack !== 'told') by.broken = MIXED;
  }

  /** True once: as soon as the first stack is whole, or a victim is known. */
  takeNamed(): boolean {
    if (this.#stack !== 'over') return false;
    this.#stack = 'told';
    return true;
  }

  /** From here on the lines belong to the title window of another report. */
  closeWindow(): void {
    this.#window ??= this.lines.length;
  }

  finish(): ParsedReport {
    return this.#read(false);
  }

  /** What has been read so far. */
  snapshot(): ParsedReport {
    return this.#read(true);
  }

  #read(open: boolean): ParsedReport {
    const tagged = this.source !== '' && this.source !== 'console';
    if (!open && !tagged && this.broken === '' && this.#profile.ends && this.#hasTwoTasks()) this.broken = MIXED;
    const windowLines = tagged ? this.lines.length : (this.#window ?? this.lines.length);
    const lead = this.#lead.map((line) => readReportLine(line, this.#profile.strict));
    const file = this.#header.file;
    return {
      key: this.key,
      stream: this.#header.stream,
      ...(file !== undefined && { file }),
      profile: this.#profile.name,
      open,
      headline: this.headline.id,
      headlineText: this.headline.text,
      lines: [...this.lines],
      windowLines,
      source: this.source,
      sections: readSections(this.headline.id, this.lines, lead),
      panicked: this.panicked,
      echoes: [...this.echoes],
      lost: this.lost,
      replays: this.replays,
      broken: this.broken === '' && this.lost !== 0 && this.#profile.ends ? lossOf(this.lost) : this.broken,
      lead,
    };
  }

  /** kernel/locking/lockdep.c lockdep_sys_exit shows the locks and no stack. */
  #lacksStack(): boolean {
    return this.#stack === 'none' && !this.lines[0]?.says.some(({ says }) => says === 'lock-to-user');
  }

  #hasEnd(): boolean {
    return MARKED.has(this.end.style);
  }

  /** A report of one task that says twice, and differently, which one it is. */
  #hasTwoTasks(): boolean {
    if (!ONE_TASK.has(this.end.style)) return false;
    const tasks = this.lines.filter(({ kind }) => kind === 'cpu').map(({ fields }) => `${fields.pid} ${fields.comm}`);
    return new Set(tasks).size > 1;
  }

  #follow(line: ReportLine): void {
    const { kind, questionable } = line;
    if (kind === 'stack-backtrace') this.#history = false;
    if (this.#history) return;
    if (this.end.style === 'oom') {
      if (kind === 'oom-killed' && this.#stack !== 'told') this.#stack = 'over';
    } else if (FRAMES.has(kind)) {
      if (this.#stack === 'none' && !questionable) this.#stack = 'open';
    } else if (this.#stack === 'open' && leavesStack(line)) this.#stack = 'over';
  }

  #keep(line: ReportLine): void {
    this.lines.push(line);
    if (!line.questionable) this.#kept++;
    if (line.place.time !== undefined) this.lastTime = line.place.time;
  }
}

function leavesStack({ kind, text }: ReportLine): boolean {
  return !FRAMES.has(kind) && (!IN_STACK.has(kind) || text.includes('</TASK>'));
}

function lossOf(lost: number | null): string {
  return `printk dropped ${lost === null ? 'messages' : `${lost} messages`} within the report`;
}
