import { close, open, read, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';

const [openFile, readFile, closeFile] = [promisify(open), promisify(read), promisify(close)];

/** Read at a time: enough that asking costs nothing beside reading. */
const BLOCK = 512 * 1024;

/**
 * The bytes of a file, each block while the next is being read. A block is overwritten once the next is asked for: who keeps bytes
 * copies them. Memory made anew for each block would take longer than to search it.
 */
export async function* readBlocks(name: string): AsyncGenerator<Uint8Array, undefined> {
  const stat = statSync(name);
  // Not worth the threads that read for Node. What has no size may be a pipe, or a file of /proc.
  if (stat.isFile() && stat.size > 0 && stat.size < BLOCK) {
    yield readFileSync(name);
    return;
  }
  const fd = await openFile(name, 'r');
  let [ready, filling] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  let reading = readFile(fd, filling, 0, BLOCK, null);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      [ready, filling] = [filling, ready];
      reading = readFile(fd, filling, 0, BLOCK, null);
      yield ready.subarray(0, bytesRead);
    }
  } finally {
    await reading.catch(() => {});
    await closeFile(fd);
  }
}
