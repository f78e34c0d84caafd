import { SpanExporter } from '../otel/exporter.ts';
import { otlpJson } from '../otel/otlp-json.ts';
import { otelSettings } from '../otel/settings.ts';
import { SpanTree } from '../otel/span-tree.ts';
import type { RunWatcher } from './run-watcher.ts';
import { VERSION } from './version.ts';

export interface TraceExportOptions {
  readonly command: readonly string[];
  readonly warn: (message: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** How often spans are sent, milliseconds. */
  readonly everyMs?: number;
}

/** Sends a run as a trace of OpenTelemetry where the environment says where to. What is wrong with that is a warning. */
export function openTraceExport({
  command,
  warn,
  env = process.env,
  everyMs,
}: TraceExportOptions): RunWatcher | undefined {
  const settings = otelSettings(env);
  if (settings === undefined) return undefined;
  if ('problem' in settings) {
    warn(`traces are not sent: ${settings.problem}`);
    return undefined;
  }
  for (const note of settings.notes) warn(note);
  const tree = new SpanTree(`vexfs-trace ${command[0] ?? ''}`.trim());
  const resource = { 'service.version': VERSION, ...settings.resource };
  const scope = { name: 'vexfs-trace', version: VERSION };
  const exporter = new SpanExporter({
    ...settings,
    body: (spans) => otlpJson(resource, scope, spans),
    warn,
    ...(everyMs !== undefined && { everyMs }),
  });
  return {
    event: (event, lane) => exporter.add(tree.event(event, lane)),
    close: async () => {
      exporter.add(tree.end());
      await exporter.close();
    },
  };
}
