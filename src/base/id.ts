import { encodeTime, ulid } from 'ulid';
import { sha256 } from './sha256.ts';

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * ULIDs that are the same whenever the same run is read again: the time is the run's own, the rest is a hash of the
 * run and a counter. So a replay gives events the identifiers that they had live.
 */
export function createIdSource(run: string, startWall: number): (observed: number) => string {
  let count = 0;
  return (observed) => {
    const digest = sha256(`${run}:${count++}`);
    let tail = '';
    for (let i = 0; i < 16; i++) tail += BASE32[(digest[i] ?? 0) & 31];
    return encodeTime(startWall + Math.floor(observed / 1e6), 10) + tail;
  };
}

/** A run that nobody has to guess and no other has: its randomness need not be that of secrets, which takes its time to load. */
export function newRun(): string {
  return ulid(undefined, Math.random);
}
