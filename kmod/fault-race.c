// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads and one counter: once without anything, and the two right ways
 * with the same shape, which no checker may report.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include "fault.h"
#include "internal.h"

#define VEXFS_RACE_MAX_MS	60000
/* Awake for long enough that the other thread is awake, too, while something else loads the CPUs. */
#define VEXFS_RACE_BATCH	5000

struct vexfs_race {
	spinlock_t lock;
	u64 plain;
	u64 locked;
	atomic64_t atomic;
	unsigned long end;
	struct completion done;
};

static struct vexfs_race vexfs_race;

static noinline void vexfs_fault_race_plain(void *data)
{
	struct vexfs_race *race = data;
	int i;

	while (time_before(jiffies, race->end)) {
		vexfs_mem_read("vexfs_race", race, plain);
		vexfs_mem_write("vexfs_race", race, plain);
		for (i = 0; i < VEXFS_RACE_BATCH; i++) {
			race->plain++;
			barrier();
		}
		usleep_range(50, 100);
	}
	complete(&race->done);
}

static noinline void vexfs_fault_race_locked(void *data)
{
	struct vexfs_race *race = data;
	int i;

	while (time_before(jiffies, race->end)) {
		vexfs_spin_lock(&race->lock, "fault.race_lock");
		vexfs_mem_read("vexfs_race", race, locked);
		vexfs_mem_write("vexfs_race", race, locked);
		for (i = 0; i < VEXFS_RACE_BATCH; i++) {
			race->locked++;
			barrier();
		}
		vexfs_spin_lock_end(&race->lock, "fault.race_lock");
		usleep_range(50, 100);
	}
	complete(&race->done);
}

static noinline void vexfs_fault_race_atomic(void *data)
{
	struct vexfs_race *race = data;
	int i;

	while (time_before(jiffies, race->end)) {
		vexfs_mem("vexfs_race", race, atomic, true, true);
		for (i = 0; i < VEXFS_RACE_BATCH; i++)
			atomic64_inc(&race->atomic);
		usleep_range(50, 100);
	}
	complete(&race->done);
}

static int vexfs_fault_race_run(u64 arg, const char *name, void (*fn)(void *))
{
	static DEFINE_MUTEX(one_at_a_time);
	u64 ms = min_t(u64, vexfs_fault_arg(arg, 4000), VEXFS_RACE_MAX_MS);
	int i, started = 0, ret = 0;

	mutex_lock(&one_at_a_time);
	spin_lock_init(&vexfs_race.lock);
	init_completion(&vexfs_race.done);
	vexfs_race.end = jiffies + msecs_to_jiffies(ms);
	for (i = 0; i < 2; i++) {
		ret = vexfs_fault_thread(name, i, fn, &vexfs_race);
		if (ret)
			break;
		started++;
	}
	while (started--)
		wait_for_completion(&vexfs_race.done);
	mutex_unlock(&one_at_a_time);
	return ret;
}

noinline int vexfs_fault_data_race(u64 arg)
{
	return vexfs_fault_race_run(arg, "race", vexfs_fault_race_plain);
}

noinline int vexfs_fault_data_race_locked(u64 arg)
{
	return vexfs_fault_race_run(arg, "locked", vexfs_fault_race_locked);
}

noinline int vexfs_fault_data_race_atomic(u64 arg)
{
	return vexfs_fault_race_run(arg, "atomic", vexfs_fault_race_atomic);
}
