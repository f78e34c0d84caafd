import type { Classification } from '../model/classification.ts';

type Row = readonly [words: string, ...accepted: Classification[]];

/**
 * What a label says of the classification, and no more than it says: a label that leaves two open accepts both, and one that says
 * nothing of it is no label. The words are those of the syzkaller project's labels; what they come to follows the table of
 * classifications: what it is seen as, and what has to be done about it. A lock that is held for ever or twice stands with the
 * cycles: whoever wants it waits, and only a reset helps.
 *
 * Titles decide before types, because a type sums up reports that ask for different things. They are looked for anywhere in
 * the title. `patterns test --corpus` tells the result with titles and without.
 */
const TITLES: readonly Row[] = [
  // Cycles that lockdep finds, of which some have the type of any warning, and locks that are not given back.
  ['possible circular locking', 'deadlock'],
  ['possible recursive locking', 'deadlock'],
  ['possible irq lock inversion', 'deadlock'],
  ['lock held when returning', 'deadlock'],
  // A work item that ends with a lock held, or with preemption off, which is a BUG: the title says "or".
  ['workqueue leaked lock or atomic', 'deadlock', 'module-crash'],
  // Lockdep prints it, and no lock waits for another: a pointer is read without the lock or section that protects it, which is
  // what a lockset finds, or a task sleeps within such a section, which is a BUG elsewhere. The line below the title tells which.
  ['suspicious RCU usage', 'race', 'module-crash'],
  // No lock at all: an assertion that failed in a guest that goes on.
  ['in preemptible code', 'module-crash'],
  // What lies there is no lock: never made one, freed, or written over.
  ['spinlock bad magic', 'memory-corruption'],
  ['Dentry still in use', 'module-crash'],
  // Lists, pages and objects in a state that cannot be, and users of freed memory.
  ['corrupted list', 'memory-corruption'],
  ['Bad page', 'memory-corruption'],
  ['bad usercopy', 'memory-corruption'],
  ['Object already free', 'memory-corruption'],
  ['(use-after-free)', 'memory-corruption'],
  // Oopses, as long as it is not the panic itself that gives the name.
  ['unable to handle kernel', 'module-crash'],
  ['general protection fault', 'module-crash'],
  ['stack segment fault', 'module-crash'],
  ['divide error', 'module-crash'],
  ['invalid opcode', 'module-crash'],
  ['int3', 'module-crash'],
  ['Internal error', 'module-crash'],
  ['Unhandled fault', 'module-crash'],
  ['Alignment trap', 'module-crash'],
  ['kernel panic:', 'kernel-panic'],
  ['double fault', 'kernel-panic'],
  ['stack guard page was hit', 'kernel-panic'],
  ['kernel stack overflow', 'kernel-panic'],
  ['soft lockup', 'system-hang'],
  ['rcu detected stall', 'system-hang'],
  ['workqueue lockup', 'system-hang'],
  // It waits for a reference that somebody has, or that nobody gives back any more: neither has a row of its own.
  ['unregister_netdevice'],
];

/** By the beginning of the type, the longer ones first. */
const TYPES: readonly Row[] = [
  ['NULL-POINTER-DEREFERENCE', 'module-crash'],
  // An oops, which the sanitizer sees earlier: both rows name it.
  ['KASAN-NULL-POINTER-DEREFERENCE', 'module-crash', 'memory-corruption'],
  ['KASAN', 'memory-corruption'],
  ['KFENCE', 'memory-corruption'],
  ['KMSAN', 'memory-corruption'],
  // List corruption, and oopses at addresses that are not mapped.
  ['MEMORY_SAFETY_BUG', 'memory-corruption', 'module-crash'],
  ['MEMORY_SAFETY_UBSAN', 'memory-corruption'],
  // Half of what refcount_t says is a use after free, the other half a leak (lib/refcount.c); neither type nor title tells which.
  ['REFCOUNT_WARNING', 'memory-corruption', 'resource-leak'],
  ['UBSAN', 'module-crash'],
  ['KCSAN', 'race'],
  ['LOCKDEP', 'deadlock'],
  ['ATOMIC_SLEEP', 'module-crash'],
  // A hung task waits for something or in a circle, which the title does not tell.
  ['HANG', 'system-hang', 'deadlock'],
  ['LEAK', 'resource-leak'],
  ['WARNING', 'module-crash'],
  // BUG() is also how lists, pages and copies out of bounds are reported; the title has only the function.
  ['BUG', 'module-crash', 'memory-corruption'],
  // Oopses and panics.
  ['DoS', 'module-crash', 'kernel-panic'],
];

/** Undefined when the label does not decide it. A log without a title has nothing to be called. */
export function acceptedOf(type: string, title: string): readonly Classification[] | undefined {
  const row = title === '' ? undefined : TITLES.find(([words]) => title.includes(words));
  return row === undefined ? acceptedOfType(type, title) : openIn(row);
}

/** The same without a look at what the title says. */
export function acceptedOfType(type: string, title: string): readonly Classification[] | undefined {
  return title === '' ? undefined : openIn(TYPES.find(([start]) => type.startsWith(start)));
}

function openIn([, ...accepted]: Row = ['']): readonly Classification[] | undefined {
  return accepted.length > 0 ? accepted : undefined;
}
