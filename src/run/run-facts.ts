import { createHash } from 'node:crypto';
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Machine } from '../model/guest.ts';
import type { GuestUnderTest } from './guest-under-test.ts';

export type RunFacts = Readonly<Record<string, string>>;

const DIGITS = 16;

/** What a run stands on, for whoever compares it with another: this machine, and the guest or folder that is tested. */
export function runFacts(target: string | undefined, under: GuestUnderTest | undefined): RunFacts {
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: String(cpus().length),
    'host-kernel': release(),
    'host-memory': `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
  };
  if (target !== undefined) return { ...machine, target, filesystem: filesystemOf(target) };
  return under === undefined ? machine : { ...machine, ...guestFacts(under) };
}

function guestFacts({ guest, module }: GuestUnderTest): RunFacts {
  return {
    ...(guest.machine === undefined ? { guest: guest.describe } : machineFacts(guest.machine)),
    ...{ module: module.name, 'module-digest': digestOf(module.file), 'module-parameters': module.params },
    ...(module.device !== undefined && { device: module.device }),
  };
}

function machineFacts({ kernel, accelerator, cpus, memoryMiB }: Machine): RunFacts {
  return {
    kernel: `${kernel.release} (${kernel.name})`,
    ...{ accelerator, 'guest-cpus': String(cpus), 'guest-memory': `${memoryMiB} MiB` },
  };
}

/** Which content of the file it was. */
function digestOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, DIGITS);
  } catch {
    return 'unknown';
  }
}

/** Its number (include/uapi/linux/magic.h). */
function filesystemOf(folder: string): string {
  try {
    return `0x${statfsSync(folder).type.toString(16)}`;
  } catch {
    return 'unknown';
  }
}
