import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { onAbort } from '../base/abort.ts';
import { deferred } from '../base/deferred.ts';
import { ExpectedError } from '../base/errors.ts';
import type { GuestExit } from '../model/guest.ts';

export interface ScriptCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** True: Ctrl-C on the terminal is for us to handle. False where the program asks for a password there. */
  readonly detached: boolean;
}

export interface ScriptOptions extends ScriptCommand {
  /** Names the connection in errors: `ssh HOST`. */
  readonly what: string;
  /** Lines for the script; its stdin stays open behind them. */
  readonly input?: string;
  /** How long the first line may take; absent: as long as a person needs. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

const GREETING = 'vexfs-trace ';
/** Login shells may print things of their own before the script speaks. */
const MAX_BEFORE_GREETING = 64 * 1024;
const MAX_STDERR = 4096;
/** From the end of stdin to TERM, and from that to KILL. */
const CLOSE_MS = 4000;
/** How long what the program left in the pipe may take after its end; something else may hold the pipe open. */
const REST_MS = 1000;

/**
 * A follow script that runs here or behind a connection. Owns the process; `close` ends it in an orderly way by closing
 * its stdin. After the greeting nothing is read until `start`.
 */
export class ScriptStream {
  /** What the script said of itself, without the leading word. */
  greeting = '';
  readonly exited: Promise<Omit<GuestExit, 'expected'>>;
  readonly #child: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable };
  #said = '';

  private constructor(options: ScriptOptions) {
    this.#child = spawn(options.program, options.args, { stdio: 'pipe', detached: options.detached });
    const { stdin, stdout, stderr } = this.#child;
    stdin.on('error', () => {});
    stdin.write(options.input ?? '');
    stderr.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString('utf8')).slice(-MAX_STDERR);
    });
    stdout.on('error', () => {});
    const rest = new Promise<void>((resolve) => stdout.once('close', resolve));
    this.exited = new Promise((resolve) => {
      const end = async (code: number | null, signal: string | null, why?: string) => {
        const timer = setTimeout(() => stdout.destroy(), REST_MS);
        await rest;
        clearTimeout(timer);
        stdin.destroy();
        stderr.destroy();
        resolve({ code, signal, reason: why ?? lastLines(this.#said) });
      };
      this.#child.once('exit', (code, signal) => void end(code, signal));
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        stdout.destroy();
        void end(null, null, error.code === 'ENOENT' ? `${options.program} is not installed` : error.message);
      });
    });
  }

  /** Starts the program and waits for the script's first line. Fails with the program's own words. */
  static async open(options: ScriptOptions): Promise<ScriptStream> {
    const self = new ScriptStream(options);
    const { signal, deadlineMs } = options;
    const ended = deferred<string>();
    const off = onAbort(signal, () => ended.resolve('interrupted'));
    const late = () => ended.resolve(`no answer within ${(deadlineMs ?? 0) / 1000} s`);
    const timer = deadlineMs === undefined ? undefined : setTimeout(late, deadlineMs);
    const gone = self.exited.then((exit) => exit.reason || `it ended with ${exit.signal ?? `exit ${exit.code}`}`);
    const failed = await Promise.race([self.#greeted(), gone, ended.promise]);
    off();
    clearTimeout(timer);
    if (failed === undefined) return self;
    self.#child.kill('SIGKILL');
    await self.exited;
    if (signal?.aborted) throw new ExpectedError('sigint', 'interrupted');
    throw new ExpectedError('guest', `${options.what} failed: ${failed}`);
  }

  /** Lets the stream flow. */
  start(listener: (bytes: Uint8Array) => void): void {
    this.#child.stdout.on('data', listener);
    this.#child.stdout.resume();
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    this.#child.stdout.resume();
    const timers = (['SIGTERM', 'SIGKILL'] as const).map((signal, i) =>
      setTimeout(() => this.#child.kill(signal), (i + 1) * CLOSE_MS),
    );
    await this.exited;
    for (const timer of timers) clearTimeout(timer);
  }

  /** Resolves at the greeting, or with what is wrong with it. */
  #greeted(): Promise<string | undefined> {
    const { stdout } = this.#child;
    return new Promise((resolve) => {
      let before = Buffer.alloc(0);
      const listen = (bytes: Buffer) => {
        before = Buffer.concat([before, bytes]);
        const from = before.indexOf(`\n${GREETING}`) + 1;
        const to = before.indexOf('\n', from);
        const found = to >= 0 && before.toString('utf8', from, from + GREETING.length) === GREETING;
        if (!found && before.length < MAX_BEFORE_GREETING) return;
        stdout.off('data', listen);
        stdout.pause();
        if (!found) return resolve('it says too much before the kernel log begins');
        this.greeting = before.toString('utf8', from + GREETING.length, to);
        stdout.unshift(before.subarray(to + 1));
        resolve(undefined);
      };
      stdout.on('data', listen);
    });
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' · ').replaceAll('\r', '');
}
