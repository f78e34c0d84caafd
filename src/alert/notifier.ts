import { type AboutRun, type AlertMessage, alertMessage } from './message.ts';
import { type Silence, silenceOf } from './silences.ts';
import type { Transition } from './transition.ts';

/** Sends a message; a problem comes back as a sentence. */
export interface Channel {
  readonly name: string;
  send(message: AlertMessage, signal: AbortSignal): Promise<string | undefined>;
}

export interface NotifierOptions {
  readonly run: AboutRun;
  readonly channels: readonly Channel[];
  /** What comes within this time is one message. */
  readonly groupMs: number;
  readonly silences: () => readonly Silence[];
  readonly warn: (message: string) => void;
}

/** Messages that wait for a slow receiver; then the oldest is dropped. */
const MAX_WAITING = 20;
/** How long the end of a run waits for receivers. */
const DRAIN_MS = 5000;

/** Brings alerts to people: many in one message, none that are silenced, an end only of what was told to have begun. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  #held: Transition[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #queues: { readonly channel: Channel; readonly waiting: AlertMessage[]; working: Promise<void> }[];

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#queues = options.channels.map((channel) => ({ channel, waiting: [], working: Promise.resolve() }));
  }

  /** The id of the silence that keeps it back, where there is one. */
  add(transition: Transition): string | undefined {
    const key = `${transition.rule} ${JSON.stringify(transition.labels)}`;
    const silence = silenceOf(transition, this.#options.silences(), Date.now());
    const wasTold = this.#told.delete(key);
    if (silence !== undefined) return silence.id;
    if (transition.state === 'firing') this.#told.add(key);
    else if (!wasTold) return undefined;
    this.#held.push(transition);
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.groupMs);
    return undefined;
  }

  /** Sends what is held, and waits for receivers, but not for long. */
  async close(): Promise<void> {
    this.#flush();
    const timer = setTimeout(() => this.#stop.abort(), DRAIN_MS);
    await Promise.all(this.#queues.map(({ working }) => working));
    clearTimeout(timer);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#held.length === 0) return;
    const message = alertMessage(this.#options.run, this.#held);
    this.#held = [];
    for (const queue of this.#queues) {
      queue.waiting.push(message);
      if (queue.waiting.length > MAX_WAITING) {
        queue.waiting.shift();
        this.#options.warn(`alerts: ${queue.channel.name} is too slow, a message was dropped`);
      }
      queue.working = queue.working.then(async () => {
        const next = queue.waiting.shift();
        if (next === undefined || this.#stop.signal.aborted) return;
        const problem = await queue.channel.send(next, this.#stop.signal);
        if (problem !== undefined) this.#options.warn(`alerts: ${queue.channel.name}: ${problem}`);
      });
    }
  }
}
