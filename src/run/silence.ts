import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlledGuest, MachineState } from '../model/guest.ts';

/**
 * Why nothing is heard of a guest's agent:
 * - `answers`: it was only late.
 * - `frozen`: its CPUs are stopped from outside.
 * - `emulator-stuck`: QEMU itself does not answer.
 * - `slow`: its CPUs would run and get too little of the host's.
 * - `port-lost`: the kernel lives, the port that the agent is asked by does not.
 * - `agent-dead`: the kernel lives and nobody has the port open; `agent-stuck`: somebody has, and does not answer.
 * - `hang`: the kernel does not answer either.
 * - `silent`: there is no way to tell.
 */
export type SilenceCause =
  | 'answers'
  | 'frozen'
  | 'emulator-stuck'
  | 'slow'
  | 'port-lost'
  | 'agent-dead'
  | 'agent-stuck'
  | 'hang'
  | 'silent';

/** What was seen of a silent guest from outside. */
export interface Observed {
  /** The agent answered a last question. */
  readonly answered: boolean;
  readonly machine: MachineState | undefined;
  /** Of the time in which its CPUs could have run, the part in which the host let them wait; undefined when they hardly ran. */
  readonly starved: number | undefined;
  /** The kernel answered a sysrq key on its console; undefined when it was not asked. */
  readonly kernelAnswers: boolean | undefined;
}

/** More than this of its time without a CPU of the host, and a guest is slow, not hung. */
const STARVED = 0.6;

/** Pure: the first row that holds. */
export function judgeSilence({ answered, machine, starved, kernelAnswers }: Observed): SilenceCause {
  if (answered) return 'answers';
  if (machine?.status === 'paused' || machine?.status === 'suspended') return 'frozen';
  if (machine?.status === 'no-answer') return 'emulator-stuck';
  if (kernelAnswers) {
    if (machine?.controlPort === 'unplugged' || machine?.controlPort === 'disconnected') return 'port-lost';
    return machine?.controlPort === 'closed' ? 'agent-dead' : 'agent-stuck';
  }
  if (starved !== undefined && starved > STARVED) return 'slow';
  return kernelAnswers === undefined ? 'silent' : 'hang';
}

/** Time over which the CPUs are watched. */
const WATCH_MS = 1000;
/** Of it, what they must have wanted to run to say anything. */
const MIN_WANTED_MS = 300;

/** Looks at a silent guest from outside, gently first: the machine, its CPUs, then a key to its kernel. */
export async function observeSilence(guest: ControlledGuest): Promise<Observed> {
  const answered = await answers(guest);
  const machine = await guest.state?.();
  if (answered || machine === undefined || machine.status !== 'running')
    return { answered, machine, starved: undefined, kernelAnswers: undefined };
  await sleep(WATCH_MS);
  const starved = starvedPart(machine, await guest.state?.());
  const kernelAnswers =
    guest.sysrq &&
    (await guest.sysrq('w').then(
      () => true,
      () => false,
    ));
  return { answered, machine, starved, kernelAnswers };
}

/** The busiest CPU counts: one that spins with interrupts off runs all the time, and a starved one waits. */
function starvedPart(before: MachineState, after: MachineState | undefined): number | undefined {
  const parts = (after?.cpus ?? []).flatMap((cpu, i) => {
    const first = before.cpus[i];
    if (first === undefined) return [];
    const ran = cpu.ranMs - first.ranMs;
    const waited = cpu.waitedMs - first.waitedMs;
    return ran + waited < MIN_WANTED_MS ? [] : [waited / (ran + waited)];
  });
  return parts.length === 0 ? undefined : Math.min(...parts);
}

/** One last question. */
export async function answers(guest: ControlledGuest): Promise<boolean> {
  try {
    return (await guest.control.request('ping', {}, { timeoutMs: 2000 })).status === 0;
  } catch {
    return false;
  }
}
