import { join } from 'node:path';
import { deferred } from '../base/deferred.ts';
import { ExpectedError } from '../base/errors.ts';
import { BpftraceReader } from '../bpftrace-wrapper/index.ts';
import { FrameReader } from '../grammar/ring-buffer/index.ts';
import { runTool } from '../guest/command.ts';
import type { Kernel } from '../guest/kernel.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import { packageRoot } from '../guest/paths.ts';
import type { Control, ControlledGuest } from '../model/guest.ts';
import { bpftraceArgv, loadProbes, planProbes } from '../probes/index.ts';
import { ProgramError, talkTo } from './guest-program.ts';
import { startLeakWatch } from './leak-watch.ts';
import { ask, GUEST_PATHS, prepareFtrace } from './prepare.ts';
import { ATTACHED_MAP } from './probe-stream.ts';

export interface InstrumentOptions {
  readonly kernel: Kernel;
  readonly module: ModuleUnderTest;
  readonly trace: boolean;
  /** All of the module's events, for the analysis of races. */
  readonly races: boolean;
  /** What the module allocates is watched; the guest has the program for it. */
  readonly leaks: boolean;
  /** Called when a watch begins. */
  readonly onLeakWatch: () => void;
  /** Off, or there is no bpftrace for the guest. */
  readonly probes: boolean;
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
}

/** ftrace and the eBPF probes of a guest, as far as they stand in the way of the module's life. */
export interface Instruments {
  /** On a freshly booted guest, the module loaded. */
  start(guest: ControlledGuest): Promise<void>;
  /** Before the module is unloaded: bpftrace on its trace events keeps it in use (perf_trace_init). */
  suspend(guest: ControlledGuest): Promise<void>;
  /** After the module was loaded again: its events are new ones, and off. */
  resume(guest: ControlledGuest): Promise<void>;
}

/** Of a CPU. */
const FTRACE_BUFFER_KIB = 4096;
/** Errno 17: a program of that name runs already. */
const EEXIST = 17;
const PROGRAM = '/tmp/probes.bt';
/** Gives the program a map that is printed whatever happens: an empty count is 0, other empty maps are not printed. */
const ANSWERS = `interval:s:3600 { ${ATTACHED_MAP} = count(); }`;
/** Compiling a program takes bpftrace about five seconds under emulation, several times that on a sanitizer kernel. */
const ATTACH_MS = 120_000;

export function createInstruments(options: InstrumentOptions): Instruments {
  const { module, trace, races, progress } = options;
  let program = '';
  /** Worth having, not worth ending a run for. */
  const orWithout = async (what: string, started: Promise<void>): Promise<boolean> => {
    try {
      await started;
      return true;
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      progress(`no ${what} from here on: ${error.message.trim()}`);
      return false;
    }
  };
  const startTrace = async (guest: ControlledGuest) => {
    if (!trace) return;
    if (await prepareFtrace(guest.control, module, FTRACE_BUFFER_KIB, races))
      await orWithout('trace', startTraceStream(guest, races, options.signal));
    else progress(`no trace events of ${module.name} in this kernel: the flight recorder stays empty`);
  };
  const attachProbes = async (guest: ControlledGuest) => {
    if (!(await orWithout('eBPF probes', startProbes(guest, options.signal)))) program = '';
  };
  const watchLeaks = async ({ control }: ControlledGuest) => {
    if (!options.leaks) return;
    await startLeakWatch(control, module);
    options.onLeakWatch();
  };
  return {
    async start(guest) {
      await watchLeaks(guest);
      await startTrace(guest);
      program = options.probes ? await planProgram(guest.control, options) : '';
      if (program === '') return;
      await ask(guest.control, 'copying the probes', 'put', {
        path: PROGRAM,
        data: Buffer.from(program).toString('base64'),
      });
      progress('attaching the probes');
      await attachProbes(guest);
    },
    async suspend({ control }) {
      // What the trace still holds is read with the layouts of now: the module that is loaded next has others.
      for (const name of program === '' ? ['ftrace'] : ['bpftrace', 'ftrace'])
        await control.request('stop', { name, timeoutMs: 5000 }, { timeoutMs: 10_000 });
    },
    async resume(guest) {
      await watchLeaks(guest).catch((error: unknown) => {
        if (!(error instanceof ExpectedError)) throw error;
        progress(`nothing is known of leaks from here on: ${error.message}`);
      });
      await startTrace(guest);
      if (program !== '') await attachProbes(guest);
    },
  };
}

