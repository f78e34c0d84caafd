import { hostCounters, hostProfile } from './host.ts';

export interface SamplingCost {
  /** Milliseconds of each sample, ascending. */
  readonly samples: readonly number[];
  readonly profileMs: number;
  /** What memory grew by over all samples. */
  readonly grownBytes: number;
}

/** What it costs to look at this machine; `atOnce` samplers ask at the same time. */
export async function benchSampling(count = 1000, atOnce = 10): Promise<SamplingCost> {
  for (let i = 0; i < 20; i++) await hostCounters();
  const before = process.memoryUsage().rss;
  const samples: number[] = [];
  const timed = async () => {
    const start = performance.now();
    await hostCounters();
    samples.push(performance.now() - start);
  };
  for (let i = 0; i < count; i++) await timed();
  for (let i = 0; i < count / atOnce; i++) await Promise.all(Array.from({ length: atOnce }, timed));
  const grownBytes = process.memoryUsage().rss - before;
  const start = performance.now();
  await hostProfile();
  return { samples: samples.sort((a, b) => a - b), profileMs: performance.now() - start, grownBytes };
}
