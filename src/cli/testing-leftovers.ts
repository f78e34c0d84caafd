import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** QEMU processes whose runtime folder is of ours, and those folders. */
function leftovers(): string[] {
  const root = join(tmpdir(), `vexfs-trace-${process.getuid?.() ?? 0}`);
  const folders = existsSync(root) ? readdirSync(root) : [];
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`${root}/`);
      } catch {
        return false;
      }
    });
  return [...folders, ...processes];
}

/** What is still there of guests after a moment; nothing, where all was ended. */
export async function untilNothingIsLeft(): Promise<string[]> {
  for (let i = 0; i < 50 && leftovers().length > 0; i++) await sleep(100);
  return leftovers();
}
