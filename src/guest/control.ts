import type { Socket } from 'node:net';
import { ExpectedError } from '../base/errors.ts';
import type { AgentAnswer, AgentNotice, Control, RequestOptions } from '../model/guest.ts';
import { readJsonLines } from './line-socket.ts';

interface Waiting {
  readonly resolve: (answer: AgentAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Extra time that the host gives the agent beyond the deadline the agent itself keeps. */
const GRACE_MS = 3000;

/**
 * The agent's control port, host side. Never waits longer than a request's deadline, whatever the guest does.
 * After a restore the guest repeats its past: `renew` gives up what was in flight and skips everything said before the
 * agent has confirmed the new epoch.
 */
export class AgentControl implements Control {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(notice: AgentNotice) => void>();
  readonly #reader: { forget(): void };
  #next = 1;
  #deafUntil: number | undefined;
  lastSeen = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = readJsonLines(socket, (message) => this.#receive(message));
    socket.on('close', () => this.#giveUp('the guest has ended'));
  }

  request(
    cmd: string,
    fields: Readonly<Record<string, unknown>> = {},
    options: RequestOptions = {},
  ): Promise<AgentAnswer> {
    const id = this.#next++;
    const timeoutMs = options.timeoutMs ?? 30_000;
    if (this.#socket.destroyed) return Promise.reject(gone(cmd, 'the guest has ended'));
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        const waiting = this.#waiting.get(id);
        if (waiting === undefined) return;
        this.#waiting.delete(id);
        clearTimeout(waiting.timer);
        reject(gone(cmd, why));
      };
      const timer = setTimeout(() => fail(`no answer within ${(timeoutMs + GRACE_MS) / 1000} s`), timeoutMs + GRACE_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      options.signal?.addEventListener('abort', () => fail('given up'), { once: true });
      // A background program has no deadline; only its start is waited for.
      const deadline = fields.background === true ? {} : { timeoutMs };
      this.#socket.write(`${JSON.stringify({ ...fields, id, cmd, ...deadline })}\n`);
    });
  }

  onNotice(listener: (notice: AgentNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async renew(epoch: string, timeoutMs: number): Promise<void> {
    this.#giveUp('the guest was taken back to an earlier state');
    this.#reader.forget();
    this.#deafUntil = this.#next;
    // The guest may hold half a line of ours from before; a newline ends it.
    this.#socket.write('\n');
    await this.request('epoch', { value: epoch }, { timeoutMs });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: Record<string, unknown>): void {
    if (this.#deafUntil !== undefined) {
      if (message.id !== this.#deafUntil) return;
      this.#deafUntil = undefined;
    }
    this.lastSeen = Number(process.hrtime.bigint());
    if (typeof message.event === 'string') {
      for (const listener of [...this.#listeners]) listener(message as unknown as AgentNotice);
      return;
    }
    const id = typeof message.id === 'number' ? message.id : -1;
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve({ output: '', status: -1, ...message } as AgentAnswer);
  }

  #giveUp(why: string): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(gone('request', why));
    }
    this.#waiting.clear();
  }
}

function gone(cmd: string, why: string): ExpectedError {
  return new ExpectedError('guest', `the guest agent did not answer "${cmd}": ${why}`);
}
