/** A BPF map of the kernel (struct bpf_map_info). Names are cut to 15 characters; bpftrace calls its `@x` `AT_x`. */
export interface KernelMap {
  readonly id: number;
  readonly name: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
}

/** Entries one behind the other: the key, then one value, of per-CPU maps one of each possible CPU. Only whole entries. */
export interface RawMap {
  readonly bytes: Buffer;
  /** Values of each key. */
  readonly values: number;
  /** Bytes from one value to the next: those of per-CPU maps are padded to eight. */
  readonly width: number;
  /** There were more entries than asked for. */
  readonly cut: boolean;
}

/** Reads maps where bpftrace runs. Rejects with an ExpectedError when a map or process is gone, or root's right is missing. */
export interface MapSource {
  /** The maps that a process holds, in the order in which they were made. */
  list(pid: number): Promise<KernelMap[]>;
  dump(map: KernelMap, maxEntries?: number): Promise<RawMap>;
  close(): void;
}

/** More entries than that are not read at once. */
export const MAX_ENTRIES = 65_536;
