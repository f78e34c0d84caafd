// SPDX-License-Identifier: GPL-2.0
/* Undefined behaviour; the Makefile asks for UBSAN on this file. */
#include <linux/compiler.h>
#include "fault.h"
#include "internal.h"

noinline int vexfs_fault_ubsan_shift(u64 arg)
{
	u32 value = 1, bits = 40;

	OPTIMIZER_HIDE_VAR(value);
	OPTIMIZER_HIDE_VAR(bits);
	return (value << bits) & 1;
}

struct vexfs_fault_table {
	u32 slots[4];
	u32 after[4];		/* what the access really reaches */
};

noinline int vexfs_fault_ubsan_bounds(u64 arg)
{
	static struct vexfs_fault_table table;
	u32 at = 5;

	OPTIMIZER_HIDE_VAR(at);
	return READ_ONCE(table.slots[at]) & 1;
}
