// SPDX-License-Identifier: GPL-2.0
/* Threads of faults, and how a fault that waits is released. */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include "fault.h"

static DECLARE_WAIT_QUEUE_HEAD(vexfs_release_queue);
static atomic_t vexfs_release_count;

/* The one thread that lost-wakeup leaves asleep. */
static DEFINE_SPINLOCK(vexfs_waiter_lock);
static struct task_struct *vexfs_waiter;

struct vexfs_thread {
	void (*fn)(void *);
	void *arg;
};

static int vexfs_fault_thread_main(void *data)
{
	struct vexfs_thread t = *(struct vexfs_thread *)data;

	kfree(data);
	/* A load must not keep what is to meet on two CPUs apart. */
	set_user_nice(current, MIN_NICE);
	t.fn(t.arg);
	/* The code may be gone once the reference is, so it is not returned to. */
	module_put_and_kthread_exit(0);
	return 0;
}

int vexfs_fault_thread(const char *name, int index, void (*fn)(void *), void *arg)
{
	struct vexfs_thread *t;
	struct task_struct *task;

	t = kmalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->fn = fn;
	t->arg = arg;
	__module_get(THIS_MODULE);
	task = kthread_run(vexfs_fault_thread_main, t, "vexfs-%s/%d", name, index);
	if (IS_ERR(task)) {
		module_put(THIS_MODULE);
		kfree(t);
		return PTR_ERR(task);
	}
	return 0;
}

unsigned int vexfs_fault_generation(void)
{
	return atomic_read(&vexfs_release_count);
}

/* Idle: a thread that waits as it should is not to be taken for a hung one. */
void vexfs_fault_wait_idle(u64 seconds)
{
	unsigned int old = vexfs_fault_generation();
	unsigned long deadline = jiffies + min_t(u64, seconds, 86400) * HZ;

	while (vexfs_fault_generation() == old) {
		long left = seconds ? (long)(deadline - jiffies) :
				      MAX_SCHEDULE_TIMEOUT;
		DEFINE_WAIT(wait);

		if (left <= 0)
			return;
		prepare_to_wait(&vexfs_release_queue, &wait, TASK_IDLE);
		if (vexfs_fault_generation() == old)
			schedule_timeout(left);
		finish_wait(&vexfs_release_queue, &wait);
	}
}

void vexfs_fault_adopt_waiter(void)
{
	spin_lock(&vexfs_waiter_lock);
	vexfs_waiter = current;
	spin_unlock(&vexfs_waiter_lock);
}

void vexfs_fault_drop_waiter(void)
{
	spin_lock(&vexfs_waiter_lock);
	if (vexfs_waiter == current)
		vexfs_waiter = NULL;
	spin_unlock(&vexfs_waiter_lock);
}

void vexfs_fault_release_all(void)
{
	atomic_inc(&vexfs_release_count);
	wake_up_all(&vexfs_release_queue);
	spin_lock(&vexfs_waiter_lock);
	if (vexfs_waiter)
		wake_up_process(vexfs_waiter);
	spin_unlock(&vexfs_waiter_lock);
}
