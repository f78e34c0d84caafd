import { spawnSync } from 'node:child_process';

/** QEMU gives up system calls that it needs for nothing here: programs to start, rights to take, priorities to set (qemu(1), -sandbox). */
const SANDBOX = ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'];

const known = new Map<string, boolean>();

/** The arguments that take rights from a QEMU, where it was built with seccomp; asked once of each program. */
export function sandboxArgs(qemu: string): readonly string[] {
  let works = known.get(qemu);
  if (works === undefined) {
    // All arguments are read before the list of machines is printed.
    works = spawnSync(qemu, [...SANDBOX, '-machine', 'help'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
    known.set(qemu, works);
  }
  return works ? SANDBOX : [];
}
