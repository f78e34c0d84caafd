import * as z from 'zod';
import type { Kind } from '../kinds.ts';
import { ANY, FAULT, MACHINE } from './machine.ts';
import { MEMORY, OOM } from './memory.ts';
import { MODULES, PROGRAMS, STORAGE, TESTS } from './others.ts';
import { SYMBOLS } from './symbols.ts';
import { LOCKS, STALLS } from './waiting.ts';

/** Members of `details` by what they are about. A name means the same in all of them. */
export const DETAIL_GROUPS = {
  any: ANY,
  fault: FAULT,
  memory: MEMORY,
  oom: OOM,
  locks: LOCKS,
  stalls: STALLS,
  storage: STORAGE,
  modules: MODULES,
  machine: MACHINE,
  programs: PROGRAMS,
  tests: TESTS,
  symbols: SYMBOLS,
} as const satisfies Readonly<Record<string, z.ZodRawShape>>;

export type DetailGroup = keyof typeof DETAIL_GROUPS;

/** `details` of a finding that came of a kernel report. All members are optional: reports come cut, and kernels differ. */
export const detailsSchema = z
  .strictObject({
    ...MODULES,
    ...STORAGE,
    ...MACHINE,
    ...PROGRAMS,
    ...TESTS,
    ...SYMBOLS,
    ...OOM,
    ...STALLS,
    ...LOCKS,
    ...MEMORY,
    ...FAULT,
    ...ANY,
  })
  .partial();

/** What the details of a kind are about, besides what any report may say. */
export function groupsOf(kind: Kind): readonly DetailGroup[] {
  return GROUPS.find(([prefixes]) => prefixes.some((prefix) => kind.startsWith(prefix)))?.[1] ?? ['fault'];
}

/** The first row with a prefix of the kind counts. */
const GROUPS: readonly (readonly [prefixes: readonly string[], groups: readonly DetailGroup[]])[] = [
  [
    ['kasan', 'kfence', 'kmsan', 'kcsan', 'memory-leak'],
    ['memory', 'fault'],
  ],
  [
    ['ubsan', 'slab', 'bad-', 'list', 'refcount', 'usercopy', 'debug-objects'],
    ['memory', 'fault'],
  ],
  [['lockdep', 'spinlock', 'atomic', 'scheduling', 'preemptible'], ['locks']],
  [
    ['soft', 'hard', 'rcu', 'workqueue', 'hung'],
    ['stalls', 'locks'],
  ],
  [['oom', 'allocation'], ['oom']],
  [['fs-', 'io-', 'mount', 'vfs', 'netdevice'], ['storage']],
  [['module-load'], ['modules']],
  [['user-segfault'], ['programs', 'fault']],
  [['mce', 'nmi'], ['machine']],
  [['ktap'], ['tests']],
];
