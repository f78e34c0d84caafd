// SPDX-License-Identifier: GPL-2.0
/* Locks that are stuck for ever. Only a restart ends these. */
#include <linux/completion.h>
#include <linux/mutex.h>
#include "fault.h"
#include "internal.h"

static DEFINE_MUTEX(vexfs_abba_a);
static DEFINE_MUTEX(vexfs_abba_b);
static DECLARE_COMPLETION(vexfs_abba_first_holds);
static DECLARE_COMPLETION(vexfs_abba_second_holds);

/* Each waits until the other has its first lock, so it never goes well. */
static noinline void vexfs_fault_abba_first(void *unused)
{
	vexfs_mutex_lock(&vexfs_abba_a, "fault.abba_a");
	complete(&vexfs_abba_first_holds);
	wait_for_completion(&vexfs_abba_second_holds);
	vexfs_mutex_lock(&vexfs_abba_b, "fault.abba_b");
	vexfs_mutex_lock_end(&vexfs_abba_b, "fault.abba_b");
	vexfs_mutex_lock_end(&vexfs_abba_a, "fault.abba_a");
}

static noinline void vexfs_fault_abba_second(void *unused)
{
	vexfs_mutex_lock(&vexfs_abba_b, "fault.abba_b");
	complete(&vexfs_abba_second_holds);
	wait_for_completion(&vexfs_abba_first_holds);
	vexfs_mutex_lock(&vexfs_abba_a, "fault.abba_a");
	vexfs_mutex_lock_end(&vexfs_abba_a, "fault.abba_a");
	vexfs_mutex_lock_end(&vexfs_abba_b, "fault.abba_b");
}

noinline int vexfs_fault_abba_deadlock(u64 arg)
{
	int ret;

	ret = vexfs_fault_thread("abba", 0, vexfs_fault_abba_first, NULL);
	if (ret)
		return ret;
	return vexfs_fault_thread("abba", 1, vexfs_fault_abba_second, NULL);
}

static DEFINE_MUTEX(vexfs_recursive);

static noinline void vexfs_fault_recursive_inner(void)
{
	vexfs_mutex_lock(&vexfs_recursive, "fault.recursive");
	vexfs_mutex_lock_end(&vexfs_recursive, "fault.recursive");
}

static noinline void vexfs_fault_recursive_outer(void *unused)
{
	vexfs_mutex_lock(&vexfs_recursive, "fault.recursive");
	vexfs_fault_recursive_inner();
	vexfs_mutex_lock_end(&vexfs_recursive, "fault.recursive");
}

noinline int vexfs_fault_recursive_lock(u64 arg)
{
	return vexfs_fault_thread("recur", 0, vexfs_fault_recursive_outer, NULL);
}
