import { CRASH, formats, TRACE } from './format.ts';

/** Formats of reports with `INFO:`. */
export const INFO_FORMATS = formats(
  {
    says: 'old-circular',
    needs: [{ way: 'acquiring-lock' }, { mark: 'at', as: 'fn' }],
    title: 'possible deadlock in {fn}',
    kind: 'lockdep-circular',
  },
  {
    says: 'old-irq',
    needs: [{ way: 'changed-state' }, { mark: 'at', as: 'fn' }],
    title: 'possible deadlock in {fn}',
    kind: 'lockdep-irq-inversion',
  },
  {
    says: 'old-order',
    needs: [{ way: 'acquiring' }, { mark: 'at', as: 'fn' }],
    title: 'possible deadlock in {fn}',
    kind: 'lockdep-unsafe-order',
  },
  {
    says: 'old-recursive',
    needs: [{ way: 'acquiring-lock' }, { mark: 'at', as: 'fn' }],
    title: 'possible deadlock in {fn}',
    kind: 'lockdep-recursive',
  },
  {
    says: 'old-state',
    needs: [{ way: 'takes' }, { mark: 'at', as: 'fn' }],
    title: 'inconsistent lock state in {fn}',
    kind: 'lockdep-inconsistent-state',
  },
  {
    says: 'rcu-stall',
    title: 'INFO: rcu detected stall in {F}',
    alt: ['stall in {F}'],
    kind: 'rcu-stall',
    plan: ['way:apic-timer', 'ip', 'stack'],
    fallback: ['way:apic-timer|exception-stack|el1-irq', 'stack'],
    // Kernels since 5.8 show the stalled CPU without the timer interrupt around it (arch/x86/entry: IDTENTRY).
    better: CRASH,
    skip: 'apic_timer_interrupt rcu',
    pick: 'stall',
  },
  {
    says: 'non-static-key',
    title: 'INFO: trying to register non-static key in {F}',
    kind: 'lockdep-non-static-key',
    plan: TRACE,
    skip: 'stack lock IRQ',
  },
  {
    says: 'rcu-usage',
    needs: [{ mark: 'source' }],
    title: 'INFO: suspicious RCU usage in {F}',
    kind: 'lockdep-rcu-usage',
    plan: TRACE,
    skip: 'rcu kmem slab',
  },
  {
    says: 'task-hung',
    title: 'INFO: task hung in {F}',
    alt: ['hang in {F}'],
    kind: 'hung-task',
    plan: TRACE,
    pick: 'hung',
  },
  {
    says: 'task-cannot-die',
    title: "INFO: task can't die in {F}",
    alt: ['hang in {F}'],
    kind: 'hung-task',
    plan: TRACE,
    skip: 'schedule',
  },
  { says: 'slub-track', title: 'INFO: {rest}', kind: 'slab-corruption', broken: true },
  { says: 'info-bare', title: 'INFO: corrupted', kind: 'kernel-info', broken: true },
);
