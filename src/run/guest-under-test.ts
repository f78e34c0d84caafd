import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectedError } from '../base/errors.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import type { AgentNotice, ControlledGuest } from '../model/guest.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { Instruments } from './instruments.ts';
import { ask, GUEST_PATHS, loadModule, mountModule, prepareModule, type Thresholds } from './prepare.ts';
import { findStuckTasks } from './stuck-tasks.ts';

export interface UnderTestOptions {
  readonly guest: ControlledGuest;
  readonly module: ModuleUnderTest;
  readonly thresholds: Thresholds;
  /** Command that loads the guest, run again after every recovery; absent: no load. */
  readonly load?: readonly string[];
  readonly instruments: Instruments;
  readonly note: (record: HostRecord) => void;
}

const SNAPSHOT = 'ready';
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
    if (this.guest.saveSnapshot !== undefined) {
      const ms = await this.guest.saveSnapshot(SNAPSHOT);
      this.snapshotAvailable = true;
      this.#guestNote('note', { snapshot: SNAPSHOT, ms: Math.round(ms) });
    }
    await this.startLoad();
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

  async unmount(): Promise<void> {
    await ask(this.guest.control, 'unmounting', 'umount', { target: GUEST_PATHS.mount }, 15_000);
  }

  async mount(): Promise<void> {
    await mountModule(this.guest.control, this.module);
  }

  async remount(options = ''): Promise<void> {
    const { control } = this.guest;
    if (options === '') await control.request('umount', { target: GUEST_PATHS.mount }, { timeoutMs: 10_000 });
    await mountModule(control, this.module, options);
  }

  async reloadModule(): Promise<void> {
    await this.unloadModule();
    await this.loadModule();
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
    const ms = await this.guest.restoreSnapshot(SNAPSHOT, () => this.#guestNote('restore', { snapshot: SNAPSHOT }));
    this.moduleLoaded = true;
    this.#guestNote('note', { restored: SNAPSHOT, ms: Math.round(ms) });
  }

  async reset(): Promise<void> {
    if (this.guest.reset === undefined) throw new ExpectedError('guest', 'this guest cannot be reset from here');
    this.#loadPid = undefined;
    this.moduleLoaded = false;
    this.#boots += 1;
    await this.guest.reset(() => this.#guestNote('reset', {}));
    await this.#prepare();
  }

  /**
   * Does the guest work? The agent answers, the module is loaded, its file system keeps what is written to it, and no
   * task is stuck in uninterruptible sleep. Each check is `name: what was seen`.
   */
  async health(signal: AbortSignal): Promise<{ ok: boolean; checks: string[] }> {
    const checks: string[] = [`boot: ${this.#boots}`, `reloads: ${this.#reloads}`];
    const step = async (name: string, cmd: string, fields: Readonly<Record<string, unknown>>) => {
      const answer = await this.guest.control.request(cmd, fields, { timeoutMs: 15_000, signal });
      const seen =
        answer.status === 0 ? 'ok' : (answer.error ?? (answer.output.trim().slice(-200) || `status ${answer.status}`));
      checks.push(`${name}: ${seen}`);
      return answer.status === 0;
    };
    try {
      const ok =
        (await step('agent', 'ping', {})) &&
        (await step('module', 'read', { path: `/sys/module/${this.module.name}/initstate`, max: 64 })) &&
        (await step('mounted', 'exec', {
          argv: ['/bin/grep', '-q', ` ${GUEST_PATHS.mount} ${this.module.fstype} `, '/proc/mounts'],
        })) &&
        (await step('write and read back', 'exec', {
          argv: ['/bin/vexload', 'check', GUEST_PATHS.mount],
          timeoutMs: 15_000,
        }));
      const stuck = ok ? await findStuckTasks(this.guest.control, signal) : [];
      if (ok) checks.push(`stuck tasks: ${stuck.length === 0 ? 'none' : stuck.slice(0, 8).join(', ')}`);
      return { ok: ok && stuck.length === 0, checks };
    } catch (error) {
      checks.push(`agent: ${error instanceof Error ? error.message : String(error)}`);
      return { ok: false, checks };
    }
  }

  async #prepare(): Promise<void> {
    const { module, thresholds, instruments } = this.#options;
    await prepareModule(this.guest, module, thresholds);
    this.moduleLoaded = true;
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