/** The default probes that can run in this guest, as one program; what cannot is said. */
async function planProgram(control: Control, { kernel, progress }: InstrumentOptions): Promise<string> {
  const events = await ask(control, 'listing trace events', 'read', {
    path: '/sys/kernel/tracing/available_events',
    max: 1 << 20,
  });
  const { probes, problems } = loadProbes(join(packageRoot(), 'probes'));
  for (const problem of problems) progress(`probe not usable: ${problem}`);
  // The guest's bpftrace is a copy of the one here.
  const version = /v?(\d+\.\d+\.\d+)/.exec(runTool('bpftrace', ['--version']).toString())?.[1] ?? null;
  const plan = planProbes(probes, {
    bpftrace: version,
    events: new Set(events.output.split('\n')),
    functions: null,
    config: new Set([...kernel.config.matchAll(/^(CONFIG_\w+)=[ym]$/gm)].map((match) => match[1] ?? '')),
  });
  for (const { probe, missing } of plan.left) progress(`probe ${probe.name} is left out: ${missing.join(', ')}`);
  return plan.program === '' ? '' : `${plan.program}\n${ANSWERS}\n`;
}

/**
 * Waits until pages come: what the sender tells first, the symbols of modules, takes it most of a second under emulation, and a
 * snapshot of before would have every restored guest begin with that. With `pauses` what is traced is traced wholly, and now and
 * then nothing is: two accesses that race are seen only where nothing is missing around them.
 */
async function startTraceStream(guest: ControlledGuest, pauses: boolean, signal: AbortSignal): Promise<void> {
  const streams = deferred();
  const reader = new FrameReader(() => streams.resolve());
  const program = { name: 'ftrace', limitMs: ATTACH_MS, late: 'nothing of the trace came', signal } as const;
  const listen = (bytes: Uint8Array) => reader.push(bytes, () => {});
  await talkTo(guest, program, listen, async (orFail) => {
    const { status, error } = await guest.control.request('start', {
      name: 'ftrace',
      argv: ['/bin/vexfs-trace-stream', GUEST_PATHS.tracing, ...(pauses ? ['pause'] : [])],
      port: 'vexfs.ftrace',
      oomScoreAdj: -500,
    });
    if (status === EEXIST) return;
    if (status !== 0) throw new ProgramError(error ?? `starting it failed: ${status}`);
    await orFail(streams.promise);
  });
}

/**
 * Waits until every probe is attached. bpftrace says "attached" before it attaches; asked for its maps (SIGUSR1) it answers
 * from its loop behind that. The kernel patches its text while probes are attached, and under emulation a CPU that runs
 * there at that moment goes astray: neither a load nor a snapshot may come before.
 */
async function startProbes(guest: ControlledGuest, signal: AbortSignal): Promise<void> {
  const reader = new BpftraceReader({ mode: 'json' });
  const [attaches, answers] = [deferred(), deferred()];
  const program = { name: 'bpftrace', limitMs: ATTACH_MS, late: 'no probe was attached', signal } as const;
  const listen = (bytes: Uint8Array) => {
    for (const { kind } of reader.push(bytes)) {
      if (kind === 'attached') attaches.resolve();
      if (kind === 'map') answers.resolve();
    }
  };
  await talkTo(guest, program, listen, async (orFail) => {
    const { pid } = await ask(guest.control, 'starting bpftrace', 'start', {
      name: 'bpftrace',
      argv: bpftraceArgv(PROGRAM),
      port: 'vexfs.bpftrace',
      oomScoreAdj: -500,
    });
    await orFail(attaches.promise);
    await ask(guest.control, 'asking bpftrace for its maps', 'kill', { pid, signal: 'USR1' });
    await orFail(answers.promise);
  });
}
