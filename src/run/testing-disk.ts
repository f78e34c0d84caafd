import type { Control } from '../model/guest.ts';
import { GUEST_PATHS } from './prepare.ts';
import type { TestGuest } from './testing.ts';

const JOURNAL = '/tmp/journal';

/** A shell script in the guest: what it said, or an error with that. */
export async function sh(control: Control, script: string, timeoutMs = 60_000): Promise<string> {
  const { status, output, error } = await control.request('exec', { argv: ['/bin/sh', '-c', script] }, { timeoutMs });
  if (status !== 0) throw new Error(`${script}: ${status} ${error ?? ''} ${output}`);
  return output;
}

/**
 * Writes and syncs in the guest until `lines` of what is safe have come, and then has the power cut. Gives the journal. It goes
 * over the kernel's console, which takes a line before the writer goes on: what is not in it was not yet done.
 */
export async function cutPower({ attached: { under } }: TestGuest, seed: number, lines: number): Promise<string> {
  const { guest } = under;
  await sh(guest.control, 'echo on >/proc/sys/kernel/printk_devkmsg');
  let console = '';
  let look = () => {};
  const reached = new Promise<void>((resolve, reject) => {
    look = () => {
      const journal = journalOf(console);
      if (journal.length >= lines) resolve();
      if (journal.at(-1)?.includes('"sync":"end"')) reject(new Error('the load has ended before the power was cut'));
    };
  });
  const off = guest.onData((stream, bytes) => {
    if (stream !== 'console') return;
    console += Buffer.from(bytes).toString('latin1');
    look();
  });
  const argv = ['/bin/vexcheck', 'run', 'sync-write', '--dir', GUEST_PATHS.mount, '--seed', String(seed)];
  await guest.control.request('exec', {
    argv: [...argv, '--ops', '100000', '--journal', '/dev/kmsg'],
    background: true,
  });
  await reached;
  await under.reset();
  off();
  return journalOf(console)
    .map((line) => `${line}\n`)
    .join('');
}

/** Lines that came whole. */
function journalOf(console: string): string[] {
  return [...console.matchAll(/(\{"sync":.*\})\r?\n/g)].map(([, line]) => line ?? '');
}

/** Is all there that the journal says is safe? Fails with what is not. */
export async function verifySynced({ attached: { under } }: TestGuest, seed: number, journal: string): Promise<void> {
  const { control } = under.guest;
  const data = Buffer.from(journal).toString('base64');
  await control.request('put', { path: JOURNAL, data });
  await sh(control, `vexcheck run sync-verify --dir ${GUEST_PATHS.mount} --seed ${seed} --journal ${JOURNAL} 2>&1`);
}
