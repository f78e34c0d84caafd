// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/vexfs/fault: the table of faults. Reading lists them, writing
 * "name [number]" does one, writing "release" ends those that wait. Only with faults=1, and only for root.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "fault.h"
#include "internal.h"

/* Hardened free lists notice an object freed twice in a row; others need KASAN. */
#define VEXFS_DOUBLE_FREE_NEEDS \
	(IS_ENABLED(CONFIG_SLAB_FREELIST_HARDENED) ? "-" : "kasan")

struct vexfs_fault {
	const char *name;
	const char *class;
	const char *needs;	/* without it the log shows nothing; "-": nothing */
	int (*fn)(u64 arg);
	const char *text;
};

static const struct vexfs_fault vexfs_faults[] = {
	{ "null-deref", "module-crash", "-", vexfs_fault_null_deref,
	  "write to a member of a null pointer" },
	{ "paging-request", "module-crash", "-", vexfs_fault_paging_request,
	  "read an unmapped kernel address" },
	{ "wild-pointer", "module-crash", "-", vexfs_fault_wild_address,
	  "read a non-canonical address" },
	{ "bug", "module-crash", "-", vexfs_fault_bug, "BUG()" },
	{ "warn", "module-crash", "-", vexfs_fault_warn, "WARN_ON()" },
	{ "warn-text", "module-crash", "-", vexfs_fault_warn_text,
	  "WARN() with a text" },
	{ "divide-error", "module-crash", "-", vexfs_fault_divide_error,
	  "divide by zero" },
	{ "stack-overflow", "kernel-panic", "-", vexfs_fault_stack_overflow,
	  "recurse into the guard page of the stack" },
	{ "panic", "kernel-panic", "-", vexfs_fault_panic, "panic()" },
	{ "uaf-read", "memory-corruption", "kasan", vexfs_fault_use_after_free_read,
	  "read a freed object" },
	{ "uaf-write", "memory-corruption", "kasan", vexfs_fault_use_after_free_write,
	  "write a freed object" },
	{ "slab-oob-read", "memory-corruption", "kasan",
	  vexfs_fault_slab_out_of_bounds_read, "read past the end of an object" },
	{ "slab-oob-write", "memory-corruption", "kasan",
	  vexfs_fault_slab_out_of_bounds_write, "write past the end of an object" },
	{ "stack-oob", "memory-corruption", "kasan", vexfs_fault_stack_out_of_bounds,
	  "read past the end of an array on the stack" },
	{ "global-oob", "memory-corruption", "kasan", vexfs_fault_global_out_of_bounds,
	  "read past the end of a global array" },
	{ "double-free", "memory-corruption", VEXFS_DOUBLE_FREE_NEEDS,
	  vexfs_fault_double_free, "free an object twice" },
	{ "invalid-free", "memory-corruption", "kasan", vexfs_fault_invalid_free,
	  "free the middle of an object" },
	{ "list-corruption", "memory-corruption", "-", vexfs_fault_list_corruption,
	  "delete an entry whose neighbour points elsewhere (CONFIG_DEBUG_LIST)" },
	{ "refcount-underflow", "memory-corruption", "-",
	  vexfs_fault_count_underflow, "put a reference twice" },
	{ "ubsan-shift", "module-crash", "ubsan", vexfs_fault_ubsan_shift,
	  "shift by more than the type's width" },
	{ "ubsan-bounds", "memory-corruption", "ubsan", vexfs_fault_ubsan_bounds,
	  "index past an array within a structure" },
	{ "memory-leak", "resource-leak", "kmemleak", vexfs_fault_memory_leak,
	  "[objects, 16] drop the only pointers to small objects" },
	{ "memory-hog", "out-of-memory", "-", vexfs_fault_memory_hog,
	  "[MiB, until killed] take all pages, then free them" },
	{ "abba-deadlock", "deadlock", "-", vexfs_fault_abba_deadlock,
	  "two threads take two mutexes crosswise, for ever" },
	{ "recursive-lock", "deadlock", "-", vexfs_fault_recursive_lock,
	  "a thread takes its own mutex again, for ever" },
	{ "lock-inversion", "deadlock", "lockdep", vexfs_fault_lock_inversion,
	  "A then B, later B then A; nothing hangs" },
	{ "irq-lock-inversion", "deadlock", "lockdep", vexfs_fault_irq_lock_inversion,
	  "a lock of a timer taken with interrupts on; nothing hangs" },
	{ "unlock-imbalance", "deadlock", "lockdep", vexfs_fault_unlock_imbalance,
	  "release a mutex nobody holds" },
	{ "held-lock-return", "deadlock", "lockdep", vexfs_fault_held_lock_return,
	  "return to user space with a mutex held" },
	{ "atomic-sleep", "module-crash", "atomic-sleep", vexfs_fault_atomic_sleep,
	  "take a mutex under a spinlock" },
	{ "rcu-usage", "race", "lockdep", vexfs_fault_rcu_usage,
	  "rcu_dereference() outside a read section" },
	{ "soft-lockup", "system-hang", "-", vexfs_fault_soft_lockup,
	  "[seconds, 30] spin without preemption" },
	{ "irqs-off", "system-hang", "-", vexfs_fault_irqs_off,
	  "[seconds, 60] all CPUs spin with interrupts off" },
	{ "rcu-stall", "system-hang", "-", vexfs_fault_rcu_stall,
	  "[seconds, 30] spin in an RCU read section" },
	{ "hung-task", "system-hang", "-", vexfs_fault_hung_task,
	  "[seconds, until release] a thread waits for a mutex held elsewhere" },
	{ "lost-wakeup", "system-hang", "-", vexfs_fault_lost_wakeup,
	  "a thread sleeps after its wake-up came; ends by release" },
	{ "slow-op", "performance-regression", "-", vexfs_fault_slow_op,
	  "[ms, 1500] an operation that takes long (seen in op_end events alone)" },
	{ "slow-ops", "performance-regression", "-", vexfs_fault_slow_ops,
	  "[percent, 5] all operations take so much longer, until release (comparisons find it)" },
	{ "data-race", "race", "kcsan", vexfs_fault_data_race,
	  "[ms, 2000] two threads count without a lock" },
	{ "data-race-locked", "none", "-", vexfs_fault_data_race_locked,
	  "[ms, 2000] the same with a spinlock: no fault" },
	{ "data-race-atomic", "none", "-", vexfs_fault_data_race_atomic,
	  "[ms, 2000] the same with an atomic: no fault" },
	{ "missing-lock", "race", "kcsan", vexfs_fault_missing_lock,
	  "[place, 0] operations leave a lock out, until release" },
	{ "mount-failure", "mount-failure", "-", vexfs_fault_mount_failure,
	  "[mounts, own] a mount finds a bad superblock; with a number the next mounts" },
	{ "io-error", "io-error", "-", vexfs_fault_io_error,
	  "[writes, own] a write fails with EIO; with a number the next writes of mounted instances" },
};

