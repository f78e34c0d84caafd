import type { Socket } from 'node:net';
import { ExpectedError } from '../../base/errors.ts';
import type { Sent } from '../control.ts';
import { readJsonLines } from '../line-socket.ts';

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly command: string;
}

/**
 * The QEMU Machine Protocol (docs/interop/qmp-spec.rst): one JSON object a line, answers matched by id.
 * A command that gets no answer within its deadline fails; a closed socket fails all that wait.
 */
export class Qmp {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  #next = 1;
  #closed = false;

  readonly #onSent: Sent;

  private constructor(socket: Socket, onSent: Sent) {
    this.#socket = socket;
    this.#onSent = onSent;
    socket.on('close', () => {
      this.#closed = true;
      for (const [id, waiting] of this.#waiting)
        this.#settle(id, waiting, new Error(`QEMU ended during ${waiting.command}`));
    });
  }

  static async open(socket: Socket, onSent: Sent = () => {}, deadlineMs = 10_000): Promise<Qmp> {
    const qmp = new Qmp(socket, onSent);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('QEMU did not greet on its QMP socket')), deadlineMs);
      socket.once('close', () => {
        clearTimeout(timer);
        reject(new Error('QEMU closed its QMP socket'));
      });
      readJsonLines(socket, (message) => {
        if (message.QMP !== undefined) {
          clearTimeout(timer);
          resolve();
        } else qmp.#receive(message);
      });
    });
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  execute(command: string, args?: Readonly<Record<string, unknown>>, deadlineMs = 15_000): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error(`QEMU has ended; ${command} was not sent`));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new ExpectedError('guest', `QEMU did not answer ${command} within ${deadlineMs / 1000} s`));
      }, deadlineMs);
      this.#waiting.set(id, { resolve, reject, timer, command });
      this.#socket.write(
        `${JSON.stringify(args === undefined ? { execute: command, id } : { execute: command, arguments: args, id })}\n`,
      );
      this.#onSent({ to: 'qemu', id, execute: command, ...(args !== undefined && { arguments: args }) });
    });
  }

  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  /**
   * Runs a command that starts a job (`snapshot-save`, `snapshot-load`) and waits until the job has ended.
   * Jobs report through `query-jobs`; JOB_STATUS_CHANGE events say when to look.
   */
  async runJob(
    command: string,
    jobId: string,
    args: Readonly<Record<string, unknown>>,
    deadlineMs: number,
  ): Promise<void> {
    let stop = () => {};
    const concluded = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new ExpectedError('guest', `${command} took longer than ${deadlineMs / 1000} s`)),
        deadlineMs,
      );
      const off = this.onEvent(({ event, data }) => {
        if (event === 'JOB_STATUS_CHANGE' && data.id === jobId && data.status === 'concluded') resolve();
      });
      const onClose = () => reject(new Error(`QEMU ended during ${command}`));
      this.#socket.once('close', onClose);
      stop = () => {
        clearTimeout(timer);
        off();
        this.#socket.off('close', onClose);
      };
    });
    try {
      await this.execute(command, { 'job-id': jobId, ...args }, deadlineMs);
      await concluded;
    } finally {
      concluded.catch(() => {});
      stop();
    }
    const jobs = (await this.execute('query-jobs')) as { id: string; error?: string }[];
    const error = jobs.find((job) => job.id === jobId)?.error;
    await this.execute('job-dismiss', { id: jobId });
    if (error !== undefined) throw new ExpectedError('guest', `${command} failed: ${error}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: Record<string, unknown>): void {
    if (typeof message.event === 'string') {
      const event = { event: message.event, data: (message.data ?? {}) as Record<string, unknown> };
      for (const listener of [...this.#listeners]) listener(event);
      return;
    }
    const waiting = typeof message.id === 'number' ? this.#waiting.get(message.id) : undefined;
    if (waiting === undefined) return;
    const error = message.error as { desc?: string } | undefined;
    if (error === undefined) this.#settle(message.id as number, waiting, undefined, message.return);
    else this.#settle(message.id as number, waiting, new Error(`${waiting.command}: ${error.desc ?? 'failed'}`));
  }

  #settle(id: number, waiting: Waiting, error: Error | undefined, value?: unknown): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(value);
    else waiting.reject(error);
  }
}
