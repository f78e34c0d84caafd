import { ExpectedError } from '../base/errors.ts';
import type { Guest } from '../model/guest.ts';

/**
 * A guest that belongs to the user: it is listened to and nothing else. No byte is read before the first `onData`, so
 * that none is missed.
 */
export type Joined = Pick<Guest, 'id' | 'kind' | 'describe' | 'exited' | 'onData' | 'drain' | 'close'>;

/** Something happened to one of the streams of a guest while the guest itself is still there. */
export type StreamNote = (detail: Readonly<Record<string, unknown>>) => void;

const GLOB = /^([\w*?[\]-]+)(?:[:/]([\w*?[\]-]+))?$/;

/** `sched:sched_*`, or a system alone for all its events, as a shell pattern of folders below tracefs' events/. */
export function eventFolder(glob: string): string {
  const match = GLOB.exec(glob);
  if (match === null)
    throw new ExpectedError('usage', `${JSON.stringify(glob)} names no trace events`, 'write SYSTEM:EVENT, * allowed');
  return `${match[1]}/${match[2] ?? '*'}`;
}
