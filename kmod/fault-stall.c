// SPDX-License-Identifier: GPL-2.0
/* Faults of time: processors and tasks that get nowhere. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/time.h>
#include "fault.h"
#include "internal.h"

#define VEXFS_STALL_MAX	3600

/* Keeps RCU content, so that the soft lockup is what is seen. */
static void vexfs_fault_quiet_rcu(void)
{
	unsigned long flags;

	local_irq_save(flags);
#ifdef VEXFS_HAVE_RCU_MOMENTARY_EQS
	rcu_momentary_eqs();
#else
	rcu_momentary_dyntick_idle();
#endif
	local_irq_restore(flags);
}

noinline int vexfs_fault_soft_lockup(u64 arg)
{
	u64 seconds = min_t(u64, vexfs_fault_arg(arg, 30), VEXFS_STALL_MAX);
	unsigned long end = jiffies + seconds * HZ;

	preempt_disable();
	while (time_before(jiffies, end)) {
		mdelay(1);
		vexfs_fault_quiet_rcu();
	}
	preempt_enable();
	return 0;
}

static noinline void vexfs_fault_spin_deaf(void *info)
{
	u64 ms = *(u64 *)info * MSEC_PER_SEC;

	while (ms--)
		mdelay(1);
}

/* No processor takes an interrupt: nothing is left that could report it. */
noinline int vexfs_fault_irqs_off(u64 arg)
{
	u64 seconds = min_t(u64, vexfs_fault_arg(arg, 60), VEXFS_STALL_MAX);

	on_each_cpu(vexfs_fault_spin_deaf, &seconds, 1);
	return 0;
}

static void vexfs_fault_rcu_done(struct rcu_head *unused)
{
}

/*
 * The other way round: the watchdog is fed, RCU is not. On an idle machine nobody
 * waits for a grace period, and then there is no stall: so ask for one.
 */
noinline int vexfs_fault_rcu_stall(u64 arg)
{
	u64 seconds = min_t(u64, vexfs_fault_arg(arg, 30), VEXFS_STALL_MAX);
	static DEFINE_MUTEX(one_at_a_time);
	static struct rcu_head head;
	unsigned long end;

	mutex_lock(&one_at_a_time);
	vexfs_call_rcu(&head, vexfs_fault_rcu_done);
	end = jiffies + seconds * HZ;
	rcu_read_lock();
	preempt_disable();
	while (time_before(jiffies, end)) {
		mdelay(1);
		touch_softlockup_watchdog();
	}
	preempt_enable();
	rcu_read_unlock();
	rcu_barrier();		/* the callback is in this module */
	mutex_unlock(&one_at_a_time);
	return 0;
}

/* One hung-task fault: the holder has the lock before the waiter wants it. */
static DEFINE_MUTEX(vexfs_hung_lock);
static DEFINE_MUTEX(vexfs_hung_one);
static DECLARE_COMPLETION(vexfs_hung_held);
static u64 vexfs_hung_seconds;

static noinline void vexfs_fault_hung_holder(void *unused)
{
	u64 seconds = vexfs_hung_seconds;

	vexfs_mutex_lock(&vexfs_hung_lock, "fault.hung_lock");
	complete(&vexfs_hung_held);
	vexfs_fault_wait_idle(seconds);
	vexfs_mutex_lock_end(&vexfs_hung_lock, "fault.hung_lock");
}

static noinline void vexfs_fault_hung_waiter(void *unused)
{
	vexfs_mutex_lock(&vexfs_hung_lock, "fault.hung_lock");
	vexfs_mutex_lock_end(&vexfs_hung_lock, "fault.hung_lock");
}

noinline int vexfs_fault_hung_task(u64 arg)
{
	int ret = -EBUSY;

	mutex_lock(&vexfs_hung_one);
	if (mutex_is_locked(&vexfs_hung_lock)) {
		pr_err("vexfs: hung-task: one is hung already\n");
		goto out;
	}
	reinit_completion(&vexfs_hung_held);
	vexfs_hung_seconds = vexfs_fault_arg(arg, 0);
	ret = vexfs_fault_thread("hold", 0, vexfs_fault_hung_holder, NULL);
	if (ret)
		goto out;
	wait_for_completion(&vexfs_hung_held);
	ret = vexfs_fault_thread("hung", 0, vexfs_fault_hung_waiter, NULL);
out:
	mutex_unlock(&vexfs_hung_one);
	return ret;
}

static bool vexfs_wake_condition;
static DECLARE_COMPLETION(vexfs_wake_checked);
static DECLARE_COMPLETION(vexfs_wake_done);

/*
 * The classic mistake: the condition is looked at before the state is set, and
 * the wake-up falls in between. Here it always does.
 */
static noinline void vexfs_fault_lost_wakeup_waiter(void *unused)
{
	unsigned int old = vexfs_fault_generation();
	bool ready = READ_ONCE(vexfs_wake_condition);

	vexfs_fault_adopt_waiter();
	complete(&vexfs_wake_checked);
	wait_for_completion(&vexfs_wake_done);
	while (!ready) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (vexfs_fault_generation() == old)
			schedule();
		__set_current_state(TASK_RUNNING);
		ready = vexfs_fault_generation() != old;
	}
	vexfs_fault_drop_waiter();
}

noinline int vexfs_fault_lost_wakeup(u64 arg)
{
	static atomic_t asleep = ATOMIC_INIT(0);
	static unsigned int since;
	int ret;

	/* Another only after a release has ended the first. */
	if (atomic_xchg(&asleep, 1) && since == vexfs_fault_generation()) {
		pr_err("vexfs: lost-wakeup: a thread is asleep already\n");
		return -EBUSY;
	}
	since = vexfs_fault_generation();
	WRITE_ONCE(vexfs_wake_condition, false);
	reinit_completion(&vexfs_wake_checked);
	reinit_completion(&vexfs_wake_done);
	ret = vexfs_fault_thread("lost", 0, vexfs_fault_lost_wakeup_waiter, NULL);
	if (ret) {
		atomic_set(&asleep, 0);
		return ret;
	}
	wait_for_completion(&vexfs_wake_checked);
	WRITE_ONCE(vexfs_wake_condition, true);
	complete(&vexfs_wake_done);
	return 0;
}
