import type { Act, ActBy, LockAct, LockMode, LockStep } from '../model/trace.ts';
import { actBy, addressText, parseAddress } from './act-by.ts';
import type { TextPool } from './text-pool.ts';
import type { TraceEvent } from './trace-input.ts';

/** What an event's name stands for; the rest is in its payload. */
interface LockRow {
  readonly step: LockStep;
  readonly mode: LockMode;
  readonly trylock: boolean;
}

/**
 * Kprobes by agreed names, each that of its function, with `lock=ADDRESS` and, of the caller, `caller=function+0x1/0x2 [module]`:
 * `p:mutex_lock mutex_lock lock=%di caller=$stack0:symbol`. Return probes are named FUNCTION_ret, with `ret=` where it can fail.
 * Under lockdep mutex_lock is mutex_lock_nested. Spinlocks refuse return probes: their entry counts as success.
 */
const ROWS: ReadonlyMap<string, LockRow> = new Map([
  ...['mutex_lock', 'mutex_lock_nested', '_mutex_lock_nest_lock', 'rt_mutex_lock'].flatMap((name) =>
    sleeping(name, 'X'),
  ),
  ...[
    'mutex_lock_interruptible',
    'mutex_lock_killable',
    'mutex_lock_interruptible_nested',
    'mutex_lock_killable_nested',
  ].flatMap((name) => sleeping(name, 'X')),
  ...['down_read', 'down_read_nested', 'down_read_interruptible', 'down_read_killable'].flatMap((name) =>
    sleeping(name, 'R'),
  ),
  ...['down_write', 'down_write_nested', 'down_write_killable'].flatMap((name) => sleeping(name, 'W')),
  ...trying('mutex_trylock', 'X'),
  ...trying('down_read_trylock', 'R'),
  ...trying('down_write_trylock', 'W'),
  ...instant('_raw_spin_lock', ['', '_irq', '_irqsave', '_bh', '_nested'], 'X'),
  ...instant('_raw_read_lock', ['', '_irq', '_irqsave', '_bh'], 'R'),
  ...instant('_raw_write_lock', ['', '_irq', '_irqsave', '_bh'], 'W'),
  ...trying('_raw_spin_trylock', 'X'),
  ...releases('mutex_unlock', [''], 'X'),
  ...releases('rt_mutex_unlock', [''], 'X'),
  ...releases('up_read', [''], 'R'),
  ...releases('up_write', [''], 'W'),
  ...releases('_raw_spin_unlock', ['', '_irq', '_irqrestore', '_bh'], 'X'),
  ...releases('_raw_read_unlock', ['', '_irq', '_irqrestore', '_bh'], 'R'),
  ...releases('_raw_write_unlock', ['', '_irq', '_irqrestore', '_bh'], 'W'),
]);

function sleeping(name: string, mode: LockMode): [string, LockRow][] {
  return [
    [name, { step: 'attempt', mode, trylock: false }],
    [`${name}_ret`, { step: 'acquired', mode, trylock: false }],
  ];
}
function trying(name: string, mode: LockMode): [string, LockRow][] {
  return [
    [name, { step: 'attempt', mode, trylock: true }],
    [`${name}_ret`, { step: 'acquired', mode, trylock: true }],
  ];
}
function instant(name: string, endings: readonly string[], mode: LockMode): [string, LockRow][] {
  return endings.map((ending) => [`${name}${ending}`, { step: 'instant', mode, trylock: false }]);
}
function releases(name: string, endings: readonly string[], mode: LockMode): [string, LockRow][] {
  return endings.map((ending) => [`${name}${ending}`, { step: 'release', mode, trylock: false }]);
}

const MAX_PENDING = 4096;

/** Events of the kernel itself, by kprobes and trace events, in the vocabulary of the analyses: for modules without events. */
export class KernelActs {
  readonly #texts: TextPool;
  /** A return probe does not know its lock: it is that of the entry before, of the same task. */
  readonly #entries = new Map<number, LockAct>();

  constructor(texts: TextPool) {
    this.#texts = texts;
  }

