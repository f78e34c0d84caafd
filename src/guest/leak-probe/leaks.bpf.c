// SPDX-License-Identifier: GPL-2.0
/*
 * What a module allocated from slabs and has not given back, by the stack that allocated it.
 *
 * An allocation is the module's when one of its functions asked for it, or had one ask that does nothing else: kvmalloc, kstrdup. What others
 * allocate for themselves while they work for the module (a node of a tree, an area of vmalloc) is theirs, and they keep it as they like.
 * Frees are looked up by address, since others free what it allocated: the VFS, RCU, a work queue. Nothing is streamed, so that nothing is
 * lost on the way, however busy the machine is.
 *
 * Raw tracepoints (include/trace/events/kmem.h, 6.1 and later): their arguments have no layout that differs between kernels, and
 * runs that the kernel leaves out are counted (recursion_misses), which it does not do for programs on perf events.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stdbool.h>
#include "leaks.h"

/* Frames in which the module is looked for: three or four of the tracer, the allocator, wrappers one within the other. */
#define NEAR_FRAMES 8
/*
 * Taking a stack is most of the cost. A call that is made often has shown where it comes from by then: of those that follow, only one in
 * so many is asked for its stack. The rest is counted under the call itself.
 */
#define STACKS_FIRST 256
#define STACKS_EACH 16
/* kfree_rcu frees up to a page of pointers at once (kernel/rcu/tree.c, KVFREE_BULK_MAX_ENTR). */
#define BULK_MOST 4096

struct kmem_cache {
	unsigned int object_size;
} __attribute__((preserve_access_index));

struct object {
	__u64 site;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__type(key, __u64);
	__type(value, struct object);
} objects SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct leak_site);
} sites SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LEAK_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

const volatile struct leak_range module;
/* Functions that allocate for who calls them; the rest are empty. */
const volatile struct leak_range wrappers[LEAK_WRAPPERS];

static __always_inline void count(__u32 which, __u64 many)
{
	__u64 *counter = bpf_map_lookup_elem(&counters, &which);

	if (counter)
		__sync_fetch_and_add(counter, many);
}

static __always_inline bool in_module(__u64 address)
{
	return address >= module.start && address < module.end;
}

static __always_inline bool in_wrapper(__u64 address)
{
	int i;

	for (i = 0; i < LEAK_WRAPPERS; i++)
		if (address >= wrappers[i].start && address < wrappers[i].end)
			return true;
	return false;
}

static __always_inline bool freed(__u64 address)
{
	struct object *found = bpf_map_lookup_elem(&objects, &address), object;
	struct leak_site *site;

	if (!found)
		return false;
	/* Its place is somebody else's as soon as it is deleted. */
	object = *found;
	bpf_map_delete_elem(&objects, &address);
	site = bpf_map_lookup_elem(&sites, &object.site);
	if (site) {
		__sync_fetch_and_add(&site->frees, 1);
		__sync_fetch_and_add(&site->bytes_freed, object.bytes);
	}
	return true;
}

/* From who called the allocator up there are wrappers, then the module. */
static __always_inline bool is_for_module(const struct leak_site *site)
{
	bool outside = false;
	int i;

	for (i = 0; i < NEAR_FRAMES; i++) {
		if (outside && in_module(site->frames[i]))
			return true;
		if (outside && !in_wrapper(site->frames[i]))
			return false;
		outside |= site->frames[i] == site->call_site;
	}
	return false;
}

/* FNV-1a, of words. */
static __always_inline __u64 hash_of(const struct leak_site *site)
{
	__u64 hash = 0xcbf29ce484222325ull;
	int i;

#pragma unroll
	for (i = 0; i < LEAK_FRAMES; i++) {
		hash = (hash ^ site->frames[i]) * 0x100000001b3ull;
		hash ^= hash >> 32;
	}
	return hash;
}

