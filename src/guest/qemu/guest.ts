import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onAbort } from '../../base/abort.ts';
import { deferred } from '../../base/deferred.ts';
import { ExpectedError } from '../../base/errors.ts';
import { escapeTerminal } from '../../base/text.ts';
import type { Stream } from '../../model/chunk.ts';
import type { AgentNotice, Guest, GuestExit, LastWords, Machine, MachineState, MemoryDump } from '../../model/guest.ts';
import { ARCHES } from '../arch.ts';
import { runTool } from '../command.ts';
import type { AgentControl } from '../control.ts';
import { keepsLastWords, LAST_WORDS, parseLastWords } from '../last-words.ts';
import { createRunDir, type ProcessId, processId, writeRecord } from '../run-dir.ts';
import { makeScratchDisk, type ScratchDiskOptions } from '../scratch-disk.ts';
import { FileTail } from '../tail.ts';
import { FILES, type MachineOptions, machineArgs, PORTS, portDevice } from './args.ts';
import type { Terminal } from './launch.ts';
import { machineState } from './machine-state.ts';
import { dumpMemory, readMemory } from './memory.ts';
import { QemuProcess } from './process.ts';

export interface BootOptions extends Omit<MachineOptions, 'disk'> {
  readonly scratch?: ScratchDiskOptions;
  readonly id: string;
  /** How long the kernel may take until the agent answers. */
  readonly bootTimeoutMs: number;
  readonly signal?: AbortSignal;
  /** It will run on without us: see `release`. */
  readonly detached?: boolean;
}

/** Events of QEMU that say something about the guest (qapi/run-state.json). */
const WITNESSES = new Set(['GUEST_PANICKED', 'GUEST_CRASHLOADED', 'SHUTDOWN', 'WATCHDOG']);

/** An emulator that stands still itself is ended without its answer. */
const STOP_MS = 3000;
/** Characters of the console that are kept to look for an answer in. */
const CONSOLE_TAIL = 16 * 1024;
/** Two kilobytes of a stack: the innermost calls. */
const STACK_WORDS = 256;
const SYSRQ_ATTEMPTS = 2;
const SYSRQ_ANSWER_MS = 2500;

/**
 * A guest in QEMU. Owns the process, its sockets and its runtime folder, and ends them all in `close`.
 *
 * A restore takes a new process: under TCG the time stamp counter of one process never goes back (cpu_ticks_prev in
 * softmmu/cpu-timers.c), so a state loaded into the old one would see time jump and report stalls that never were.
 */
export class QemuGuest implements Guest {
  readonly kind = 'qemu' as const;
  readonly id: string;
  readonly describe: string;
  readonly dir: string;
  readonly #options: BootOptions;
  readonly #started = new Date().toISOString();
  readonly #disk: string | undefined;
  readonly #tail: FileTail;
  readonly #dataListeners = new Set<(stream: Stream, bytes: Uint8Array) => void>();
  readonly #noticeListeners = new Set<(notice: AgentNotice) => void>();
  readonly #exitListeners = new Set<(exit: GuestExit) => void>();
  readonly #witnessListeners = new Set<(event: string) => void>();
  #process!: QemuProcess;
  /** Whose exit is not the guest's end. */
  readonly #replaced = new WeakSet<QemuProcess>();
  /** Resolves when no process is being replaced; so many wait for it. */
  #turn: Promise<unknown> = Promise.resolve();
  #turns = 0;
  #memoryMiB: number;
  #consoleText = '';
  #agent: { readonly pid: number; readonly bootId: string } | undefined;
  #closing = false;
  #epoch = 0;
  #job = 0;

