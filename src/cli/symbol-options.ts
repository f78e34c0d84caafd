import { Option } from 'commander';
import type { SymbolOptions } from '../run/symbol-finding.ts';
import { collect } from './options.ts';

/** Where the places of functions are looked up. */
export const SYMBOL_OPTIONS = {
  vmlinux: () =>
    new Option('--vmlinux <file>', 'kernel with debug information: adds files, lines and inlined functions'),
  module: () =>
    new Option('--module <file.ko|folder>', 'module with debug information, or a folder of them (repeatable)')
      .argParser(collect)
      .default([] as string[], 'none'),
  /** Where `--module` is the one to load. */
  symbols: () =>
    new Option('--symbols <file.ko|folder>', 'other modules with debug information, or a folder of them (repeatable)')
      .argParser(collect)
      .default([] as string[], 'none'),
  kernelTree: () =>
    new Option('--kernel-tree <folder>', 'sources of the kernel: adds the maintainers of the guilty file'),
};

export interface SymbolFlags {
  readonly vmlinux?: string;
  readonly module: readonly string[];
  readonly kernelTree?: string;
}

/** Undefined when none of the options is given. */
export function symbolOptions({ vmlinux, module, kernelTree }: SymbolFlags): SymbolOptions | undefined {
  if (vmlinux === undefined && module.length === 0 && kernelTree === undefined) return undefined;
  return {
    modules: module,
    ...(vmlinux !== undefined && { vmlinux }),
    ...(kernelTree !== undefined && { kernelTree }),
  };
}
