// SPDX-License-Identifier: GPL-2.0
/* Faults that the processor or an assertion catches. */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/vmalloc.h>
#include "fault.h"
#include "internal.h"

struct vexfs_node {
	u64 key;
	u64 value;
	struct vexfs_node *next;
};

noinline int vexfs_fault_null_deref(u64 arg)
{
	struct vexfs_node *node = NULL;

	OPTIMIZER_HIDE_VAR(node);
	WRITE_ONCE(node->value, arg);
	return 0;
}

/* KASAN would report the read first, as one out of bounds. */
noinline __no_sanitize_address int vexfs_fault_paging_request(u64 arg)
{
	volatile char *area = vmalloc(PAGE_SIZE);
	volatile char *guard;

	if (!area)
		return -ENOMEM;
	guard = area + PAGE_SIZE;	/* vmalloc leaves it unmapped */
	OPTIMIZER_HIDE_VAR(guard);
	*area = guard[8];
	vfree((void *)area);
	return 0;
}

/* Inlined: the report names the function that it has become a part of. */
static __always_inline u64 vexfs_node_value(const struct vexfs_node *node)
{
	return READ_ONCE(node->value);
}

noinline int vexfs_fault_wild_address(u64 arg)
{
	struct vexfs_node *node = (void *)(unsigned long)0x6b6b6b6b6b6b6b6bULL;

	OPTIMIZER_HIDE_VAR(node);
	return vexfs_node_value(node) ? 0 : 1;
}

noinline int vexfs_fault_bug(u64 arg)
{
	BUG();
}

noinline int vexfs_fault_warn(u64 arg)
{
	WARN_ON(1);
	return 0;
}

noinline int vexfs_fault_warn_text(u64 arg)
{
	WARN(1, "vexfs: inode %u has %u vectors but its table has room for %u\n",
	     7U, 12U, 8U);
	return 0;
}

noinline int vexfs_fault_divide_error(u64 arg)
{
	u32 dividend = 7, divisor = 0;

	OPTIMIZER_HIDE_VAR(dividend);
	OPTIMIZER_HIDE_VAR(divisor);
	return dividend / divisor;
}

/* The frames are smaller than the guard page, so none steps over it. */
static noinline u32 vexfs_fault_stack_overflow_step(u32 depth, volatile u8 *above)
{
	volatile u8 frame[512];

	frame[depth % sizeof(frame)] = above[0];
	barrier_data(frame);
	if (READ_ONCE(depth) < 1000000)
		return vexfs_fault_stack_overflow_step(depth + 1, frame) + frame[0];
	return frame[1];
}

noinline int vexfs_fault_stack_overflow(u64 arg)
{
	volatile u8 first = 1;

	return vexfs_fault_stack_overflow_step(0, &first) & 1;
}

noinline int vexfs_fault_panic(u64 arg)
{
	panic("vexfs: fault on demand");
}
