import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../../base/errors.ts';
import type { GuestExit } from '../../model/guest.ts';
import { AgentControl } from '../control.ts';
import { connectUnix } from '../line-socket.ts';
import { FILES, type PORTS, portFile } from './args.ts';
import { Qmp } from './qmp.ts';

type DataStream = keyof typeof PORTS;

/**
 * One QEMU process with its sockets connected. It starts stopped (`-S`), so that nothing is said before all ears are
 * open. Ends with us, even when we are killed: the kernel sends it SIGKILL then (PR_SET_PDEATHSIG).
 */
export class QemuProcess {
  readonly exited: Promise<Omit<GuestExit, 'expected'>>;
  qmp!: Qmp;
  control!: AgentControl;
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #sockets: Socket[] = [];
  #alive = true;

  private constructor(dir: string, program: string, args: readonly string[]) {
    this.#dir = dir;
    const stderrFile = join(dir, 'qemu.err');
    const stderr = openSync(stderrFile, 'w');
    // Detached: Ctrl-C on the terminal is for us to handle, not for QEMU.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', program, '-S', ...args], {
      stdio: ['ignore', stderr, stderr],
      detached: true,
    });
    closeSync(stderr);
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null, why?: string) => {
        this.#alive = false;
        for (const socket of this.#sockets) socket.destroy();
        resolve({
          code,
          signal,
          reason: why ?? readFileSync(stderrFile, 'utf8').trim().split('\n').slice(-3).join(' · '),
        });
      };
      this.#child.once('exit', (code, signal) => end(code, signal));
      this.#child.once('error', (error) => end(null, null, error.message));
    });
  }

  static async start(
    dir: string,
    program: string,
    args: readonly string[],
    onData: (stream: DataStream, bytes: Uint8Array) => void,
  ): Promise<QemuProcess> {
    const self = new QemuProcess(dir, program, args);
    try {
      self.qmp = await Qmp.open(await self.#open(FILES.qmp));
      for (const stream of ['ftrace', 'bpftrace'] as const satisfies DataStream[]) {
        (await self.#open(portFile(stream))).on('data', (bytes: Buffer) => onData(stream, bytes));
      }
      const control = await self.#open(portFile('control'));
      control.on('data', (bytes: Buffer) => onData('control', bytes));
      self.control = new AgentControl(control);
      return self;
    } catch (error) {
      const why = self.#alive
        ? messageOf(error)
        : await self.exited.then(({ code, reason }) => `exit ${code}: ${reason}`);
      await self.kill();
      throw new ExpectedError('guest', `QEMU could not start (${why})`, 'run: vexfs-trace doctor');
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /**
   * Sysrq by serial line: a break, then the key (drivers/tty/serial/serial_core.c). Works while interrupts do, whatever
   * user space is doing.
   */
  async sysrq(keys: string): Promise<void> {
    // Connected only for this: what the console says is read from its log, and an unread socket would hold the guest.
    const console = await this.#open(FILES.console);
    console.resume();
    for (const key of keys) {
      await this.qmp.execute('chardev-send-break', { id: 'console' });
      await new Promise((resolve) => console.write(key, resolve));
    }
    console.end();
  }

  /** Ends the process at once: nothing in it is worth a clean shutdown. */
  async kill(): Promise<void> {
    if (this.#alive) this.#child.kill('SIGKILL');
    await this.exited;
  }

  async #open(file: string): Promise<Socket> {
    const socket = await connectUnix(join(this.#dir, file), 15_000, () => this.#alive);
    this.#sockets.push(socket);
    return socket;
  }
}
