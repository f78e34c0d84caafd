import type { Asked } from './stress.ts';

/** What tests ask for: level 1, a second each. */
export const SHORT_LEVEL: Asked = {
  ...{ levels: [1], domains: [], tests: [], durationMs: 60_000, faults: 0, seed: 1, thresholds: {}, levelOptions: {} },
  settings: { seconds: 1, cycles: 2, workers: 4 },
  ...{ guests: 1, retries: 2, failFast: false },
  attach: { kernel: 'stock', cpus: 2, patterns: [], probes: false, trace: true, races: false },
};
