import type { Socket } from 'node:net';
import { ExpectedError } from '../base/errors.ts';
import type { AgentAnswer, AgentNotice, Control, RequestOptions } from '../model/guest.ts';
import { readJsonLines } from './line-socket.ts';

interface Waiting {
  readonly cmd: string;
  readonly resolve: (answer: AgentAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly done: () => void;
}

/** Told of each command as it goes out. */
export type Sent = (command: Readonly<Record<string, unknown>>) => void;

/** Longest line that the agent reads (agent/protocol.md), its newline included. */
const MAX_REQUEST = 1 << 20;

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
  lastSeen = Number(process.hrtime.bigint());

  readonly #onSent: Sent;

  constructor(socket: Socket, onSent: Sent = () => {}) {
    this.#socket = socket;
    this.#onSent = onSent;
    this.#reader = readJsonLines(socket, (message) => this.#receive(message));
    socket.on('close', () => this.#giveUp('the guest has ended'));
  }

  request(
    cmd: string,
    fields: Readonly<Record<string, unknown>> = {},
    options: RequestOptions = {},
  ): Promise<AgentAnswer> {
    const id = this.#next++;
    const { signal, timeoutMs = 30_000 } = options;
    // A background program has no deadline; only its start is waited for.
    const deadline = fields.background === true ? {} : { timeoutMs };
    const line = `${JSON.stringify({ ...fields, id, cmd, ...deadline })}\n`;
    // The agent could not say whose request it is that it passes over.
    if (Buffer.byteLength(line) > MAX_REQUEST) return Promise.reject(new Error(`request ${cmd} is too long`));
    if (this.#socket.destroyed) return Promise.reject(gone(cmd, 'the guest has ended'));
    if (signal?.aborted) return Promise.reject(gone(cmd, 'given up'));
    return new Promise((resolve, reject) => {
      const fail = (why: string) => this.#take(id)?.reject(gone(cmd, why));
      const abort = () => fail('given up');
      const timer = setTimeout(() => fail(`no answer within ${(timeoutMs + GRACE_MS) / 1000} s`), timeoutMs + GRACE_MS);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort);
      this.#waiting.set(id, { cmd, resolve, reject, done });
      this.#socket.write(line);
      this.#onSent({ to: 'agent', id, cmd, ...fields, ...deadline });
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
    this.#take(id)?.resolve({ output: '', status: -1, ...message } as AgentAnswer);
  }

  /** What waits for an answer, which it now gets or never will. */
  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.done();
    return waiting;
  }

  #giveUp(why: string): void {
    for (const [id, { cmd }] of [...this.#waiting]) this.#take(id)?.reject(gone(cmd, why));
  }
}

function gone(cmd: string, why: string): ExpectedError {
  return new ExpectedError('guest', `the guest agent did not answer "${cmd}": ${why}`);
}
