import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Action } from '../model/classification.ts';
import type { RecoveryTarget } from '../recovery/target.ts';
import { endTasks } from './end-tasks.ts';
import type { EvidenceKeeper } from './evidence.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { ask } from './prepare.ts';
import { raiseSampling } from './sampling.ts';
import { answers } from './silence.ts';

/** What a recovery needs beside the guest. */
export interface RecoveryPorts {
  readonly evidence: EvidenceKeeper;
  /** The agent answered when the recovery was planned. */
  readonly agentAnswers: boolean;
  /** Last words that the console may have kept to itself. */
  readonly onLastWords: (text: string) => void;
  /** Sets the test apart during which the incident came. */
  readonly isolate: () => void;
}

/** A line about what was done; nothing means `done`. */
type Perform = (under: GuestUnderTest, ports: RecoveryPorts, signal: AbortSignal) => Promise<unknown>;

/** A load that works there would keep the mount busy. */
async function atRest(under: GuestUnderTest, work: () => Promise<void>): Promise<void> {
  await under.stopLoad();
  await work();
}

/** What each action of a ladder does to a guest. */
const PERFORM: Readonly<Record<Action, Perform>> = {
  'keep-running': async () => {},
  'resume-guest': async ({ guest }) => {
    if (guest.thaw === undefined) throw new ExpectedError('guest', 'this guest cannot be let run on');
    await guest.thaw();
  },
  'restart-agent': (under, _ports, signal) => untilAgent(under, signal),
  'raise-sampling': ({ guest }) => raiseSampling(guest.control),
  'isolate-test': async (_under, { isolate }) => isolate(),
  'collect-pstore': async ({ guest }, { evidence, onLastWords }, signal) => {
    const { detail, text } = await evidence.lastWords(guest, signal);
    onLastWords(text);
    return detail;
  },
  'pause-guest': async ({ guest }) => {
    if (guest.freeze === undefined) throw new ExpectedError('guest', 'this guest cannot be stopped');
    await guest.freeze();
  },
  'dump-memory': ({ guest }, { evidence }) => evidence.dump(guest),
  'pause-load': (under) => under.stopLoad(),
  'release-load': (under) => under.stopLoad(),
  'resume-load': (under) => under.startLoad(),
  'drop-caches': async ({ guest }) => {
    await ask(guest.control, 'dropping caches', 'sysctl', { values: { 'vm.drop_caches': 3 } });
  },
  'end-tasks': async (under) => {
    await under.stopLoad();
    if (under.module.hasFaults) await under.guest.control.request('fault', { name: 'release' }, { timeoutMs: 5000 });
    return endTasks(under.guest.control);
  },
  'sysrq-dump': dumpTasks,
  'inject-nmi': async ({ guest }) => {
    if (guest.injectNmi === undefined) throw new ExpectedError('guest', 'this guest cannot be sent an NMI');
    await guest.injectNmi();
  },
  unmount: (under) => atRest(under, () => under.unmount()),
  remount: (under) => atRest(under, () => under.remount()),
  'remount-read-only': (under) => atRest(under, () => under.remount('remount,ro')),
  'unload-module': async (under) => {
    await under.unloadModule();
    await under.checkLeftovers();
    return 'nothing is left of it';
  },
  'load-module': (under) => under.loadModule(),
  'reload-module': (under) => under.reloadModule(),
  'restore-snapshot': (under) => under.restore(),
  'reset-guest': (under) => under.reset(),
  'raise-memory': (under) => under.raiseMemory(),
  'cold-boot': (under) => under.reset(),
};

/**
 * Blocked tasks and held locks; a full task dump would take a slow console many seconds. Without an agent by the serial line, and
 * then the CPUs are looked at from outside, too: a kernel with interrupts off takes no keys.
 */
async function dumpTasks({ guest, symbols }: GuestUnderTest, { evidence, agentAnswers }: RecoveryPorts) {
  if (agentAnswers) {
    const asked = await guest.control.request('sysrq', { keys: 'wd' }, { timeoutMs: 2000 }).catch(() => undefined);
    if (asked?.status === 0) return;
  }
  const keys = await guest.sysrq?.('wd').then(
    () => 'asked by serial line',
    (error: unknown) => messageOf(error),
  );
  return `${keys === undefined ? '' : `${keys}; `}${await evidence.stacks(guest, symbols)}`;
}

const AGENT_MS = 8000;

/** The guest's init starts an agent that has died anew; what the agent is asked by may have to be mended first. */
async function untilAgent(under: GuestUnderTest, signal: AbortSignal): Promise<string> {
  const { guest } = under;
  const before = guest.agent?.pid;
  await guest.mendPort?.();
  const end = performance.now() + AGENT_MS;
  while (performance.now() < end && !signal.aborted) {
    if (await answers(guest)) {
      await under.resumeInstruments();
      return before === guest.agent?.pid ? 'it answers again' : 'it was started anew';
    }
    await delay(200);
  }
  throw new ExpectedError('guest', 'the agent did not come back');
}

/** The guest as recovery sees it. */
export function createRecoveryTarget(under: GuestUnderTest, ports: RecoveryPorts): RecoveryTarget {
  return {
    async perform(action, _params, signal) {
      try {
        const said = await PERFORM[action](under, ports, signal);
        return { ok: true, detail: typeof said === 'string' ? said : 'done' };
      } catch (error) {
        return { ok: false, detail: messageOf(error) };
      }
    },
    health: (signal) => under.health(signal),
    now: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  };
}
