import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { buildIdOfNotes } from './elf.ts';

/**
 * The build id of the running kernel (`vmlinux`) or of one of its modules, as it gives them to everybody: kernel/ksysfs.c,
 * kernel/module/sysfs.c. Undefined where there is none.
 */
export function runningBuildId(name: string, sys = '/sys'): string | undefined {
  // Names come from reports, and are to stay below the folder.
  if (!/^[A-Za-z0-9_]{1,64}$/.test(name)) return undefined;
  const path = name === 'vmlinux' ? 'kernel/notes' : `module/${name}/notes/.note.gnu.build-id`;
  try {
    return buildIdOfNotes(readFileSync(join(sys, path)), endianness() === 'LE');
  } catch {
    return undefined;
  }
}
