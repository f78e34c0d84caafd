import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findKernel } from '../guest/kernel.ts';
import { packageRoot } from '../guest/paths.ts';
import type { KernelName } from './fault-table.ts';

/** Sanitizer kernels are built apart and lie beside the project; where there are none, or no arm64 kernel, what needs them is skipped. */
export const TEST_KERNELS: Readonly<Record<KernelName, string>> = {
  stock: 'stock',
  '6.12': '6.12',
  kasan: join(packageRoot(), '../shared/kernels/6.1-kasan'),
  kcsan: join(packageRoot(), '../shared/kernels/6.1-kcsan'),
  arm64: 'arm64',
};

export function isKernelThere(name: KernelName): boolean {
  const kernel = TEST_KERNELS[name];
  if (kernel.includes('/')) return existsSync(kernel);
  try {
    findKernel(kernel);
    return true;
  } catch {
    return false;
  }
}
