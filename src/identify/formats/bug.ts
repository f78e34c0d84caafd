import type { Kind } from '../../model/kinds.ts';
import { BAD, CRASH, formats, type PlanStep, TRACE } from './format.ts';

const KASAN_KINDS: readonly (readonly [word: string, kind: Kind])[] = [
  ['use-after-free', 'kasan-use-after-free'],
  ['out-of-bounds', 'kasan-out-of-bounds'],
  ['null-ptr-deref', 'kasan-null-deref'],
  ['user-memory-access', 'kasan-wild-access'],
  ['wild-memory-access', 'kasan-wild-access'],
  ['free', 'kasan-invalid-free'],
];

const byWord =
  (table: readonly (readonly [string, Kind])[], otherwise: Kind) =>
  (fields: Readonly<Record<string, string>>): Kind =>
    table.find(([word]) => (fields.what ?? fields.rest ?? '').includes(word))?.[1] ?? otherwise;

const kasan = byWord(KASAN_KINDS, 'kasan-other');
const kmsan = byWord(
  [
    ['uninit', 'kmsan-uninit'],
    ['infoleak', 'kmsan-infoleak'],
  ],
  'kmsan-other',
);
const kfence = byWord([['use-after-free', 'kfence-use-after-free']], 'kfence-out-of-bounds');

const KASAN_SKIP = 'kernel_fault tag_check mem_abort ^el1_ ^el1h_';
const KMSAN_PLAN: readonly PlanStep[] = ['stack', 'way:kmsan-origin', 'stack'];
const USB_SKIP = 'usb_submit_urb usb_start_wait_urb usb_bulk_msg usb_interrupt_msg usb_control_msg';

