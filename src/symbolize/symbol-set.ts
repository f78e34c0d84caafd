import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { SymbolFile } from './symbol-file.ts';

/** Files and folders of a tree of modules; a kernel has some five thousand. */
const MAX_ENTRIES = 200_000;

export interface SymbolPaths {
  readonly vmlinux?: string;
  /** Modules, or folders in which they are looked for. Of two of one name the later one counts. */
  readonly modules: readonly string[];
}

/** The files with debug information by what the kernel calls them. Whoever opens it closes it. */
export class SymbolSet {
  readonly vmlinux: SymbolFile | undefined;
  readonly #modules = new Map<string, SymbolFile>();
  /** Paths of modules in folders: those that a report names are opened. */
  readonly #found = new Map<string, string>();
  readonly #warn: (message: string) => void;

  /** Fails with a sentence when a file that was named cannot be used. */
  constructor({ vmlinux, modules }: SymbolPaths, warn: (message: string) => void) {
    this.#warn = warn;
    if (vmlinux !== undefined) this.vmlinux = new SymbolFile(vmlinux);
    for (const path of modules) this.add(path);
  }

  /** A module, or a folder of them. Fails with a sentence when it cannot be used. */
  add(path: string): void {
    if (isFolder(path)) findModules(path, this.#found);
    else this.#modules.set(moduleName(path), new SymbolFile(path));
  }

  /** Undefined is the kernel itself. */
  fileOf(module: string | undefined): SymbolFile | undefined {
    if (module === undefined) return this.vmlinux;
    const path = this.#found.get(module);
    if (path === undefined) return this.#modules.get(module);
    this.#found.delete(module);
    try {
      const file = new SymbolFile(path);
      this.#modules.set(module, file);
      return file;
    } catch (error) {
      // One of thousands, which nobody named.
      this.#warn(`frames of ${module} stay without lines: ${messageOf(error)}`);
      return undefined;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.vmlinux, ...this.#modules.values()].map((file) => file?.close()));
  }
}

/** `nf-conntrack.ko`, `nf-conntrack.ko.debug`: `nf_conntrack`, as the kernel calls it. */
function moduleName(path: string): string {
  return basename(path).replace(MODULE_FILE, '').replaceAll('-', '_');
}

const MODULE_FILE = /\.ko(\.debug)?$/;

/** What cannot be looked at is no folder; opening it says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Links are not followed: `build` and `source` of a module tree lead elsewhere. */
function findModules(root: string, into: Map<string, string>): void {
  const folders = [root];
  let entries = 0;
  let found = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readFolder(folder)) {
      entries += 1;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (MODULE_FILE.test(entry.name)) {
        into.set(moduleName(path), path);
        found += 1;
      }
    }
    if (entries > MAX_ENTRIES)
      throw new ExpectedError(
        'usage',
        `${root} holds more than ${MAX_ENTRIES} files`,
        'name the folder of the modules',
      );
  }
  if (found === 0) throw new ExpectedError('usage', `there is no .ko file in ${root}`);
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be read: ${messageOf(error)}`);
  }
}
