import { utf8 } from './prefix.ts';
import type { Place } from './record.ts';

/** A line of the function_graph tracer (kernel/trace/trace_functions_graph.c). */
export interface GraphRecord extends Place {
  readonly kind: 'graph';
  /** `leaf`: entered and left without a traced call between; `switch`: another task runs on this CPU; `irq`: an interrupt begins or ends. */
  readonly what: 'enter' | 'leaf' | 'exit' | 'comment' | 'switch' | 'irq-begin' | 'irq-end';
  readonly cpu: number;
  /** Seconds, with `funcgraph-abstime`. */
  readonly time: number | null;
  /** With `funcgraph-proc`; of a switch the task that comes. The name is cut to 7 bytes. */
  readonly comm?: string;
  readonly pid?: number;
  readonly flags: string;
  /** How long the call took, microseconds; of a leaf and an exit. */
  readonly micros: number | null;
  /** Calls around this one. */
  readonly depth: number;
  /** The function; of an exit only with `funcgraph-tail` or where its entry is not in the trace. */
  readonly name: string;
  /** Arguments, the value that it returned, or the comment. */
  readonly detail: string;
}

const CPU = /^(?: {0,12}(\d{1,12}\.\d{1,9}) +\| {1,6}| {0,6})(\d{1,5})\) /;
const TASK = / {0,20}([^ ].{0,6}|)-(\d{1,10}) {0,20}\|/y;
const SWITCH = / {0,20}(.{0,16})-(\d{1,10}) {0,20}=> {0,20}(.{0,16})-(\d{1,10}) {0,20}$/y;
const FLAGS = / {1,4}([^ |=<>]{4,12}) {0,4}\|/y;
/** A mark says that a call took more than 10 (`+`), 100 (`!`), 1,000 (`#`) … microseconds. */
const DURATION = / {0,4}(?:[+!#*@$] {0,4})? {0,16}(?:(\d{1,15}(?:\.\d{1,6})?) us)? {0,20}\|/y;
const IRQ = / {0,20}(==========>|<==========) {0,20}\|/y;
/** The lines around a switch of tasks. */
export const GRAPH_RULE = /^ -{20,60}\s*$/;

/** A line of function_graph; null when it is none. `line` is one character a byte. */
export function parseGraphLine(line: string, place: Place): GraphRecord | null {
  const head = CPU.exec(line);
  if (head === null) return null;
  const [all, seconds, cpu] = head;
  const common = {
    kind: 'graph',
    cpu: Number(cpu),
    time: seconds === undefined ? null : Number(seconds),
    ...place,
  } as const;
  const rest = { at: all.length - 1 };
  const switched = take(SWITCH, line, rest);
  if (switched !== null) {
    const [, , , comm = '', pid] = switched;
    return {
      ...common,
      ...NOTHING,
      what: 'switch',
      comm: utf8(comm),
      pid: Number(pid),
      detail: utf8(line.slice(all.length).trim()),
    };
  }
  const task = take(TASK, line, rest);
  const named = task === null ? {} : { comm: utf8(task[1] ?? ''), pid: Number(task[2]) };
  const flags = take(FLAGS, line, rest)?.[1] ?? '';
  const irq = take(IRQ, line, rest);
  if (irq !== null)
    return { ...common, ...named, ...NOTHING, flags, what: irq[1] === '==========>' ? 'irq-begin' : 'irq-end' };
  const duration = take(DURATION, line, rest);
  if (duration === null) return null;
  const micros = duration[1] === undefined ? null : Number(duration[1]);
  return { ...common, ...named, flags, ...graphBody(line.slice(rest.at), micros) };
}

const NOTHING = { flags: '', micros: null, depth: 0, name: '', detail: '' } as const;

/** Matches where the last one ended. */
function take(pattern: RegExp, line: string, rest: { at: number }): RegExpExecArray | null {
  pattern.lastIndex = rest.at;
  const found = pattern.exec(line);
  if (found !== null) rest.at = pattern.lastIndex;
  return found;
}

type Body = Pick<GraphRecord, 'what' | 'depth' | 'name' | 'detail' | 'micros'>;

/** `  vfs_read();`, `vfs_read() {`, `} /* vfs_read *&#47;`, `/* a comment *&#47;`: two blanks for each call around it. */
export function graphBody(text: string, micros: number | null): Body {
  const body = text.trimStart();
  const depth = Math.max(0, Math.floor((text.length - body.length) / 2) - 1);
  const words = utf8(body).trimEnd();
  if (words.startsWith('/*')) return { what: 'comment', depth, name: '', detail: comment(words), micros: null };
  if (words.startsWith('}'))
    return { what: 'exit', depth, name: comment(words.slice(1)).split(' ', 1)[0] ?? '', detail: '', micros };
  const open = words.indexOf('(');
  const name = (open < 0 ? words : words.slice(0, open)).trimEnd();
  const entered = words.endsWith('{');
  const detail =
    open < 0
      ? ''
      : words
          .slice(open)
          .replace(/^\(\)[;{ ]*/, '')
          .replace(/^(\(.*\))[;{ ]*$/, '$1');
  return {
    what: entered ? 'enter' : 'leaf',
    depth,
    name,
    detail: detail.startsWith('/*') ? comment(detail) : detail,
    micros,
  };
}

function comment(text: string): string {
  const from = text.indexOf('/*');
  if (from < 0) return '';
  const end = text.lastIndexOf('*/');
  return text.slice(from + 2, end > from ? end : undefined).trim();
}

/** `funcgraph_entry` and `funcgraph_exit` of `trace-cmd report`: `! 160.447 us |  mutex_unlock();`. */
const PAYLOAD = /^ {0,20}[+!#*@$]? {0,20}(?:(\d{1,15}(?:\.\d{1,6})?) us)? {0,20}\|(.*)$/s;

export function parseGraphPayload(payload: string): Body | null {
  const found = PAYLOAD.exec(payload);
  return found && graphBody(found[2] ?? '', found[1] === undefined ? null : Number(found[1]));
}
