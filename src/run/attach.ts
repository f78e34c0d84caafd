import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { ExpectedError } from '../base/errors.ts';
import type { ModuleFaultRow } from '../fault/module-rows.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import { CAPTURE_SCHEMA } from '../model/capture.ts';
import { type Action, HARMLESS } from '../model/classification.ts';
import type { Event } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { QuiescePoint } from '../model/leak-sample.ts';
import type { TestMarker } from '../model/test-marker.ts';
import { GuestUnderTest } from './guest-under-test.ts';
import { type Injected, injectFaults } from './inject.ts';
import { createInstruments } from './instruments.ts';
import { LeakChecks } from './leak-checks.ts';
import { openLibrary } from './library.ts';
import { type GuestOptions, openGuest } from './open-guest.ts';
import { GUEST_PATHS, thresholdsFor } from './prepare.ts';
import { watchResources } from './resource-watch.ts';
import { Session } from './session.ts';
import type { SymbolOptions } from './symbol-finding.ts';
import { openSymbols, type Symbols } from './symbols.ts';
import { TOOL } from './version.ts';
import { waitFor } from './wait.ts';
import { warmUp } from './warm-up.ts';

export interface AttachOptions extends Omit<GuestOptions, 'id' | 'progress' | 'signal' | 'leaks'> {
  /** Folder of the recording; absent: nothing is recorded. */
  readonly captureDir?: string;
  readonly patterns: readonly string[];
  /** What patterns may ask for; the harmless ones when absent. */
  readonly allowActions?: ReadonlySet<Action>;
  /** False: nothing is done about incidents; `plan`: what would be done is told. */
  readonly recover: boolean | 'plan';
  /** File of what recoveries came to in all runs; absent: the planner knows of none. */
  readonly statistics?: string;
  /** Silence after which a guest is looked at from outside. */
  readonly silenceMs?: number;
  /** How often the memory of a guest that broke is dumped to the recording. */
  readonly maxDumps?: number;
  readonly trace: boolean;
  /** Every lock and every access of the module is traced: the volume is several times that of the flight recorder. */
  readonly races?: boolean;
  /** What the module allocates is watched, and what it still holds is looked at: with the load paused, and at the end. */
  readonly leaks?: { readonly everyMs: number };
  readonly probes: boolean;
  /** `stress` is the built-in mix; otherwise a command for the guest's shell. */
  readonly load?: { readonly stress: true } | { readonly command: string };
  /** Files with debug information beside that of the module. */
  readonly symbols?: SymbolOptions;
  readonly command: readonly string[];
}

export interface AttachPorts {
  readonly onEvent: (event: Event) => void;
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  /** The guest's log has come to where a test begins or ends. */
  readonly onMarker?: (marker: TestMarker) => void;
}

export interface Attached {
  readonly session: Session;
  readonly under: GuestUnderTest;
  readonly runId: string;
  /** Waits for the time to pass, the signal, or for ever. */
  run(durationMs?: number): Promise<void>;
  /** Triggers faults one after the other, each recovered before the next. Unknown names fail before the first. `seconds`: how long what leaves the guest working is in force. */
  inject(specs: readonly string[], seconds?: number): Promise<Injected[]>;
  /** Brings the module to rest and looks what it still holds, where leaks are watched. */
  checkLeaks(point: QuiescePoint): Promise<void>;
  /** Resolves when all events so far have reached `onEvent`. */
  shown(): Promise<void>;
  close(): Promise<void>;
}

