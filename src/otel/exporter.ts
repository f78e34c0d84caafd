import { messageOf } from '../base/errors.ts';
import type { OtelSettings } from './settings.ts';
import type { Span } from './span.ts';

/** Spans that wait; beyond them the newest are dropped (the limit of the batch processor of OpenTelemetry). */
const MAX_WAITING = 2048;
const BATCH = 512;
const EVERY_MS = 5000;
/** How long the end of a run waits for a receiver that has answered so far. */
const LAST_MS = 1000;

export interface ExporterOptions extends Pick<OtelSettings, 'url' | 'headers' | 'timeoutMs'> {
  readonly body: (spans: readonly Span[]) => string;
  readonly warn: (message: string) => void;
  readonly everyMs?: number;
}

/** Sends spans in batches beside the run. A receiver that is gone costs one warning, and no time but a second at the end. */
export class SpanExporter {
  readonly #options: ExporterOptions;
  readonly #stop = new AbortController();
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #dropped = 0;
  #failed = false;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  add(spans: readonly Span[]): void {
    const room = MAX_WAITING - this.#waiting.length;
    this.#waiting.push(...spans.slice(0, room));
    this.#dropped += Math.max(0, spans.length - room);
    if (this.#waiting.length === 0) return;
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.everyMs ?? EVERY_MS).unref();
  }

  async close(): Promise<void> {
    this.#flush();
    const limit = setTimeout(() => this.#stop.abort(), LAST_MS);
    await this.#sending;
    clearTimeout(limit);
    const lost = this.#dropped + this.#waiting.length;
    if (lost > 0) this.#options.warn(`${lost} spans of the trace were not sent`);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
        const batch = this.#waiting.splice(0, BATCH);
        if (!(await this.#post(batch))) this.#dropped += batch.length;
        if (this.#failed) break;
      }
    });
  }

  async #post(spans: readonly Span[]): Promise<boolean> {
    const { url, headers, timeoutMs, body, warn } = this.#options;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: body(spans),
        redirect: 'error',
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await answer.body?.cancel();
      if (answer.ok) {
        this.#failed = false;
        return true;
      }
      if (!this.#failed) warn(`traces: ${new URL(url).origin} answers ${answer.status}`);
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      if (!this.#failed) warn(`traces cannot be sent to ${new URL(url).origin}: ${messageOf(cause ?? error)}`);
    }
    this.#failed = true;
    return false;
  }
}