  /** Null: says nothing to the analyses. Most records are such; names are looked at first. */
  act(event: TraceEvent): Act | null {
    const row = ROWS.get(event.name);
    if (row !== undefined) return this.#lock(event, row);
    const read = EVENTS.get(event.name);
    if (read === undefined) return null;
    const by = actBy(event, this.#texts);
    return by && read(by, event.payload, this.#texts);
  }

  gap(): void {
    this.#entries.clear();
  }

  #lock(event: TraceEvent, row: LockRow): Act | null {
    const by = actBy(event, this.#texts);
    if (by === null) return null;
    if (row.step === 'acquired') {
      const entry = this.#entries.get(by.pid);
      this.#entries.delete(by.pid);
      if (entry === undefined || entry.mode !== row.mode) return null;
      return {
        ...entry,
        ...by,
        step: succeeded(event.payload, row.trylock) ? 'acquired' : 'failed',
        trylock: row.trylock,
      };
    }
    const text = field(event.payload, 'lock');
    if (text === null) return null;
    const lock = parseAddress(text);
    const site = this.#texts.shared(field(event.payload, 'caller') ?? placeOf(event.payload));
    const act: LockAct = { ...by, kind: 'lock', ...row, class: this.#texts.shared(addressText(lock)), lock, site };
    if (row.step !== 'attempt') return act;
    if (this.#entries.size >= MAX_PENDING) this.#entries.clear();
    this.#entries.set(by.pid, act);
    return act;
  }
}

/** trylock gives 1, what can be interrupted 0; the others nothing that counts. */
function succeeded(payload: string, trylock: boolean): boolean {
  const ret = field(payload, 'ret');
  if (ret === null) return !trylock;
  return trylock ? /^(0x)?0*1$/.test(ret) : /^(0x)?0+$/.test(ret);
}

type Read = (by: ActBy, payload: string, texts: TextPool) => Act | null;

const memory =
  (kind: 'alloc' | 'free'): Read =>
  (by, payload, texts) => {
    const ptr = field(payload, 'ptr');
    if (ptr === null || /^(\(null\)|(0x)?0+)$/.test(ptr)) return null;
    const site = texts.shared(field(payload, 'call_site') ?? '');
    const size = kind === 'alloc' ? Number(field(payload, 'bytes_alloc') ?? 0) || 0 : 0;
    return { ...by, kind, address: parseAddress(ptr), size, what: texts.shared(field(payload, 'name') ?? site), site };
  };

/** `work struct=ADDRESS` when queued, `work struct ADDRESS:` when it starts (include/trace/events/workqueue.h). */
const work =
  (step: 'send' | 'receive'): Read =>
  (by, payload) => {
    const found = /work struct[= ](?:0x)?([0-9a-f]{4,16})/.exec(payload.slice(0, 80));
    return found === null ? null : { ...by, kind: 'edge', step, channel: `work ${found[1]}` };
  };
const timer =
  (step: 'send' | 'receive'): Read =>
  (by, payload) => {
    const name = field(payload, 'timer');
    return name === null ? null : { ...by, kind: 'edge', step, channel: `timer ${name.slice(0, 20)}` };
  };

/** Numbers stand behind the names of tasks, which may hold anything: the last of them counts. */
function lastNumber(payload: string, name: string): number | null {
  const at = payload.lastIndexOf(` ${name}=`);
  const number = at < 0 ? Number.NaN : Number.parseInt(payload.slice(at + name.length + 2, at + name.length + 13), 10);
  return Number.isNaN(number) ? null : number;
}

const EVENTS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['kmalloc', memory('alloc')],
  ['kmalloc_node', memory('alloc')],
  ['kmem_cache_alloc', memory('alloc')],
  ['kmem_cache_alloc_node', memory('alloc')],
  ['kfree', memory('free')],
  ['kmem_cache_free', memory('free')],
  [
    'sched_waking',
    (by, payload) => {
      const pid = lastNumber(payload, 'pid');
      return pid === null ? null : { ...by, kind: 'edge', step: 'send', channel: `task ${pid}` };
    },
  ],
  [
    'sched_switch',
    (by, payload) => {
      const pid = lastNumber(payload, 'next_pid');
      if (pid === null || pid === 0) return null;
      return { ...by, pid, comm: '', context: 'task', kind: 'edge', step: 'receive', channel: `task ${pid}` };
    },
  ],
  [
    'sched_process_fork',
    (by, payload) => {
      const pid = lastNumber(payload, 'child_pid');
      return pid === null ? null : { ...by, kind: 'edge', step: 'send', channel: `task ${pid}` };
    },
  ],
  ['workqueue_queue_work', work('send')],
  ['workqueue_execute_start', work('receive')],
  ['timer_start', timer('send')],
  ['timer_expire_entry', timer('receive')],
]);

/** The value of `name=` up to the next `key=` or the end. */
function field(payload: string, name: string): string | null {
  const head = `${name}=`;
  const at = payload.startsWith(head) ? 0 : payload.indexOf(` ${head}`);
  if (at < 0) return null;
  const from = at + (at === 0 && payload.startsWith(head) ? head.length : head.length + 1);
  const next = payload.indexOf('=', from);
  const end = next < 0 ? payload.length : payload.lastIndexOf(' ', next);
  return payload.slice(from, end < from ? payload.length : end);
}

/** `(mutex_lock+0x0/0x30)` at a kprobe's start. */
function placeOf(payload: string): string {
  return payload.startsWith('(') ? payload.slice(1, Math.max(1, payload.indexOf(')'))) : '';
}
