import { AtomicFile } from '../base/atomic-file.ts';
import { messageOf } from '../base/errors.ts';
import { type MeteredRun, RunMetrics } from '../metrics/registry.ts';
import type { RunWatcher } from './run-watcher.ts';
import { VERSION } from './version.ts';

export interface MetricsFileOptions {
  readonly path: string;
  /** At most so often, milliseconds. */
  readonly everyMs: number;
  readonly warn: (message: string) => void;
}

/**
 * Writes the metrics of a run as node_exporter's textfile collector reads them: a whole file in the place of the one before, never half
 * of one. A file that cannot be written costs a warning.
 */
export function openMetricsFile({ path, everyMs, warn }: MetricsFileOptions): RunWatcher & Pick<MeteredRun, 'alert'> {
  const metrics = new RunMetrics(VERSION);
  const run = metrics.run(Date.now());
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let warned = false;
  if (!path.endsWith('.prom') && !path.startsWith('/dev/'))
    warn(`${path}: node_exporter reads files whose names end with .prom alone`);
  const write = async () => {
    const text = await metrics.text();
    let file: AtomicFile | undefined;
    try {
      file = new AtomicFile(path);
      file.write(text);
      file.commit();
    } catch (error) {
      file?.discard();
      if (!warned) warn(`metrics cannot be written to ${path}: ${messageOf(error)}`);
      warned = true;
    }
  };
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = write();
    }, everyMs).unref();
  };
  writing = write();
  return {
    event: (event, lane) => {
      run.event(event, lane);
      soon();
    },
    alert: (severity, state) => {
      run.alert(severity, state);
      soon();
    },
    close: async () => {
      clearTimeout(timer);
      await writing;
      run.end();
      await write();
    },
  };
}
