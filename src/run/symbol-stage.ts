import { type Event, type Finding, isFinding } from '../model/event.ts';

export interface SymbolStageOptions {
  readonly symbolize: (finding: Finding) => Promise<Finding>;
  /** So many may wait; what comes then is shown as it is. Live, events come whether or not somebody keeps up. */
  readonly maxWaiting?: number;
  readonly warn: (message: string) => void;
}

/** Events that a reader of files lets wait before it reads on. */
const ENOUGH = 64;

/**
 * What stands between a source of events and those who show them: complete findings wait for their symbols, and everything behind
 * them waits for them, so that the order stays. Until then, and without findings, events pass at once.
 */
export class SymbolStage {
  readonly #options: SymbolStageOptions;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #failed: { readonly error: unknown } | undefined;
  #warned = false;

  constructor(options: SymbolStageOptions) {
    this.#options = options;
  }

  event(event: Event, deliver: (event: Event) => void): void {
    if (isFinding(event) && hasPlaces(event) && this.#keepsUp()) {
      this.#later(async () => {
        const symbolized = this.#options.symbolize(event);
        deliver(await symbolized.catch((error: unknown) => this.#fail(error, event)));
      });
    } else {
      this.inOrder(() => deliver(event));
    }
  }

  /** Does it when all that came before has been delivered. */
  inOrder(act: () => void): void {
    if (this.#waiting === 0) act();
    else this.#later(act);
  }

  /** Resolves when not much waits. Fails with what a delivery failed with. */
  async room(): Promise<void> {
    if (this.#waiting > ENOUGH) await this.#last;
    this.#check();
  }

  /** Resolves when everything has been delivered. Fails with what a delivery failed with. */
  async drain(): Promise<void> {
    await this.#last;
    this.#check();
  }

  #later(act: () => void | Promise<void>): void {
    this.#waiting += 1;
    this.#last = this.#last
      .then(act)
      .catch((error: unknown) => this.#fail(error, undefined))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  #fail<T>(error: unknown, instead: T): T {
    this.#failed ??= { error };
    return instead;
  }

  #keepsUp(): boolean {
    const { maxWaiting, warn } = this.#options;
    if (maxWaiting === undefined || this.#waiting < maxWaiting) return true;
    if (!this.#warned) warn('findings come faster than they can be symbolized; some are shown without lines');
    this.#warned = true;
    return false;
  }

  #check(): void {
    if (this.#failed !== undefined) throw this.#failed.error;
  }
}

function hasPlaces({ final, stacks, guiltyFile }: Finding): boolean {
  return final && (stacks.length > 0 || guiltyFile !== '');
}
