import type { IPty } from 'node-pty';

export type Pty = typeof import('node-pty');

/**
 * node-pty where it could be built; undefined elsewhere, and the caller uses plain pipes and says so.
 * VEXFS_TRACE_NO_PTY=1 is for where it is there but does not work.
 */
export async function loadPty(): Promise<Pty | undefined> {
  if (process.env.VEXFS_TRACE_NO_PTY === '1') return undefined;
  try {
    return await import('node-pty');
  } catch {
    return undefined;
  }
}

export type { IPty };
