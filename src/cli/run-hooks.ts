import type { Effective } from '../config/effective.ts';
import { runHook } from '../config/hooks.ts';
import type { HookEvent } from '../config/table.ts';
import { type Event, isFinding } from '../model/event.ts';

/** Findings that wait for their hook; a module may warn a thousand times a second. */
const MAX_WAITING = 100;

/** The programs that a configuration has run around a run, its tests and its findings. What fails is warned of and stops nothing. */
export class RunHooks {
  readonly #options: Effective;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #warn: (text: string) => void;
  #findings: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: Effective, folder: string, signal: AbortSignal, warn: (text: string) => void) {
    this.#options = options;
    this.#folder = folder;
    this.#signal = signal;
    this.#warn = warn;
  }

  /** The hook of the run's end waits for those of findings. */
  async run(event: HookEvent, variables: Readonly<Record<string, string>>): Promise<void> {
    if (event === 'after-run') await this.#findings;
    const result = await runHook(this.#options, event, { folder: this.#folder, ...variables }, this.#signal);
    if (result?.ok === false) this.#warn(`hook ${event}: ${result.text}`);
  }

  /** One after the other, beside the run. */
  event(event: Event): void {
    if (!isFinding(event) || !event.final || this.#options.get('hooks.on-finding') === undefined) return;
    if (this.#waiting >= MAX_WAITING) return;
    this.#waiting += 1;
    if (this.#waiting === MAX_WAITING) this.#warn('hook on-finding: too many findings, the next ones go without it');
    const { kind, title, severity, test = '' } = event;
    this.#findings = this.#findings
      .then(() => this.run('on-finding', { kind, title, severity, test }))
      .finally(() => {
        this.#waiting -= 1;
      });
  }
}
