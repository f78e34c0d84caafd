import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { AgentControl } from '../guest/control.ts';
import type { Kernel } from '../guest/kernel.ts';
import { connectUnix } from '../guest/line-socket.ts';
import { loadPty } from '../guest/pty.ts';
import { portFile } from '../guest/qemu/args.ts';
import type { QemuGuest } from '../guest/qemu/guest.ts';
import type { Terminal } from '../guest/qemu/launch.ts';
import { end, isAlive, listRecords, type RunRecord, sweep } from '../guest/run-dir.ts';
import type { AgentAnswer } from '../model/guest.ts';
import { type GuestOptions, openGuest } from './open-guest.ts';
import { loadModule, mountModule } from './prepare.ts';

export interface BootedGuest {
  readonly guest: QemuGuest;
  readonly id: string;
  readonly kernel: Kernel;
  readonly hasTools: boolean;
}

export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

/** Boots a guest with its module loaded and mounted, for use by hand. */
export async function bootGuest(
  options: Omit<GuestOptions, 'id'>,
  onConsole: (bytes: Uint8Array) => void,
  keep: { readonly keepControl?: boolean } = {},
): Promise<BootedGuest> {
  const id = `g${ulid().slice(-8).toLowerCase()}`;
  const { guest, module, kernel, hasTools } = await openGuest({ ...options, id }, (starting) =>
    starting.onData((stream, bytes) => {
      if (stream === 'console') onConsole(bytes);
    }),
  );
  try {
    await loadModule(guest.control, module);
    await mountModule(guest.control, module);
  } catch (error) {
    await guest.close();
    throw error;
  }
  // Others reach the agent from now on; its port takes one client at a time.
  if (!keep.keepControl) guest.control.close();
  return { guest, id, kernel, hasTools };
}

export function listGuests(): RunRecord[] {
  sweep();
  return listRecords().map(({ record }) => record);
}

/** Like `bootGuest`, with a shell on the console: on a pty, or over plain pipes where there is none, which is said. */
export async function bootInteractive(
  options: Omit<GuestOptions, 'id'>,
  size: WindowSize,
  onConsole: (bytes: Uint8Array) => void,
): Promise<BootedGuest & { readonly terminal: Terminal }> {
  const pty = await loadPty();
  if (pty === undefined) options.progress('node-pty is not to be had here: the console is joined by plain pipes');
  const terminal = { ...size, ...(pty !== undefined && { pty }) };
  const booted = await bootGuest({ ...options, terminal }, onConsole);
  const { guest, id } = booted;
  const resize = createResizer(id);
  resize(size.columns, size.rows);
  return {
    ...booted,
    terminal: {
      write: (bytes) => guest.terminal?.write(bytes),
      resize(columns, rows) {
        guest.terminal?.resize(columns, rows);
        resize(columns, rows);
      },
    },
  };
}

/**
 * A serial line does not carry the size of the window (tty_ioctl(4)), so the agent sets it; the last of many sizes is
 * enough. Only a comfort: where the agent is busy or dead the size stays as it is.
 */
function createResizer(id: string): (columns: number, rows: number) => void {
  let wanted: readonly string[] | undefined;
  let busy = false;
  return async (columns, rows) => {
    wanted = ['stty', '-F', '/dev/console', 'rows', String(rows), 'cols', String(columns)];
    if (busy) return;
    busy = true;
    while (wanted !== undefined) {
      const argv: readonly string[] = wanted;
      wanted = undefined;
      await execInGuest(id, argv, 5000).catch(() => {});
    }
    busy = false;
  };
}

/** Runs a command in a running guest and gives its status and output. */
export async function execInGuest(id: string, argv: readonly string[], timeoutMs: number): Promise<AgentAnswer> {
  const control = await connectGuest(id);
  try {
    return await control.request('exec', { argv, maxOutput: 1 << 20 }, { timeoutMs });
  } finally {
    control.close();
  }
}

/** The agent of a running guest, which takes one client at a time. */
export async function connectGuest(id: string): Promise<AgentControl> {
  const { dir, record } = findGuest(id);
  const socket = await connectUnix(join(dir, portFile('control')), 2000, () => isAlive(record.qemu)).catch(() => {
    throw new ExpectedError(
      'guest',
      `the agent of guest ${id} is busy or gone`,
      'a guest of a running attach belongs to that attach',
    );
  });
  return new AgentControl(socket);
}

/** Ends a guest and, with it, whoever owns it. */
export function stopGuest(id: string): void {
  const { dir, record } = findGuest(id);
  // An attach ends its guest in order; a detached guest has nobody else.
  if (record.owner !== undefined && isAlive(record.owner)) process.kill(record.owner.pid, 'SIGTERM');
  else end(record.qemu);
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
