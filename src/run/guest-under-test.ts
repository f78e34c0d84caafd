import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectedError } from '../base/errors.ts';
import type { Kernel } from '../guest/kernel.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import type { AgentNotice, ControlledGuest } from '../model/guest.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { Health } from '../recovery/target.ts';
import { type Detectors, readDetectors } from './detectors.ts';
import { checkHealth } from './health.ts';
import type { Instruments } from './instruments.ts';
import { type KernelSymbols, readKernelSymbols } from './kernel-symbols.ts';
import { checkLeftovers } from './leftovers.ts';
import { ask, GUEST_PATHS, loadModule, mountModule, prepareModule, type Thresholds } from './prepare.ts';

export interface UnderTestOptions {
  readonly guest: ControlledGuest;
  readonly kernel: Kernel;
  readonly module: ModuleUnderTest;
  readonly thresholds: Thresholds;
  /** Command that loads the guest, run again after every recovery; absent: no load. */
  readonly load?: readonly string[];
  readonly instruments: Instruments;
  readonly note: (record: HostRecord) => void;
}

const SNAPSHOT = 'ready';
/** The most that a guest is given, however much the host has. */
const MAX_MEMORY_MIB = 8192;
/** Nothing is mounted there. */
const EINVAL = 22;
/** Mounts upon each other that are taken away. */
const MAX_MOUNTS = 16;
/** No such process: the load had ended by itself. */
const ESRCH = 3;

/** The guest with its module, load and snapshot: what a run can do to it, whatever the recovery decides. */
export class GuestUnderTest {
  readonly guest: ControlledGuest;
  readonly module: ModuleUnderTest;
  readonly #options: UnderTestOptions;
  #loadPid: number | undefined;
  #reloads = 0;
  #boots = 0;
  #bootMs = 0;
  #snapshot = SNAPSHOT;
  #symbols: KernelSymbols | undefined;
  #symbolsAtSnapshot: KernelSymbols | undefined;
  snapshotAvailable = false;
  moduleLoaded = false;

  constructor(options: UnderTestOptions) {
    this.guest = options.guest;
    this.module = options.module;
    this.#options = options;
  }

  /** From a booted guest to one that is ready to be tested, with a snapshot of that state where the guest can make one. */
  async start(): Promise<void> {
    await this.#prepare();
    await this.#saveSnapshot();
    await this.startLoad();
  }

  async #saveSnapshot(): Promise<void> {
    if (this.guest.saveSnapshot === undefined) return;
    const ms = await this.guest.saveSnapshot(this.#snapshot);
    this.snapshotAvailable = true;
    this.#symbolsAtSnapshot = this.#symbols;
    this.#guestNote('note', { snapshot: this.#snapshot, ms: Math.round(ms) });
  }

