import type { Event } from '../model/event.ts';

/** Who looks on at a run: nothing it does fails the run or is waited for but `close`. */
export interface RunWatcher {
  /** `lane`: which guest of several it is of, such as `guest-2`. */
  event(event: Event, lane?: string): void;
  close(): Promise<void>;
}

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
