import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { packageRoot } from '../guest/paths.ts';
import type { KernelName } from './fault-table.ts';

/** Where recordings of guests are, and what made them: the table, and the sources of the modules that break a kernel. */
export const GUESTS_DIR = join(packageRoot(), 'fixtures/guests');
export const SOURCE_DIR = join(GUESTS_DIR, 'source');

const KERNELS = ['stock', '6.12', 'kasan', 'kcsan', 'arm64'] as const satisfies readonly KernelName[];

const rowSchema = z.strictObject({
  kernel: z.enum(KERNELS),
  /** What the guest runs, as PID 1's child; when it has ended, the guest is switched off. */
  run: z.string().default(''),
  /** Patterns that must win findings of the recording. */
  patterns: z.array(z.string()).min(1),
  /** Modules of the kernel itself, loaded before. */
  modules: z.array(z.string()).default([]),
  /** Words of the kernel's command line. */
  parameters: z.array(z.string()).default([]),
  /** Programs of this machine that the guest needs. */
  programs: z.array(z.string()).default([]),
  /** A command of the shell for each disk; it makes the image `$DISK`. The first is /dev/vda. */
  disks: z.array(z.string()).default([]),
  /** More arguments for QEMU. */
  machine: z.array(z.string()).default([]),
  /** What to tell QEMU's monitor when the guest has printed `monitor`. */
  monitor: z.array(z.string()).default([]),
  memoryMiB: z.number().default(256),
  seconds: z.number().default(40),
  /** The guest has nothing to start from: the kernel looks for a root by itself. */
  withoutInitramfs: z.boolean().default(false),
});

/** A failure of a guest: how it is brought about and what must be recognised. */
export type Failure = z.output<typeof rowSchema> & { readonly name: string };

/** The rows of `failures.yaml`, by name. */
export function readFailures(): Failure[] {
  const table = z
    .record(z.string(), rowSchema)
    .parse(parse(readFileSync(join(SOURCE_DIR, 'failures.yaml'), 'utf8'), { merge: true }));
  return Object.entries(table).map(([name, row]) => ({ name, ...row }));
}
