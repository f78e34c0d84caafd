import type { Block } from '../ftrace/block.ts';
import { beginsDump, DumpedBuffer } from '../ftrace/dumped-buffer.ts';
import { GRAPH_RULE, parseGraphLine, parseGraphPayload } from '../ftrace/graph.ts';
import { openHistogram } from '../ftrace/histogram.ts';
import { parseLatencyLine } from '../ftrace/latency.ts';
import { LineCutter } from '../ftrace/line-cutter.ts';
import { OpenStack } from '../ftrace/open-stack.ts';
import { otherLine } from '../ftrace/other-line.ts';
import { parseEventLine } from '../ftrace/prefix.ts';
import type { FtraceEvent, Place } from '../ftrace/record.ts';
import { STACKS } from '../ftrace/splitter.ts';
import { openStackDepth } from '../ftrace/stack-depth.ts';
import { openLockStat } from '../lock-stat/lock-stat.ts';
import { openLockTable } from '../perf/lock-table.ts';
import { parsePerfFrame, parsePerfLine } from '../perf/script.ts';
import type { TraceRecord } from './record.ts';

type Emit = (record: TraceRecord) => void;
type ParseLine = (line: string, place: Place) => TraceRecord | null;

/** Lines of events, by who prints them. What the last line was is tried first. */
const FORMS = {
  ftrace: parseEventLine,
  'perf script': parsePerfLine,
  function_graph: parseGraphLine,
  latency: parseLatencyLine,
} as const satisfies Record<string, ParseLine>;

export type LineForm = keyof typeof FORMS;
const FORM_NAMES = Object.keys(FORMS) as LineForm[];

/** What begins a block of lines. */
const BLOCKS: readonly ((line: string) => Block<TraceRecord> | null)[] = [
  openHistogram,
  openLockStat,
  openLockTable,
  openStackDepth,
];

