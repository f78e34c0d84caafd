import type { GraphRecord } from '../../grammar/ftrace/graph.ts';
import { payloadFields } from '../../grammar/ftrace/payload.ts';
import type { FtraceEvent, FtraceStack } from '../../grammar/ftrace/record.ts';
import type { TraceRecord } from '../../grammar/traces/index.ts';
import type { TimelineItem, Track } from '../../model/timeline.ts';
import { GraphCalls } from './graph-calls.ts';
import { OpenSpans } from './open-spans.ts';
import { type Owner, stepsOf } from './pairs.ts';

const MAX_ARG = 500;

/** Records of a trace, in their order, to what a timeline shows. Streams; what is open is bounded. */
export class TimelineBuilder {
  readonly #emit: (item: TimelineItem) => void;
  readonly #running = new Map<number, number>();
  readonly #open = new OpenSpans();
  readonly #graph = new GraphCalls();
  #last = 0;
  #boot = 0;
  /** Records that became something. */
  taken = 0;

  constructor(emit: (item: TimelineItem) => void) {
    this.#emit = emit;
  }

  record(record: TraceRecord): void {
    if (record.kind === 'event') this.#event(record);
    else if (record.kind === 'stack') this.#stack(record);
    else if (record.kind === 'lost') this.#lost(record.cpu, record.lost);
    else if (record.kind === 'graph') this.#call(record);
    else if (record.kind === 'histogram') {
      const stack = record.keys.find((key) => key.form === 'stack');
      if (stack?.form === 'stack') this.#sample(stack.frames, record.values.hitcount ?? 1, 'hits');
    } else if (record.kind === 'contention' && record.stack.length > 0)
      this.#sample(record.stack, record.totalWait ?? 0, 'nanoseconds');
  }

  /** Another boot, or another life of the same one: its times have nothing to do with those before. */
  boundary(): void {
    this.end();
    this.#boot += 1;
    this.#last = 0;
  }

  end(): void {
    for (const span of this.#open.finish(this.#last)) this.#emit(span);
    this.#graph.gap();
  }

  #event(event: FtraceEvent): void {
    if (event.time === null) return;
    const at = event.time * 1e6;
    this.taken += 1;
    this.#last = Math.max(this.#last, at);
    if (event.name === 'sched_switch') this.#switch(event, at);
    else this.#runs(event, at);
    const steps = stepsOf(event);
    for (const step of steps) {
      const { owner, key } = step;
      const full = `${this.#ownerKey(event, owner)} ${key}`;
      if (step.step === 'end') {
        const span = this.#open.end(full, at, step.detail?.slice(0, MAX_ARG));
        if (span !== null) this.#emit(span);
      } else {
        const { name, category, loose = false } = step;
        const track = owner === 'cpu' ? this.#cpu(event.cpu) : this.#trackOf(event);
        this.#open.begin(full, {
          track,
          cpu: event.cpu,
          name,
          category,
          start: at,
          loose,
          detail: step.detail?.slice(0, MAX_ARG),
        });
      }
    }
    if (steps.length > 0 || event.name === 'sched_switch') return;
    const args = { payload: event.payload.slice(0, MAX_ARG), cpu: event.cpu };
    this.#emit({
      kind: 'instant',
      track: this.#trackOf(event),
      name: event.name || 'event',
      category: 'event',
      at,
      args,
    });
  }

  #call(record: GraphRecord): void {
    const { cpu, pid = 0, comm = '' } = record;
    this.taken += 1;
    const span = this.#graph.take(record, this.#trackOf({ pid, cpu, comm }), this.#ownerKey({ pid, cpu }, 'task'));
    if (span !== null) this.#emit(span);
  }

  /** Who runs on the CPU. The names may hold blanks; perf and trace-cmd print others forms of it, which only tell who comes. */
  #switch({ payload, cpu }: FtraceEvent, at: number): void {
    const key = `cpu ${cpu} runs`;
    const span = this.#open.end(key, at);
    if (span !== null) this.#emit(span);
    this.#running.delete(cpu);
    const fields = payloadFields(payload);
    const next = fields.get('next_comm') ?? TRACE_CMD_NEXT.exec(payload)?.[1];
    const pid = Number(fields.get('next_pid') ?? TRACE_CMD_NEXT.exec(payload)?.[2]);
    if (next === undefined || !(pid > 0)) return;
    this.#running.set(cpu, pid);
    const detail = `pid ${pid}`;
    this.#open.begin(key, {
      track: this.#cpu(cpu),
      cpu,
      name: next,
      category: 'sched',
      start: at,
      loose: false,
      detail,
    });
  }

  /** Of a trace that holds only some switches: who makes an event runs, and nobody else. */
  #runs({ cpu, pid }: FtraceEvent, at: number): void {
    if ((this.#running.get(cpu) ?? pid) === pid) return;
    this.#running.delete(cpu);
    const span = this.#open.end(`cpu ${cpu} runs`, at);
    if (span !== null) this.#emit(span);
  }

  #stack({ event, frames }: FtraceStack): void {
    this.taken += 1;
    this.#emit({
      ...{ kind: 'sample', track: this.#trackOf(event), at: event.time === null ? null : event.time * 1e6 },
      ...{ stack: [...frames].reverse(), weight: 1, unit: 'samples' },
    });
  }

  #sample(frames: readonly string[], weight: number, unit: 'hits' | 'nanoseconds'): void {
    this.taken += 1;
    this.#emit({ kind: 'sample', track: null, at: null, stack: [...frames].reverse(), weight, unit });
  }

  #lost(cpu: number | null, lost: number | null): void {
    this.#open.gap(cpu);
    this.#graph.gap();
    const name = `LOST ${lost ?? 'some'} events`;
    this.#emit({ kind: 'instant', track: this.#cpu(cpu ?? 0), name, category: 'loss', at: this.#last, args: {} });
  }

  #ownerKey({ pid, cpu }: Pick<FtraceEvent, 'pid' | 'cpu'>, owner: Owner): string {
    return owner === 'cpu' || pid === 0 ? `cpu ${cpu}` : `task ${pid}`;
  }

  /** What the idle task does is the CPU's. */
  #trackOf({ pid, cpu, comm }: Pick<FtraceEvent, 'pid' | 'cpu' | 'comm'>): Track {
    return pid === 0 ? this.#cpu(cpu) : this.#task(pid, comm);
  }

  #cpu(id: number): Track {
    return { kind: 'cpu', id, name: '', boot: this.#boot };
  }

  #task(id: number, name: string): Track {
    return { kind: 'task', id, name, boot: this.#boot };
  }
}

/** `trace-cmd:143 [120] R ==> trace-cmd:141 [120]` */
const TRACE_CMD_NEXT = /==> (.{0,16}):(\d{1,10}) \[-?\d{1,4}\]/;
