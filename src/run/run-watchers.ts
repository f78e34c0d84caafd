import type { RunWatcher } from './run-watcher.ts';

export interface WatcherOptions {
  /** Where metrics are written, and how often at most, milliseconds. */
  readonly metrics?: { readonly path: string; readonly everyMs: number };
  /** Files of rules, and the programs that they may run. */
  readonly alerts?: { readonly rules: readonly string[]; readonly commands: readonly string[] };
  /** Spans are sent where the environment says. */
  readonly trace?: true;
  readonly run: { readonly command: readonly string[]; readonly folder?: string };
}

export interface WatcherPorts {
  readonly warn: (message: string) => void;
  /** A line for who sits at the terminal. */
  readonly progress: (line: string) => void;
}

/** Opens what was asked for; what nobody asked for is not even loaded. */
export async function openWatchers(
  { metrics, alerts, trace, run }: WatcherOptions,
  { warn, progress }: WatcherPorts,
): Promise<RunWatcher> {
  const watchers: RunWatcher[] = [];
  const file = metrics && (await import('./metrics-file.ts')).openMetricsFile({ ...metrics, warn });
  if (alerts !== undefined) {
    const { openAlerts } = await import('./alert-watch.ts');
    watchers.push(openAlerts({ ...alerts, ...run, tell: progress, warn, ...(file && { onAlert: file.alert }) }));
  }
  // Behind the alerts: what they come to is among the metrics.
  if (file !== undefined) watchers.push(file);
  if (trace) {
    const spans = (await import('./trace-export.ts')).openTraceExport({ ...run, warn });
    if (spans !== undefined) watchers.push(spans);
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
