import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { AgentControl } from '../guest/control.ts';
import { connectUnix } from '../guest/line-socket.ts';
import { portFile } from '../guest/qemu/args.ts';
import type { QemuGuest } from '../guest/qemu/guest.ts';
import { isAlive, listRecords, type RunRecord, sweep } from '../guest/run-dir.ts';
import type { AgentAnswer } from '../model/guest.ts';
import { type GuestOptions, openGuest } from './open-guest.ts';
import { loadModule, mountModule } from './prepare.ts';

export interface BootedGuest {
  readonly guest: QemuGuest;
  readonly id: string;
}

/** Boots a guest with its module loaded and mounted, for use by hand. */
export async function bootGuest(
  options: Omit<GuestOptions, 'id'>,
  onConsole: (bytes: Uint8Array) => void,
  keep: { readonly keepControl?: boolean } = {},
): Promise<BootedGuest> {
  const id = `g${ulid().slice(-8).toLowerCase()}`;
  const { guest, module } = await openGuest({ ...options, id }, (starting) =>
    starting.onData((stream, bytes) => {
      if (stream === 'console') onConsole(bytes);
    }),
  );
  await loadModule(guest.control, module);
  await mountModule(guest.control, module);
  // Others reach the agent from now on; its port takes one client at a time.
  if (!keep.keepControl) guest.control.close();
  return { guest, id };
}

export function listGuests(): RunRecord[] {
  sweep();
  return listRecords().map(({ record }) => record);
}

/** Runs a command in a running guest and gives its status and output. */
export async function execInGuest(id: string, argv: readonly string[], timeoutMs: number): Promise<AgentAnswer> {
  const { dir, record } = findGuest(id);
  const socket = await connectUnix(join(dir, portFile('control')), 2000, () => isAlive(record.qemu)).catch(() => {
    throw new ExpectedError(
      'guest',
      `the agent of guest ${id} is busy or gone`,
      'a guest of a running attach belongs to that attach',
    );
  });
  const control = new AgentControl(socket);
  try {
    return await control.request('exec', { argv, maxOutput: 1 << 20 }, { timeoutMs });
  } finally {
    control.close();
  }
}

/** Ends a guest and, with it, whoever owns it. */
export function stopGuest(id: string): void {
  const { dir, record } = findGuest(id);
  if (isAlive(record.qemu)) process.kill(record.qemu?.pid ?? -1, 'SIGKILL');
  if (!isAlive(record.owner)) rmSync(dir, { recursive: true, force: true });
}

function findGuest(id: string): { dir: string; record: RunRecord } {
  const all = listRecords();
  const found = all.find(({ record }) => record.id === id);
  if (found !== undefined) return found;
  const near = didYouMean(
    id,
    all.map(({ record }) => record.id),
  );
  throw new ExpectedError(
    'usage',
    `no guest "${id}" is running${near === undefined ? '' : `, did you mean "${near}"?`}`,
    'run: vexfs-trace guest list',
  );
}
