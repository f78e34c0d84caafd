// SPDX-License-Identifier: GPL-2.0
/* Wrong use of locks that goes well this time; the kernel's checkers see it. */
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/timer.h>
#include "fault.h"
#include "internal.h"

static DEFINE_MUTEX(vexfs_inversion_a);
static DEFINE_MUTEX(vexfs_inversion_b);

static noinline void vexfs_fault_lock_a_then_b(void)
{
	vexfs_mutex_lock(&vexfs_inversion_a, "fault.inversion_a");
	vexfs_mutex_lock(&vexfs_inversion_b, "fault.inversion_b");
	vexfs_mutex_lock_end(&vexfs_inversion_b, "fault.inversion_b");
	vexfs_mutex_lock_end(&vexfs_inversion_a, "fault.inversion_a");
}

static noinline void vexfs_fault_lock_b_then_a(void)
{
	vexfs_mutex_lock(&vexfs_inversion_b, "fault.inversion_b");
	vexfs_mutex_lock(&vexfs_inversion_a, "fault.inversion_a");
	vexfs_mutex_lock_end(&vexfs_inversion_a, "fault.inversion_a");
	vexfs_mutex_lock_end(&vexfs_inversion_b, "fault.inversion_b");
}

/* One after the other in one task: the order is wrong, the outcome is not. */
noinline int vexfs_fault_lock_inversion(u64 arg)
{
	static DEFINE_MUTEX(one_at_a_time);

	mutex_lock(&one_at_a_time);
	vexfs_fault_lock_a_then_b();
	vexfs_fault_lock_b_then_a();
	mutex_unlock(&one_at_a_time);
	return 0;
}

static DEFINE_SPINLOCK(vexfs_timer_lock);

static void vexfs_fault_timer(struct timer_list *unused)
{
	vexfs_spin_lock(&vexfs_timer_lock, "fault.timer_lock");
	vexfs_spin_lock_end(&vexfs_timer_lock, "fault.timer_lock");
}

static DEFINE_TIMER(vexfs_timer, vexfs_fault_timer);

/* The timer is only started once the lock is free again. */
noinline int vexfs_fault_irq_lock_inversion(u64 arg)
{
	vexfs_spin_lock(&vexfs_timer_lock, "fault.timer_lock");
	vexfs_spin_lock_end(&vexfs_timer_lock, "fault.timer_lock");
	mod_timer(&vexfs_timer, jiffies + 1);
	msleep(50);
	return 0;
}

void vexfs_fault_exit(void)
{
	vexfs_timer_delete(&vexfs_timer);
}

noinline int vexfs_fault_atomic_sleep(u64 arg)
{
	static DEFINE_SPINLOCK(outer);
	static DEFINE_MUTEX(inner);

	vexfs_spin_lock(&outer, "fault.atomic_outer");
	/* Free, so it never really sleeps here. */
	vexfs_mutex_lock(&inner, "fault.atomic_inner");
	vexfs_mutex_lock_end(&inner, "fault.atomic_inner");
	vexfs_spin_lock_end(&outer, "fault.atomic_outer");
	return 0;
}

noinline int vexfs_fault_unlock_imbalance(u64 arg)
{
	static DEFINE_MUTEX(lock);

	vexfs_mutex_lock(&lock, "fault.imbalance");
	vexfs_mutex_lock_end(&lock, "fault.imbalance");
	vexfs_mutex_lock_end(&lock, "fault.imbalance");
	return 0;
}

static DEFINE_MUTEX(vexfs_kept);

noinline int vexfs_fault_held_lock_return(u64 arg)
{
	if (!mutex_trylock(&vexfs_kept)) {
		pr_err("vexfs: held-lock-return: the lock is held since an earlier one\n");
		return -EBUSY;
	}
	trace_lock_attempt("fault.kept", "X", vexfs_u64(&vexfs_kept), _THIS_IP_);
	trace_lock_acquired("fault.kept", "X", vexfs_u64(&vexfs_kept), _THIS_IP_);
	return 0;
}

struct vexfs_rcu_item {
	u32 value;
};

noinline int vexfs_fault_rcu_usage(u64 arg)
{
	static struct vexfs_rcu_item item;
	static struct vexfs_rcu_item __rcu *slot;
	struct vexfs_rcu_item *p;

	rcu_assign_pointer(slot, &item);
	p = rcu_dereference(slot);
	return READ_ONCE(p->value) ? 1 : 0;
}
