import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { readAssets } from '../server/assets.ts';
import { type Listening, listen } from '../server/listen.ts';
import { type DashboardOptions, openDashboard } from './dashboard/dashboard-source.ts';
import { LiveMetrics, METRICS_TYPE } from './dashboard/live-metrics.ts';

export interface ServeOptions extends DashboardOptions {
  readonly host: string;
  readonly port: number;
  readonly allowHosts: readonly string[];
  readonly allowWrites: boolean;
  /** Absent: a new one for each start. */
  readonly token?: string;
  readonly onBug: (error: unknown) => void;
  readonly idleMs?: number;
}

/** Serves the pages until it is closed. */
export async function serve(options: ServeOptions): Promise<Listening> {
  const { host, port, allowHosts, allowWrites, token, onBug, idleMs } = options;
  const { writes, ...source } = openDashboard(options);
  const about = async () => ({ ...(await source.about()), writable: allowWrites });
  const metrics = new LiveMetrics(source);
  try {
    const listening = await listen({
      ...{ host, port, allowHosts, onBug, source: { ...source, about } },
      more: { '/metrics': async () => ({ type: METRICS_TYPE, text: await metrics.text() }) },
      assets: readAssets(join(packageRoot(), 'dist', 'web')),
      ...(token !== undefined && { token }),
      ...(idleMs !== undefined && { idleMs }),
      ...(allowWrites && { writes }),
    });
    return {
      ...listening,
      async close() {
        await listening.close();
        await source.close();
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
