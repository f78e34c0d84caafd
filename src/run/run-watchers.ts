import type { RunWatcher } from './run-watcher.ts';

export interface WatcherOptions {
  /** Where metrics are written (src/run/metrics-file.ts). */
  readonly metricsFile?: string;
  readonly metricsEveryMs: number;
}

export interface WatcherPorts {
  readonly warn: (message: string) => void;
}

/** Opens what was asked for; what nobody asked for is not even loaded. */
export async function openWatchers(options: WatcherOptions, { warn }: WatcherPorts): Promise<RunWatcher> {
  const watchers: RunWatcher[] = [];
  if (options.metricsFile !== undefined) {
    const { openMetricsFile } = await import('./metrics-file.ts');
    watchers.push(openMetricsFile({ path: options.metricsFile, everyMs: options.metricsEveryMs, warn }));
  }
  return {
    event: (event, lane) => {
      for (const watcher of watchers) watcher.event(event, lane);
    },
    close: async () => {
      for (const watcher of watchers) await watcher.close();
    },
  };
}
