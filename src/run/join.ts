import { ulid } from 'ulid';
import { joinConsole } from '../guest/join-console.ts';
import { joinLocal } from '../guest/join-local.ts';
import type { EventChoice } from '../guest/join-scripts.ts';
import { joinSsh } from '../guest/join-ssh.ts';
import type { Joined, StreamNote } from '../guest/joined.ts';
import { CAPTURE_SCHEMA } from '../model/capture.ts';
import type { Event } from '../model/event.ts';
import type { GuestExit } from '../model/guest.ts';
import { runningBuildId } from '../symbolize/running-build-id.ts';
import { adviceFor } from './advice.ts';
import type { AttachPorts } from './attach.ts';
import { openLibrary } from './library.ts';
import { TRACE_EVENTS } from './prepare.ts';
import { Session } from './session.ts';
import type { SymbolOptions } from './symbol-finding.ts';
import { openSymbols } from './symbols.ts';
import { TOOL } from './version.ts';
import { waitFor } from './wait.ts';
import { warmUp } from './warm-up.ts';

/** A machine that belongs to the user. */
export type JoinTarget =
  | { readonly kind: 'ssh'; readonly host: string; readonly config?: string }
  | { readonly kind: 'console'; readonly path: string; readonly baud?: number }
  | { readonly kind: 'local' };

export interface JoinRunOptions {
  readonly target: JoinTarget;
  /** True: with what the kernel's ring buffer held before. */
  readonly backlog: boolean;
  /** Trace events as `SYSTEM:EVENT`; none: those of vexfs where the kernel has them. */
  readonly events: readonly string[];
  readonly trace: boolean;
  /** True where a person can answer what ssh asks. */
  readonly interactive: boolean;
  readonly captureDir?: string;
  readonly patterns: readonly string[];
  /** Files with debug information; absent: frames stay as the machine prints them. */
  readonly symbols?: SymbolOptions;
  readonly command: readonly string[];
}

/** Like those of a guest of ours, but that an event comes with what the user may do about it. */
export interface JoinPorts extends Omit<AttachPorts, 'onEvent'> {
  readonly onEvent: (event: Event, advice: readonly string[]) => void;
}

export interface JoinedRun {
  readonly session: Session;
  /** Waits for the time to pass, the signal, or the guest to go away, which is told. */
  run(durationMs?: number): Promise<GuestExit | undefined>;
  close(): Promise<void>;
}

/**
 * Watches a machine of the user's: it is read, classified and recorded like a guest of ours, but nothing is done to it.
 * Its own end is an event and no finding, since a lost connection says nothing of the machine behind it.
 */
export async function join(options: JoinRunOptions, ports: JoinPorts): Promise<JoinedRun> {
  const { progress, warn, signal } = ports;
  const matcher = await openLibrary(options.patterns, warn);
  await warmUp(matcher);
  const run = ulid();
  const id = `j${run.slice(-8).toLowerCase()}`;
  let session: Session | undefined;
  const symbols = await openSymbols(symbolsOf(options), { warn, live: true });
  const joined = await open(options, id, ports, (detail) => session?.note({ record: 'guest', kind: 'note', detail }));
  const live = new Session({
    info: {
      schema: CAPTURE_SCHEMA,
      run,
      tool: TOOL,
      guest: id,
      kernel: { name: joined.kind, release: joined.describe },
      command: [...options.command],
    },
    ...(options.captureDir !== undefined && { captureDir: options.captureDir }),
    matcher,
    recover: false,
    onEvent: (event) => symbols.event(event, (event) => ports.onEvent(event, adviceFor(event, matcher))),
    warn,
    signal,
  });
  session = live;
  live.note({ record: 'guest', kind: 'ready', detail: { joined: joined.kind, guest: joined.describe } });
  progress(`watching ${joined.describe}`);
  joined.onData((stream, bytes) => live.feed(stream, bytes));
  // Ctrl-C on a terminal reaches ssh, too; that is no loss.
  const gone = joined.exited.then((exit) => {
    if (exit.expected || signal.aborted) return undefined;
    const { code, reason } = exit;
    live.note({ record: 'guest', kind: 'exit', detail: { connection: joined.kind, code, reason } });
    return exit;
  });
  return {
    session: live,
    async run(durationMs) {
      const done = new AbortController();
      const time = waitFor(durationMs, AbortSignal.any([signal, done.signal])).then(() => undefined);
      return Promise.race([gone, time]).finally(() => done.abort());
    },
    async close() {
      await joined.drain();
      await joined.close();
      await gone;
      await live.close();
      await symbols.close();
    },
  };
}

function open(options: JoinRunOptions, id: string, ports: JoinPorts, onNote: StreamNote): Promise<Joined> {
  const { target, backlog, interactive } = options;
  const events: EventChoice | undefined = options.trace ? choose(options.events) : undefined;
  const { progress, signal } = ports;
  const common = { id, backlog, ...(events !== undefined && { events }), onNote, progress, signal };
  switch (target.kind) {
    case 'ssh':
      return joinSsh({ ...common, ...target, interactive });
    case 'console':
      return joinConsole({ id, ...target });
    case 'local':
      return joinLocal(common);
  }
}

/** This machine can be asked what it runs. */
function symbolsOf({ symbols, target }: JoinRunOptions): SymbolOptions | undefined {
  return symbols && { ...symbols, ...(target.kind === 'local' && { runningBuildId }) };
}

function choose(named: readonly string[]): EventChoice {
  if (named.length > 0) return { globs: named, required: true };
  return { globs: TRACE_EVENTS.map((event) => `vexfs:${event}`), required: false };
}