/** printk's prefix, which each line of a dump has: `[   71.801412] `, before it perhaps a priority. */
const PRINTK = /^(?:<\d{1,3}>)?\[ {0,8}\d{1,12}\.\d{6}\](?:\[ {0,10}[TC]\d{1,10}\])? /;
/** What trace-cmd says before its report. */
const PREAMBLE = /^(?:registering plugin: |overriding event \()/;
/** `trace-cmd report` pads names to 20 columns, so that blanks behind them belong to no payload. */
const PADDED = /^(?:cpus=\d{1,6}|version = \d{1,3})\s*$/;

/**
 * Reads whatever text tracing tools print, in any chunks, and tells the forms apart by content, line by line: `trace`, `trace_pipe`, latency
 * format and function_graph of ftrace, dumps of its buffer in a kernel log, histograms, the deepest stack, `trace-cmd report`, `perf script`,
 * `perf lock`, /proc/lock_stat. Lines that are none of these become `text`. Never throws; holds one line and one block.
 */
export class TraceReader {
  readonly #cutter = new LineCutter();
  readonly #stack = new OpenStack();
  #last: LineForm = 'ftrace';
  #block: Block<TraceRecord> | null = null;
  #padded = false;
  #dump: DumpedBuffer | null = null;
  /** The event whose frames `perf script` prints next, up to an empty line. */
  #sample: FtraceEvent | null = null;

  push(chunk: Uint8Array, emit: Emit): void {
    this.#cutter.push(chunk, (text, byte, endByte, line) => this.#take(text, { byte, endByte, line }, emit));
  }

  /** What stands behind the last newline, and what is open. */
  flush(emit: Emit): void {
    this.#cutter.flush((text, byte, endByte, line) => this.#take(text, { byte, endByte, line }, emit));
    this.#endBlock(emit);
    this.#stack.end(emit);
  }

  #take(text: string, place: Place, emit: Emit): void {
    if (this.#block !== null) {
      if (this.#block.line(text, place, emit)) return;
      this.#endBlock(emit);
    }
    if (this.#frame(text, place)) return;
    this.#stack.end(emit);
    const parsed = FORMS[this.#last](text, place) ?? this.#others(text, place);
    if (parsed !== null) this.#event(parsed, emit);
    else this.#rest(text, place, emit);
  }

  #others(text: string, place: Place): TraceRecord | null {
    // Most lines of what is no trace are ruled out by this: each form has a colon or a bar.
    if (!text.includes(':') && !text.includes('|') && !text.includes('=>')) return null;
    for (const form of FORM_NAMES) {
      if (form === this.#last) continue;
      const parsed = FORMS[form](text, place);
      if (parsed === null) continue;
      this.#last = form;
      return parsed;
    }
    return null;
  }

  #event(record: TraceRecord, emit: Emit): void {
    this.#sample = null;
    if (record.kind !== 'event') {
      emit(record);
      return;
    }
    const event = this.#padded ? { ...record, payload: record.payload.trimStart() } : record;
    if (this.#last === 'perf script') this.#sample = event;
    const space = spaceOf(event);
    if (space !== undefined) this.#stack.begin(event, space);
    else emit(graphOf(event) ?? event);
  }

  /** A frame of the open stack: ` => vfs_read`, `=> vfs_read (ffffffffa3aa6e19)` of trace-cmd, or of perf. */
  #frame(text: string, place: Place): boolean {
    if (this.#sample !== null) {
      const frame = parsePerfFrame(text);
      if (frame === null) {
        this.#sample = null;
        // An empty line ends the sample.
        if (text === '') return true;
      } else {
        if (!this.#stack.isOpen) this.#stack.begin(this.#sample, frame.kernel ? 'kernel' : 'user');
        this.#stack.frame(frame.text, place.endByte);
        return true;
      }
    }
    if (!this.#stack.isOpen) return false;
    if (text.startsWith(' => ')) this.#stack.frame(text.slice(4), place.endByte);
    else if (text.startsWith('=> '))
      this.#stack.frame(text.slice(3).replace(/ \([\da-f]{1,16}\)\s*$/, ''), place.endByte);
    else return false;
    return true;
  }

  /** What is no event of any form. */
  #rest(text: string, place: Place, emit: Emit): void {
    for (const open of BLOCKS) {
      const block = open(text);
      if (block === null) continue;
      this.#block = block;
      emit(otherLine(`#${text}`, place));
      return;
    }
    if (PADDED.test(text)) this.#padded = true;
    const dumped = this.#dumped(text, place);
    if (dumped !== null) emit(dumped);
    else emit(HEADINGS.some((heading) => heading.test(text)) ? otherLine(`#${text}`, place) : otherLine(text, place));
  }

  /** A line of a dump, its printk prefix taken off. */
  #dumped(text: string, place: Place): TraceRecord | null {
    const message = text.replace(PRINTK, '');
    if (!beginsDump(message)) return this.#dump?.line(message, place) ?? null;
    this.#dump = new DumpedBuffer();
    return null;
  }

  #endBlock(emit: Emit): void {
    this.#block?.end(emit);
    this.#block = null;
  }
}

const HEADINGS = [GRAPH_RULE, PADDED, PREAMBLE];

function spaceOf({ name, payload }: FtraceEvent): 'kernel' | 'user' | undefined {
  if (payload === '') return STACKS[name];
  if (!payload.startsWith('<stack trace')) return undefined;
  return name === 'kernel_stack' ? 'kernel' : name === 'user_stack' ? 'user' : undefined;
}

/** trace-cmd prints calls of function_graph as events. */
function graphOf(event: FtraceEvent): TraceRecord | null {
  if (event.name !== 'funcgraph_entry' && event.name !== 'funcgraph_exit') return null;
  const body = parseGraphPayload(event.payload);
  if (body === null) return null;
  const { cpu, time, comm, pid, flags, byte, endByte, line } = event;
  return { kind: 'graph', cpu, time, comm, pid, flags, ...body, byte, endByte, line };
}
