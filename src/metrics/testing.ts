import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../model/event.ts';

/** Debian's promtool: that of `.ci/setup.sh prometheus`, else one that is installed. Undefined: there is none. */
export function findPromtool(): string | undefined {
  const fetched = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vexfs-trace/prometheus/promtool');
  if (existsSync(fetched)) return fetched;
  return spawnSync('promtool', ['--version']).status === 0 ? 'promtool' : undefined;
}

export function promtool(args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(findPromtool() ?? 'promtool', args, { input, encoding: 'utf8' });
}

/** An event with as much as its readers look at, so many seconds after the epoch. */
export function eventAt(seconds: number, rest: object): Event {
  const time = { observed: seconds * 1e9, wall: new Date(seconds * 1000).toISOString() };
  return {
    schema: 'vexfs-trace/event/1',
    id: `e${seconds}`,
    seq: seconds,
    time,
    evidence: [],
    ...rest,
  } as unknown as Event;
}
