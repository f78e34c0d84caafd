import { nameMatcher, spell } from './name-match.ts';

/**
 * Functions that report, allocate, lock or wait on behalf of others: they are never to blame. The list follows the one behind the
 * titles on syzbot, so that a title from here is found there; see `nameMatcher` for the notation.
 */
const SANITIZERS = `__sanitizer __asan kasan hwasan __msan kmsan kcsan_setup_watchpoint check_memory_region check_heap_object
  check_object read_word_at_a_time read_once_*nocheck write_once_*nocheck`;

const REPORTING = `print_address_description panic invalid_op report_bug fixup_bug print_report print_usage_bug do_error _trap$ do_trap
  show_stack dump_stack walk_stack dump_backtrace warn_slowpath warn_alloc warn_bogus __warn program_check_exception
  program_check_common assertfail __fortify_report print_tainted =get_taint stack_trace_consume_entry arch_stack_walk
  stack_trace_save __phys_addr do_kernel_fault do_translation_fault do_mem_abort el1_abort el1h_64_sync`;

const ALLOCATORS = `alloc_page malloc zalloc calloc krealloc kmem_cache allocate_slab __alloc_frozen_pages_noprof slab_ =kfree =kvfree
  kfree_skb memdup ida_free`;

const PAGE_CACHE = `folio_alloc folio_unlock filemap_alloc_folio __filemap_get_folio find_or_create_page do_read_cache_folio
  read_cache_page pagecache_get_page grab_cache_page_write_begin ^lock_page ^unlock_page xas_start xas_load xas_find
  find_lock_entries truncate_inode_pages_range mark_buffer_dirty`;

const DEBUG_OBJECTS = `debug_object timer_is_static_object work_is_static_object ref_tracker seqprop_assert perf_trace`;

const LOCKS = `print_unlock imbalance_bug lockdep lock_acquire lock_release lock_class mark_lock reacquire_held_locks mark_held_locks
  raw_spin_rq spin_lock spin_trylock spin_unlock read_lock read_trylock read_unlock write_lock write_trylock write_unlock
  =down down_read down_write down_read_trylock down_write_trylock down_trylock up_read up_write ^mutex_ ^__mutex_ ^rt_mutex_
  owner_on_cpu osq_lock osq_unlock bh_enable bh_disable lock_timer_base ${spell('trace_ lockdep_', 'hardirq softirq')}`;

const ATOMICS = `${spell('atomic_ atomic64_', 'dec inc read set or xor and add sub fetch xchg cmpxchg try')}
  set_bit clear_bit change_bit test_bit ^refcount_ ^kref_`;

const WAITS = `__wake_up finish_wait =complete wait_for_completion might_fault might_sleep __might_resched`;

const STRINGS = `memcpy memcmp memset memchr memmove strcmp strncmp strcpy strlcpy strncpy strscpy strlen strstr strnstr strnlen strchr
  strdup strndup string pointer`;

const USER_COPY = `copy_to_user copy_from_user copy_to_iter copy_from_iter copy_page_to_iter copy_page_from_iter copy_folio_to_iter
  =copyin =copyout put_user get_user extract_user_to_sg extract_iter_to_sg`;

const CONTAINERS = `list_add list_del list_replace list_move list_splice ^rb_ ^__rb_ ^klist_ rhashtable_lookup`;

const PRINTING = `snprintf scnprintf kasprintf kvasprintf printk va_format dev_info dev_notice dev_warn dev_err dev_alert dev_crit
  dev_emerg hex_dump_to_buffer print_hex_dump`;

const DEFERRED = `del_timer __timer_delete_sync sk_stop_timer_sync __mod_timer flush_work flush_workqueue drain_workqueue
  destroy_workqueue queue_work insert_work __queue_delayed_work queue_delayed_work_on __cancel_work_timer cancel_work_sync
  try_to_grab_pending kthread_stop cleanup_srcu_struct`;

const DEVICES = `kobject_ add_uevent_var get_device_parent device_add device_del device_unregister device_destroy device_release
  devres_release_all hwrng_unregister i2c_del_adapter __unregister_client device_for_each_child rollback_registered
  unregister_netdev sysfs_remove device_remove_file tty_unregister_device =put_device`;

const USB = `dummy_urb_enqueue usb_kill_urb usb_kill_anchored_urbs usb_control_msg usb_hcd_submit_urb usb_submit_urb`;

const IO = `readb$ readw$ readl$ readq$ writeb$ writew$ writel$ writeq$ logic_in logic_out crc_itu_t _indirect_thunk_
  ${spell('^crc', '0 1 2 3 4 5 6 7 8 9')}`;

const VFS_REFERENCES = `=iput =iput_final =ihold fast_dput dput drop_nlink`;

export const isBystander = nameMatcher(
  [
    SANITIZERS,
    REPORTING,
    ALLOCATORS,
    PAGE_CACHE,
    DEBUG_OBJECTS,
    LOCKS,
    ATOMICS,
    WAITS,
    STRINGS,
    USER_COPY,
    CONTAINERS,
    PRINTING,
    DEFERRED,
    DEVICES,
    USB,
    IO,
    VFS_REFERENCES,
  ].join(' '),
);

const SYSCALL_PREFIXES = [
  'SYSC_',
  'SyS_',
  'sys_',
  '__x64_',
  '__ia32_',
  '__arm64_',
  '____sys_',
  '___sys_',
  '__sys_',
  '__se_',
  '__se_sys_',
  '__do_sys_',
  'compat_SYSC_',
  'compat_SyS_',
  'ksys_',
];

/** Names that a system call's entry function has without one of its prefixes, the shortest last; empty when it has none. */
export function withoutSyscallPrefix(name: string): readonly string[] {
  return SYSCALL_PREFIXES.filter((prefix) => name.startsWith(prefix))
    .map((prefix) => name.slice(prefix.length))
    .sort((a, b) => b.length - a.length);
}
