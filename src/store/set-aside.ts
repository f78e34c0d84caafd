import { existsSync, renameSync, statSync } from 'node:fs';

/**
 * Gives a file that cannot be used another name, with the time in it, and its log along with it: where it stood another one can be made.
 * Undefined when what stands there is not the file that was opened: somebody else has done it.
 */
export function setAside(file: string, inode?: number): string | undefined {
  if (!existsSync(file) || (inode !== undefined && statSync(file).ino !== inode)) return undefined;
  const aside = freeName(`${file}.damaged-${new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-')}`);
  for (const end of ['', '-wal', '-shm']) if (existsSync(file + end)) renameSync(file + end, aside + end);
  return aside;
}

function freeName(name: string): string {
  for (let n = 1; ; n++) {
    const each = n === 1 ? name : `${name}-${n}`;
    if (!existsSync(each)) return each;
  }
}
