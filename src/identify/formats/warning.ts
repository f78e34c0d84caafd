import { formats, type PlanStep, TRACE, WARN } from './format.ts';

const TASK_SKIP = 'process_one_work flush_workqueue drain_workqueue destroy_workqueue';
const SOCK_SKIP = 'lock_sock release_sock';
/** Who wants the lock, who holds the other one, then the chain. */
const ACQUIRERS: readonly PlanStep[] = ['at', 'at', 'stack'];

/** Formats of reports with `WARNING:`. */
export const WARNING_FORMATS = formats(
  {
    says: 'warn-odebug',
    title: 'WARNING: ODEBUG bug in {F}',
    kind: 'debug-objects',
    ...WARN,
    skip: 'debug_ rcu hrtimer_ timer_ work_ percpu_ vunmap vfree __free_ debug_check kobject_',
  },
  { says: 'warn-usercopy', title: 'WARNING: bad usercopy in {F}', kind: 'usercopy', ...WARN, skip: 'usercopy __check' },
  { says: 'warn-kobject', title: 'WARNING: kobject bug in {F}', kind: 'kobject', ...WARN, skip: 'kobject_' },
  { says: 'warn-proc', title: 'WARNING: proc registration bug in {F}', kind: 'warning', ...WARN, skip: 'proc_' },
  {
    says: 'warn-refcount',
    title: 'WARNING: refcount bug in {F}',
    kind: 'refcount',
    ...WARN,
    skip: 'refcount kobject_',
  },
  { says: 'warn-lockdep', title: 'WARNING: locking bug in {F}', kind: 'lockdep-bug', ...WARN, skip: SOCK_SKIP },
  {
    says: 'locks-held',
    needs: [{ way: 'at-name', as: 'fn' }],
    title: 'WARNING: still has locks held in {fn}',
    kind: 'lockdep-locks-held',
  },
  {
    // Kernels before 4.18 print an address before the name.
    says: 'locks-held',
    needs: [{ mark: 'at', as: 'fn' }],
    title: 'WARNING: still has locks held in {fn}',
    kind: 'lockdep-locks-held',
    ours: true,
  },
  { says: 'nested-lock', title: 'WARNING: nested lock was not taken in {F}', kind: 'lockdep-nested-lock', ...WARN },
  {
    says: 'lock-to-user',
    needs: [{ way: 'leaving-kernel' }, { mark: 'at', as: 'fn' }],
    title: 'WARNING: lock held when returning to user space in {fn}',
    kind: 'lockdep-locks-held',
    traceless: true,
  },
  {
    says: 'warn-kmalloc',
    title: 'WARNING: kmalloc bug in {F}',
    kind: 'warning',
    ...WARN,
    skip: 'kmalloc krealloc slab kmem',
  },
  { says: 'warn-vmalloc', title: 'WARNING: zero-size vmalloc in {F}', kind: 'warning', ...WARN },
  {
    says: 'warn-urb',
    title: 'WARNING in {F}/usb_submit_urb',
    kind: 'warning',
    ...WARN,
    skip: 'usb_submit_urb usb_start_wait_urb usb_bulk_msg usb_interrupt_msg usb_control_msg',
  },
  { says: 'warn-cpu-last', title: 'WARNING in {F}', kind: 'warning', ...WARN },
  { says: 'warn-at', title: 'WARNING in {F}', kind: 'warning', ...WARN },
  { says: 'warn-path', title: 'WARNING in {F}', kind: 'warning', ...WARN },
  { says: 'warn-text-path', title: 'WARNING in {F}', kind: 'warning', ...WARN },
  {
    says: 'lockdep-circular',
    needs: [{ way: 'acquiring-lock' }],
    title: 'possible deadlock in {F}',
    kind: 'lockdep-circular',
    plan: ACQUIRERS,
    skip: TASK_SKIP,
  },
  {
    says: 'lockdep-irq',
    needs: [{ way: 'changed-state' }, { mark: 'at', as: 'fn' }],
    title: 'possible deadlock in {fn}',
    kind: 'lockdep-irq-inversion',
  },
  {
    says: 'lockdep-order',
    title: 'possible deadlock in {F}',
    kind: 'lockdep-unsafe-order',
    plan: ['way:became-at', 'stack'],
  },
  {
    says: 'lockdep-recursive',
    needs: [{ way: 'acquiring-lock' }, { mark: 'at', as: 'fn' }],
    title: 'possible deadlock in {fn}',
    kind: 'lockdep-recursive',
  },
  {
    says: 'lockdep-state',
    needs: [{ way: 'takes' }, { mark: 'at', as: 'fn' }],
    title: 'inconsistent lock state in {F}',
    kind: 'lockdep-inconsistent-state',
    plan: TRACE,
  },
  {
    says: 'rcu-usage',
    needs: [{ mark: 'source' }],
    title: 'WARNING: suspicious RCU usage in {F}',
    kind: 'lockdep-rcu-usage',
    plan: TRACE,
    skip: 'rcu kmem slab',
  },
  {
    says: 'stack-regs-value',
    title: "WARNING: kernel stack regs has bad '{register}' value",
    kind: 'warning-other',
    traceless: true,
  },
  {
    says: 'stack-pointer-value',
    title: 'WARNING: kernel stack frame pointer has bad value',
    kind: 'warning-other',
    traceless: true,
  },
  {
    says: 'unlock-balance',
    title: 'WARNING: bad unlock balance in {F}',
    kind: 'lockdep-unlock-imbalance',
    plan: ['pc', 'trace', 'stack'],
  },
  {
    says: 'held-lock-freed',
    needs: [{ mark: 'at', as: 'fn' }],
    title: 'WARNING: held lock freed in {fn}',
    kind: 'lockdep-held-lock-freed',
  },
  { says: 'stack-regs', title: 'WARNING: kernel stack regs has bad value', kind: 'warning-other', traceless: true },
  { says: 'stack-pointer', title: 'WARNING: kernel stack regs has bad value', kind: 'warning-other', traceless: true },
  { says: 'warning-bare', title: 'WARNING: corrupted', kind: 'warning-other', broken: true },
);
