import type { VexfsEvent } from '../model/trace.ts';
import { Ring } from './bounded.ts';
import { copyText, TextPool } from './text-pool.ts';
import type { TraceEvent } from './trace-input.ts';

/** An operation of the module; `ns` and `ret` are null while it runs. */
export interface LastOperation {
  readonly op: string;
  readonly sb: string;
  readonly ino: string;
  readonly id: string;
  readonly pid: number;
  readonly comm: string;
  readonly cpu: number;
  /** Seconds of the trace's own clock; when it ended, for one whose beginning is not there. */
  readonly time: number | null;
  ns: number | null;
  ret: number | null;
}

/** The last operations of the module in order of their beginning, those that had not ended among them. */
export class LastOperations {
  readonly #ring: Ring<LastOperation>;
  readonly #running = new Map<string, LastOperation>();
  readonly #texts = new TextPool();
  readonly #size: number;

  constructor(size = 64) {
    this.#size = size;
    this.#ring = new Ring(size);
  }

  record(event: Pick<TraceEvent, 'pid' | 'comm' | 'cpu' | 'time'>, module: VexfsEvent | null): void {
    if (module?.kind !== 'op-begin' && module?.kind !== 'op-end') return;
    const key = `${module.sb} ${module.id}`;
    const end = module.kind === 'op-end' ? { ns: module.ns, ret: module.ret } : { ns: null, ret: null };
    const begun = this.#running.get(key);
    if (begun !== undefined && module.kind === 'op-end') {
      Object.assign(begun, end);
      this.#running.delete(key);
      return;
    }
    const { pid, cpu, time } = event;
    const [op, sb, comm] = [module.op, module.sb, event.comm].map((text) => this.#texts.shared(text));
    const operation = { op, sb, ino: copyText(module.ino), id: copyText(module.id), pid, comm, cpu, time, ...end };
    this.#ring.push(operation as LastOperation);
    if (module.kind === 'op-begin') this.#remember(key, operation as LastOperation);
  }

  /** Oldest first. */
  list(): readonly Readonly<LastOperation>[] {
    return this.#ring.list().map((operation) => ({ ...operation }));
  }

  #remember(key: string, operation: LastOperation): void {
    this.#running.set(key, operation);
    if (this.#running.size <= this.#size) return;
    const oldest = this.#running.keys().next();
    if (!oldest.done) this.#running.delete(oldest.value);
  }
}
