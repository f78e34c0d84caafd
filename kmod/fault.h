/* SPDX-License-Identifier: GPL-2.0 */
/* Faults on demand: what the table, the faults and the filesystem share. */
#ifndef _VEXFS_FAULT_H
#define _VEXFS_FAULT_H

#include <linux/sched.h>
#include <linux/types.h>

struct vexfs_sb_info;

/* An argument that was not given. */
#define VEXFS_NO_ARG	U64_MAX

static inline u64 vexfs_fault_arg(u64 arg, u64 standard)
{
	return arg == VEXFS_NO_ARG ? standard : arg;
}

void vexfs_fault_init(void);
void vexfs_fault_exit(void);

/* The filesystem asks whether it is to fail now. */
bool vexfs_fault_take_mount(void);
bool vexfs_fault_take_write(struct vexfs_sb_info *sbi);

/*
 * fault-thread.c. A thread holds the module until it ends, so that unloading says
 * "busy" instead of pulling the code away. A wait ends after @seconds (0: never)
 * or by "release".
 */
int vexfs_fault_thread(const char *name, int index, void (*fn)(void *), void *arg);
void vexfs_fault_wait_idle(u64 seconds);
void vexfs_fault_release_all(void);
unsigned int vexfs_fault_generation(void);
void vexfs_fault_adopt_waiter(void);
void vexfs_fault_drop_waiter(void);

/* fault-crash.c */
int vexfs_fault_null_deref(u64 arg);
int vexfs_fault_paging_request(u64 arg);
int vexfs_fault_wild_address(u64 arg);
int vexfs_fault_bug(u64 arg);
int vexfs_fault_warn(u64 arg);
int vexfs_fault_warn_text(u64 arg);
int vexfs_fault_divide_error(u64 arg);
int vexfs_fault_stack_overflow(u64 arg);
int vexfs_fault_panic(u64 arg);

/* fault-memory.c */
int vexfs_fault_use_after_free_read(u64 arg);
int vexfs_fault_use_after_free_write(u64 arg);
int vexfs_fault_slab_out_of_bounds_read(u64 arg);
int vexfs_fault_slab_out_of_bounds_write(u64 arg);
int vexfs_fault_stack_out_of_bounds(u64 arg);
int vexfs_fault_global_out_of_bounds(u64 arg);
int vexfs_fault_double_free(u64 arg);
int vexfs_fault_invalid_free(u64 arg);
int vexfs_fault_list_corruption(u64 arg);
int vexfs_fault_count_underflow(u64 arg);

/* fault-leak.c */
int vexfs_fault_memory_leak(u64 arg);
int vexfs_fault_memory_hog(u64 arg);

/* fault-lock.c: locks that are really stuck */
int vexfs_fault_abba_deadlock(u64 arg);
int vexfs_fault_recursive_lock(u64 arg);

/* fault-lockdep.c: wrong locking that happens to go well */
int vexfs_fault_lock_inversion(u64 arg);
int vexfs_fault_irq_lock_inversion(u64 arg);
int vexfs_fault_atomic_sleep(u64 arg);
int vexfs_fault_unlock_imbalance(u64 arg);
int vexfs_fault_held_lock_return(u64 arg);
int vexfs_fault_rcu_usage(u64 arg);

/* fault-stall.c */
int vexfs_fault_soft_lockup(u64 arg);
int vexfs_fault_irqs_off(u64 arg);
int vexfs_fault_rcu_stall(u64 arg);
int vexfs_fault_hung_task(u64 arg);
int vexfs_fault_lost_wakeup(u64 arg);
int vexfs_fault_slow_op(u64 arg);

/* fault-race.c */
int vexfs_fault_data_race(u64 arg);
int vexfs_fault_data_race_locked(u64 arg);
int vexfs_fault_data_race_atomic(u64 arg);

/*
 * fault-missing.c: where the filesystem can leave a lock out. Each place is an
 * access to one member (README.md has the table) that stays safe for memory.
 */
enum vexfs_place {
	VEXFS_PLACE_OPS,		/* vexfs_op_end() counts */
	VEXFS_PLACE_BYTES_READ,
	VEXFS_PLACE_BYTES_WRITTEN,
	VEXFS_PLACE_SEARCHES,
	VEXFS_PLACE_VECTORS,
	VEXFS_PLACE_XATTRS,
	VEXFS_PLACE_USED,		/* statfs reads */
	VEXFS_PLACE_COUNT,		/* the statistics ioctl reads */
	VEXFS_PLACE_DIM,		/* a search looks before it locks */
	VEXFS_PLACE_XATTR_COUNT,	/* listxattr looks before it locks */
	VEXFS_PLACE_WRITES,		/* write counts after it unlocked */
	VEXFS_PLACE_DATA_PAGES,		/* stat reads without READ_ONCE() */
	VEXFS_PLACES,
};

bool vexfs_fault_misses(enum vexfs_place place);
void vexfs_fault_dawdle(void);
int vexfs_fault_missing_lock(u64 arg);

/* fault-io.c */
int vexfs_fault_mount_failure(u64 arg);
int vexfs_fault_io_error(u64 arg);

/* fault-slow.c */
unsigned int vexfs_fault_slow_percent(void);
void vexfs_fault_draw_out(u64 start, unsigned int percent);
int vexfs_fault_slow_ops(u64 arg);

/* fault-ubsan.c */
int vexfs_fault_ubsan_shift(u64 arg);
int vexfs_fault_ubsan_bounds(u64 arg);

#endif /* _VEXFS_FAULT_H */
