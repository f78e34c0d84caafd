import { ExpectedError } from '../base/errors.ts';
import { lazy } from '../base/lazy.ts';
import { demand, type Requirements } from './capability.ts';
import { type Diagnostic, parseDiagnostics } from './diagnostic.ts';
import { lookAtMachine, needsOf, obstacle } from './machine.ts';
import type { MapRead } from './map-decode.ts';
import type { MapSource } from './map-source.ts';
import type { Message } from './message.ts';
import { BpftraceReader } from './reader.ts';
import { openMaps, SessionMaps } from './session-maps.ts';
import { type ProcessEnd, type RunningProcess, type Spawn, spawnLocal } from './spawn.ts';

export interface RunOptions {
  /** The program's text, or the path of a file where bpftrace runs; its maps can be read only when the text is given too. */
  readonly program: { readonly text: string } | { readonly file: string; readonly text?: string };
  readonly bpftrace?: string;
  /** Further arguments, as `-k`; not `-f`, `-o`, `-B`. */
  readonly args?: readonly string[];
  /** `BPFTRACE_PERF_RB_PAGES`, `BPFTRACE_MAP_KEYS_MAX`, … */
  readonly env?: Readonly<Record<string, string>>;
  readonly spawn?: Spawn;
  /** What reads maps. Default: opened at the first `readMap`, closed at the end. */
  readonly maps?: MapSource;
  /**
   * Looked up before the start; not met is an ExpectedError with the next step. Always looked at, in milliseconds: rights,
   * tracefs, and what the program's text needs (events, kprobes, BTF). A version or features ask bpftrace itself, which
   * takes it a tenth of a second, in an emulated guest seconds. null looks at nothing.
   */
  readonly requires?: Requirements | null;
  /** The probes must be attached by then. Default 60 s: an emulated guest takes up to 10. */
  readonly attachMs?: number;
  /** The run is ended then, its maps printed. Default: none. */
  readonly deadlineMs?: number;
  /** Time to print maps after SIGINT before it is killed. Default 10 s. */
  readonly drainMs?: number;
  /** Ends the run as `stop` does. */
  readonly signal?: AbortSignal;
}

/** Why a run is over: by itself, by `stop` or the signal, by the deadline, or because it would not attach, failed, or was killed. */
export type Outcome = 'ended' | 'stopped' | 'deadline' | 'not-attached' | 'failed' | 'killed';

export interface RunResult extends ProcessEnd {
  readonly outcome: Outcome;
  readonly diagnostics: readonly Diagnostic[];
  /** The end of stderr. */
  readonly stderr: string;
}

/** A running bpftrace. Whoever starts it iterates its messages: what is not read holds bpftrace up. Leaving the loop stops it. */
export interface Session extends AsyncIterable<Message> {
  /** SIGINT: END probes run, maps are printed, then the messages end. Resolves with the result. */
  stop(): Promise<RunResult>;
  /**
   * SIGUSR1: print all maps, as messages. 0.17 does so at its next poll, 100 ms or more, and takes two signals before that
   * for one: calls less than 100 ms apart become one, the last is not lost. Nothing once it is told to end, which prints them all.
   */
  dump(): void;
  /**
   * Reads one map from the kernel without bpftrace's doing, entries in no order. What cannot be told, as keys that are
   * stacks, is a `problem`: `dump` is there for these. Rejects with an ExpectedError when the program has ended or nothing can read maps.
   */
  readMap(name: string): Promise<MapRead>;
  /** Settles when bpftrace is gone; never rejects. */
  readonly result: Promise<RunResult>;
}

const MAX_STDERR = 16 * 1024;
const DUMP_MS = 100;
/**
 * 0.17 sees SIGINT only when that interrupts its wait for events (poll_perf_events in src/bpftrace.cpp); one that comes while it
 * handles events is forgotten. A second SIGINT would kill it while it prints its maps and SIGUSR1 prints them once more; being
 * stopped and continued interrupts the wait (signal(7)) and does nothing else.
 */
const NUDGE_MS = [300, 700, 1500, 3000, 6000];

export async function startBpftrace(options: RunOptions): Promise<Session> {
  const { bpftrace = 'bpftrace', spawn = spawnLocal, program, args = [], env = {} } = options;
  options.signal?.throwIfAborted();
  if (options.requires !== null) await demandMachine(program.text ?? '', bpftrace, spawn);
  if (options.requires) await demand(options.requires, { bpftrace, spawn });
  const source = 'file' in program ? [program.file] : ['-e', program.text];
  const running = await spawn([bpftrace, '-f', 'json', ...args, ...source], env);
  return new RunningSession(running, options);
}

async function demandMachine(text: string, bpftrace: string, spawn: Spawn): Promise<void> {
  const needs = needsOf(text);
  const problem = obstacle(await lookAtMachine(needs, { bpftrace, spawn }), needs);
  if (problem) throw problem;
}

class RunningSession implements Session {
  readonly result: Promise<RunResult>;
  readonly #running: RunningProcess;
  readonly #drainMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #reason: Outcome | null = null;
  #killed = false;
  #attached: NodeJS.Timeout | undefined;
  /** Until it has said that it attaches, the signal would end it. */
  #listens = false;
  #wanted = false;
  #dumped = Number.NEGATIVE_INFINITY;
  #due: NodeJS.Timeout | undefined;
  readonly #openMaps: () => { read(name: string): Promise<MapRead> };