/** Boots a guest with its module, tracing and load, and keeps it under watch. What was opened is closed on any failure. */
export async function attach(options: AttachOptions, ports: AttachPorts): Promise<Attached> {
  const { progress, warn, signal } = ports;
  if (options.captureDir !== undefined && existsSync(join(options.captureDir, 'capture.json'))) {
    throw new ExpectedError(
      'usage',
      `${options.captureDir} holds a capture already`,
      'name another folder with --capture',
    );
  }
  const matcher = await openLibrary(options.patterns, warn, options.allowActions ?? new Set(HARMLESS));
  await warmUp(matcher);
  const run = ulid();
  const id = `g${run.slice(-8).toLowerCase()}`;
  let session: Session | undefined;
  const symbols = await openSymbols(options.symbols ?? { modules: [] }, { warn, live: true });
  const opened = await openGuest(
    { ...options, leaks: options.leaks !== undefined, id, progress, signal },
    (guest, kernel) => {
      session = new Session({
        info: {
          schema: CAPTURE_SCHEMA,
          run,
          tool: TOOL,
          guest: id,
          kernel: { name: kernel.name, release: kernel.release },
          slowOperationMs: thresholdsFor(kernel).slowOperationMs,
          ...(options.modulePath !== undefined && { module: options.modulePath }),
          command: [...options.command],
        },
        ...(options.captureDir !== undefined && { captureDir: options.captureDir }),
        matcher,
        recover: options.recover,
        ...(options.statistics !== undefined && { statistics: options.statistics }),
        ...(options.silenceMs !== undefined && { silenceMs: options.silenceMs }),
        ...(options.maxDumps !== undefined && { maxDumps: options.maxDumps }),
        ...(options.symbols?.vmlinux !== undefined && { vmlinux: options.symbols.vmlinux }),
        // The capture holds events as the pipeline gives them, so that a replay can be compared.
        onEvent: (event) => symbols.event(event, ports.onEvent),
        warn,
        signal,
        ...(ports.onMarker !== undefined && { onMarker: ports.onMarker }),
      });
      session.note({ record: 'guest', kind: 'boot', detail: { kernel: guest.describe } });
      guest.onData((stream, bytes) => session?.feed(stream, bytes));
    },
  ).catch(async (error: unknown) => {
    await session?.close();
    await symbols.close();
    throw error;
  });
  const { guest, kernel, module } = opened;
  if (session === undefined) throw new ExpectedError('guest', 'the guest did not start');
  const live = session;
  const ended = new AbortController();
  let watching: Promise<void> | undefined;
  const close = async () => {
    ended.abort();
    await live.stop();
    // What one of them could not end is no reason to leave the others open.
    try {
      await watching;
      await guest.close();
    } finally {
      try {
        await live.close();
      } finally {
        await symbols.close();
      }
    }
  };
  try {
    addSymbols(symbols, module, progress);
    const under = new GuestUnderTest({
      guest,
      kernel,
      module,
      thresholds: thresholdsFor(kernel),
      ...(options.load !== undefined && { load: loadCommand(options.load, module.fstype) }),
      instruments: createInstruments({
        kernel,
        module,
        trace: options.trace,
        races: options.races ?? false,
        leaks: options.leaks !== undefined,
        onLeakWatch: () => live.note({ record: 'leaks', point: 'start', module: module.name }),
        probes: options.probes && opened.hasTools,
        signal,
        progress,
      }),
      note: (record) => live.note(record),
    });
    progress(`loading ${module.name} and setting up tracing`);
    await under.start();
    if (signal.aborted) throw new ExpectedError('sigint', 'interrupted');
    live.watch(under);
    const note = (record: HostRecord) => live.note(record);
    const leaks =
      options.leaks &&
      new LeakChecks({
        ...{ under, session: live, note, progress },
        everyMs: options.leaks.everyMs,
        signal: AbortSignal.any([ended.signal, signal]),
      });
    watching = Promise.all([watchResources(guest.control, note, ended.signal), leaks?.watch()]).then(() => {});
    return {
      session: live,
      under,
      runId: run,
      run: async (durationMs) => {
        const gone = live.lost.then(() => 'gone' as const);
        if ((await Promise.race([waitFor(durationMs, signal), gone])) === 'gone') {
          throw new ExpectedError(
            'guest',
            'the guest broke and could not be brought back',
            'look at the last recoveries above, and at the recording',
          );
        }
        if (leaks === undefined) return;
        await leaks.check('unloaded');
        await live.idle();
      },
      checkLeaks: async (point) => leaks?.check(point),
      inject: async (specs, seconds) => {
        const look = async ({ classification }: ModuleFaultRow) => {
          if (classification === 'resource-leak') await leaks?.check('unloaded');
        };
        const how = { under, session: live, signal, look, config: kernel.config };
        const results = await injectFaults({ ...how, ...(seconds !== undefined && { seconds }) }, specs);
        await symbols.drain();
        return results;
      },
      shown: () => symbols.drain(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The module's own frames get their lines where that is possible; a run is as good without them. */
function addSymbols(symbols: Symbols, { name, symbolFile }: ModuleUnderTest, progress: AttachPorts['progress']): void {
  try {
    symbols.addModule(symbolFile);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    progress(`frames of ${name} will have no line numbers: ${error.message}`);
  }
}

/** The command line of the load, as arguments; only a user's own command goes through the guest's shell. */
function loadCommand(load: NonNullable<AttachOptions['load']>, fstype: string): readonly string[] {
  if ('command' in load) return ['/bin/sh', '-c', load.command];
  return ['/bin/vexload', 'load', '--dir', GUEST_PATHS.mount, '--seconds', '86400', '--fstype', fstype];
}
