// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "leaks.h"
#include "program.h"
#include "symbols.h"

#define MAX_SHOWN 64
#define POLL_MS 200
/* What kfree_rcu was given waits for up to five seconds (KFREE_DRAIN_JIFFIES), and for a grace period behind that. */
#define STEADY_MS 7000

struct all {
	struct leak_site *sites;
	size_t count, room;
	uint64_t allocations, frees;
};

static int open_pin(const char *name)
{
	char path[128];
	union bpf_attr attr = { .pathname = (uintptr_t)path };

	snprintf(path, sizeof(path), "%s/%s", PINS, name);
	return sys_bpf(BPF_OBJ_GET, &attr);
}

static int lookup(int map, const void *key, void *value)
{
	union bpf_attr attr = { .map_fd = (uint32_t)map, .key = (uintptr_t)key, .value = (uintptr_t)value };

	return sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

static void read_sites(int map, struct all *all)
{
	uint64_t key, next;
	union bpf_attr attr = { .map_fd = (uint32_t)map, .key = 0, .next_key = (uintptr_t)&next };

	all->count = all->allocations = all->frees = 0;
	while (sys_bpf(BPF_MAP_GET_NEXT_KEY, &attr) == 0) {
		if (all->count == all->room) {
			all->room = all->room ? all->room * 2 : 256;
			all->sites = realloc(all->sites, all->room * sizeof(*all->sites));
			if (!all->sites)
				abort();
		}
		if (lookup(map, &next, &all->sites[all->count]) == 0) {
			all->allocations += all->sites[all->count].allocations;
			all->frees += all->sites[all->count++].frees;
		}
		key = next;
		attr.key = (uintptr_t)&key;
	}
}

static uint64_t outstanding(const struct leak_site *site)
{
	return site->allocations - site->frees;
}

static int most_first(const void *one, const void *other)
{
	uint64_t a = outstanding(one), b = outstanding(other);

	return a > b ? -1 : a < b;
}

static void print_site(const struct leak_site *site)
{
	int i, first = 0;

	/* What stands before who called the allocator is the allocator, and we. */
	for (i = 0; i < LEAK_FRAMES && site->frames[i]; i++)
		if (site->frames[i] == site->call_site) {
			first = i;
			break;
		}
	printf("{\"count\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"allocations\":%" PRIu64 ",\"frames\":[", outstanding(site),
	       (uint64_t)(site->bytes_allocated - site->bytes_freed), (uint64_t)site->allocations);
	for (i = first; i < LEAK_FRAMES && site->frames[i]; i++) {
		if (i > first)
			putchar(',');
		symbols_print(site->frames[i]);
	}
	fputs("]}", stdout);
}

/* Runs of a program that the kernel left out, as it ran on that CPU already. */
static uint64_t misses(const char *name)
{
	struct bpf_prog_info info = { 0 };
	int fd = open_pin(name);
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)fd, .info_len = sizeof(info), .info = (uintptr_t)&info } };
	bool known = fd >= 0 && sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0;

	if (fd >= 0)
		close(fd);
	return known ? info.recursion_misses : 0;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int sample(long settle_ms)
{
	int sites = open_pin("sites"), counters = open_pin("counters"), bulk = open_pin("on_bulk_free");
	struct all all = { 0 };
	uint64_t counter[LEAK_COUNTERS] = { 0 };
	long began = now_ms(), steady = began;
	uint64_t before = UINT64_MAX;
	size_t shown = 0;
	uint32_t i;

	if (sites < 0 || counters < 0)
		return fail("what was watched");
	for (;;) {
		long now = now_ms();

		read_sites(sites, &all);
		if (all.frees != before)
			steady = now;
		before = all.frees;
		if (all.frees == all.allocations || now - began >= settle_ms || now - steady >= STEADY_MS)
			break;
		usleep(POLL_MS * 1000);
	}
	for (i = 0; i < LEAK_COUNTERS; i++)
		lookup(counters, &i, &counter[i]);
	printf("{\"allocations\":%" PRIu64 ",\"frees\":%" PRIu64 ",\"missedAllocations\":%" PRIu64 ",\"missedFrees\":", all.allocations,
	       all.frees, counter[LEAK_NO_ROOM] + misses("on_kmalloc") + misses("on_cache_alloc"));
	/* Without it frees of kfree_rcu are not seen, and nobody knows how many. */
	if (bulk < 0)
		fputs("null", stdout);
	else
		printf("%" PRIu64, counter[LEAK_REUSED] + counter[LEAK_BULK_CUT]);
	printf(",\"settledMs\":%ld,\"sites\":[", now_ms() - began);
	if (all.count > 0)
		qsort(all.sites, all.count, sizeof(*all.sites), most_first);
	for (; shown < all.count && shown < MAX_SHOWN && outstanding(&all.sites[shown]) > 0; shown++) {
		symbols_load();
		if (shown > 0)
			putchar(',');
		print_site(&all.sites[shown]);
	}
	printf("],\"cut\":%s}\n", shown < all.count && outstanding(&all.sites[shown]) > 0 ? "true" : "false");
	return 0;
}
