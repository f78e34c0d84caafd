// SPDX-License-Identifier: GPL-2.0
/* Memory kept: lost for good, or taken until there is none. */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "fault.h"
#include "internal.h"

#define VEXFS_LEAK_MAX	4096

noinline int vexfs_fault_memory_leak(u64 arg)
{
	u64 i, n = min_t(u64, vexfs_fault_arg(arg, 16), VEXFS_LEAK_MAX);

	for (i = 0; i < n; i++) {
		size_t size = 96 + 32 * (i % 4);
		u8 *p = kmalloc(size, GFP_KERNEL);

		if (!p)
			return -ENOMEM;
		trace_alloc("leaked_object", vexfs_u64(p), size);
		WRITE_ONCE(p[0], i);
	}
	return 0;
}

/*
 * The caller has made itself the OOM killer's first choice. It frees everything
 * on its way out, so the machine lives on.
 */
noinline int vexfs_fault_memory_hog(u64 arg)
{
	u64 max = ULLONG_MAX, n;
	struct page *page, *next;
	LIST_HEAD(pages);
	int ret = 0;

	if (arg != VEXFS_NO_ARG)
		max = min_t(u64, arg, ULLONG_MAX >> 20) << (20 - PAGE_SHIFT);
	for (n = 0; n < max; n++) {
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		page = alloc_page(GFP_KERNEL);
		if (!page) {
			ret = -ENOMEM;
			break;
		}
		list_add(&page->lru, &pages);
		cond_resched();
	}
	list_for_each_entry_safe(page, next, &pages, lru) {
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
	pr_info("vexfs: memory-hog freed %llu MiB\n", n >> (20 - PAGE_SHIFT));
	return ret;
}
