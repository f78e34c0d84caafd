import type { Message } from '../bpftrace-wrapper/index.ts';
import { explainFailure } from './core-failure.ts';
import { CoreLoader, type LoaderAnswer } from './core-loader.ts';
import { mapMessages } from './core-messages.ts';
import type { ProbeEngine, RunningProbes, StartOptions } from './engine.ts';
import type { Probe } from './probe.ts';

/** A compiled probe and the kernel's types that its relocations need. */
export interface CoreObject {
  readonly file: string;
  readonly btf: string;
}

export interface CoreOptions {
  /** The loader's command; more in front of it runs it elsewhere, as in another network namespace. */
  readonly loader: readonly string[];
  /** Compiles what is not compiled yet. */
  readonly build: (probe: Probe) => CoreObject;
}

interface Attached {
  readonly object: number;
  readonly messages: ReturnType<typeof mapMessages>;
}

/** Each probe as an object of its own in one loader. */
export function coreEngine({ loader: argv, build }: CoreOptions): ProbeEngine {
  return {
    async start(probes: readonly Probe[], options: StartOptions): Promise<RunningProbes> {
      const objects = probes.map((probe) => ({ probe, ...build(probe) }));
      const loader = new CoreLoader(argv);
      try {
        const attached: Attached[] = [];
        for (const { probe, file, btf } of objects) {
          const wantsInterface = probe.needs.some(({ kind }) => kind === 'interface');
          const name = wantsInterface ? options.interface : undefined;
          const request = { file, btf, ...(name !== undefined && { interface: name }) };
          const { object = -1 } = succeeded(await loader.load(request), probe.name);
          succeeded(await loader.attach(object), probe.name);
          attached.push({ object, messages: mapMessages(probe) });
        }
        return new RunningObjects(loader, attached, options);
      } catch (error) {
        await loader.close();
        throw error;
      }
    },
  };
}

function succeeded(answer: LoaderAnswer, probe: string): LoaderAnswer {
  if (answer.status !== 0) throw explainFailure(answer, probe);
  return answer;
}

class RunningObjects implements RunningProbes {
  readonly ended: Promise<string | null>;
  readonly #loader: CoreLoader;
  readonly #attached: readonly Attached[];
  readonly #intervalMs: number;
  #stopping = false;
  #wake: () => void = () => {};

  constructor(loader: CoreLoader, attached: readonly Attached[], { intervalMs = 10_000, signal }: StartOptions) {
    this.#loader = loader;
    this.#attached = attached;
    this.#intervalMs = intervalMs;
    const stop = () => this.stop();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) this.#stopping = true;
    this.ended = loader.ended.then(() => {
      signal?.removeEventListener('abort', stop);
      const expected = this.#stopping;
      this.stop();
      return expected ? null : 'the loader of probes has ended';
    });
  }

  dump(): void {
    this.#wake();
  }

  stop(): void {
    this.#stopping = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    try {
      yield { kind: 'attached', probes: this.#attached.length };
      do {
        await this.#pause();
        yield* await this.#read();
      } while (!this.#stopping);
    } finally {
      this.#stopping = true;
      await this.#loader.close();
    }
  }

  /** Until it is time to read, or somebody asks. */
  #pause(): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#intervalMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #read(): Promise<Message[]> {
    const messages: Message[] = [];
    for (const { object, messages: messagesOf } of this.#attached) {
      const { maps = [] } = await this.#loader.read(object).catch((): Partial<LoaderAnswer> => ({}));
      messages.push(...messagesOf(maps));
    }
    return messages;
  }
}
