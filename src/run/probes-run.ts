import { startClock } from '../base/clock.ts';
import { ExpectedError } from '../base/errors.ts';
import { newRun } from '../base/id.ts';
import type { Message } from '../bpftrace-wrapper/index.ts';
import type { Event } from '../model/event.ts';
import {
  bpftraceEngine,
  checkProbe,
  type EngineName,
  fitProbe,
  type Probe,
  type ProbeEngine,
  type RunningProbes,
  type TraceCapabilities,
} from '../probes/index.ts';
import { Emitter } from './emitter.ts';
import { connectGuest } from './guest-command.ts';
import { metricOf } from './probe-stream.ts';
import { capabilitiesHere } from './probes-capability.ts';
import { guestEngine } from './probes-guest.ts';
import { findProbes } from './probes-library.ts';
import { localCoreEngine } from './probes-objects.ts';

export interface ProbesRunOptions {
  readonly names: readonly string[];
  readonly files: readonly string[];
  readonly interface?: string;
  /** A running guest, by its id. */
  readonly guest?: string;
  readonly durationMs?: number;
  readonly intervalMs?: number;
  readonly progress: (message: string) => void;
  /** Ends the run in order. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: Event) => void;
  readonly onMessage: (message: Message) => void;
}

interface Started {
  readonly engine: EngineName;
  readonly probes: RunningProbes;
}

type Engines = Readonly<Record<EngineName, ProbeEngine>>;

/** Where probes run: what is there, and what runs them. */
interface Place {
  readonly has: TraceCapabilities;
  readonly engines: Engines;
  readonly close: () => void;
}

/** Runs probes until the duration is over, the signal comes, or they end by themselves. All of them at once; none is left behind. */
export async function runProbes(options: ProbesRunOptions): Promise<void> {
  const { progress, signal } = options;
  const found = findProbes(options.names, options.files);
  if (found.length === 0) throw new ExpectedError('usage', 'name a probe or a --file', 'vexfs-trace probes list');
  const [problem] = found.flatMap(({ problems }) => problems);
  if (problem !== undefined) throw new ExpectedError('usage', problem);
  const place = options.guest === undefined ? here(progress) : await inGuest(options.guest);
  const stop = new AbortController();
  const running: Started[] = [];
  const abort = () => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) throw new ExpectedError('sigint', 'interrupted');
    const probes = found.map(({ probe }) => demand(probe, place.has));
    progress(`attaching ${probes.map(({ name }) => name).join(', ')}`);
    for (const engine of ['core', 'bpftrace'] as const) {
      const own = probes.filter((probe) => probe.engine === engine);
      if (own.length === 0) continue;
      const { intervalMs, interface: name } = options;
      const start = { ...(name !== undefined && { interface: name }), ...(intervalMs !== undefined && { intervalMs }) };
      running.push({ engine, probes: await place.engines[engine].start(own, { ...start, signal: stop.signal }) });
    }
    await watch(running, stop, options);
  } finally {
    signal.removeEventListener('abort', abort);
    for (const { probes } of running) probes.stop();
    await Promise.all(running.map(({ probes }) => probes.ended));
    place.close();
  }
}

function here(progress: (message: string) => void): Place {
  return {
    has: capabilitiesHere(),
    engines: { bpftrace: bpftraceEngine(), core: localCoreEngine(progress) },
    close: () => {},
  };
}

/** Nothing is looked up there: bpftrace says what it cannot do. */
async function inGuest(id: string): Promise<Place> {
  const control = await connectGuest(id);
  const nowhere: ProbeEngine = {
    start: () => Promise.reject(new ExpectedError('usage', 'compiled probes run on this machine only')),
  };
  return {
    has: { bpftrace: '', events: null, functions: null, config: null },
    engines: { bpftrace: guestEngine(control), core: nowhere },
    close: () => control.close(),
  };
}

/** The probe as it fits there; what is missing is said. */
function demand(probe: Probe, has: TraceCapabilities): Probe {
  const { missing } = checkProbe(probe, has);
  if (missing.length > 0) {
    throw new ExpectedError('missing', `${probe.name} cannot run: ${missing.join('; ')}`, HINTS[probe.engine]);
  }
  return fitProbe(probe, has);
}

const HINTS: Readonly<Record<EngineName, string>> = {
  bpftrace: 'vexfs-trace probes list shows what can; make setup installs bpftrace',
  core: 'vexfs-trace probes list shows what can; make setup installs clang, libbpf-dev and bpftool',
};

/** Every message as an event and as it is. The first that ends by itself ends all. */
async function watch(running: readonly Started[], stop: AbortController, options: ProbesRunOptions): Promise<void> {
  const clock = startClock();
  const emitter = new Emitter({ run: newRun(), startWall: clock.startWall, live: true, sink: options.onEvent });
  let timer: NodeJS.Timeout | undefined;
  let waiting = running.length;
  await Promise.all(
    running.map(async ({ engine, probes }) => {
      for await (const message of probes) {
        emitter.now = clock.now();
        if (message.kind === 'attached' && --waiting === 0) {
          options.progress(options.durationMs === undefined ? 'attached; Ctrl-C ends it' : 'attached');
          if (options.durationMs !== undefined) timer = setTimeout(() => stop.abort(), options.durationMs);
        }
        options.onMessage(message);
        emit(emitter, engine, message);
      }
      stop.abort();
    }),
  ).finally(() => clearTimeout(timer));
  for (const failure of await Promise.all(running.map(({ probes }) => probes.ended))) {
    if (failure !== null) throw new ExpectedError(exitOf(failure), failure);
  }
}

/** What names a place in the program is the program's fault. */
function exitOf(failure: string): 'usage' | 'missing' | 'guest' {
  if (/^[^\s:]+:\d+/.test(failure)) return 'usage';
  return /could not be started|permi|root/i.test(failure) ? 'missing' : 'guest';
}

const STREAMS = {
  bpftrace: { stream: 'bpftrace', gap: 'bpftrace-lost' },
  core: { stream: 'probes', gap: 'stream-lost' },
} as const satisfies Record<EngineName, unknown>;

function emit(emitter: Emitter, engine: EngineName, message: Message): void {
  const { stream, gap } = STREAMS[engine];
  const evidence = [{ stream, byte: 0, endByte: 0 }];
  if (message.kind === 'lost') {
    const lost = { lost: message.events, unit: 'events', from: null, to: null } as const;
    emitter.emit({ event: 'gap', kind: gap, stream, ...lost, evidence });
    return;
  }
  const metric = metricOf(message);
  if (metric) emitter.emit({ event: 'metric', ...metric, evidence });
}
