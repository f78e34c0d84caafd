import { FN, pattern } from '../fragments.ts';
import { rows } from './statement-row.ts';

/** Headlines with `BUG:`. Wordings from mm/kasan/report.c, mm/kmsan/report.c, mm/kfence/report.c, arch fault handlers, kernel/locking. */
export const BUG_STATEMENTS = rows(
  ['kasan', /BUG: KASAN: (?<rest>.*)/, 'BUG: KASAN: slab-use-after-free in vexfs_put+0x10/0x20'],
  [
    'kasan-in',
    pattern`BUG: KASAN: (?<what>[a-z-]+) in ${FN}(?:[^ ]* at addr (?<address>[0-9a-f]+))?`,
    'BUG: KASAN: slab-out-of-bounds in f+0x1/0x2',
  ],
  [
    'kasan-free-in',
    pattern`BUG: KASAN: (?:double-free or invalid-free|double-free|invalid-free) in ${FN}`,
    'BUG: KASAN: double-free in kfree+0x1/0x2',
  ],
  [
    'kasan-on',
    /BUG: KASAN: (?<what>[a-z-]+) on address(?: (?<address>[0-9a-f]{8,16}))?/,
    'BUG: KASAN: use-after-free on address ffff8800',
  ],
  ['kmsan', /BUG: KMSAN: (?<rest>.*)/, 'BUG: KMSAN: uninit-value in f+0x1/0x2'],
  ['kmsan-usb', /BUG: KMSAN: kernel-usb-infoleak in/, 'BUG: KMSAN: kernel-usb-infoleak in usb_submit_urb+0x1/0x2'],
  ['kmsan-in', pattern`BUG: KMSAN: (?<what>[a-z-]+) in ${FN}`, 'BUG: KMSAN: uninit-value in f+0x1/0x2'],
  ['kcsan-race', /BUG: KCSAN: (?<rest>data-race.*)/, 'BUG: KCSAN: data-race in a / b'],
  ['kcsan', /BUG: KCSAN: (?<rest>.*)/, 'BUG: KCSAN: assert: race in a / b'],
  [
    'kfence-access',
    pattern`BUG: KFENCE: (?<what>use-after-free|out-of-bounds) (?<mode>read|write) in ${FN}`,
    'BUG: KFENCE: use-after-free read in f+0x1/0x2',
  ],
  ['kfence-free', pattern`BUG: KFENCE: invalid free in(?: ${FN})?`, 'BUG: KFENCE: invalid free in f+0x1/0x2'],
  [
    'kfence-invalid',
    pattern`BUG: KFENCE: invalid (?<mode>read|write) in(?: ${FN})?`,
    'BUG: KFENCE: invalid read in f+0x1/0x2',
  ],
  [
    'kfence-corruption',
    pattern`BUG: KFENCE: memory corruption in(?: ${FN})?`,
    'BUG: KFENCE: memory corruption in f+0x1/0x2',
  ],
  [
    'paging-request',
    /BUG: (?:unable to handle kernel paging request|unable to handle page fault for address|Unable to handle kernel data access)(?: on (?<access>read|write))?(?:.*? at |: )?(?:0x)?(?:virtual address )?(?<address>[0-9a-f]{8,16})?/,
    'BUG: unable to handle page fault for address: ffffdead00000000',
  ],
  [
    'null-deref',
    /BUG: (?:unable to handle kernel|kernel|Kernel) NULL pointer dereference(?: on (?<access>read|write))?(?:.*?(?:at|address:) (?:0x)?(?<address>[0-9a-f]{8,16}))?/,
    'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  ],
  // arch/powerpc/mm/fault.c bad_page_fault
  [
    'unable-power',
    /BUG: Unable to handle (?:kernel )?(?<what>instruction fetch|unaligned access|unknown paging fault)(?: at (?<address>0x[0-9a-f]{8,16}))?/,
    'BUG: Unable to handle kernel instruction fetch (NULL pointer?)',
  ],
  ['unable-cut', /BUG: [uU]nable to handle kernel/, 'BUG: unable to handle kernel'],
  [
    'spinlock',
    /BUG: (?<lock>spinlock|rwlock) (?<what>lockup suspected|already unlocked|recursion|cpu recursion|bad magic|wrong owner|wrong CPU|trylock failure on UP)(?: on CPU#(?<cpu>\d+), (?<comm>.*)\/(?<pid>\d+))?/,
    'BUG: spinlock bad magic on CPU#0, a/1',
  ],
  [
    'soft-lockup',
    /BUG: soft lockup(?: - CPU#(?<cpu>\d+) stuck for (?<seconds>\d+)s! \[(?<comm>.*?):(?<pid>\d+)\])?/,
    'BUG: soft lockup - CPU#1 stuck for 22s! [a:1]',
  ],
  ['locks-held', /BUG: (?:(?<comm>.*)\/(?<pid>\d+) |.*)still has locks held!/, 'BUG: a/1 still has locks held!'],
  [
    'scheduling-while-atomic',
    /BUG: scheduling while atomic(?:: (?<comm>.*)\/(?<pid>\d+)\/(?<preemptCount>0x[0-9a-f]+))?/,
    'BUG: scheduling while atomic: a/1/0x00000002',
  ],
  ['lock-to-user', /BUG: lock held when returning to user space/, '[ BUG: lock held when returning to user space! ]'],
  ['unlock-balance', /BUG: bad unlock balance detected!/, '[ BUG: bad unlock balance detected! ]'],
  ['held-lock-freed', /BUG: held lock freed!/, '[ BUG: held lock freed! ]'],
  [
    'rss-counter',
    /BUG: Bad rss-counter state(?: mm:\S+ type:(?<type>\w+) val:(?<value>-?\d+))?/,
    'BUG: Bad rss-counter state mm:0 type:MM_ANONPAGES val:1',
  ],
  ['nr-ptes', /BUG: non-zero nr_ptes on freeing mm(?:: (?<value>-?\d+))?/, 'BUG: non-zero nr_ptes on freeing mm: 1'],
  ['nr-pmds', /BUG: non-zero nr_pmds on freeing mm(?:: (?<value>-?\d+))?/, 'BUG: non-zero nr_pmds on freeing mm: 1'],
  ['dentry', /BUG: Dentry .*still in use/, 'BUG: Dentry 0{i=1,n=a}  still in use (1) [unmount of tmpfs tmpfs]'],
  [
    'dentry-unmount',
    /BUG: Dentry .*still in use \(-?\d+\) \[unmount of (?<fs>[^\]]*)\]/,
    'BUG: Dentry 0{i=1,n=a}  still in use (1) [unmount of tmpfs tmpfs]',
  ],
  [
    'bad-page-state',
    /BUG: Bad page (?:state|cache)(?: in process (?<comm>.*?) +pfn:(?<pfn>[0-9a-f]+))?/,
    'BUG: Bad page state in process a  pfn:1',
  ],
  [
    'bad-page-map',
    /BUG: Bad page map(?: in process (?<comm>.*?) +pte:(?<pte>[0-9a-f]+) pmd:(?<pmd>[0-9a-f]+))?/,
    'BUG: Bad page map in process a  pte:1 pmd:1',
  ],
  [
    'workqueue-lockup',
    /BUG: workqueue lockup(?: - pool(?: cpus=(?<poolCpus>\S+))?(?: node=(?<node>\d+))?(?: flags=(?<flags>0x[0-9a-f]+))?(?: nice=(?<nice>-?\d+))?(?: stuck for (?<seconds>\d+)s)?)?/,
    'BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 33s!',
  ],
  [
    'sleeping',
    /BUG: sleeping function called from invalid context at (?<where>\S*)/,
    'BUG: sleeping function called from invalid context at mm/slab.h:1',
  ],
  [
    'preemptible',
    /BUG: using (?<fn>[a-z_]+)\(\) in preemptible(?: \[[0-9a-f]+\] code: (?<comm>.*)\/(?<pid>\d+))?/,
    'BUG: using smp_processor_id() in preemptible [0] code: a/1',
  ],
  [
    'leaked-lock',
    /BUG: workqueue leaked lock or atomic(?:: (?<comm>.*)\/(?<preemptCount>0x[0-9a-f]+)\/(?<pid>\d+))?/,
    'BUG: workqueue leaked lock or atomic: a/0x1/1',
  ],
  // kernel/workqueue.c process_one_work since 6.8
  [
    'leaked-lock-new',
    /BUG: workqueue leaked atomic, lock or RCU(?:: (?<comm>.*)\[(?<pid>\d+)\])?/,
    'BUG: workqueue leaked atomic, lock or RCU: kworker/0:1[9]',
  ],
  ['memory-leak', /BUG: memory leak/, 'BUG: memory leak'],
  [
    'stack-guard',
    /BUG: (?<stackName>\w*) ?stack guard page was hit at(?: (?<address>[0-9a-f]{8,16}) \(stack is (?<stackStart>[0-9a-f]{8,16})\.\.(?<stackEnd>[0-9a-f]{8,16})\))?/,
    'BUG: TASK stack guard page was hit at ffffc90000000ff8 (stack is ffffc90000001000..ffffc90000004fff)',
  ],
  ['wait-context', /BUG: Invalid wait context/, '[ BUG: Invalid wait context ]'],
  ['bug-bare', /BUG:\s*$/, 'BUG:'],
);