static int vexfs_fault_show(struct seq_file *m, void *v)
{
	const struct vexfs_fault *f;

	for (f = vexfs_faults; f < vexfs_faults + ARRAY_SIZE(vexfs_faults); f++)
		seq_printf(m, "%s\t%s\t%s\t%s\n", f->name, f->class, f->needs,
			   f->text);
	return 0;
}

static int vexfs_fault_open(struct inode *inode, struct file *file)
{
	return single_open(file, vexfs_fault_show, NULL);
}

static ssize_t vexfs_fault_write(struct file *file, const char __user *ubuf,
				 size_t len, loff_t *ppos)
{
	const struct vexfs_fault *f;
	char buf[64], *name, *rest;
	u64 arg = VEXFS_NO_ARG;
	int ret;

	if (!len || len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = '\0';
	name = strim(buf);
	rest = strpbrk(name, " \t");
	if (rest) {
		*rest++ = '\0';
		if (kstrtou64(skip_spaces(rest), 0, &arg)) {
			pr_err("vexfs: fault %s: not a number: %s\n", name, rest);
			return -EINVAL;
		}
	}

	if (!strcmp(name, "release")) {
		vexfs_fault_release_all();
		return len;
	}
	for (f = vexfs_faults; f < vexfs_faults + ARRAY_SIZE(vexfs_faults); f++) {
		if (strcmp(f->name, name))
			continue;
		ret = f->fn(arg);
		return ret < 0 ? ret : len;
	}
	pr_err("vexfs: no fault named '%s'\n", name);
	return -EINVAL;
}

static const struct file_operations vexfs_fault_fops = {
	.owner = THIS_MODULE,
	.open = vexfs_fault_open,
	.read = seq_read,
	.write = vexfs_fault_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/*
 * The unsafe variant, since a writer that dies in its fault never returns through
 * debugfs, whose removal would then wait for it for ever. It is safe here: the
 * file goes away with the module alone, and an open file holds the module.
 */
void vexfs_fault_init(void)
{
	debugfs_create_file_unsafe("fault", 0600, vexfs_debugfs, NULL,
				   &vexfs_fault_fops);
}
