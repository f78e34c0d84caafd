import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openTestGuest } from './testing.ts';

/** Processes that have the guest's name on their command line. */
function emulators(id: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`/${id}/`);
    } catch {
      return false;
    }
  });
}

test('a restore that was given up for a reset leaves one emulator, and a close in the middle of one none', async () => {
  const guest = await openTestGuest({ withoutTools: true, trace: false, recover: false });
  const { under } = guest.attached;
  const { id } = under.guest;
  let open = true;
  try {
    const ended = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        () => 'given up',
      );
    const [restore, again] = [ended(under.restore()), ended(under.restore())];
    await under.reset();
    expect([await restore, await again]).toEqual(['given up', 'given up']);
    expect((await under.guest.control.request('ping')).status).toBe(0);
    expect(emulators(id)).toHaveLength(1);
    expect(guest.events.filter((event) => 'kind' in event && event.kind === 'guest-exit')).toEqual([]);
    const last = ended(under.restore());
    open = false;
    await guest.close();
    expect(await last).toBe('given up');
    expect(emulators(id)).toEqual([]);
  } finally {
    if (open) await guest.close();
  }
});
