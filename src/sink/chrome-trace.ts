import { toJson } from '../base/text.ts';
import type { TimelineItem, TimelineSpan, Track } from '../model/timeline.ts';
import type { TimelineSink, TimelineSurface } from './timeline-sink.ts';

/** Above any pid of Linux (PID_MAX_LIMIT, 4,194,304), so that CPUs are no tasks. */
const CPU_PROCESS = 1 << 23;
/** Each boot of a recording has processes of its own: pids repeat. */
const BOOT_STEP = 1 << 24;
/** Names of threads are told once, and again when they change; a trace with more tasks than this repeats some. */
const MAX_NAMES = 100_000;

/**
 * The trace event format as JSON ("Trace Event Format", Google, 2016), which Perfetto and chrome://tracing open: `X` for spans, `b` and `e` for those that
 * may overlap, `i` for points in time, `M` for names. Written as it comes, so that memory does not grow with the trace.
 */
export function openChromeTrace({ write, name, version }: TimelineSurface): TimelineSink {
  const named = new Map<string, string>();
  let count = 0;
  let asyncId = 0;
  const head = `{"displayTimeUnit":"ns","otherData":${toJson({ trace: name, writer: `vexfs-trace ${version}` })},"traceEvents":[`;
  const put = (event: object) => write(`${count++ === 0 ? `${head}\n` : ',\n'}${toJson(event)}`);
  const place = (track: Track) => {
    const ids = idsOf(track);
    const key = `${ids.pid} ${ids.tid}`;
    const title = titleOf(track);
    if (named.get(key) !== title) {
      if (named.size >= MAX_NAMES) named.clear();
      named.set(key, title);
      const meta = (kind: string, args: object) => put({ name: kind, ph: 'M', ...ids, args });
      meta('process_name', { name: track.kind === 'cpu' ? boot(track, 'CPUs') : title });
      meta('thread_name', { name: title });
      if (track.kind === 'cpu') meta('process_sort_index', { sort_index: -1 });
    }
    return ids;
  };
  return {
    item(item) {
      if (item.kind === 'span') {
        const ids = place(item.track);
        if (item.loose) for (const event of asyncPair(item, ++asyncId)) put({ ...event, ...ids });
        else
          put({
            name: item.name,
            cat: item.category,
            ph: 'X',
            ts: item.start,
            dur: item.micros,
            ...ids,
            args: item.args,
          });
      } else if (item.kind === 'instant')
        put({
          name: item.name,
          cat: item.category,
          ph: 'i',
          s: 't',
          ts: item.at,
          ...place(item.track),
          args: item.args,
        });
      else putSample(item, put, place);
    },
    close: () => write(`${count === 0 ? head : ''}\n]}\n`),
  };
}

function asyncPair({ name, category, start, micros, args }: TimelineSpan, id: number): object[] {
  const common = { name, cat: category, id };
  return [
    { ...common, ph: 'b', ts: start, args },
    { ...common, ph: 'e', ts: start + micros, args: {} },
  ];
}

/** A stack without a time is no event. */
function putSample(
  { track, at, stack, weight }: Extract<TimelineItem, { kind: 'sample' }>,
  put: (event: object) => void,
  place: (track: Track) => object,
): void {
  if (track === null || at === null) return;
  const args = { stack: [...stack].reverse().join('\n'), weight };
  put({ name: `stack of ${stack.at(-1) ?? 'nothing'}`, cat: 'stack', ph: 'i', s: 't', ts: at, ...place(track), args });
}

function idsOf({ kind, id, boot }: Track): { readonly pid: number; readonly tid: number } {
  const base = boot * BOOT_STEP;
  return kind === 'cpu'
    ? { pid: base + CPU_PROCESS, tid: base + CPU_PROCESS + 1 + id }
    : { pid: base + id, tid: base + id };
}

function titleOf(track: Track): string {
  return boot(track, track.kind === 'cpu' ? `CPU ${track.id}` : `${track.name || '<...>'} ${track.id}`);
}

function boot(track: Track, text: string): string {
  return track.boot === 0 ? text : `boot ${track.boot + 1}: ${text}`;
}
