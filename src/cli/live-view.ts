import { join } from 'node:path';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { type Event, isFinding } from '../model/event.ts';
import type { RunWatcher } from '../run/run-watcher.ts';
import { KeptRun } from './kept-run.ts';
import { type FailOn, fails } from './options.ts';
import { createPrinter, type LiveFormat, say } from './output.ts';
import { createInterrupt } from './signals.ts';
import { type Status, StatusLine } from './status-line.ts';
import { openAsked, type WatchFlags } from './watch-options.ts';

export interface LiveFlags extends WatchFlags {
  readonly format: LiveFormat;
  readonly failOn: FailOn;
  readonly capture: string | boolean;
  /** False with --no-store. */
  readonly store?: string | boolean;
}

interface Watched {
  status(): Status;
  /** All of the run so far is in its capture. */
  readonly recorded: boolean;
  readonly counts: {
    readonly findings: number;
    readonly incidents: number;
    readonly recovered: number;
    readonly gaps: number;
  };
}

/** A live run as the user sees it: events on stdout, the rest on stderr, Ctrl-C, and the exit code that follows from all. */
export class LiveView {
  /** Folder of the recording; undefined with --no-capture. */
  readonly captureDir: string | undefined;
  /** What a run needs of its surroundings. */
  readonly ports;
  readonly #interrupt = createInterrupt();
  readonly #status: StatusLine;
  readonly #flags: LiveFlags;
  readonly #command: readonly string[];
  readonly #kept: KeptRun;
  #watcher: RunWatcher | undefined;
  #failed = false;

  constructor(flags: LiveFlags, command: readonly string[]) {
    this.#flags = flags;
    this.#command = command;
    this.#status = new StatusLine(flags.format);
    if (flags.capture !== false)
      this.captureDir = typeof flags.capture === 'string' ? flags.capture : join('captures', stamp());
    const printer = createPrinter(flags.format);
    this.ports = {
      onEvent: (event: Event, advice?: readonly string[]) => {
        if (isFinding(event) && fails(event, flags.failOn)) this.#failed = true;
        this.#kept.event(event);
        this.#watcher?.event(event);
        this.#status.around(() => printer(event, advice));
      },
      progress: (text: string) => this.#status.around(() => say(text)),
      warn: (text: string) => this.#status.around(() => say(`warning: ${text}`)),
      signal: this.#interrupt.signal,
    };
    this.#kept = new KeptRun(flags.store, command, this.captureDir, this.ports.warn);
  }

  /** Does the work and gives the exit code. */
  async run(work: () => Promise<void>): Promise<number> {
    try {
      const folder = this.captureDir;
      const run = { command: this.#command, ...(folder !== undefined && { folder }) };
      this.#watcher = await openAsked(this.#flags, run, this.ports);
      await work();
      return this.#failed ? EXIT.findings : EXIT.ok;
    } catch (error) {
      const code = this.#interrupt.exitCode();
      if (code !== undefined && error instanceof ExpectedError) return code;
      if (this.#failed && error instanceof GuestGone) {
        say(error.message);
        return EXIT.findings;
      }
      throw error;
    } finally {
      await this.#kept.close();
      await this.#watcher?.close();
      this.#interrupt.dispose();
    }
  }

  /** Shows the status line while something goes on, and the sum of it at the end. */
  async during(session: Watched, work: () => Promise<void>, close: () => Promise<void>): Promise<void> {
    this.#status.start(() => session.status());
    try {
      await work();
    } finally {
      this.#status.stop();
      await close();
    }
    const { findings, incidents, recovered, gaps } = session.counts;
    const words = session.recorded ? 'recorded in' : 'the recording is not whole:';
    const recorded = this.captureDir === undefined ? '' : `; ${words} ${this.captureDir}`;
    say(`${findings} findings in ${incidents} incidents, ${recovered} recovered, ${gaps} gaps${recorded}`);
  }
}

/** The guest left before the run was over. With findings they decide the exit code: they may be why it left. */
export class GuestGone extends ExpectedError {
  constructor(reason: string) {
    super('guest', `the guest went away: ${reason}`, 'see that it runs, then join it again');
  }
}

/** A folder name that sorts by time, fine enough for runs that are started together. */
function stamp(): string {
  return new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
}
