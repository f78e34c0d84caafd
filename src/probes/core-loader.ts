import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ExpectedError } from '../base/errors.ts';

/** An answer of the loader (loader/main.c). `status` is an errno; `us` is how long it took inside. */
export interface LoaderAnswer {
  readonly status: number;
  readonly us: number;
  readonly error?: string;
  /** What libbpf and the verifier said. */
  readonly log?: string;
  readonly object?: number;
  readonly programs?: readonly string[];
  readonly maps?: readonly LoadedMap[];
}

export interface LoadedMap {
  readonly name: string;
  /** Keys and values by the types that the object says; one value, or one a CPU. */
  readonly entries: readonly { readonly key: unknown; readonly values: readonly unknown[] }[];
}

export interface LoadRequest {
  readonly file: string;
  readonly btf?: string;
  readonly interface?: string;
}

/**
 * A running loader. All that it has loaded goes with it, and it goes with us: its input ends when we do. In a session of its
 * own, so that a Ctrl-C at the terminal leaves it alone until it was read a last time.
 */
export class CoreLoader {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: LoaderAnswer) => void>();
  readonly ended: Promise<void>;
  #next = 1;
  #gone = false;

  constructor(argv: readonly string[]) {
    const [program = '', ...args] = argv;
    this.#child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    // One that is gone does not read; the answers say so.
    this.#child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.#child.once('error', () => resolve(this.#leave()));
      this.#child.once('close', () => resolve(this.#leave()));
    });
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answer(line));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  load(request: LoadRequest): Promise<LoaderAnswer> {
    return this.#ask('load', { ...request });
  }

  attach(object: number): Promise<LoaderAnswer> {
    return this.#ask('attach', { object });
  }

  read(object: number): Promise<LoaderAnswer> {
    return this.#ask('read', { object });
  }

  /** Detaches and frees it. */
  unload(object: number): Promise<LoaderAnswer> {
    return this.#ask('unload', { object });
  }

  /** Unloads what is loaded and ends it. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.ended;
  }

  #ask(op: string, members: Readonly<Record<string, unknown>>): Promise<LoaderAnswer> {
    if (this.#gone) return Promise.reject(new ExpectedError('guest', 'the loader of probes has ended'));
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ id, op, ...members })}\n`);
    });
  }

  #answer(line: string): void {
    const answer = JSON.parse(line) as LoaderAnswer & { readonly id: number };
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #leave(): void {
    this.#gone = true;
    for (const resolve of this.#waiting.values())
      resolve({ status: 5, us: 0, error: 'the loader of probes has ended' });
    this.#waiting.clear();
  }
}