static __always_inline struct leak_site *site_of(__u64 key, const struct leak_site *fresh)
{
	struct leak_site *site = bpf_map_lookup_elem(&sites, &key);

	if (site)
		return site;
	bpf_map_update_elem(&sites, &key, fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&sites, &key);
}

static __always_inline void allocated(void *context, __u64 call_site, __u64 address, __u64 bytes)
{
	struct leak_site fresh = { .call_site = call_site, .frames = { call_site } }, *site;
	struct object object = { .bytes = bytes, .site = call_site };
	bool direct = in_module(call_site);

	/* NULL, and ZERO_SIZE_PTR (include/linux/slab.h). */
	if (address <= 16 || (!direct && !in_wrapper(call_site)))
		return;
	if (direct) {
		site = site_of(call_site, &fresh);
		if (!site)
			return count(LEAK_NO_ROOM, 1);
		__sync_fetch_and_add(&site->asked, 1);
		if (site->asked > STACKS_FIRST && site->asked % STACKS_EACH != 0)
			goto counted;
	}
	if (bpf_get_stack(context, fresh.frames, sizeof(fresh.frames), 0) <= 0)
		return count(LEAK_NO_ROOM, 1);
	if (!direct && !is_for_module(&fresh))
		return;
	object.site = hash_of(&fresh);
	site = site_of(object.site, &fresh);
	if (!site)
		return count(LEAK_NO_ROOM, 1);
counted:
	if (freed(address))
		count(LEAK_REUSED, 1);
	if (bpf_map_update_elem(&objects, &address, &object, BPF_ANY) != 0)
		return count(LEAK_NO_ROOM, 1);
	__sync_fetch_and_add(&site->allocations, 1);
	__sync_fetch_and_add(&site->bytes_allocated, bytes);
}

SEC("raw_tp/kmalloc")
int BPF_PROG(on_kmalloc, __u64 call_site, __u64 ptr, __u64 bytes_req, __u64 bytes_alloc)
{
	allocated(ctx, call_site, ptr, bytes_alloc);
	return 0;
}

SEC("raw_tp/kmem_cache_alloc")
int BPF_PROG(on_cache_alloc, __u64 call_site, __u64 ptr, struct kmem_cache *cache)
{
	allocated(ctx, call_site, ptr, BPF_CORE_READ(cache, object_size));
	return 0;
}

/*
 * The kernel leaves a program out that runs on this CPU already, as when an interrupt comes that runs what RCU has to free. It leaves out
 * that program alone: of three that do the same, one is free in each of the three contexts (task, softirq, hardirq) in which memory is freed,
 * so no free is missed. The second to find an object finds none.
 */
#define FREES(tracepoint, which)                                                                                       \
	SEC("raw_tp/" #tracepoint)                                                                                     \
	int BPF_PROG(on_##tracepoint##_##which, __u64 call_site, __u64 ptr)                                             \
	{                                                                                                              \
		freed(ptr);                                                                                            \
		return 0;                                                                                              \
	}

FREES(kfree, 1)
FREES(kfree, 2)
FREES(kfree, 3)
FREES(kmem_cache_free, 1)
FREES(kmem_cache_free, 2)
FREES(kmem_cache_free, 3)

static long bulk_one(__u32 index, void **list)
{
	__u64 address = 0;

	if (bpf_probe_read_kernel(&address, sizeof(address), *list + index * sizeof(void *)) == 0)
		freed(address);
	return 0;
}

/* What is freed by the dozen, as kfree_rcu does it, has no tracepoint: kmem_cache_free_bulk(cache, size, list). */
SEC("kprobe/kmem_cache_free_bulk")
int on_bulk_free(struct pt_regs *regs)
{
	__u64 size = PT_REGS_PARM2(regs);
	void *list = (void *)PT_REGS_PARM3(regs);

	if (size > BULK_MOST) {
		count(LEAK_BULK_CUT, size - BULK_MOST);
		size = BULK_MOST;
	}
	bpf_loop(size, bulk_one, &list, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
