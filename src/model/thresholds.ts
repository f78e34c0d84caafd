/** A limit that a test or the watch over a run judges by. */
interface ThresholdRow {
  readonly unit: 'ms' | 'bytes' | 'ratio';
  readonly limit: number;
  readonly about: string;
}

/** Limits of the domains. Where an emulated CPU or a sanitizer makes a limit senseless, `src/stress/` stretches it and says so. */
export const THRESHOLDS = {
  load: { unit: 'ms', limit: 30_000, about: 'loading the module' },
  unload: { unit: 'ms', limit: 10_000, about: 'unloading the module' },
  mount: { unit: 'ms', limit: 5000, about: 'one mount' },
  unmount: { unit: 'ms', limit: 5000, about: 'one unmount' },
  'mount-average': { unit: 'ms', limit: 100, about: 'mounts on average, where the CPU is not emulated' },
  'unmount-average': { unit: 'ms', limit: 50, about: 'unmounts on average, where the CPU is not emulated' },
  'cycle-average': {
    unit: 'ms',
    limit: 500,
    about: 'a mount and an unmount on average, 120 a minute, where the CPU is not emulated',
  },
  leak: { unit: 'bytes', limit: 1 << 20, about: 'memory that does not come back when the module is loaded again' },
  hang: { unit: 'ms', limit: 60_000, about: 'silence of a test or guest' },
  recovery: { unit: 'ms', limit: 30_000, about: 'a recovery, beyond the boot of the guest' },
} as const satisfies Readonly<Record<string, ThresholdRow>>;
export type Threshold = keyof typeof THRESHOLDS;
