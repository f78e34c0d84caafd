import { formatMs } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import type { RunFormat } from '../sink/run-formats.ts';
import { MergedGaps } from './merged-gaps.ts';
import { createPrinter, say } from './output.ts';
import { createInterrupt } from './signals.ts';
import { StatusLine } from './status-line.ts';

interface Extent {
  readonly planned: number;
  /** Tests without a verdict at the start. */
  readonly left: number;
  /** Of all that is planned. */
  readonly estimateMs: number;
}

/** A run of tests as it goes on: events on standard output, progress with the time left on a terminal, Ctrl-C. */
export class RunView {
  readonly signal: AbortSignal;
  readonly #interrupt = createInterrupt();
  readonly #status: StatusLine;
  readonly #extent: Extent;
  readonly #isShown: (event: Event) => boolean;
  readonly #printer: (event: Event) => void;
  readonly #started = performance.now();
  /** Of a run that is told to people; who reads events gets each. */
  readonly #gaps: MergedGaps | undefined;
  #done: number;
  #events = 0;

  constructor(format: RunFormat | 'ndjson', extent: Extent) {
    this.signal = this.#interrupt.signal;
    this.#extent = extent;
    this.#done = extent.planned - extent.left;
    this.#status = new StatusLine(format);
    this.#printer = createPrinter(format === 'ndjson' ? 'ndjson' : 'text');
    this.#gaps = format === 'text' ? new MergedGaps() : undefined;
    this.#isShown = format === 'ndjson' ? () => true : format === 'text' ? isForPeople : () => false;
  }

  begin(where: string): void {
    const { planned, left, estimateMs } = this.#extent;
    say(`${left} of ${planned} tests, about ${formatMs(estimateMs * (left / planned))}; ${where}`);
    this.#status.start(() => ({
      ...{ uptimeMs: performance.now() - this.#started, events: this.#events, lines: 0, lost: 0 },
      state: `${this.#done} of ${planned} tests, about ${formatMs(this.#leftMs())} left`,
    }));
  }

  event(event: Event): void {
    this.#events += 1;
    if (event.event === 'gap' && this.#gaps !== undefined) {
      this.#gaps.add(event);
      return;
    }
    if (event.event === 'test') this.#tellGaps();
    if (this.#isShown(event)) this.#status.around(() => this.#printer(event));
  }

  verdict(done: number): void {
    this.#done = done;
  }

  readonly progress = (text: string): void => this.#status.around(() => say(text));
  readonly warn = (text: string): void => this.progress(`warning: ${text}`);

  end(): void {
    this.#tellGaps();
    this.#status.stop();
    this.#interrupt.dispose();
  }

  /** Once a test: what was lost in it. */
  #tellGaps(): void {
    for (const gap of this.#gaps?.take() ?? []) this.#status.around(() => this.#printer(gap));
  }

  /** Exit code of the signal that ended it; undefined when none did. */
  get interrupted(): number | undefined {
    return this.#interrupt.exitCode();
  }

  /** By what it has taken so far; before the first verdict, by the plan. */
  #leftMs(): number {
    const { planned, left, estimateMs } = this.#extent;
    const ran = this.#done - (planned - left);
    if (ran === 0) return estimateMs * (left / planned);
    return ((performance.now() - this.#started) / ran) * (planned - this.#done);
  }
}

/** What a person wants to see go by. */
function isForPeople({ event, kind }: Event): boolean {
  if (event === 'guest') return kind === 'hang' || kind === 'exit' || kind === 'fault';
  return event !== 'metric' && event !== 'trace';
}
