import { type Format, formats, TRACE } from './format.ts';

/** Our own titles for headlines that syzbot has none for, in the same manner: what happened, then where. */
export const EXTRA_FORMATS: Readonly<Record<string, readonly Format[]>> = {
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
  'fs-error': formats({ says: 'fs-error', title: '{fs} error: {rest}', kind: 'fs-error', traceless: true }),
  'xfs-error': formats({ says: 'xfs-error', title: '{fs} error: {rest}', kind: 'fs-error', traceless: true }),
  'mount-failed': formats({
    says: 'mount-failed',
    title: '{fs}: mount failed: {rest}',
    kind: 'mount-failure',
    traceless: true,
  }),
  'buffer-error': formats({ says: 'io-error', title: 'I/O error on {device}', kind: 'io-error', traceless: true }),
  'block-error': formats({ says: 'io-error', title: 'I/O error on {device}', kind: 'io-error', traceless: true }),
  'hard-lockup': formats({
    says: 'hard-lockup',
    title: 'hard lockup in {F}',
    alt: ['stall in {F}'],
    kind: 'hard-lockup',
    plan: ['ip', 'trace', 'stack'],
    pick: 'stall',
  }),
  slab: formats({ says: 'slab', title: 'BUG: {cache}: {what}', kind: 'slab-corruption', traceless: true }),
  leak: formats({
    says: 'leak-object',
    title: 'memory leak in {F}',
    kind: 'memory-leak',
    plan: ['way:leak-backtrace', 'stack'],
    skip: 'kmemleak mmap kmem slab alloc create_object idr_get list_lru_init kasprintf kvasprintf pcpu_create strdup strndup memdup',
  }),
  'module-symbol': formats({
    says: 'module-symbol',
    title: 'module {module} failed to load: unknown symbol {symbol}',
    kind: 'module-load-failure',
    traceless: true,
  }),
  'module-magic': formats({
    says: 'module-symbol',
    title: 'module {module} failed to load: built for another kernel',
    kind: 'module-load-failure',
    traceless: true,
  }),
  'module-version': formats({
    says: 'module-symbol',
    title: 'module {module} failed to load: symbol {symbol} of another version',
    kind: 'module-load-failure',
    traceless: true,
  }),
  segfault: formats({ says: 'segfault', title: 'segfault in {comm}', kind: 'user-segfault', traceless: true }),
  mce: formats({ says: 'mce', title: 'machine check: {rest}', kind: 'mce', traceless: true }),
};
