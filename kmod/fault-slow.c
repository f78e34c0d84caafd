// SPDX-License-Identifier: GPL-2.0
/*
 * Operations that all take some percent longer: a regression as a new version
 * has one. It is spent on the processor, since a sleep has a length of its own.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/processor.h>
#include "fault.h"

#define VEXFS_SLOW_STANDARD	5
#define VEXFS_SLOW_MOST		1000

/* Whoever ends an operation may not sleep there, and watchdogs are to keep quiet. */
#define VEXFS_SLOW_LONGEST	(100 * NSEC_PER_MSEC)

static unsigned int vexfs_slow_percent;
static unsigned int vexfs_slow_since;

/* 0: as fast as they are. Asked by every operation, so it costs a load. */
unsigned int vexfs_fault_slow_percent(void)
{
	unsigned int percent = READ_ONCE(vexfs_slow_percent);

	if (!percent || READ_ONCE(vexfs_slow_since) != vexfs_fault_generation())
		return 0;
	return percent;
}

/* To be called at the end of what began at @start, in nanoseconds. */
void vexfs_fault_draw_out(u64 start, unsigned int percent)
{
	u64 now = ktime_get_ns();
	u64 end = now + min_t(u64, div_u64((now - start) * percent, 100),
			      VEXFS_SLOW_LONGEST);

	while (ktime_get_ns() < end)
		cpu_relax();
}

/* Until "release". */
int vexfs_fault_slow_ops(u64 arg)
{
	u64 percent = min_t(u64, vexfs_fault_arg(arg, VEXFS_SLOW_STANDARD),
			    VEXFS_SLOW_MOST);

	WRITE_ONCE(vexfs_slow_percent, 0);
	WRITE_ONCE(vexfs_slow_since, vexfs_fault_generation());
	WRITE_ONCE(vexfs_slow_percent, percent);
	return 0;
}
