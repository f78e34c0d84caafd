import type { Effective } from '../config/effective.ts';
import type { RunWatcher } from '../run/run-watcher.ts';
import type { WatcherPorts } from '../run/run-watchers.ts';

/** What a run is watched for, as the options of attach and replay give it; a command may have none of them. */
export interface WatchFlags {
  readonly metricsFile?: string;
  readonly metricsInterval?: number;
  readonly alerts?: readonly string[];
  readonly alertCommand?: readonly string[];
}

/** What a run is, for who is told of it. */
export interface WatchedRun {
  readonly command: readonly string[];
  /** Where its alerts are kept. */
  readonly folder?: string;
}

/** The same of a command whose options were added by `addConfigured`. */
export function watchFlagsOf(options: Effective): WatchFlags {
  const metricsFile = options.get('metrics.file');
  return {
    ...(metricsFile !== undefined && { metricsFile }),
    metricsInterval: options.get('metrics.interval'),
    alerts: options.get('alerts.rules') ?? [],
    alertCommand: options.get('alerts.commands') ?? [],
  };
}

/** Opens what was asked for; where that is nothing, nothing is loaded. */
export async function openAsked(flags: WatchFlags, run: WatchedRun, ports: WatcherPorts): Promise<RunWatcher> {
  const { metricsFile, metricsInterval = 0, alerts = [], alertCommand = [] } = flags;
  const isTraced = TRACE_VARIABLES.some((name) => process.env[name]);
  if (metricsFile === undefined && alerts.length === 0 && !isTraced) return NOTHING;
  const { openWatchers } = await import('../run/run-watchers.ts');
  return openWatchers(
    {
      ...(metricsFile !== undefined && { metrics: { path: metricsFile, everyMs: metricsInterval } }),
      ...(alerts.length > 0 && { alerts: { rules: alerts, commands: alertCommand } }),
      ...(isTraced && { trace: true }),
      run,
    },
    ports,
  );
}

/** They say where a trace of the run is sent (src/otel/settings.ts). */
const TRACE_VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

const NOTHING: RunWatcher = { event: () => {}, close: async () => {} };
