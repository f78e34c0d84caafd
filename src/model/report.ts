import type { Stream } from './chunk.ts';
import type { Kind } from './kinds.ts';
import type { Stack } from './stack.ts';

/** Where a line of a report stands in its stream, and what its printk prefix said. */
export interface LinePlace {
  readonly file?: string;
  readonly byte: number;
  readonly endByte: number;
  readonly line: number;
  readonly time?: number;
  readonly wall?: string;
  readonly level?: number;
  readonly caller?: string;
  readonly observed?: number;
}

/** What a headline says: `says` names a row of the statement table, `fields` are the words it caught. */
export interface Statement {
  readonly says: string;
  readonly column: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** A source position in a symbolized line. */
export interface SourceRef {
  readonly path: string;
  readonly line: number;
}

/** References that any line of a report may carry, whatever its kind. Absent means "not in this line". */
export interface Marks {
  /** Function names of a stack frame line, callee first (ARM prints two). */
  readonly frames?: readonly string[];
  /** The name behind the last `at: ` of the line. */
  readonly at?: string;
  /** The name behind a bracketed address. */
  readonly pc?: string;
  /** The line names the instruction pointer; null when it gives an address only. */
  readonly ip?: string | null;
  /** The name in a PowerPC `--- interrupt: N at name` line. */
  readonly interrupt?: string;
  /** `Call Trace:` in any of its spellings. */
  readonly callTrace?: true;
  /** The line starts a stack; which kind of start. */
  readonly marker?: string;
  /** A frame of the fault-injection framework: the report is of a failure somebody asked for. */
  readonly injected?: true;
  readonly sources?: readonly SourceRef[];
  /** The line lists locks or interrupt states, so that its source positions blame nobody. */
  readonly bystander?: true;
  /** Rows of the waypoint table that the line satisfies, with the name each one caught. */
  readonly waypoints?: Readonly<Record<string, string | null>>;
}

/** One recognised line of a report. */
export interface ReportLine {
  readonly place: LinePlace;
  /** The line behind its prefixes; for a questionable frame, what follows the `?`. */
  readonly text: string;
  /** The line as it came. */
  readonly raw: string;
  /** A row of the line table. */
  readonly kind: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly says: readonly Statement[];
  readonly marks: Marks;
  /** The unwinder found this address on the stack but does not vouch for it. */
  readonly questionable: boolean;
}

/** The CPU, task and kernel of a report, from its `CPU: … PID: … Comm: …` line and its relatives. */
export interface ReportContext {
  readonly cpu?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly taint?: string;
  readonly kernel?: string;
  readonly hardware?: string;
  readonly module?: string;
}

/** A lock as lockdep names it: by its class, which all locks initialised at one place share. */
export interface HeldLock {
  readonly name: string;
  readonly address?: string;
  /** Usage marks, four or six characters (Documentation/locking/lockdep-design.rst). */
  readonly usage?: string;
  /** `inner:outer` wait types. */
  readonly waitType?: string;
  /** The function that took it. */
  readonly at?: string;
  readonly module?: string;
  readonly comm?: string;
  readonly pid?: number;
}

export interface TaskRow {
  readonly pid: number;
  readonly uid: number;
  readonly rssPages: number;
  readonly totalVmPages: number;
  readonly oomScoreAdj: number;
  readonly name: string;
}

/** What the parser made of the lines of a report. Every member may be empty: reports come cut and interleaved. */
export interface ReportSections {
  readonly stacks: readonly Stack[];
  readonly context: ReportContext;
  readonly registers: Readonly<Record<string, string>>;
  /** The bytes around the trapping instruction, `<xx>` or `(xx)` at the trap. */
  readonly code?: string;
  readonly modules: readonly string[];
  readonly locks: readonly HeldLock[];
  readonly tasks: readonly TaskRow[];
  /** What else was said, by name: access, size, address, object, cache, … */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Lines that belong to one report, recognised, with what the parser made of them. */
export interface ParsedReport {
  /** Stays the same from the first provisional update to the final one. */
  readonly key: string;
  readonly stream: Stream;
  readonly file?: string;
  /** How it was read: `syzkaller` gives titles and flaws exactly as that project does. */
  readonly profile: 'default' | 'syzkaller';
  /** More lines may come: what is missing is not lost. */
  readonly open: boolean;
  /** Row of the headline table that started the report. */
  readonly headline: string;
  /** The words that started it: `BUG:`, `Kernel panic`. */
  readonly headlineText: string;
  /** The header first. */
  readonly lines: readonly ReportLine[];
  /** How many of the lines belong to this report's own title; what follows is a later report in the same context. */
  readonly windowLines: number;
  /** Printk context: '' no kernel prefix, 'console' no caller tag, otherwise the tag. */
  readonly source: string;
  readonly sections: ReportSections;
  /** A panic was printed after the header. */
  readonly panicked: boolean;
  /** Headlines of echoes of the same event that were joined to this report, such as the panic that ended it. */
  readonly echoes: readonly string[];
  /** printk messages lost while the report was read; null when the kernel does not say how many. */
  readonly lost: number | null;
  /** Lines that printk wrote again because it was cut off; each is kept once. */
  readonly replays: number;
  /** Why the report is less than what the kernel wrote; empty when it is whole. */
  readonly broken: string;
  /** What stood right before the header in the same context: `refcount_t: …`, `list_del corruption …`. */
  readonly lead: readonly ReportLine[];
}

/** The name of a report in the words of syzbot and the kernel lists, and what grouping needs. */
export interface Identity {
  readonly kind: Kind;
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly type: string;
  readonly frame: string;
  readonly guiltyFile: string;
  readonly corrupted: boolean;
  readonly corruptedReason: string;
  readonly panicked: boolean;
  readonly fingerprint: string;
  readonly fingerprintInputs: readonly string[];
  readonly context: ReportContext;
  readonly stacks: readonly Stack[];
  readonly details: Readonly<Record<string, unknown>>;
}
