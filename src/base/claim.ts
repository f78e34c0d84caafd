import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { ExpectedError } from './errors.ts';

/**
 * Makes the caller the only one that works in a folder, until it gives it back or its process ends, in whatever way: the claim is an
 * abstract socket (unix(7)), whose name is bound once on a machine and leaves no file behind. Fails when somebody else has it.
 */
export async function claimFolder(folder: string): Promise<() => void> {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new ExpectedError(
      'usage',
      `there is no run to go on with: ${folder} is not there`,
      'name the folder of a run',
    );
  const server = createServer((connection) => connection.destroy());
  try {
    await listening(server, `\0vexfs-trace/folder/${stats.dev}:${stats.ino}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ExpectedError(
      'usage',
      `${folder} is being worked in by another vexfs-trace`,
      'wait until that one has ended',
    );
  }
  server.unref();
  return () => server.close();
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
}
