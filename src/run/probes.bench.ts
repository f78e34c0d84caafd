import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreLoader, type Probe } from '../probes/index.ts';
import { builtInProbes } from './probes-library.ts';
import { buildLoader, buildObject } from './probes-objects.ts';
import { Network } from './testing-probes.ts';

const STEPS = ['load', 'attach', 'read', 'unload'] as const;

export interface ProbesBench {
  readonly probe: string;
  /** Milliseconds from the request to the answer, over the pipe and back, of each cycle. */
  readonly steps: Readonly<Record<(typeof STEPS)[number], readonly number[]>>;
  /** Kilobytes that the loader's resident memory grew in the cycles after the first ten. */
  readonly grewKiB: number;
}

/**
 * Cycles of each compiled probe in one loader. With a pause between them: a tracepoint that is attached again within a
 * grace period of RCU waits for its end (kernel/tracepoint.c, tp_rcu_cond_sync), and nobody does so but a benchmark.
 */
export async function benchProbes(cycles: number): Promise<ProbesBench[]> {
  const network = await Network.open();
  try {
    const results: ProbesBench[] = [];
    for (const probe of builtInProbes())
      if (probe.engine === 'core') results.push(await benchProbe(probe, cycles, network));
    return results;
  } finally {
    await network.close();
  }
}

async function benchProbe(probe: Probe, cycles: number, network: Network): Promise<ProbesBench> {
  const object = buildObject(probe);
  const wantsInterface = probe.needs.some(({ kind }) => kind === 'interface');
  const loader = new CoreLoader([...(wantsInterface ? network.enter : []), buildLoader()]);
  const steps: Record<(typeof STEPS)[number], number[]> = { load: [], attach: [], read: [], unload: [] };
  const timed = async <T>(step: (typeof STEPS)[number], ask: Promise<T>): Promise<T> => {
    const start = performance.now();
    const answer = await ask;
    steps[step].push(performance.now() - start);
    return answer;
  };
  let resident = 0;
  for (let i = 0; i < cycles; i++) {
    if (i === Math.min(10, cycles - 1)) resident = residentKiB(loader);
    await sleep(PAUSE_MS);
    const loaded = await timed('load', loader.load({ ...object, ...(wantsInterface && { interface: 'v0' }) }));
    const id = loaded.object ?? -1;
    const attached = await timed('attach', loader.attach(id));
    await sleep(PAUSE_MS);
    const read = await timed('read', loader.read(id));
    const unloaded = await timed('unload', loader.unload(id));
    for (const { status, error } of [loaded, attached, read, unloaded])
      if (status !== 0) throw new Error(`${probe.name}: ${error}`);
  }
  const grewKiB = residentKiB(loader) - resident;
  await loader.close();
  return { probe: probe.name, steps, grewKiB };
}

const PAUSE_MS = 40;

function residentKiB({ pid }: CoreLoader): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