  private constructor(options: BootOptions, dir: string) {
    const { kernel, accelerator, cpus, memoryMiB } = options;
    this.id = options.id;
    this.describe = `${kernel.release} (${kernel.name}), ${accelerator}, ${cpus} CPUs, ${memoryMiB} MiB`;
    this.dir = dir;
    this.#options = options;
    this.#disk = options.scratch === undefined ? undefined : makeScratchDisk(dir, options.scratch);
    this.#memoryMiB = memoryMiB;
    const log = join(dir, FILES.consoleLog);
    closeSync(openSync(log, 'a'));
    this.#tail = new FileTail(log, (bytes) => {
      this.#consoleText = (this.#consoleText + Buffer.from(bytes).toString('latin1')).slice(-CONSOLE_TAIL);
      this.#emit('console', bytes);
    });
  }

  /**
   * Starts QEMU and waits until the agent answers; `onStart` gets the guest before its first byte. On any failure
   * nothing is left behind.
   */
  static async boot(options: BootOptions, onStart: (guest: QemuGuest) => void = () => {}): Promise<QemuGuest> {
    const dir = createRunDir(options.id);
    let guest: QemuGuest | undefined;
    try {
      guest = new QemuGuest(options, dir);
      guest.#record(undefined, processId(process.pid));
      onStart(guest);
      const snapshots = join(dir, FILES.snapshots);
      if (!existsSync(snapshots)) runTool('qemu-img', ['create', '-q', '-f', 'qcow2', snapshots, '1M']);
      await guest.#start();
      await guest.#untilAgent();
      return guest;
    } catch (error) {
      await guest?.close();
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  get control(): AgentControl {
    return this.#process.control;
  }

  /** Of the process that runs now: a restore and a reset have another one take its place. */
  get exited(): Promise<GuestExit> {
    return this.#process.exited.then((exit) => ({ ...exit, expected: this.#closing }));
  }

  get agent(): { readonly pid: number; readonly bootId: string } | undefined {
    return this.#agent;
  }

  get machine(): Machine {
    const { kernel, accelerator, cpus } = this.#options;
    return { kernel: { release: kernel.release, name: kernel.name }, accelerator, cpus, memoryMiB: this.#memoryMiB };
  }

  onData(listener: (stream: Stream, bytes: Uint8Array) => void): () => void {
    this.#dataListeners.add(listener);
    return () => this.#dataListeners.delete(listener);
  }

  onNotice(listener: (notice: AgentNotice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  onExit(listener: (exit: GuestExit) => void): () => void {
    this.#exitListeners.add(listener);
    return () => this.#exitListeners.delete(listener);
  }

  onWitness(listener: (event: string) => void): () => void {
    this.#witnessListeners.add(listener);
    return () => this.#witnessListeners.delete(listener);
  }

  async saveSnapshot(name: string): Promise<number> {
    const start = performance.now();
    await this.#snapshotJob('snapshot-save', name);
    return performance.now() - start;
  }

  restoreSnapshot(name: string, onBoundary: () => void): Promise<number> {
    return this.#inTurn(async () => {
      await this.#replace(onBoundary);
      await this.#snapshotJob('snapshot-load', name);
      await this.#process.qmp.execute('cont');
      await this.control.renew(`e${++this.#epoch}`, 20_000);
    });
  }

  reset(onBoundary: () => void, memoryMiB?: number): Promise<number> {
    return this.#inTurn(async () => {
      this.#memoryMiB = memoryMiB ?? this.#memoryMiB;
      await this.#replace(onBoundary);
      await this.#untilAgent();
    });
  }

  async freeze(): Promise<void> {
    await this.#process.qmp.execute('stop');
  }

  async thaw(): Promise<void> {
    await this.#process.qmp.execute('cont');
  }

  /** Ends the emulator at once, as a host without memory would. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  state(): Promise<MachineState> {
    return machineState(this.#process.qmp, this.#process.pid);
  }

  /** Takes away the port that commands go by, as a fault of the machine. */
  async losePort(): Promise<void> {
    await this.#process.qmp.execute('device_del', { id: portDevice('control') });
  }

  async mendPort(): Promise<void> {
    const { controlPort } = await this.state();
    if (controlPort === 'unplugged')
      await this.#process.qmp.execute('device_add', {
        driver: 'virtserialport',
        id: portDevice('control'),
        bus: 'ports.0',
        chardev: 'control',
        name: PORTS.control,
      });
    else if (controlPort === 'disconnected') {
      await this.#process.connectControl((bytes) => this.#emit('control', bytes));
      this.#listen(this.#process);
    }
  }

  dumpMemory(file: string): Promise<MemoryDump> {
    return dumpMemory(this.#process.qmp, file);
  }

  async lastWords(): Promise<readonly LastWords[]> {
    const { reservesMemory } = ARCHES[this.#options.kernel.arch];
    if (!reservesMemory || !keepsLastWords(this.#memoryMiB)) return [];
    const { address, size } = LAST_WORDS;
    return parseLastWords(await readMemory(this.#process.qmp, this.dir, address, size));
  }

  async sysrq(keys: string): Promise<void> {
    for (const key of keys) await this.#sysrqKey(key);
  }

  /** The kernel says `sysrq: ` and what it will do, before it does it (drivers/tty/sysrq.c __handle_sysrq). */
  async #sysrqKey(key: string): Promise<void> {
    for (let attempt = 0; attempt < SYSRQ_ATTEMPTS; attempt++) {
      this.#consoleText = '';
      await this.#process.sysrq(key);
      for (const end = performance.now() + SYSRQ_ANSWER_MS; performance.now() < end; ) {
        this.#tail.drain();
        if (this.#consoleText.includes('sysrq: ')) return;
        await sleep(20);
      }
    }
    throw new ExpectedError('guest', `the kernel does not answer sysrq ${key} on its console`);
  }

  async injectNmi(): Promise<void> {
    await this.#process.qmp.execute('inject-nmi');
  }

  async registers(): Promise<string> {
    return String(await this.#process.qmp.execute('human-monitor-command', { 'command-line': 'info registers -a' }));
  }

  async stackWords(cpu: number, address: bigint): Promise<string> {
    const args = { 'command-line': `x /${STACK_WORDS}gx 0x${address.toString(16)}`, 'cpu-index': cpu };
    return String(await this.#process.qmp.execute('human-monitor-command', args));
  }

  /** The console of a guest that was booted with a terminal. */
  get terminal(): Terminal | undefined {
    return this.#process.terminal;
  }

  async drain(): Promise<void> {
    this.#tail.drain();
    // What QEMU had written to the sockets is readable now; two turns of the loop read it.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.#tail.drain();
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#process?.kill();
    await this.#turn;
    await this.#process?.kill();
    this.#tail.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Leaves a detached guest running: from here on it belongs to nobody and ends by `guest stop`. */
  release(): void {
    this.#record(this.#process.pid);
    this.#process.release();
    this.#tail.close();
  }

  async #start(): Promise<void> {
    const { kernel, terminal, detached } = this.#options;
    const qemu = await QemuProcess.start(
      this.dir,
      ARCHES[kernel.arch].qemu,
      machineArgs(this.dir, {
        ...this.#options,
        memoryMiB: this.#memoryMiB,
        ...(this.#disk !== undefined && { disk: this.#disk }),
      }),
      {
        ...(terminal !== undefined && { terminal }),
        ...(detached !== undefined && { detached }),
        // At once: from here on we may be killed, and nobody else would know of it.
        onStart: (pid) => this.#record(pid, processId(process.pid)),
      },
      (stream, bytes) => this.#emit(stream, bytes),
    );
    this.#process = qemu;
    if (this.#closing || this.#turns > 1) await this.#discard(qemu);
    this.#listen(qemu);
    qemu.qmp.onEvent(({ event }) => {
      if (WITNESSES.has(event)) for (const listener of this.#witnessListeners) listener(event);
    });
    qemu.exited.then((exit) => {
      if (this.#replaced.has(qemu)) return;
      this.#tail.drain();
      if (!this.#closing) for (const listener of this.#exitListeners) listener({ ...exit, expected: false });
    });
  }

  #listen(qemu: QemuProcess): void {
    qemu.control.onNotice((notice) => {
      if (notice.event === 'hello') this.#agent = { pid: Number(notice.pid), bootId: String(notice.bootId) };
      for (const listener of this.#noticeListeners) listener(notice);
    });
  }

  /**
   * One after the other, with the milliseconds that it took. Who gives up waiting for a restore may ask for the next one while the
   * first goes on: that one is ended by the end of its process, for two of them on the same sockets and disk are none.
   */
  async #inTurn(work: () => Promise<void>): Promise<number> {
    const start = performance.now();
    const before = this.#turn;
    this.#turns += 1;
    const underWay = this.#turns > 1;
    const turn = (async () => {
      try {
        if (underWay) await this.#discard(this.#process);
        await before;
        if (this.#closing) throw new ExpectedError('guest', 'the guest is being closed');
        await work();
      } finally {
        this.#turns -= 1;
      }
    })();
    this.#turn = turn.catch(() => {});
    await turn;
    return performance.now() - start;
  }

  async #discard(qemu: QemuProcess): Promise<void> {
    this.#replaced.add(qemu);
    await qemu.kill();
  }

  /** A new process in the place of the old one, whose last words are read first. */
  async #replace(onBoundary: () => void): Promise<void> {
    const old = this.#process;
    await old.qmp.execute('stop', {}, STOP_MS).catch(() => {});
    await this.drain();
    await this.#discard(old);
    await this.drain();
    onBoundary();
    await this.#start();
  }

  /** Lets the machine run and waits until the agent is heard. A guest that dies or stays silent fails with its last console lines. */
  async #untilAgent(): Promise<void> {
    const { bootTimeoutMs, signal } = this.#options;
    const heard = deferred<'heard' | 'aborted' | 'silent'>();
    const timer = setTimeout(() => heard.resolve('silent'), bootTimeoutMs);
    const offs = [
      this.control.onNotice(() => heard.resolve('heard')),
      onAbort(signal, () => heard.resolve('aborted')),
      () => clearTimeout(timer),
    ];
    const outcome = await this.#process.qmp
      .execute('cont')
      .then(() => Promise.race([heard.promise, this.#process.exited]))
      .finally(() => {
        for (const off of offs) off();
      });
    if (outcome === 'heard') return;
    if (outcome === 'aborted') throw new ExpectedError('sigint', 'interrupted');
    const tail = readFileSync(join(this.dir, FILES.consoleLog), 'utf8').trimEnd().split(/\r*\n/).slice(-3);
    const what =
      outcome === 'silent'
        ? `the agent did not answer within ${bootTimeoutMs / 1000} s`
        : `QEMU ended: ${outcome.reason}`;
    throw new ExpectedError(
      'guest',
      `the guest did not come up: ${what}; its console ends with:\n  ${tail.map(escapeTerminal).join('\n  ') || '(nothing)'}`,
    );
  }

  #snapshotJob(command: string, tag: string): Promise<void> {
    const devices = this.#disk === undefined ? ['snapshots'] : ['snapshots', 'scratch'];
    const args = { tag, vmstate: 'snapshots', devices };
    return this.#process.qmp.runJob(command, `job${++this.#job}`, args, 60_000);
  }

  /** What runs and who ends it, for others who list or clean up. */
  #record(qemuPid: number | undefined, owner?: ProcessId): void {
    const qemu = processId(qemuPid);
    writeRecord(this.dir, {
      id: this.id,
      kernel: this.#options.kernel.release,
      started: this.#started,
      ...(owner !== undefined && { owner }),
      ...(qemu !== undefined && { qemu }),
    });
  }

  #emit(stream: Stream, bytes: Uint8Array): void {
    for (const listener of this.#dataListeners) listener(stream, bytes);
  }
}
