import type { Effective } from '../config/effective.ts';
import type { RunWatcher } from '../run/run-watcher.ts';
import type { WatcherPorts } from '../run/run-watchers.ts';

/** What a run is watched for, as the options of attach and replay give it. */
export interface WatchFlags {
  readonly metricsFile?: string;
  readonly metricsInterval: number;
}

/** The same of a command whose options were added by `addConfigured`. */
export function watchFlagsOf(options: Effective): WatchFlags {
  const metricsFile = options.get('metrics.file');
  return { ...(metricsFile !== undefined && { metricsFile }), metricsInterval: options.get('metrics.interval') };
}

/** Opens what was asked for; where that is nothing, nothing is loaded. */
export async function openAsked(flags: WatchFlags, ports: WatcherPorts): Promise<RunWatcher> {
  const { metricsFile, metricsInterval } = flags;
  if (metricsFile === undefined) return NOTHING;
  const { openWatchers } = await import('../run/run-watchers.ts');
  return openWatchers({ metricsFile, metricsEveryMs: metricsInterval }, ports);
}

const NOTHING: RunWatcher = { event: () => {}, close: async () => {} };
