import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Action } from '../model/classification.ts';
import type { RecoveryTarget } from '../recovery/target.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { ask } from './prepare.ts';

type Perform = (under: GuestUnderTest) => Promise<unknown>;

/** What each action of a ladder does to a guest. */
const PERFORM: Readonly<Record<Action, Perform>> = {
  'keep-running': async () => {},
  'pause-load': (under) => under.stopLoad(),
  'release-load': (under) => under.stopLoad(),
  'resume-load': (under) => under.startLoad(),
  'drop-caches': ({ guest }) => ask(guest.control, 'dropping caches', 'sysctl', { values: { 'vm.drop_caches': 3 } }),
  'end-tasks': async (under) => {
    await under.stopLoad();
    if (under.module.hasFaults) await under.guest.control.request('fault', { name: 'release' }, { timeoutMs: 5000 });
  },
  // Blocked tasks and held locks; a full task dump would take a slow console many seconds.
  'sysrq-dump': ({ guest }) =>
    ask(guest.control, 'the task dump', 'sysrq', { keys: 'wd' }, 2000).catch(async (error: unknown) => {
      if (guest.sysrq === undefined) throw error;
      await guest.sysrq('wd');
    }),
  'inject-nmi': async ({ guest }) => {
    if (guest.injectNmi === undefined) throw new ExpectedError('guest', 'this guest cannot be sent an NMI');
    await guest.injectNmi();
  },
  unmount: (under) => under.unmount(),
  remount: (under) => under.remount(),
  'remount-read-only': (under) => under.remount('remount,ro'),
  'reload-module': (under) => under.reloadModule(),
  'restore-snapshot': (under) => under.restore(),
  'reset-guest': (under) => under.reset(),
  'cold-boot': (under) => under.reset(),
};

/** The guest as recovery sees it. */
export function createRecoveryTarget(under: GuestUnderTest): RecoveryTarget {
  return {
    async perform(action) {
      try {
        await PERFORM[action](under);
        return { ok: true, detail: 'done' };
      } catch (error) {
        return { ok: false, detail: messageOf(error) };
      }
    },
    health: (signal) => under.health(signal),
    now: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  };
}
