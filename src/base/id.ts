import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * ULIDs that are the same whenever the same run is read again: the time is the run's own, the rest is a hash of the
 * run and a counter. So a replay gives events the identifiers that they had live.
 */
export function createIdSource(run: string, startWall: number): (observed: number) => string {
  let count = 0;
  return (observed) => {
    const digest = createHash('sha256').update(`${run}:${count++}`).digest();
    let tail = '';
    for (let i = 0; i < 16; i++) tail += BASE32[(digest[i] ?? 0) & 31];
    return encodeTime(startWall + Math.floor(observed / 1e6), 10) + tail;
  };
}