  async startLoad(): Promise<void> {
    const { load } = this.#options;
    if (load === undefined || this.#loadPid !== undefined) return;
    const answer = await ask(this.guest.control, 'starting the load', 'exec', { argv: load, background: true });
    this.#loadPid = answer.pid as number;
    this.#guestNote('load', { state: 'running', pid: this.#loadPid });
  }

  async stopLoad(): Promise<void> {
    const pid = this.#loadPid;
    if (pid === undefined) return;
    this.#loadPid = undefined;
    const answer = await this.guest.control.request(
      'stop',
      { pid, signal: 'TERM', timeoutMs: 5000 },
      { timeoutMs: 8000 },
    );
    this.#guestNote('load', { state: answer.status === 0 || answer.status === ESRCH ? 'stopped' : 'stuck', pid });
  }

  /** Called for what the agent says on its own. Returns the status of a load that ended by itself. */
  loadEnded(notice: AgentNotice): number | undefined {
    if (notice.event !== 'exit' || notice.pid !== this.#loadPid) return undefined;
    this.#loadPid = undefined;
    return typeof notice.status === 'number' ? notice.status : -1;
  }

  /** What the agent had started has died with it. */
  agentDied(): void {
    this.#loadPid = undefined;
  }

  get loadRunning(): boolean {
    return this.#loadPid !== undefined;
  }

  /** Process group of the load, while it runs. */
  get loadGroup(): number | undefined {
    return this.#loadPid;
  }

  /** Triggers a fault of our module in a child; false when the child is still inside the kernel at the deadline. */
  async fault(name: string, arg: string | undefined, timeoutMs: number): Promise<boolean> {
    this.#guestNote('fault', { name, ...(arg !== undefined && { arg }) });
    const answer = await this.guest.control
      .request('fault', { name, ...(arg !== undefined && { arg }) }, { timeoutMs })
      .catch(() => ({ status: -2, output: '' }));
    return answer.status !== -2;
  }

  /** Until nothing is mounted there any more: a mount may lie upon another one. */
  async unmount(): Promise<void> {
    for (let mounts = 0; mounts < MAX_MOUNTS; mounts++) {
      const answer = await this.guest.control.request('umount', { target: GUEST_PATHS.mount }, { timeoutMs: 15_000 });
      if (answer.status === EINVAL) return;
      if (answer.status !== 0)
        throw new ExpectedError(
          'guest',
          `unmounting failed in the guest: ${answer.error ?? `status ${answer.status}`}`,
        );
    }
  }

  async mount(): Promise<void> {
    await mountModule(this.guest.control, this.module);
  }

  /** With options a change of the mount that is there, else a new one in its place. */
  async remount(options = ''): Promise<void> {
    if (options === '') await this.unmount();
    await mountModule(this.guest.control, this.module, options);
  }

  async reloadModule(): Promise<void> {
    await this.unloadModule();
    await this.checkLeftovers();
    await this.loadModule();
  }

  /** Fails when something of the unloaded module is left. */
  async checkLeftovers(): Promise<void> {
    await checkLeftovers(this.guest.control, this.module);
  }

  /** With what its instruments have seen of it read; they stand still until it is loaded again. */
  async unloadModule(): Promise<void> {
    const { control } = this.guest;
    await control.request('write', { path: '/sys/kernel/debug/clear_warn_once', data: '1' });
    if (this.module.hasFaults) {
      // Faults that wait until they are released keep the module in use.
      await control.request('fault', { name: 'release' }, { timeoutMs: 5000 });
    }
    await this.#options.instruments.suspend(this.guest);
    await this.#unload();
    this.moduleLoaded = false;
  }

  /** Again, after it was unloaded. */
  async loadModule(): Promise<void> {
    await loadModule(this.guest.control, this.module);
    this.moduleLoaded = true;
    await this.#readSymbols();
    await this.resumeInstruments();
    this.#reloads += 1;
  }

  async resumeInstruments(): Promise<void> {
    await this.#options.instruments.resume(this.guest);
  }

  async restore(): Promise<void> {
    if (this.guest.restoreSnapshot === undefined) throw new ExpectedError('guest', 'this guest has no snapshots');
    this.#loadPid = undefined;
    this.#boots += 1;
    const snapshot = this.#snapshot;
    const ms = await this.guest.restoreSnapshot(snapshot, () => this.#guestNote('restore', { snapshot }));
    this.moduleLoaded = true;
    this.#symbols = this.#symbolsAtSnapshot;
    this.#guestNote('note', { restored: snapshot, ms: Math.round(ms) });
  }

  /** Restores and cold boots so far: what was set up in one is not there in the next. */
  get boots(): number {
    return this.#boots;
  }

  /** Why the guest cannot have more memory; undefined when it can. */
  get noMoreMemory(): string | undefined {
    const memoryMiB = this.guest.machine?.memoryMiB;
    if (memoryMiB === undefined) return 'the memory of this guest is not ours to change';
    if (memoryMiB * 2 > MAX_MEMORY_MIB) return `${memoryMiB} MiB are as much as a guest may have`;
    const free = freemem() / 2 ** 20;
    return memoryMiB * 2 > free / 2 ? `this machine has ${Math.round(free)} MiB free` : undefined;
  }

  /** A cold boot with twice the memory. The old snapshot is of another machine then; a new one is taken. */
  async raiseMemory(): Promise<string> {
    const more = (this.guest.machine?.memoryMiB ?? 0) * 2;
    this.snapshotAvailable = false;
    await this.reset(more);
    this.#snapshot = `${SNAPSHOT}-${more}`;
    await this.#saveSnapshot();
    return `${more} MiB`;
  }

  async reset(memoryMiB?: number): Promise<void> {
    if (this.guest.reset === undefined) throw new ExpectedError('guest', 'this guest cannot be reset from here');
    this.#loadPid = undefined;
    this.moduleLoaded = false;
    this.#boots += 1;
    this.#bootMs += await this.guest.reset(() => this.#guestNote('reset', {}), memoryMiB);
    await this.#prepare();
  }

  /** Does the guest work? Each check is `name: what was seen`. */
  async health(signal: AbortSignal): Promise<Health> {
    return checkHealth(this.guest.control, this.module, [`boot: ${this.#boots}`, `reloads: ${this.#reloads}`], signal);
  }

  /** Which detectors of the kernel would still speak. */
  async detectors(): Promise<Detectors> {
    return readDetectors(this.guest.control, /^CONFIG_KASAN=y$/m.test(this.#options.kernel.config));
  }

  /** Functions by address, of the boot that runs; undefined where they could not be read. */
  get symbols(): KernelSymbols | undefined {
    return this.#symbols;
  }

  get kernel(): Kernel {
    return this.#options.kernel;
  }

  /** Milliseconds in which guests booted, restores not counted. */
  get bootMs(): number {
    return this.#bootMs;
  }

  /** Worth having, not worth ending a run for: a hang is then told with bare addresses. */
  async #readSymbols(): Promise<void> {
    const { kernel } = this.#options;
    this.#symbols = await readKernelSymbols(this.guest.control, kernel, this.module).catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    const { module, thresholds, instruments } = this.#options;
    await prepareModule(this.guest, module, thresholds);
    this.moduleLoaded = true;
    await this.#readSymbols();
    await instruments.start(this.guest);
    this.#guestNote('ready', { kernel: this.guest.describe, module: module.name });
  }

  /** A module that has just been released may be in use for some milliseconds more. */
  async #unload(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.guest.control.request('unload', { name: this.module.name }, { timeoutMs: 10_000 });
      // ENOENT: it is gone already.
      if (answer.status === 0 || answer.status === 2) return;
      if (attempt === 10)
        throw new ExpectedError('guest', `unloading ${this.module.name} failed: ${answer.error ?? answer.status}`);
      await sleep(200);
    }
  }

  #guestNote(kind: Extract<HostRecord, { record: 'guest' }>['kind'], detail: Record<string, unknown>): void {
    this.#options.note({ record: 'guest', kind, detail });
  }
}
