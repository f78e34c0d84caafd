import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../../base/errors.ts';
import type { GuestExit } from '../../model/guest.ts';
import { AgentControl, type Sent } from '../control.ts';
import { connectUnix } from '../line-socket.ts';
import { FILES, type PORTS, portFile } from './args.ts';
import { type Launched, type LaunchOptions, launch, type Terminal } from './launch.ts';
import { Qmp } from './qmp.ts';

type DataStream = keyof typeof PORTS | 'commands';

interface ProcessOptions extends Omit<LaunchOptions, 'stderrFile'> {
  /** It runs, and has said nothing yet. */
  readonly onStart: (pid: number) => void;
}

/**
 * One QEMU process with its sockets connected. It starts stopped (`-S`), so that nothing is said before all ears are
 * open. Ends with us, unless it was started detached.
 */
export class QemuProcess {
  readonly exited: Promise<Omit<GuestExit, 'expected'>>;
  qmp!: Qmp;
  control!: AgentControl;
  readonly #child: Launched;
  readonly #dir: string;
  readonly #sockets = new Set<Socket>();
  #alive = true;
  #onSent: Sent = () => {};

  private constructor(dir: string, program: string, args: readonly string[], options: ProcessOptions) {
    this.#dir = dir;
    const stderrFile = join(dir, 'qemu.err');
    this.#child = launch(program, ['-S', ...args], { ...options, stderrFile });
    this.exited = this.#child.exited.then(({ code, signal, error }) => {
      this.#alive = false;
      for (const socket of this.#sockets) socket.destroy();
      return {
        code,
        signal,
        reason: error ?? readFileSync(stderrFile, 'utf8').trim().split('\n').slice(-3).join(' · '),
      };
    });
  }

  static async start(
    dir: string,
    program: string,
    args: readonly string[],
    options: ProcessOptions,
    onData: (stream: DataStream, bytes: Uint8Array) => void,
  ): Promise<QemuProcess> {
    const self = new QemuProcess(dir, program, args, options);
    options.onStart(self.pid);
    try {
      const onSent = sentTo(onData);
      self.#onSent = onSent;
      self.qmp = await Qmp.open(await self.#open(FILES.qmp), onSent);
      for (const stream of ['ftrace', 'bpftrace'] as const) {
        (await self.#open(portFile(stream))).on('data', (bytes: Buffer) => onData(stream, bytes));
      }
      const control = await self.#open(portFile('control'));
      control.on('data', (bytes: Buffer) => onData('control', bytes));
      self.control = new AgentControl(control, onSent);
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
    return this.#child.pid;
  }

  /** The guest's console, where it was started with a terminal. */
  get terminal(): Terminal | undefined {
    return this.#child.terminal;
  }

  /**
   * One sysrq key by serial line: a break, then the key (drivers/tty/serial/serial_core.c). Works while interrupts do, whatever
   * user space is doing. The next one has to wait until the kernel has answered: QEMU may take a second break before it takes the
   * key after the first one, and two breaks in a row cancel each other (uart_handle_break).
   */
  async sysrq(key: string): Promise<void> {
    // Connected only for this: what the console says is read from its log, and an unread socket would hold the guest.
    const socket = this.terminal === undefined ? await this.#open(FILES.console) : undefined;
    socket?.resume();
    if (socket !== undefined) await this.#untilConsoleConnected();
    await this.qmp.execute('chardev-send-break', { id: 'console' });
    this.terminal?.write(key);
    if (socket !== undefined) await new Promise((resolve) => socket.write(key, resolve));
    socket?.end();
  }

  /** Connects to the control port again, after its connection was lost. */
  async connectControl(onData: (bytes: Uint8Array) => void): Promise<void> {
    this.control.close();
    const control = await this.#open(portFile('control'));
    control.on('data', onData);
    this.control = new AgentControl(control, this.#onSent);
  }

  /** A break sent before QEMU has accepted the connection is lost. Each look is a turn of QEMU's main loop. */
  async #untilConsoleConnected(): Promise<void> {
    for (let look = 0; look < 200; look++) {
      const devices = (await this.qmp.execute('query-chardev')) as { label: string; filename: string }[];
      const console = devices.find(({ label }) => label === 'console');
      if (console !== undefined && !console.filename.startsWith('disconnected:')) return;
    }
  }

  /** Ends the process at once: nothing in it is worth a clean shutdown. */
  async kill(): Promise<void> {
    if (this.#alive) this.#child.kill();
    await this.exited;
  }

  /** Lets go of a process that was started detached: it runs on, and others may connect to it. */
  release(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#child.unref();
  }

  async #open(file: string): Promise<Socket> {
    const socket = await connectUnix(join(this.#dir, file), 15_000, () => this.#alive);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** Longest text of a command that is kept: files that are put into a guest would fill a recording. */
const MAX_KEPT = 1024;

/** Keeps commands as lines of a stream. */
function sentTo(onData: (stream: 'commands', bytes: Uint8Array) => void): Sent {
  const short = (_: string, value: unknown) =>
    typeof value === 'string' && value.length > MAX_KEPT
      ? `${value.slice(0, MAX_KEPT)}… (${value.length} characters)`
      : value;
  return (command) => onData('commands', Buffer.from(`${JSON.stringify(command, short)}\n`));
}
