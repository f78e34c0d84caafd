import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Where tests keep the runs that they make, instead of among those of who starts them. */
const data = mkdtempSync(join(tmpdir(), 'vexfs-test-data-'));
process.once('exit', () => rmSync(data, { recursive: true, force: true }));
const env = { XDG_DATA_HOME: data };

/** `unit` needs nothing but Node, `guest` boots real guests one after the other, `full` is what takes long. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.guest.test.ts', 'src/**/*.full.test.ts'],
          // Against tests that hang, not a measure: a busy machine takes several times as long as a quiet one.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'guest',
          env,
          include: ['src/**/*.guest.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'full',
          env,
          include: ['src/**/*.full.test.ts'],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
        },
      },
    ],
  },
});
