import type { Classification } from '../model/classification.ts';

type Row = readonly [words: string, ...accepted: Classification[]];

/**
 * What a label says of the classification, and no more than it says: a label that leaves several open accepts each of them, and
 * one that says nothing of it is no label. The words are those of the syzkaller project's labels; what they come to follows the
 * table of classifications: what broke, and what has to be done about it.
 *
 * Titles decide before types, because a type sums up reports that ask for different things. They are looked for anywhere in
 * the title.
 */
const TITLES: readonly Row[] = [
  // One type for whatever a lock debugger prints. Lockdep's cycles and misuses are lock errors ...
  ['possible circular locking', 'deadlock'],
  ['possible recursive locking', 'deadlock'],
  ['possible irq lock inversion', 'deadlock'],
  ['non-static key', 'deadlock'],
  ['lock held when returning', 'deadlock'],
  // ... RCU read without its section is an access without its lock, though lockdep prints it ...
  ['suspicious RCU usage', 'race', 'deadlock'],
  // ... a CPU number that may be stale is an assertion that failed in a guest that goes on, or a race on what it indexes ...
  ['in preemptible code', 'module-crash', 'race'],
  // ... and a lock with a wrong magic number is memory that is no lock: never made one, freed, or written over.
  ['spinlock bad magic', 'memory-corruption', 'deadlock'],
  // A work item that ends with a lock held or preemption off: the next one on that thread waits, or sleeps where it must not.
  ['workqueue leaked lock or atomic', 'deadlock', 'module-crash'],
  // The tracker of objects says of some that active memory is freed, of others that a call came in the wrong state.
  ['ODEBUG bug', 'module-crash', 'memory-corruption'],
  // These have no type, and are what their names say.
  ['Bad page', 'memory-corruption'],
  ['stack guard page was hit', 'kernel-panic'],
  ['workqueue lockup', 'system-hang'],
  // Counters of a filesystem that is gone: its users are left with freed memory, or it forgot one of them.
  ['Dentry still in use', 'module-crash', 'memory-corruption'],
];

/** By the beginning of the type, the longer ones first. */
const TYPES: readonly Row[] = [
  // An oops of the module; the sanitizer only sees it earlier.
  ['NULL-POINTER-DEREFERENCE', 'module-crash'],
  ['KASAN-NULL-POINTER-DEREFERENCE', 'module-crash', 'memory-corruption'],
  ['KASAN', 'memory-corruption'],
  ['KFENCE', 'memory-corruption'],
  ['KMSAN', 'memory-corruption'],
  // List corruption and bad pages, but also oopses at addresses that a wild pointer gave.
  ['MEMORY_SAFETY_BUG', 'memory-corruption', 'module-crash'],
  ['MEMORY_SAFETY_UBSAN', 'memory-corruption', 'module-crash'],
  // Half of what refcount_t says is a use after free, the other half a leak (lib/refcount.c); the type does not tell which.
  ['REFCOUNT_WARNING', 'memory-corruption', 'resource-leak'],
  ['UBSAN', 'module-crash'],
  ['KCSAN', 'race'],
  ['LOCKDEP', 'deadlock', 'race'],
  ['ATOMIC_SLEEP', 'module-crash', 'deadlock'],
  // A hung task waits for something or in a circle, which the title does not tell.
  ['HANG', 'system-hang', 'deadlock'],
  ['LEAK', 'resource-leak'],
  ['WARNING', 'module-crash'],
  ['BUG', 'module-crash', 'memory-corruption'],
  // Oopses and panics: whether the machine goes on is not in the label.
  ['DoS', 'module-crash', 'kernel-panic', 'memory-corruption'],
];

/** Undefined when the label does not decide it. A log without a title has nothing to be called. */
export function acceptedOf(type: string, title: string): readonly Classification[] | undefined {
  if (title === '') return undefined;
  const row = TITLES.find(([words]) => title.includes(words)) ?? TYPES.find(([start]) => type.startsWith(start));
  const [, ...accepted] = row ?? [''];
  return accepted.length > 0 ? accepted : undefined;
}
