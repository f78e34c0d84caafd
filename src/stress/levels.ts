import type { Settings } from './test.ts';

/** A test as a level runs it; what is not said is as `BASE` has it. */
interface LevelTest extends Partial<Settings> {
  readonly test: string;
}

export interface LevelRow {
  readonly about: string;
  /** What it takes at most, milliseconds. */
  readonly budgetMs: number;
  /** Each test once, in this order; or rounds of them in an order of the seed until the time is over. */
  readonly rounds: boolean;
  readonly tests: readonly LevelTest[];
}

export const BASE: Settings = { seconds: 5, workers: 4, cycles: 10 };

const MINUTE = 60_000;
/** Threads that a concurrent test has at level 2 and above. */
const CROWD = 25;

const LEVELS = {
  1: {
    about: 'basic, under 5 minutes, good before a commit: load and unload, interfaces, leaks across reloads',
    budgetMs: 5 * MINUTE,
    rounds: false,
    tests: [
      { test: 'load-unload', cycles: 5 },
      { test: 'load-twice' },
      { test: 'load-nonsense' },
      { test: 'interfaces' },
      { test: 'unload-busy' },
      { test: 'leaks-across-reload', cycles: 5 },
      { test: 'mount-invalid' },
      { test: 'unmount-busy' },
      { test: 'files', seconds: 3 },
      { test: 'names', seconds: 3 },
      { test: 'vectors', seconds: 3 },
    ],
  },
  2: {
    about: 'thorough, under 30 minutes: mounts, files, vectors, permissions, full disks, crowds of threads',
    budgetMs: 30 * MINUTE,
    rounds: false,
    tests: [
      { test: 'load-unload', cycles: 20 },
      { test: 'load-twice' },
      { test: 'load-nonsense' },
      { test: 'interfaces' },
      { test: 'unload-busy' },
      { test: 'leaks-across-reload', cycles: 15 },
      { test: 'mount-cycles', seconds: 60 },
      { test: 'mount-invalid' },
      { test: 'mount-invalid-device' },
      { test: 'mount-corrupt' },
      { test: 'mount-concurrent', workers: 8 },
      { test: 'unmount-busy' },
      { test: 'mount-read-only' },
      { test: 'remount-busy' },
      { test: 'files', seconds: 90 },
      { test: 'names', seconds: 90 },
      { test: 'attributes', seconds: 60 },
      { test: 'handles', seconds: 45 },
      { test: 'permissions', seconds: 45 },
      { test: 'space', seconds: 60 },
      { test: 'threads', seconds: 120, workers: CROWD },
      { test: 'vectors', seconds: 120 },
      { test: 'calls', seconds: 90 },
      { test: 'interrupts', seconds: 45 },
      { test: 'fio', seconds: 30 },
      { test: 'stress-ng', seconds: 30 },
      { test: 'speed', seconds: 45 },
    ],
  },
  3: {
    about: 'endurance, 15 minutes to 24 hours: everything in rounds under a load, with faults put in and mended',
    budgetMs: 24 * 60 * MINUTE,
    rounds: true,
    tests: [
      { test: 'load-unload', cycles: 10 },
      { test: 'leaks-across-reload', cycles: 10 },
      { test: 'mount-cycles', seconds: 30 },
      { test: 'mount-concurrent', workers: 8 },
      { test: 'mount-corrupt' },
      { test: 'mount-read-only' },
      { test: 'files', seconds: 60 },
      { test: 'names', seconds: 60 },
      { test: 'attributes', seconds: 45 },
      { test: 'space', seconds: 45 },
      { test: 'threads', seconds: 90, workers: CROWD },
      { test: 'vectors', seconds: 90 },
      { test: 'calls', seconds: 90 },
      { test: 'interrupts', seconds: 45 },
      { test: 'fio', seconds: 30 },
      { test: 'stress-ng', seconds: 30 },
      { test: 'speed', seconds: 30 },
      { test: 'pressure', seconds: 30 },
      { test: 'endure-memory-pressure', seconds: 20 },
      { test: 'endure-disk-full', seconds: 20 },
      { test: 'endure-signals', seconds: 20 },
      { test: 'endure-killed-writers', seconds: 20 },
      { test: 'endure-cpu-hotplug', seconds: 20 },
      { test: 'endure-clock-jump', seconds: 10 },
      { test: 'endure-console-flood', seconds: 10 },
      { test: 'endure-failslab', seconds: 30 },
      { test: 'endure-fail-page-alloc', seconds: 30 },
      { test: 'endure-fail-usercopy', seconds: 30 },
      { test: 'endure-slow-device', seconds: 20 },
    ],
  },
} as const satisfies Record<number, LevelRow>;

export type Level = keyof typeof LEVELS;

export function levelRow(level: Level): LevelRow {
  return LEVELS[level];
}
