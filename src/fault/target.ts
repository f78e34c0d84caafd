import { ExpectedError } from '../base/errors.ts';
import type { AgentAnswer, ControlledGuest } from '../model/guest.ts';

/** What faults are done to. The drivers see nothing else of a run. */
export interface FaultTarget {
  readonly guest: ControlledGuest;
  /** Where the file system under test is mounted. */
  readonly mountPoint: string;
  /** Name of the module whose functions count in stacks. */
  readonly module: string;
  /** The block device that the file system is on; to break a disk it has to be one of the device-mapper. Absent: it is on none. */
  readonly device?: string;
  /** Process group of the load: faults that pick tasks pick those. Undefined while there is none. */
  load(): number | undefined;
  /** Lines of the kernel log as they come, without line ends. Gives what stops it. */
  log(listener: (line: string) => void): () => void;
}

/** What came of a fault so far. */
export interface FaultReport {
  /** How often it struck. */
  readonly hits: number;
  /** Of them with a function of the module on the stack, where the kernel tells stacks. */
  readonly inModule?: number;
  /** One line for people. */
  readonly detail: string;
}

/** A fault that is in force. */
export interface Armed {
  /** Ends it and mends what it did. After a restore there is nothing left to undo, and that is no error. */
  release(): Promise<void>;
  /** To be asked before `release`. */
  report(): Promise<FaultReport>;
}

/** How long a step of arming or releasing may take in an emulated guest. */
const STEP_MS = 30_000;

/** Does a step of arming; when it fails, what it may have half done is undone, and the error of the step counts. */
export async function orUndo<T>(step: () => Promise<T>, undo: () => unknown): Promise<T> {
  try {
    return await step();
  } catch (error) {
    await Promise.resolve(undo()).catch(() => {});
    throw error;
  }
}

/** Runs a script in the guest's shell with arguments, which are never part of the script. Any status but 0 is an error. */
export async function shell(
  target: FaultTarget,
  what: string,
  script: string,
  args: readonly (string | number)[] = [],
): Promise<AgentAnswer> {
  const argv = ['/bin/sh', '-c', script, 'fault', ...args.map(String)];
  const answer = await target.guest.control.request('exec', { argv }, { timeoutMs: STEP_MS });
  if (answer.status === 0) return answer;
  const why = answer.error ?? (answer.output.trim().slice(-300) || `status ${answer.status}`);
  throw new ExpectedError('guest', `${what} failed in the guest: ${why}`);
}
