import { bpftoolMaps } from './map-bpftool.ts';
import { type MapDeclaration, mapDeclarations } from './map-declaration.ts';
import { decodeMap, type MapRead } from './map-decode.ts';
import { buildMapReader, nativeMaps } from './map-native.ts';
import type { KernelMap, MapSource } from './map-source.ts';
import { type Spawn, spawnLocal } from './spawn.ts';

/** The maps of one running program, read from the kernel while it goes on. */
export class SessionMaps {
  readonly #pid: Promise<number | null>;
  readonly #declarations: ReadonlyMap<string, MapDeclaration>;
  readonly #source: Promise<MapSource>;
  #known: ReadonlyMap<string, KernelMap> = new Map();

  /** `source` stays open; whoever made it closes it. */
  constructor(program: string, pid: Promise<number | null>, source: Promise<MapSource>) {
    this.#pid = pid;
    this.#declarations = mapDeclarations(program);
    this.#source = source;
  }

  /** Rejects with an ExpectedError when the program has ended. */
  async read(name: string): Promise<MapRead> {
    const declaration = this.#declarations.get(name);
    if (!declaration) return { problem: `the program, as far as it is known here, writes no map ${name}` };
    const map = this.#known.get(name) ?? (await this.#find(name));
    if (!map) return { problem: `the map ${name} cannot be told from the others of the program` };
    return decodeMap(declaration, map, await (await this.#source).dump(map));
  }

  async #find(name: string): Promise<KernelMap | undefined> {
    const pid = await this.#pid;
    if (pid !== null) this.#known = nameMaps([...this.#declarations.keys()], await (await this.#source).list(pid));
    return this.#known.get(name);
  }
}

/**
 * Which map of the kernel is which of the program's. The kernel cuts names to 15 characters; where two become the same they
 * are in the order of their names, in which bpftrace makes them (0.17 to 0.27). If their number differs nobody can tell.
 */
export function nameMaps(names: readonly string[], maps: readonly KernelMap[]): ReadonlyMap<string, KernelMap> {
  const shortened = new Map<string, string[]>();
  for (const name of [...names].sort()) {
    const short = `AT_${name.slice(1)}`.slice(0, 15);
    shortened.set(short, [...(shortened.get(short) ?? []), name]);
  }
  const found = new Map<string, KernelMap>();
  for (const [short, candidates] of shortened) {
    const held = maps.filter((map) => map.name === short).sort((a, b) => a.id - b.id);
    if (held.length !== candidates.length) continue;
    for (const [i, map] of held.entries()) found.set(candidates[i] ?? '', map);
  }
  return found;
}

/** The fastest way there is: on this machine the small reader where it can be compiled, else bpftool. */
export async function openMaps(spawn: Spawn = spawnLocal): Promise<MapSource> {
  const reader = spawn === spawnLocal ? await buildMapReader() : null;
  return reader === null ? bpftoolMaps({ spawn }) : nativeMaps(reader);
}
