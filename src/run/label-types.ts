import type { Classification } from '../model/classification.ts';

/**
 * What the types of labelled logs say of the classification, and no more than they say: a type that leaves several open accepts
 * each of them, and one that says nothing of it is no label. The types are those of the syzkaller project.
 */
const TYPES: readonly (readonly [start: string, ...accepted: Classification[]])[] = [
  ['NULL-POINTER-DEREFERENCE', 'module-crash'],
  ['KASAN-NULL-POINTER-DEREFERENCE', 'module-crash', 'memory-corruption'],
  ['KASAN', 'memory-corruption'],
  ['KFENCE', 'memory-corruption'],
  ['KMSAN', 'memory-corruption'],
  ['MEMORY_SAFETY_BUG', 'memory-corruption', 'module-crash'],
  ['MEMORY_SAFETY_UBSAN', 'memory-corruption', 'module-crash'],
  ['REFCOUNT_WARNING', 'memory-corruption'],
  ['UBSAN', 'module-crash'],
  ['KCSAN', 'race'],
  ['LOCKDEP', 'deadlock', 'race'],
  ['ATOMIC_SLEEP', 'module-crash', 'deadlock'],
  ['HANG', 'system-hang', 'deadlock'],
  ['LEAK', 'resource-leak'],
  ['WARNING', 'module-crash'],
  ['BUG', 'module-crash', 'memory-corruption'],
  ['DoS', 'module-crash', 'kernel-panic', 'memory-corruption'],
];

/** Undefined when the label does not decide it. A log without a title has nothing to be called. */
export function acceptedOf(type: string, title: string): readonly Classification[] | undefined {
  if (title === '') return undefined;
  const [, ...accepted] = TYPES.find(([start]) => type.startsWith(start)) ?? [''];
  return accepted.length > 0 ? accepted : undefined;
}
