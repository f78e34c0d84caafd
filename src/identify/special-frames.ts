import { nameMatcher } from './name-match.ts';

/** Whom a title blames, and at which of the frames that word stands: some frames are blamed under another name. */
export interface Pick {
  readonly name: string;
  readonly at: number;
}

/** Where a stall's blame ends: the frames from here outwards are the kernel's loop around the culprit. */
const isAnchor =
  nameMatcher(`process_one_work do_syscall_ do_fast_syscall_ sysenter_dispatch tracesys_phase2 el0_svc_handler
  invoke_syscall ret_fast_syscall netif_receive_skb do_softirq call_timer_fn _run_timers run_timer_softirq hrtimer_run run_ksoftirqd
  smpboot_thread_fn =kthread start_secondary cpu_startup_entry ret_from_fork
  vfs_write vfs_read vfs_iter_read vfs_iter_write do_iter_read do_iter_write call_read_iter call_write_iter new_sync_read
  new_sync_write vfs_ioctl ksys_ioctl compat_ioctl compat_sys_ioctl blkdev_driver_ioctl blkdev_ioctl do_iter_readv_writev
  ^call_mmap mmap_region do_mmap do_dentry_open vfs_open
  ^sock_sendmsg ^sock_recvmsg ^sock_release ^__sock_release =setsockopt kernel_setsockopt sock_common_setsockopt =listen
  kernel_listen sk_common_release ^sock_mmap =accept kernel_accept ^sock_do_ioctl ^sock_ioctl ^compat_sock_ioctl
  ^nfnetlink_rcv_msg ^rtnetlink_rcv_msg ^netlink_dump ^sys_socketpair ^socketpair ^sys_connect ^connect ^sys_ioctl ^ioctl
  __do_fault do_page_fault =page_fault __fput task_work_run exit_to_usermode smp_call_function tasklet_action tasklet_hi_action`);

const CROSS_CALL = 'smp_call_function';

const isWaiting = nameMatcher(
  'sched _lock _slowlock down rwsem completion kthread wait synchronize context_switch __switch_to cancel_delayed_work rcu_barrier',
);
const isGracePeriod = nameMatcher('synchronize_rcu synchronize_srcu synchronize_net synchronize_sched');

/** The frame just inside the first anchor: the work that the CPU did not get out of. Undefined when the stack has no anchor. */
export function pickStall(names: readonly string[]): Pick | undefined {
  const anchor = names.findIndex(isAnchor);
  const name = names[anchor];
  if (name === undefined) return undefined;
  if (name.includes(CROSS_CALL)) return { name: CROSS_CALL, at: anchor };
  return pickAt(names, Math.max(anchor - 1, 0));
}

/** The frame that waits, behind the functions that implement waiting. */
export function pickHung(names: readonly string[]): Pick | undefined {
  for (const [at, name] of names.entries()) {
    if (name.includes('rtnl_lock')) return { name, at };
    if (isGracePeriod(name)) return { name: 'synchronize_rcu', at };
  }
  return pickAt(
    names,
    names.findIndex((name) => !isWaiting(name)),
  );
}

export function pickFirst(names: readonly string[]): Pick | undefined {
  return pickAt(names, 0);
}

function pickAt(names: readonly string[], at: number): Pick | undefined {
  const name = names[at];
  return name === undefined ? undefined : { name, at };
}
