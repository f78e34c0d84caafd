import { ExpectedError } from '../base/errors.ts';
import { type KernelMap, MAX_ENTRIES, type MapSource, type RawMap } from './map-source.ts';
import { output } from './output.ts';
import { type Spawn, spawnLocal } from './spawn.ts';

/** A dump of four thousand entries of bytes written out takes a megabyte. */
const MAX_OUTPUT = 64 << 20;
const TIMEOUT_MS = 10_000;

/**
 * Reads maps with bpftool, wherever it can be started: a process for each read, milliseconds even where nothing else runs.
 * The ids come from the process's descriptors (bpf_map_show_fdinfo), since bpftool finds processes only where it was built to.
 */
export function bpftoolMaps(options: { readonly spawn?: Spawn; readonly bpftool?: string } = {}): MapSource {
  const { spawn = spawnLocal, bpftool = 'bpftool' } = options;
  const run = async (argv: readonly string[]) => {
    const { stdout, stderr, end } = await output(spawn, argv, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_OUTPUT });
    if (end.error !== undefined) {
      throw new ExpectedError('missing', `${argv[0]} cannot be run: ${end.error}`, 'install the package bpftool');
    }
    return { stdout, stderr };
  };
  const json = async (...args: string[]): Promise<unknown> => {
    const { stdout, stderr } = await run([bpftool, '-j', ...args]);
    let answer: unknown;
    try {
      // A login shell may greet first.
      answer = JSON.parse(stdout.slice(Math.max(0, stdout.search(/^[[{]/m))));
    } catch {
      throw new ExpectedError('guest', `bpftool ${args.join(' ')} gave no JSON: ${stderr.trim().slice(0, 200)}`);
    }
    const error = member(answer, 'error');
    if (typeof error === 'string')
      throw new ExpectedError('guest', `bpftool ${args.join(' ')}: ${error.slice(0, 200)}`);
    return answer;
  };
  return {
    async list(pid) {
      const { stdout } = await run(['sh', '-c', 'exec grep -hs ^map_id: /proc/"$1"/fdinfo/*', 'sh', String(pid)]);
      const held = new Set([...stdout.matchAll(/^map_id:\s+(\d+)$/gm)].map((found) => Number(found[1])));
      if (held.size === 0) throw new ExpectedError('guest', `process ${pid} has no BPF maps, or has ended`);
      const all = await json('map', 'show');
      return (Array.isArray(all) ? all : []).map(kernelMap).filter((map) => held.has(map.id));
    },
    async dump(map, maxEntries = MAX_ENTRIES): Promise<RawMap> {
      const all = await json('map', 'dump', 'id', String(map.id));
      const items = Array.isArray(all) ? all : [];
      const entries = items.slice(0, maxEntries).flatMap(rawEntry);
      const values = entries[0]?.values.length ?? 1;
      const whole = entries.filter((entry) => isWhole(entry, map, values));
      const bytes = Buffer.concat(whole.flatMap((entry) => [entry.key, ...entry.values]));
      return { bytes, values, width: map.valueSize, cut: items.length > maxEntries };
    },
    close: () => {},
  };
}

function kernelMap(item: unknown): KernelMap {
  const number = (name: string) => Number(member(item, name) ?? 0);
  return {
    id: number('id'),
    name: String(member(item, 'name') ?? ''),
    keySize: number('bytes_key'),
    valueSize: number('bytes_value'),
    maxEntries: number('max_entries'),
  };
}

interface RawEntry {
  readonly key: Buffer;
  readonly values: readonly Buffer[];
}

function isWhole(entry: RawEntry, map: KernelMap, values: number): boolean {
  const { key } = entry;
  return (
    key.length === map.keySize &&
    entry.values.length === values &&
    entry.values.every((value) => value.length === map.valueSize)
  );
}

/** `{"key":["0x06",…],"value":[…]}` or, of each CPU, `"values":[{"cpu":0,"value":[…]},…]` (bpftool's map.c). */
function rawEntry(item: unknown): RawEntry[] {
  const key = bytesOf(member(item, 'key'));
  const perCpu = member(item, 'values');
  const values = (Array.isArray(perCpu) ? perCpu : [item]).map((each) => bytesOf(member(each, 'value')));
  // A value that was deleted meanwhile is `{"error":…}`.
  return key && values.every((value): value is Buffer => value !== null) ? [{ key, values }] : [];
}

function bytesOf(value: unknown): Buffer | null {
  return Array.isArray(value) ? Buffer.from(value.map((byte) => Number.parseInt(String(byte), 16))) : null;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