/** Formats of reports with `BUG:`; the first that gives a title wins among those at the same place. */
export const BUG_FORMATS = formats(
  {
    says: 'kasan',
    says2: 'kasan-in',
    needs: [{ way: 'access', as: 'mode' }],
    title: 'KASAN: {what} {mode} in {F}',
    alt: [BAD],
    kind: kasan,
    plan: ['says:kasan-in', 'trace', 'stack'],
    skip: KASAN_SKIP,
  },
  {
    says: 'kasan',
    says2: 'kasan-free-in',
    title: 'KASAN: invalid-free in {F}',
    alt: ['invalid-free in {F}'],
    kind: 'kasan-invalid-free',
    plan: ['says:kasan-free-in', 'trace', 'stack'],
    skip: 'slab_ kfree vunmap vfree',
  },
  { says: 'kasan-on', needs: [{ way: 'access-size', as: 'mode' }], title: 'KASAN: {what} {mode}', kind: kasan },
  { says: 'kasan', title: 'KASAN: {rest}', kind: kasan, broken: true },
  {
    says: 'kmsan-usb',
    says2: 'kmsan-in',
    title: 'KMSAN: kernel-usb-infoleak in {F}',
    alt: ['KMSAN origin in {F2}'],
    kind: 'kmsan-infoleak',
    traceless: true,
    plan: KMSAN_PLAN,
    skip: `alloc_skb ${USB_SKIP}`,
  },
  {
    says: 'kmsan',
    says2: 'kmsan-in',
    title: 'KMSAN: {what} in {F}',
    alt: [BAD],
    kind: kmsan,
    traceless: true,
    plan: KMSAN_PLAN,
    skip: 'alloc_skb netlink_ack netlink_rcv_skb _encrypt$ ^crypto_ ^cipher_ ^drbg_ ^rng_',
  },
  { says: 'kcsan-race', title: 'KCSAN: {rest}', kind: 'kcsan-data-race', traceless: true },
  {
    says: 'kcsan',
    title: 'KCSAN: {rest}',
    kind: byWord([['assert', 'kcsan-assert']], 'kcsan-data-race'),
    traceless: true,
  },
  {
    says: 'kfence-access',
    title: 'KFENCE: {what} {mode} in {F}',
    alt: [BAD],
    kind: kfence,
    plan: ['says:kfence-access', 'stack'],
  },
  {
    says: 'kfence-free',
    title: 'KFENCE: invalid free in {F}',
    alt: ['invalid-free in {F}'],
    kind: 'kfence-invalid-free',
    traceless: true,
    plan: ['says:kfence-free', 'stack'],
  },
  {
    says: 'kfence-invalid',
    title: 'KFENCE: invalid {mode} in {F}',
    alt: [BAD],
    kind: 'kfence-invalid-access',
    plan: ['says:kfence-invalid', 'stack'],
  },
  {
    says: 'kfence-corruption',
    title: 'KFENCE: memory corruption in {F}',
    kind: 'kfence-memory-corruption',
    traceless: true,
    plan: ['says:kfence-corruption', 'stack'],
  },
  {
    says: 'paging-request',
    title: 'BUG: unable to handle kernel paging request in {F}',
    alt: [BAD],
    kind: 'paging-request',
    plan: CRASH,
  },
  {
    says: 'null-deref',
    title: 'BUG: unable to handle kernel NULL pointer dereference in {F}',
    alt: [BAD],
    kind: 'null-deref',
    plan: CRASH,
  },
  {
    says: 'unable-power',
    title: 'BUG: unable to handle kernel {what} in {F}',
    alt: [BAD],
    kind: 'paging-request',
    ours: true,
    plan: CRASH,
  },
  { says: 'unable-cut', title: 'BUG: unable to handle kernel', kind: 'paging-request', broken: true },
  {
    says: 'spinlock',
    title: 'BUG: {lock} {what} in {F}',
    kind: 'spinlock-bug',
    plan: TRACE,
    skip: 'spin_ _lock _unlock',
  },
  {
    says: 'soft-lockup',
    title: 'BUG: soft lockup in {F}',
    alt: ['stall in {F}'],
    kind: 'soft-lockup',
    plan: CRASH,
    pick: 'stall',
  },
  {
    says: 'locks-held',
    needs: [{ mark: 'pc', as: 'fn' }],
    title: 'BUG: still has locks held in {fn}',
    kind: 'lockdep-locks-held',
  },
  {
    says: 'scheduling-while-atomic',
    title: 'BUG: scheduling while atomic in {F}',
    kind: 'scheduling-while-atomic',
    plan: TRACE,
    skip: 'schedule',
  },
  {
    says: 'lock-to-user',
    needs: [{ way: 'leaving-kernel' }, { mark: 'at', as: 'fn' }],
    title: 'BUG: lock held when returning to user space in {fn}',
    kind: 'lockdep-locks-held',
    traceless: true,
  },
  {
    says: 'unlock-balance',
    title: 'BUG: bad unlock balance in {F}',
    kind: 'lockdep-unlock-imbalance',
    plan: ['pc', 'trace', 'stack'],
  },
  {
    says: 'held-lock-freed',
    needs: [{ mark: 'pc', as: 'fn' }],
    title: 'BUG: held lock freed in {fn}',
    kind: 'lockdep-held-lock-freed',
  },
  { says: 'rss-counter', title: 'BUG: Bad rss-counter state', kind: 'bad-rss', traceless: true },
  { says: 'nr-ptes', title: 'BUG: non-zero nr_ptes on freeing mm', kind: 'bad-rss', traceless: true },
  { says: 'nr-pmds', title: 'BUG: non-zero nr_pmds on freeing mm', kind: 'bad-rss', traceless: true },
  {
    says: 'dentry',
    says2: 'dentry-unmount',
    title: 'BUG: Dentry still in use in unmount',
    alt: ['BUG: Dentry still in use [unmount of {fs}]'],
    kind: 'bug-other',
  },
  {
    says: 'bad-page-state',
    title: 'BUG: Bad page state in {F}',
    kind: 'bad-page',
    plan: ['way:page-allocated', 'stack'],
    // Where nobody keeps who owned the page, whoever freed it.
    better: TRACE,
    skip: `free_page put_page get_page update_page release_page free_unref ^_*folio truncate_inode_pages page_frag_free alloc vmap
      page_owner`,
  },
  { says: 'bad-page-map', title: 'BUG: Bad page map', kind: 'bad-page' },
  { says: 'workqueue-lockup', title: 'BUG: workqueue lockup', kind: 'workqueue-lockup', traceless: true },
  {
    says: 'sleeping',
    title: 'BUG: sleeping function called from invalid context in {F}',
    kind: 'atomic-sleep',
    plan: TRACE,
  },
  {
    says: 'preemptible',
    title: 'BUG: using {fn}() in preemptible code in {F}',
    kind: 'preemptible-use',
    plan: TRACE,
    skip: 'dump_stack preemption preempt debug_ processor_id this_cpu',
  },
  {
    says: 'leaked-lock',
    needs: [{ way: 'last-function', as: 'fn' }],
    title: 'BUG: workqueue leaked lock or atomic in {fn}',
    kind: 'lockdep-locks-held',
    traceless: true,
  },
  {
    says: 'leaked-lock-new',
    needs: [{ way: 'work-function', as: 'fn' }],
    title: 'BUG: workqueue leaked lock or atomic in {fn}',
    kind: 'lockdep-locks-held',
    ours: true,
    traceless: true,
  },
  {
    says: 'memory-leak',
    title: 'memory leak in {F}',
    kind: 'memory-leak',
    plan: ['way:leak-backtrace', 'stack'],
    skip: `kmemleak mmap kmem slab alloc create_object idr_get list_lru_init kasprintf kvasprintf pcpu_create strdup strndup memdup`,
  },
  {
    says: 'stack-guard',
    title: 'BUG: stack guard page was hit in {F}',
    alt: ['stack-overflow in {F}'],
    kind: 'stack-overflow',
    plan: CRASH,
    pick: 'stall',
  },
  {
    says: 'wait-context',
    title: 'WARNING: locking bug in {F}',
    kind: 'lockdep-wait-context',
    plan: TRACE,
    skip: 'lock_sock release_sock',
  },
  { says: 'bug-bare', title: 'BUG: corrupted', kind: 'bug-other', broken: true },
);
