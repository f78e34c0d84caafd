import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cached } from '../guest/cached.ts';
import { runTool } from '../guest/command.ts';
import type { Kernel } from '../guest/kernel.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import { cacheDir } from '../guest/paths.ts';
import type { Control } from '../model/guest.ts';
import { runScript } from './guest-script.ts';

interface Named {
  readonly at: bigint;
  readonly name: string;
}

/** A function reaches at most so far: beyond it an address belongs to nobody. */
const MAX_FUNCTION = 1n << 20n;

/** Functions of a running kernel and its module by address: what is left to read registers and stacks by when the guest is silent. */
export class KernelSymbols {
  readonly #functions: readonly Named[];

  constructor(functions: readonly Named[]) {
    this.#functions = functions.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  /** `name+0x12`, or nothing where no function is. */
  name(address: bigint): string | undefined {
    let low = 0;
    let high = this.#functions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#functions[middle]?.at ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.#functions[low - 1];
    if (found === undefined || address - found.at >= MAX_FUNCTION) return undefined;
    return `${found.name}+0x${(address - found.at).toString(16)}`;
  }
}

/**
 * Reads them from a guest that works. The kernel's own are the same in every boot but for the offset that it chose, so they are read
 * once for each image and kept; of the module only the addresses of its sections are asked for.
 */
export async function readKernelSymbols(
  control: Control,
  kernel: Kernel,
  module: ModuleUnderTest,
): Promise<KernelSymbols> {
  const text = await textStart(control);
  const { size, mtimeMs } = statSync(kernel.image);
  const file = join(cacheDir('symbols'), `${basename(kernel.image)}-${kernel.release}-${size}-${Math.floor(mtimeMs)}`);
  let fetched: string | undefined;
  try {
    statSync(file);
  } catch {
    fetched = await fetchFunctions(control, text);
  }
  cached(file, (fresh) => writeFileSync(fresh, fetched ?? ''));
  const own = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [offset, name] = line.split(' ');
      return offset && name ? [{ at: text + BigInt(`0x${offset}`), name }] : [];
    });
  return new KernelSymbols([...own, ...(await moduleFunctions(control, module))]);
}

/** Absolute symbols of per-CPU data stand before it; with -m1 the rest is not read. */
async function textStart(control: Control): Promise<bigint> {
  const line = await runScript(control, 'reading kallsyms', "grep -m1 ' _text$' /proc/kallsyms", [], 10_000);
  return BigInt(`0x${/^[0-9a-f]+/.exec(line)?.[0] ?? '0'}`);
}

/** Packed in the guest: a slow console or port would take seconds for several megabytes. */
async function fetchFunctions(control: Control, text: bigint): Promise<string> {
  const packed = '/tmp/kallsyms.gz';
  await runScript(control, 'packing kallsyms', `grep -i ' t ' /proc/kallsyms | gzip -1 >${packed}`, [], 60_000);
  const { output } = await control.request('read', { path: packed, max: 1 << 20, encoding: 'base64' });
  await control.request('exec', { argv: ['rm', packed] });
  const lines = gunzipSync(Buffer.from(output, 'base64'), { maxOutputLength: 64 << 20 })
    .toString('latin1')
    .split('\n');
  return lines
    .flatMap((line) => {
      const [address = '', , name, module] = line.split(/\s+/);
      if (!name || module !== undefined || !/^[0-9a-f]{8,16}$/.test(address)) return [];
      const offset = BigInt(`0x${address}`) - text;
      return offset < 0n ? [] : [`${offset.toString(16)} ${name}`];
    })
    .join('\n');
}

/** Addresses of its sections as the kernel placed them, with the functions that the file has in each. */
async function moduleFunctions(control: Control, { name, file }: ModuleUnderTest): Promise<Named[]> {
  const script = 'cd "/sys/module/$1/sections" && for f in .text*; do echo "$f $(cat "$f")"; done';
  const placed = await runScript(control, `reading where ${name} is`, script, [name], 10_000);
  const starts = new Map(
    placed.split('\n').flatMap((line) => {
      const [section, address] = line.split(' ');
      return section && address && /^0x[0-9a-f]+$/.test(address) ? [[section, BigInt(address)] as const] : [];
    }),
  );
  // name | value | class | type | size | line | section
  const rows = runTool('nm', ['--defined-only', '--format=sysv', file]).toString().split('\n');
  return rows.flatMap((row) => {
    const [symbol, value, kind, , , , section] = row.split('|').map((cell) => cell.trim());
    const start = starts.get(section ?? '');
    if (!symbol || !value || start === undefined || !/^[tT]$/.test(kind ?? '')) return [];
    return [{ at: start + BigInt(`0x${value}`), name: `[${name}] ${symbol}` }];
  });
}
