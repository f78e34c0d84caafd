import type { Action } from '../model/classification.ts';
import { ACTION_TABLE } from './action-table.ts';

/** What is known of the guest when a recovery is planned. */
export interface Facts {
  readonly guestAlive: boolean;
  /** The agent in the guest answers. */
  readonly agentAnswers: boolean;
  readonly snapshotAvailable: boolean;
  readonly moduleLoaded: boolean;
  /** Taint letters as the report or /proc/sys/kernel/tainted says, such as `G      D    O`. */
  readonly taint: string;
  /** How often each action was already taken for this incident. */
  readonly attempts: Readonly<Partial<Record<Action, number>>>;
  /** What the operator allows; undefined allows everything. */
  readonly allowed?: readonly Action[];
  /** How often the same failure was recovered before in this run. */
  readonly earlier?: number;
  /** Its CPUs were stopped from outside. */
  readonly paused?: boolean;
  /** It answers, and is another one than before: what the former one had started is gone. */
  readonly agentRestarted?: boolean;
  /** It does not answer and still holds the port by which it is asked: nobody starts another in its place. */
  readonly agentStuck?: boolean;
  /** The emulator itself has ended, and the guest's memory with it. */
  readonly machineGone?: boolean;
  /** Why its memory is not dumped. */
  readonly noDump?: string;
  /** Why it cannot have more memory. */
  readonly noMoreMemory?: string;
}

/** A failure that came back so often is not mended in place any more, and the test that causes it is set apart. */
export const LASTING_AFTER = 2;

/** What makes a guest impossible to mend in place. */
export interface Severed {
  /** An oops or BUG, or corrupted memory: not undone by reloading a module. */
  readonly reason: string;
}

type Refusal = (action: Action, facts: Facts, severed: Severed | undefined) => string | undefined;

/** Why an action is not taken, asked in this order. Each answers with the reason, or undefined when it has none. */
const REFUSALS: readonly Refusal[] = [
  (action, { allowed }) =>
    allowed === undefined || allowed.includes(action) ? undefined : 'not allowed by the operator',
  (action, { snapshotAvailable }) =>
    action === 'restore-snapshot' && !snapshotAvailable ? 'there is no snapshot' : undefined,
  (action, { guestAlive }) => (!guestAlive && ACTION_TABLE[action].living ? 'the guest is dead' : undefined),
  (action, { machineGone }) =>
    machineGone && (action === 'collect-pstore' || action === 'dump-memory')
      ? 'the emulator has ended, and the memory with it'
      : undefined,
  (action, { noDump }) => (action === 'dump-memory' || action === 'pause-guest' ? noDump : undefined),
  (action, { noMoreMemory }) => (action === 'raise-memory' ? noMoreMemory : undefined),
  (action, { paused }) => (action === 'resume-guest' && !paused ? 'its CPUs are not stopped' : undefined),
  (action, { agentAnswers, agentRestarted }) =>
    action === 'restart-agent' && agentAnswers && !agentRestarted ? 'the agent answers' : undefined,
  (action, { agentStuck }) =>
    action === 'restart-agent' && agentStuck ? 'it holds its port and is silent' : undefined,
  (action, { agentAnswers }) => (action === 'keep-running' && !agentAnswers ? 'the agent does not answer' : undefined),
  (action, { agentAnswers }) =>
    !agentAnswers && ACTION_TABLE[action].needs === 'agent' ? 'the agent does not answer' : undefined,
  (action, { agentAnswers }) =>
    action === 'inject-nmi' && agentAnswers ? 'the agent answers: stacks can be had without it' : undefined,
  (action, _facts, severed) => (severed !== undefined && ACTION_TABLE[action].inPlace ? severed.reason : undefined),
  (action, { moduleLoaded }) =>
    !moduleLoaded && (action === 'unmount' || action === 'remount-read-only') ? 'the module is not loaded' : undefined,
  (action, { earlier = 0 }) => {
    const { inPlace, cost } = ACTION_TABLE[action];
    return earlier >= LASTING_AFTER && inPlace && cost > 0
      ? `the same failure came back after ${earlier} recoveries: mending in place does not last`
      : undefined;
  },
  (action, { attempts }) => {
    const taken = attempts[action] ?? 0;
    const { attempts: limit, cost } = ACTION_TABLE[action];
    return cost > 0 && taken >= limit ? `was already taken ${taken} times` : undefined;
  },
];

export function refusalOf(action: Action, facts: Facts, severed: Severed | undefined): string | undefined {
  for (const refusal of REFUSALS) {
    const reason = refusal(action, facts, severed);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Taint letters (Documentation/admin-guide/tainted-kernels.rst) after which a kernel is not worth mending. */
const SEVERING_TAINTS: readonly (readonly [letter: string, reason: string])[] = [
  ['D', 'the kernel has died once (taint D): locks may be held for ever'],
  ['B', 'a bad page was found (taint B): memory cannot be trusted'],
  ['M', 'a machine check was reported (taint M)'],
];

/** Oops kinds kill the task that held the locks; the taint letter of the report itself is often from before. */
const OOPS_KINDS: ReadonlySet<string> = new Set([
  'null-deref',
  'paging-request',
  'user-memory-access',
  'general-protection',
  'stack-segment',
  'divide-error',
  'invalid-opcode',
  'int3',
  'internal-error',
  'unhandled-fault',
  'bug',
  'rust-panic',
]);

/** Whether mending in place is out of the question, and why. */
export function severedBy(kind: string | undefined, taint: string): Severed | undefined {
  // Newer kernels spell them out too: `[D]=DIE, [O]=OOT_MODULE`; only letters that stand alone are flags.
  const flags = new Set(taint.match(/(?<![A-Za-z_=])[A-Z](?![A-Za-z_])/g));
  const row = SEVERING_TAINTS.find(([letter]) => flags.has(letter));
  if (row !== undefined) return { reason: row[1] };
  return kind !== undefined && OOPS_KINDS.has(kind)
    ? { reason: `${kind} killed a task inside the kernel: locks may be held for ever` }
    : undefined;
}