  constructor(running: RunningProcess, options: RunOptions) {
    this.#running = running;
    let closeMaps = () => {};
    this.#openMaps = lazy(() => {
      const source = options.maps ? Promise.resolve(options.maps) : openMaps(options.spawn);
      if (!options.maps) closeMaps = () => void source.then((maps) => maps.close()).catch(() => {});
      return new SessionMaps(options.program.text ?? '', running.pid ?? Promise.resolve(null), source);
    });
    this.#drainMs = options.drainMs ?? 10_000;
    const abort = () => this.#end('stopped');
    options.signal?.addEventListener('abort', abort, { once: true });
    this.#attached = this.#after(options.attachMs ?? 60_000, () => this.#end('not-attached'));
    if (options.deadlineMs !== undefined) this.#after(options.deadlineMs, () => this.#end('deadline'));
    this.result = this.#watch().finally(() => {
      options.signal?.removeEventListener('abort', abort);
      for (const timer of this.#timers) clearTimeout(timer);
      closeMaps();
    });
  }

  stop(): Promise<RunResult> {
    this.#end('stopped');
    return this.result;
  }

  dump(): void {
    if (this.#reason !== null) return;
    this.#wanted = !this.#listens;
    if (this.#due !== undefined || this.#wanted) return;
    const signal = () => {
      this.#due = undefined;
      this.#dumped = performance.now();
      this.#running.kill('SIGUSR1');
    };
    const wait = this.#dumped + DUMP_MS - performance.now();
    if (wait <= 0) signal();
    else this.#due = this.#after(wait, signal);
  }

  async readMap(name: string): Promise<MapRead> {
    if (this.#reason !== null) throw new ExpectedError('guest', 'the program has ended, its maps with it');
    return this.#openMaps().read(name);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    const reader = new BpftraceReader({ mode: 'json' });
    let finished = false;
    try {
      for await (const bytes of this.#running.stdout) {
        for (const message of reader.push(bytes)) {
          if (message.kind === 'attached') this.#onAttached();
          yield message;
        }
      }
      finished = true;
      yield* reader.end();
    } finally {
      // Whose output is over ends by itself, with a code that tells how it went; or it hangs.
      if (finished) this.#after(this.#drainMs, () => this.#kill());
      else this.#end('stopped');
      await this.result;
    }
  }

  #onAttached(): void {
    clearTimeout(this.#attached);
    this.#listens = true;
    if (this.#wanted) this.dump();
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(act, ms);
    this.#timers.add(timer);
    return timer;
  }

  /** Asks it to end, kills it when it does not. The first reason counts. */
  #end(reason: Outcome): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    // The end prints all maps.
    clearTimeout(this.#due);
    this.#running.kill('SIGINT');
    for (const ms of NUDGE_MS) this.#after(ms, () => this.#interruptWait());
    this.#after(this.#drainMs, () => this.#kill());
  }

  #interruptWait(): void {
    this.#running.kill('SIGSTOP');
    this.#running.kill('SIGCONT');
  }

  #kill(): void {
    this.#killed = true;
    this.#running.kill('SIGKILL');
  }

  async #watch(): Promise<RunResult> {
    const stderr = tail(this.#running.stderr);
    const end = await this.#running.ended;
    // By itself, unless somebody asked before.
    const reason = this.#reason;
    this.#reason ??= 'ended';
    const text = await stderr;
    return { ...end, outcome: outcomeOf(end, reason, this.#killed), diagnostics: parseDiagnostics(text), stderr: text };
  }
}

function outcomeOf(end: ProcessEnd, reason: Outcome | null, killed: boolean): Outcome {
  if (killed || end.signal === 'SIGKILL') return reason === 'not-attached' ? reason : 'killed';
  if (end.code !== 0 && reason === null) return 'failed';
  return reason ?? 'ended';
}

/** A sentence for a run that did not go well, with the place in the program; null for one that did. */
export function describeFailure(result: RunResult): string | null {
  if (result.outcome === 'ended' || result.outcome === 'stopped' || result.outcome === 'deadline') return null;
  if (result.error !== undefined) return `bpftrace could not be started: ${result.error}`;
  const error = result.diagnostics.find((diagnostic) => diagnostic.level === 'error');
  if (error) {
    const { file, line, column } = error.place;
    const place = line === null ? '' : `${file ?? 'program'}:${line}${column === null ? '' : `:${column}`}: `;
    return `${place}${error.message}`;
  }
  if (result.outcome === 'not-attached') return 'bpftrace did not attach its probes in time';
  return result.outcome === 'killed'
    ? 'bpftrace was killed, its maps are lost'
    : `bpftrace ended with ${result.code ?? result.signal}`;
}

async function tail(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  const utf8 = new TextDecoder();
  try {
    for await (const bytes of stream) text = (text + utf8.decode(bytes, { stream: true })).slice(-MAX_STDERR);
  } catch {
    // Broken off: what came is what there is.
  }
  return text;
}
