/** What a probe needs of the machine it runs on. */
export type Need =
  | { readonly kind: 'event'; readonly name: string }
  /** `or`: names that other kernels have it by. */
  | { readonly kind: 'kprobe'; readonly name: string; readonly or?: readonly string[] }
  | { readonly kind: 'config'; readonly name: string }
  | { readonly kind: 'version'; readonly name: string }
  /** The kernel's own types, and a network interface that the user names. */
  | { readonly kind: 'btf' | 'interface'; readonly name: '' };

/** What runs a probe: bpftrace a `.bt`, in a second; the loader a `.bpf.c`, compiled once, in milliseconds. */
export type EngineName = 'bpftrace' | 'core';

export interface ProbeMap {
  readonly name: string;
  /** bpftrace's function: `hist`, `count`, `sum`, …; `lost` counts what a map of an object had no room for. */
  readonly type: string;
  /** Names of the key's parts, in order. */
  readonly key: readonly string[];
  readonly meaning: string;
}

/** A line that the program prints with printf: the tag, then these fields. `comm` is the last where it occurs. */
export interface ProbeRecord {
  readonly tag: string;
  readonly fields: readonly string[];
  readonly meaning: string;
}

/** One program of `probes/`, as its header says. */
export interface Probe {
  readonly name: string;
  readonly engine: EngineName;
  readonly title: string;
  readonly needs: readonly Need[];
  readonly maps: readonly ProbeMap[];
  readonly records: readonly ProbeRecord[];
  readonly cost: 'low' | 'medium' | 'high';
  readonly costReason: string;
  readonly sets: readonly string[];
  /** The whole program, header included. */
  readonly text: string;
}

export interface ProbeProblem {
  /** 1-based line in the file. */
  readonly line: number;
  readonly message: string;
}
