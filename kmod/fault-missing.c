// SPDX-License-Identifier: GPL-2.0
/*
 * A lock that is left out of ordinary work: races that no counter of the faults
 * has, made by whatever loads the filesystem. What is lost are counts.
 */
#include <linux/delay.h>
#include <linux/math64.h>
#include "fault.h"

#define VEXFS_NO_PLACE	VEXFS_PLACES

static enum vexfs_place vexfs_missing = VEXFS_NO_PLACE;
static unsigned int vexfs_missing_since;

/* Asked outside of locks by every operation, so it costs two loads. */
bool vexfs_fault_misses(enum vexfs_place place)
{
	return READ_ONCE(vexfs_missing) == place &&
	       READ_ONCE(vexfs_missing_since) == vexfs_fault_generation();
}

/* Between look and lock: the longer it takes, the likelier others come in between. */
void vexfs_fault_dawdle(void)
{
	usleep_range(500, 1000);
}

/* Until "release". Any number names a place, so that a seed can choose. */
int vexfs_fault_missing_lock(u64 arg)
{
	u32 place;

	div_u64_rem(vexfs_fault_arg(arg, 0), VEXFS_PLACES, &place);
	WRITE_ONCE(vexfs_missing, VEXFS_NO_PLACE);
	WRITE_ONCE(vexfs_missing_since, vexfs_fault_generation());
	WRITE_ONCE(vexfs_missing, place);
	return 0;
}
