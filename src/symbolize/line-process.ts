import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { LineSplitter } from '../base/lines.ts';
import { AnswerReader, END, type SourceFrame } from './line-answer.ts';

export interface LineProcessOptions {
  /** How long one batch may take; the first one of a process reads the debug information. */
  readonly deadlineMs?: number;
}

type Answers = readonly (readonly SourceFrame[])[];

const DEADLINE_MS = 30_000;
/** How often in a row it may die or be silent before it is asked no more. */
const ATTEMPTS = 2;

/**
 * A program that reads addresses and answers with lines, kept running between questions. It is started with the first one, again
 * when it has died or was silent too long. It ends with `close`, and with this process, however that ends: its input does.
 */
export class LineProcess {
  readonly #argv: readonly string[];
  readonly #deadlineMs: number;
  #child: ChildProcess | undefined;
  #failures = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(argv: readonly string[], options: LineProcessOptions = {}) {
    this.#argv = argv;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  }

  /** The functions at each address; undefined when the program fails. One batch after the other. */
  ask(addresses: readonly bigint[]): Promise<Answers | undefined> {
    const answers = this.#last.then(() => this.#ask(addresses));
    this.#last = answers;
    return answers;
  }

  /** It has failed so often that it is not started any more. */
  get givenUp(): boolean {
    return this.#failures >= ATTEMPTS;
  }

  /** Resolves when it has ended. */
  async close(): Promise<void> {
    this.#failures = ATTEMPTS;
    await this.#end();
  }

  async #ask(addresses: readonly bigint[]): Promise<Answers | undefined> {
    while (!this.givenUp) {
      const answers = await this.#exchange(addresses);
      if (answers !== undefined) {
        this.#failures = 0;
        return answers;
      }
      this.#failures += 1;
      await this.#end();
    }
    return undefined;
  }

  #exchange(addresses: readonly bigint[]): Promise<Answers | undefined> {
    const child = this.#start();
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) return Promise.resolve(undefined);
    const reader = new AnswerReader(addresses);
    const splitter = new LineSplitter();
    return new Promise((resolve) => {
      const finish = (answers?: Answers) => {
        clearTimeout(timer);
        stdout.removeListener('data', read);
        child.removeListener('close', fail);
        child.removeListener('error', fail);
        resolve(answers);
      };
      const fail = () => finish();
      const read = (bytes: Buffer) =>
        splitter.push(bytes, ({ text }) => {
          const state = reader.push(text);
          if (state === 'broken') fail();
          else if (state !== 'more') finish(state);
        });
      // This alone keeps us running while we wait: the child does not.
      const timer = setTimeout(fail, this.#deadlineMs);
      stdout.on('data', read);
      child.once('close', fail);
      child.once('error', fail);
      stdin.write([...addresses, END].map((address) => `0x${address.toString(16)}\n`).join(''));
    });
  }

  #start(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const [program = '', ...args] = this.#argv;
    const child = spawn(program, args, {
      // In a group of its own: a Ctrl-C at the terminal is for us alone.
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C', DEBUGINFOD_URLS: '' },
    });
    const forget = () => {
      if (this.#child === child) this.#child = undefined;
    };
    child.once('exit', forget);
    child.once('error', forget);
    // It may die with our question unread; that shows at the other end.
    child.stdin.on('error', () => {});
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as Socket).unref();
    this.#child = child;
    return child;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    child.kill('SIGKILL');
    await ended;
  }
}
