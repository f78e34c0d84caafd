import { ExpectedError, messageOf } from '../base/errors.ts';
import { atLeast } from '../model/classification.ts';
import { type Finding, isFinding } from '../model/event.ts';
import type { AgentAnswer } from '../model/guest.ts';
import { minimise } from '../stress/minimise.ts';
import { readTold } from '../stress/told.ts';
import { type Attached, type AttachOptions, type AttachPorts, attach } from './attach.ts';
import { createFaultTarget } from './fault-target.ts';
import { GUEST_PATHS } from './prepare.ts';
import { waitFor } from './wait.ts';

export interface MinimiseAsked {
  /** A sequence of calls, a line each; without one the generator makes it from the seed. */
  readonly lines?: readonly string[];
  readonly seed: number;
  /** Calls of the generator. */
  readonly calls: number;
  readonly workers: number;
  /** A fault of the module that is put in before each try: `name` or `name=argument`. */
  readonly inject?: string;
  readonly mostRuns: number;
  readonly attach: Pick<AttachOptions, 'kernel' | 'cpus'> & Partial<AttachOptions>;
}

export interface MinimisePorts extends AttachPorts {
  /** After each try: what it came to, undefined for nothing. */
  readonly onTry: (run: number, lines: number, failure: string | undefined) => void;
}

export interface Minimised {
  /** The failure that all of it is about; undefined when the whole sequence does not fail. */
  readonly failure?: string;
  /** The lines that it needs. */
  readonly lines: readonly string[];
  /** Lines of the whole sequence, and tries. */
  readonly of: number;
  readonly runs: number;
}

/** How long a sequence may take in an emulated guest with a sanitizer before it counts as hung. */
const REPLAY_MS = 60_000;
/** How long the log may take to come to where a try has ended. */
const LOG_MS = 10_000;

/**
 * Finds the calls that a failure needs, by running less and less of a sequence in a guest. A failure is a finding of severity major or
 * worse, a wrong answer, or no end; what counts afterwards is the same one alone. After each the guest is a fresh one.
 */
export async function minimiseCalls(asked: MinimiseAsked, ports: MinimisePorts): Promise<Minimised> {
  const findings: Finding[] = [];
  const attached = await attach(
    { recover: true, trace: false, probes: false, patterns: [], command: ['fault', 'minimise'], ...asked.attach },
    {
      ...ports,
      onEvent: (event) => {
        if (isFinding(event)) findings.push(event);
        ports.onEvent(event);
      },
    },
  );
  try {
    const lines = asked.lines ?? (await generated(attached, asked));
    const tries = new Tries(attached, asked.inject, findings, ports.signal);
    const failure = await tries.failureOf(lines);
    ports.onTry(tries.count, lines.length, failure);
    const of = lines.length;
    if (failure === undefined) return { lines: [], of, runs: tries.count };
    const fails = async (some: readonly string[]): Promise<boolean> => {
      // The whole has been run.
      if (some.length === lines.length) return true;
      const seen = await tries.failureOf(some);
      ports.onTry(tries.count, some.length, seen);
      return seen === failure;
    };
    const needed = (await minimise(lines, fails, asked.mostRuns)) ?? lines;
    return { failure, lines: needed, of, runs: tries.count };
  } finally {
    await attached.close();
  }
}

/** `vexcheck calls --print` in the guest: the numbers of calls are those of its architecture. */
async function generated({ under }: Attached, { seed, calls, workers }: MinimiseAsked): Promise<readonly string[]> {
  const numbers = ['--seed', seed, '--ops', calls, '--workers', workers].map(String);
  const argv = ['/bin/vexcheck', 'calls', '--print', ...numbers];
  const answer = await under.guest.control.request('exec', { argv, maxOutput: 1 << 20 }, { timeoutMs: REPLAY_MS });
  if (answer.status !== 0) throw new ExpectedError('guest', `no sequence was made: ${answer.error ?? answer.output}`);
  return callsOf(answer.output);
}

/** The calls of a text: a line each, without comments. */
export function callsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Runs of sequences, one after the other, each in a guest that nothing has happened to. */
class Tries {
  count = 0;
  readonly #attached: Attached;
  readonly #inject: string | undefined;
  readonly #findings: readonly Finding[];
  readonly #signal: AbortSignal;
  #spoilt = false;

  constructor(attached: Attached, inject: string | undefined, findings: readonly Finding[], signal: AbortSignal) {
    this.#attached = attached;
    this.#inject = inject;
    this.#findings = findings;
    this.#signal = signal;
  }

  /** What fails in one, by a name that stays the same from run to run. */
  async failureOf(lines: readonly string[]): Promise<string | undefined> {
    if (this.#signal.aborted) throw new ExpectedError('sigint', 'interrupted');
    if (this.#spoilt) await this.#renew();
    this.count += 1;
    const { under, session } = this.#attached;
    const { control } = under.guest;
    const mark = this.#findings.length;
    if (this.#inject !== undefined) await this.#arm(this.#inject);
    const argv = ['/bin/vexcheck', 'replay', '-', '--dir', GUEST_PATHS.mount];
    const request = { argv, stdin: `${lines.join('\n')}\n`, maxOutput: 1 << 16 };
    const answer = await control
      .request('exec', request, { timeoutMs: REPLAY_MS, signal: this.#signal })
      .catch((error: unknown): AgentAnswer => ({ status: -2, output: '', error: messageOf(error) }));
    if (this.#signal.aborted) throw new ExpectedError('sigint', 'interrupted');
    await this.#heard();
    await session.idle();
    const grave = this.#findings.slice(mark).find(({ severity }) => atLeast(severity, 'major'));
    const failure = grave?.title ?? failureIn(answer);
    this.#spoilt = failure !== undefined;
    return failure;
  }

  /** What the log said of it has been read when it has come to a line that is written behind it. */
  async #heard(): Promise<void> {
    const { under } = this.#attached;
    const text = `vexfs-trace: try ${this.count} ends`;
    const heard = new AbortController();
    const off = createFaultTarget(under).log((line) => line.includes(text) && heard.abort());
    try {
      const request = { path: '/dev/kmsg', data: `${text}\n` };
      const answer = await under.guest.control.request('write', request, { timeoutMs: LOG_MS });
      if (answer.status === 0) await waitFor(LOG_MS, heard.signal);
    } catch {
      // A guest that does not answer has failed, and the session knows.
    } finally {
      off();
    }
  }

  async #arm(spec: string): Promise<void> {
    const [name = '', arg] = spec.split('=', 2);
    const { control } = this.#attached.under.guest;
    const fields = { name, ...(arg !== undefined && { arg }) };
    const { status, error, output } = await control.request('fault', fields, { timeoutMs: LOG_MS });
    if (status !== 0) throw new ExpectedError('usage', `the fault ${spec} cannot be put in: ${error ?? output}`);
  }

  async #renew(): Promise<void> {
    const { session, under } = this.#attached;
    const done = await session.undisturbed(() => under.restore());
    if (!done && !this.#signal.aborted) throw new ExpectedError('guest', 'the guest broke and could not be restored');
  }
}

function failureIn(answer: AgentAnswer): string | undefined {
  if (answer.status === -2) return 'the calls do not come to an end';
  const { wrong, unusable, cannot } = readTold(answer);
  if (unusable !== undefined || cannot !== undefined)
    throw new ExpectedError(
      'usage',
      `the sequence cannot be run: ${unusable ?? cannot}`,
      'see kmod/README.md, vexcheck',
    );
  // Without numbers of operations, which are others in a shorter sequence.
  return wrong[0]?.replace(/ at operation .*$/, '');
}
