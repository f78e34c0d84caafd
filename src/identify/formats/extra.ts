import type { Kind } from '../../model/kinds.ts';
import { CRASH, type Format, formats, TRACE } from './format.ts';
import { STORAGE_FORMATS } from './storage.ts';

/** Functions that allocate for others: who asked is to blame. */
const ALLOCATORS =
  'kmemleak mmap kmem slab alloc create_object idr_get list_lru_init kasprintf kvasprintf pcpu_create strdup strndup memdup';

const DIE_KINDS: readonly (readonly [word: string, kind: Kind])[] = [
  ['illegal', 'invalid-opcode'],
  ['undefined instruction', 'invalid-opcode'],
  ['divide', 'divide-error'],
  ['access', 'paging-request'],
  ['addressing', 'paging-request'],
  ['protection', 'paging-request'],
];

function dieKind({ what = '' }: Readonly<Record<string, string>>): Kind {
  return DIE_KINDS.find(([word]) => what.includes(word))?.[1] ?? 'internal-error';
}

/** Our own titles for headlines that syzbot has none for, in the same manner: what happened, then where. */
export const EXTRA_FORMATS: Readonly<Record<string, readonly Format[]>> = {
  ...STORAGE_FORMATS,
  'oom-invoked': formats(
    {
      says: 'oom-invoked',
      needs: [{ way: 'oom-victim', as: 'victim' }],
      title: 'out of memory: killed {victim}',
      kind: 'oom',
      traceless: true,
    },
    { says: 'oom-invoked', title: 'out of memory: invoked by {comm}', kind: 'oom', traceless: true },
  ),
  'oom-killed': formats({ says: 'oom-killed', title: 'out of memory: killed {victim}', kind: 'oom', traceless: true }),
  'allocation-failure': formats({
    says: 'allocation-failure',
    title: 'page allocation failure in {F}',
    kind: 'allocation-failure',
    plan: TRACE,
    skip: 'alloc',
  }),
  'vmalloc-failure': formats({
    says: 'vmalloc-failure',
    title: 'vmalloc failure in {F}',
    kind: 'allocation-failure',
    plan: TRACE,
    skip: 'alloc',
  }),
  'vmalloc-failure-old': formats({
    says: 'vmalloc-failure',
    title: 'vmalloc failure in {F}',
    kind: 'allocation-failure',
    plan: TRACE,
    skip: 'alloc',
  }),
  'slub-failure': formats({
    says: 'slub-failure',
    title: 'slab allocation failure',
    kind: 'allocation-failure',
    traceless: true,
  }),
  'hard-lockup': formats({
    says: 'hard-lockup',
    title: 'hard lockup in {F}',
    alt: ['stall in {F}'],
    kind: 'hard-lockup',
    plan: ['ip', 'trace', 'stack'],
    pick: 'stall',
  }),
  die: formats(
    { says: 'die', title: 'Oops in {F}', kind: 'internal-error', plan: CRASH },
    { says: 'die-of', title: '{what} in {F}', kind: dieKind, plan: CRASH },
    { says: 'die-bug', title: 'kernel BUG in {F}', kind: 'bug', plan: CRASH },
    {
      says: 'die-stack',
      title: 'kernel stack overflow in {F}',
      alt: ['stack-overflow in {F}'],
      kind: 'stack-overflow',
      plan: CRASH,
      pick: 'stall',
    },
  ),
  slab: formats({ says: 'slab', title: 'BUG: {cache}: {what}', kind: 'slab-corruption', traceless: true }),
  leak: formats({
    says: 'leak-object',
    title: 'memory leak in {F}',
    kind: 'memory-leak',
    plan: ['way:leak-backtrace', 'stack'],
    skip: ALLOCATORS,
  }),
  'stack-space': formats({
    says: 'stack-space',
    title: 'kernel stack overflow in {F}',
    alt: ['stack-overflow in {F}'],
    kind: 'stack-overflow',
    plan: TRACE,
    fallback: CRASH,
    skip: 'bad_stack',
    pick: 'stall',
  }),
  segfault: formats({ says: 'segfault', title: 'segfault in {comm}', kind: 'user-segfault', traceless: true }),
  'user-trap': formats({ says: 'segfault', title: '{what} in {comm}', kind: 'user-segfault', traceless: true }),
  'user-signal': formats({
    says: 'segfault',
    title: 'unhandled signal in {comm}',
    kind: 'user-segfault',
    traceless: true,
  }),
  ktap: formats({
    says: 'ktap',
    needs: [{ way: 'ktap-failure', as: 'test' }],
    title: 'test failed: {test}',
    kind: 'ktap-failure',
    traceless: true,
  }),
  mce: formats({ says: 'mce', title: 'machine check: {message}', kind: 'mce', traceless: true }),
  nmi: formats({ says: 'nmi', title: 'NMI: {what}', kind: 'nmi', traceless: true }),
  'nmi-unknown': formats({ says: 'nmi', title: 'NMI: {what}', kind: 'nmi', traceless: true }),
};
