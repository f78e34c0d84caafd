import { ExpectedError } from '../base/errors.ts';
import type { Stream } from '../model/chunk.ts';
import type { GuestExit } from '../model/guest.ts';
import { createBacklogFilter } from './backlog.ts';
import { FTRACE_SCRIPT, KMSG_SCRIPT } from './follow-scripts.ts';
import { eventFolder, type Joined, type StreamNote } from './joined.ts';
import { type ScriptCommand, ScriptStream } from './script-stream.ts';

/** Trace events to stream: patterns, and whether the user asked for them or they are a default that may be absent. */
export interface EventChoice {
  readonly globs: readonly string[];
  readonly required: boolean;
}

export interface JoinOptions {
  readonly id: string;
  /** Absent: no trace stream. */
  readonly events?: EventChoice;
  /** True: with what the kernel's ring buffer holds already. */
  readonly backlog: boolean;
  readonly onNote: StreamNote;
  readonly progress: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** How scripts are run on a machine. */
export interface ScriptHost {
  readonly kind: 'ssh' | 'local';
  /** Names the way there: `ssh HOST`. */
  readonly what: string;
  /** The machine in a sentence. */
  readonly where: string;
  readonly deadlineMs?: number;
  /** `first` may talk to the user, later ones may not. */
  command(script: string, first: boolean): ScriptCommand;
}

/** `kmsg RELEASE UPTIME LAST…` of the script for the kernel log. */
const LOG_GREETING = /^(kmsg|dmesg) (\S+) ([\d.]+) ?(.*)$/;

/** Follows the kernel log, and trace events where it may, of a machine on which scripts can be run. */
export async function joinByScripts(host: ScriptHost, options: JoinOptions): Promise<Joined> {
  const { what } = host;
  const common = {
    ...(host.deadlineMs !== undefined && { deadlineMs: host.deadlineMs }),
    ...(options.signal !== undefined && { signal: options.signal }),
  };
  const input = options.events?.globs.map((glob) => `${eventFolder(glob)}\n`).join('');
  const log = await ScriptStream.open({ what, ...host.command(KMSG_SCRIPT, true), ...common });
  try {
    const match = LOG_GREETING.exec(log.greeting);
    if (match === null) {
      throw new ExpectedError(
        'missing',
        `the kernel log of ${host.where} may not be read by ${log.greeting.replace(/^none /, '') || 'this user'}`,
        'join as root, or there: sudo sysctl kernel.dmesg_restrict=0',
      );
    }
    const [, device, release = '', uptime, last = ''] = match;
    if (device === 'dmesg') options.progress('/dev/kmsg cannot be read there; dmesg does not tell of lost messages');
    const filter = options.backlog ? undefined : createBacklogFilter({ uptime: Number(uptime), last });
    const trace =
      input === undefined
        ? undefined
        : await openTrace(host, options, () =>
            ScriptStream.open({ what, ...host.command(FTRACE_SCRIPT, false), input: `${input}\n`, ...common }),
          );
    return new ScriptGuest(host, options, `${host.where}, ${release}`, log, filter, trace);
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** The trace stream. Undefined, with a word of why, where it was not asked for by name. */
async function openTrace(
  host: ScriptHost,
  { events, progress, signal }: JoinOptions,
  open: () => Promise<ScriptStream>,
): Promise<ScriptStream | undefined> {
  const names = events?.globs.join(', ');
  let why: string;
  try {
    const trace = await open();
    if (trace.greeting.startsWith('ftrace ')) return trace;
    await trace.close();
    why = trace.greeting.replace(/^none /, '');
  } catch (error) {
    if (!(error instanceof ExpectedError) || signal?.aborted) throw error;
    why = error.message;
  }
  if (events?.required)
    throw new ExpectedError(
      'missing',
      `${names} cannot be traced on ${host.where}: ${why}`,
      'there: cat /sys/kernel/tracing/available_events',
    );
  progress(`no trace events of the module (${why}); --events SYSTEM:EVENT streams others`);
  return undefined;
}

class ScriptGuest implements Joined {
  readonly id: string;
  readonly kind: 'ssh' | 'local';
  readonly describe: string;
  readonly exited: Promise<GuestExit>;
  readonly #streams: readonly ScriptStream[];
  readonly #starts: readonly (() => void)[];
  readonly #listeners = new Set<(stream: Stream, bytes: Uint8Array) => void>();
  #started = false;
  #closing = false;

  constructor(
    host: ScriptHost,
    options: JoinOptions,
    describe: string,
    log: ScriptStream,
    filter: ((bytes: Uint8Array) => Uint8Array) | undefined,
    trace: ScriptStream | undefined,
  ) {
    this.id = options.id;
    this.kind = host.kind;
    this.describe = describe;
    this.#streams = trace === undefined ? [log] : [log, trace];
    this.#starts = [
      () => log.start((bytes) => this.#emit('kmsg', filter === undefined ? bytes : filter(bytes))),
      () => trace?.start((bytes) => this.#emit('ftrace', bytes)),
    ];
    // The log is the guest: without it nothing is heard of a crash.
    this.exited = log.exited.then((exit) => ({ ...exit, expected: this.#closing }));
    trace?.exited.then(({ reason }) => {
      if (!this.#closing && !options.signal?.aborted) options.onNote({ stream: 'ftrace', state: 'ended', reason });
    });
  }

  onData(listener: (stream: Stream, bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#started) for (const start of this.#starts) start();
    this.#started = true;
    return () => this.#listeners.delete(listener);
  }

  /** The other side holds nothing back, so what is in the pipes is all there is: one turn of the loop reads it. */
  drain(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#streams.map((stream) => stream.close()));
  }

  #emit(stream: Stream, bytes: Uint8Array): void {
    if (bytes.length > 0) for (const listener of this.#listeners) listener(stream, bytes);
  }
}
