import { closeSync, constants, openSync } from 'node:fs';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { type JoinOptions, joinByScripts } from './join-scripts.ts';
import type { Joined } from './joined.ts';

/** A program of this machine needs no longer than this to say its first line. */
const START_MS = 10_000;

/**
 * Joins the machine that we run on. A script reads the devices: Node cannot wait for /dev/kmsg (libuv takes character
 * devices for files), and a process that ends with its stdin removes the trace instance even when we are killed.
 */
export async function joinLocal(options: JoinOptions): Promise<Joined> {
  checkLog('/dev/kmsg');
  return joinByScripts(
    {
      kind: 'local',
      what: 'reading the kernel log',
      where: 'this machine',
      deadlineMs: START_MS,
      command: (script) => ({ program: '/bin/sh', args: ['-c', script], detached: true }),
    },
    options,
  );
}

/** The permission is checked at open(2): the file's mode, then kernel.dmesg_restrict (kernel/printk/printk.c devkmsg_open). */
function checkLog(device: string): void {
  try {
    closeSync(openSync(device, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const denied = code === 'EACCES' || code === 'EPERM';
    throw new ExpectedError(
      'missing',
      denied ? `${device} may not be read by this user` : `${device} cannot be read: ${messageOf(error)}`,
      denied ? 'run it as root: sudo vexfs-trace attach --local' : 'join another machine with --ssh or --console',
    );
  }
}
