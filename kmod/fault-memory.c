// SPDX-License-Identifier: GPL-2.0
/* Memory used wrongly. Sizes are uncommon ones, so that reports are told apart. */
#include <linux/kfence.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "fault.h"
#include "internal.h"

#define VEXFS_OBJECT	120

/*
 * Now and then KFENCE supplies an object, and its report looks different; the
 * faults are to look the same every time, so such an object is passed over.
 */
static u8 *vexfs_fault_object(void)
{
	u8 *p = kmalloc(VEXFS_OBJECT, GFP_KERNEL), *other;

	if (p && is_kfence_address(p)) {
		other = kmalloc(VEXFS_OBJECT, GFP_KERNEL);
		kfree(p);
		p = other;
	}
	if (p) {
		memset(p, 0x5a, VEXFS_OBJECT);
		trace_alloc("fault_object", vexfs_u64(p), VEXFS_OBJECT);
	}
	/* The compiler knows what kmalloc() returns, and must not. */
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

/* Inlined, so that the fault is the frame that is blamed. */
static __always_inline void vexfs_fault_object_free(u8 *p)
{
	trace_free("fault_object", vexfs_u64(p));
	kfree(p);
}

noinline int vexfs_fault_use_after_free_read(u64 arg)
{
	u8 *p = vexfs_fault_object(), *stale = p;

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(stale);
	vexfs_fault_object_free(p);
	return READ_ONCE(stale[16]) & 1;
}

noinline int vexfs_fault_use_after_free_write(u64 arg)
{
	u8 *p = vexfs_fault_object(), *stale = p;

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(stale);
	vexfs_fault_object_free(p);
	WRITE_ONCE(stale[16], 0xa5);
	return 0;
}

noinline int vexfs_fault_slab_out_of_bounds_read(u64 arg)
{
	u8 *p = vexfs_fault_object(), v;
	size_t at = VEXFS_OBJECT;

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(at);
	v = READ_ONCE(p[at]);
	vexfs_fault_object_free(p);
	return v & 1;
}

noinline int vexfs_fault_slab_out_of_bounds_write(u64 arg)
{
	u8 *p = vexfs_fault_object();
	size_t at = VEXFS_OBJECT;

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(at);
	/* The object's slot has 128 bytes: without KASAN nobody is hurt. */
	WRITE_ONCE(p[at], 0xa5);
	vexfs_fault_object_free(p);
	return 0;
}

noinline int vexfs_fault_stack_out_of_bounds(u64 arg)
{
	volatile u8 array[24] = { 1 };
	volatile u8 *p = array;
	size_t at = sizeof(array);

	OPTIMIZER_HIDE_VAR(p);
	OPTIMIZER_HIDE_VAR(at);
	return p[at] & 1;
}

static u8 vexfs_fault_global[24];

noinline int vexfs_fault_global_out_of_bounds(u64 arg)
{
	u8 *p = vexfs_fault_global;
	size_t at = sizeof(vexfs_fault_global);

	OPTIMIZER_HIDE_VAR(p);
	OPTIMIZER_HIDE_VAR(at);
	return READ_ONCE(p[at]) & 1;
}

noinline int vexfs_fault_double_free(u64 arg)
{
	u8 *p = vexfs_fault_object(), *again = p;

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(again);
	vexfs_fault_object_free(p);
	vexfs_fault_object_free(again);
	return 0;
}

noinline int vexfs_fault_invalid_free(u64 arg)
{
	u8 *p = vexfs_fault_object();

	if (!p)
		return -ENOMEM;
	p += 16;
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
	return 0;
}

struct vexfs_entry {
	struct list_head link;
	u32 value;
};

noinline int vexfs_fault_list_corruption(u64 arg)
{
	LIST_HEAD(head);
	struct vexfs_entry a = { .value = 1 }, b = { .value = 2 };

	list_add_tail(&a.link, &head);
	list_add_tail(&b.link, &head);
	/* What a stray store into a neighbour leaves behind. */
	WRITE_ONCE(a.link.next, &a.link);
	list_del(&b.link);
	return 0;
}

noinline int vexfs_fault_count_underflow(u64 arg)
{
	refcount_t ref = REFCOUNT_INIT(1);

	if (!refcount_dec_and_test(&ref))
		return 0;
	return refcount_dec_and_test(&ref) ? 1 : 0;
}
