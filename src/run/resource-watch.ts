import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../model/guest.ts';
import type { HostRecord } from '../model/host-record.ts';
import { hostCounters } from '../resources/host.ts';
import { countersOfProc, PROC_FILES } from '../resources/proc.ts';
import { type Counters, usage } from '../resources/sample.ts';

const EVERY_MS = 5000;
const ANSWER_MS = 3000;

/**
 * Notes what guest and host use, every five seconds until the signal. A guest that does not answer is left out: that it hangs is
 * for others to find.
 */
export async function watchResources(
  control: Control | undefined,
  note: (record: HostRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  const last: { host?: Counters; guest?: Counters } = {};
  const told = (of: 'host' | 'guest', now: Counters | undefined) => {
    if (now !== undefined && !signal.aborted) note({ record: 'resource', of, usage: { ...usage(last[of], now) } });
    if (now === undefined) delete last[of];
    else last[of] = now;
  };
  while (!signal.aborted) {
    const [host, guest] = await Promise.all([hostCounters(), control && guestCounters(control, signal)]);
    told('host', host);
    if (control !== undefined) told('guest', guest);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function guestCounters(control: Control, signal: AbortSignal): Promise<Counters | undefined> {
  try {
    const asked = { argv: ['cat', ...PROC_FILES], timeoutMs: ANSWER_MS };
    const { status, output } = await control.request('exec', asked, { timeoutMs: 2 * ANSWER_MS, signal });
    // `cat` goes on behind a file that is not there, such as that of a network.
    return status >= 0 ? countersOfProc(output) : undefined;
  } catch {
    return undefined;
  }
}
