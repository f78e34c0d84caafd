import type { IPty } from 'node-pty';

type Pty = typeof import('node-pty');

/** node-pty where it could be built; undefined elsewhere, and the caller uses plain pipes and says so. */
export async function loadPty(): Promise<Pty | undefined> {
  try {
    return await import('node-pty');
  } catch {
    return undefined;
  }
}

export type { IPty };
