import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BpftraceReader } from '../bpftrace-wrapper/index.ts';
import { runTool } from '../guest/command.ts';
import type { Kernel } from '../guest/kernel.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import { packageRoot } from '../guest/paths.ts';
import type { AgentAnswer, Control, ControlledGuest } from '../model/guest.ts';
import { bpftraceArgv, loadProbes, planProbes } from '../probes/index.ts';
import { ask, startFtrace } from './prepare.ts';
import { ATTACHED_MAP } from './probe-stream.ts';

export interface InstrumentOptions {
  readonly kernel: Kernel;
  readonly module: ModuleUnderTest;
  readonly trace: boolean;
  /** All of the module's events, for the analysis of races. */
  readonly races: boolean;
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

const FTRACE_BUFFER_KIB = 4096;
const RACES_BUFFER_KIB = 16_384;
const PROGRAM = '/tmp/probes.bt';
/** Gives the program a map that is printed whatever happens: an empty count is 0, other empty maps are not printed. */
const ANSWERS = `interval:s:3600 { ${ATTACHED_MAP} = count(); }`;
/** Compiling takes bpftrace about five seconds under emulation, several times that on a sanitizer kernel. */
const ATTACH_MS = 120_000;

export function createInstruments(options: InstrumentOptions): Instruments {
  const { module, trace, races, progress } = options;
  let program = '';
  const startProbes = (control: Control) =>
    ask(control, 'starting bpftrace', 'start', {
      name: 'bpftrace',
      argv: bpftraceArgv(PROGRAM),
      port: 'vexfs.bpftrace',
      oomScoreAdj: -500,
    });
  const startTrace = async (control: Control) => {
    if (trace && !(await startFtrace(control, module, races ? RACES_BUFFER_KIB : FTRACE_BUFFER_KIB, races))) {
      progress(`no trace events of ${module.name} in this kernel: the flight recorder stays empty`);
    }
  };
  const attachProbes = async (guest: ControlledGuest) => {
    try {
      await untilAttached(guest, () => startProbes(guest.control), options.signal);
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      // Worth having, not worth ending a run for.
      progress(`no eBPF probes from here on: ${error.message.trim()}`);
      program = '';
    }
  };
  return {
    async start(guest) {
      await startTrace(guest.control);
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
      await startTrace(guest.control);
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
 * Waits until every probe is attached. bpftrace says "attached" before it attaches; asked for its maps (SIGUSR1) it answers
 * from its loop behind that. The kernel patches its text while probes are attached, and under emulation a CPU that runs
 * there at that moment goes astray: neither a load nor a snapshot may come before. One that ends has its own words on stderr.
 */
async function untilAttached(
  guest: ControlledGuest,
  start: () => Promise<AgentAnswer>,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  let answered = false;
  const saying = new Promise<void>((resolve) => {
    const reader = new BpftraceReader({ mode: 'json' });
    const off = guest.onData((stream, bytes) => {
      if (stream !== 'bpftrace') return;
      for (const { kind } of reader.push(bytes)) {
        if (kind === 'attached') resolve();
        if (kind === 'map') answered = true;
      }
      if (answered) done.abort();
    });
    done.signal.addEventListener('abort', off);
  });
  const ended = new Promise<string>((resolve) => {
    const off = guest.control.onNotice((notice) => {
      if (notice.event === 'exit' && notice.name === 'bpftrace')
        resolve(String(notice.stderr ?? notice.error ?? 'it ended'));
    });
    done.signal.addEventListener('abort', off);
  });
  const answer = new Promise<undefined>((resolve) => done.signal.addEventListener('abort', () => resolve(undefined)));
  const late = sleep(ATTACH_MS, `no probe was attached within ${ATTACH_MS / 1000} s`, { signal: done.signal });
  const gone = guest.exited.then(() => 'the guest has ended');
  const stopped = new Promise<string>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true, signal: done.signal });
  });
  const failures = [ended, late.catch(() => answer), gone, stopped];
  try {
    const { pid } = await start();
    const failed = await Promise.race([...failures, saying.then(() => undefined)]);
    if (failed !== undefined) throw new ProbeError(failed);
    await ask(guest.control, 'asking bpftrace for its maps', 'kill', { pid, signal: 'USR1' });
    const silent = await Promise.race([...failures, answer]);
    if (silent !== undefined) throw new ProbeError(silent);
  } finally {
    done.abort();
  }
}

/** No probe could be attached; bpftrace's own words. */
class ProbeError extends Error {
  override readonly name = 'ProbeError';
}
