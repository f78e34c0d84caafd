import { formatMs } from '../base/text.ts';

export interface Status {
  readonly uptimeMs: number;
  readonly events: number;
  readonly lines: number;
  readonly lost: number;
  readonly state: string;
}

/** The line at the bottom of a terminal; nothing at all where stderr is none. */
export class StatusLine {
  readonly #enabled: boolean;
  #timer: NodeJS.Timeout | undefined;
  #read: (() => Status) | undefined;
  #lines = 0;

  constructor(format: string) {
    this.#enabled = process.stderr.isTTY === true && format === 'text';
  }

  start(read: () => Status): void {
    if (!this.#enabled) return;
    this.#read = read;
    this.#timer = setInterval(() => this.#draw(), 1000);
  }

  /** Runs something that prints, with the line out of its way. */
  around(print: () => void): void {
    if (this.#timer !== undefined) process.stderr.write('\r\x1b[K');
    print();
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.stderr.write('\r\x1b[K');
  }

  #draw(): void {
    const status = this.#read?.();
    if (status === undefined) return;
    const rate = status.lines - this.#lines;
    this.#lines = status.lines;
    const width = (process.stderr.columns ?? 80) - 1;
    const text = `${formatMs(status.uptimeMs)} · ${status.state} · ${status.events} events · ${rate} lines/s · ${status.lost} lost`;
    process.stderr.write(`\r\x1b[K${text.slice(0, width)}`);
  }
}
