// SPDX-License-Identifier: GPL-2.0
/*
 * How long calls took: 16 classes to each power of two. A quantile is taken from
 * within its class, as if all of it lay evenly: a change of some percent shows.
 */
#include <inttypes.h>
#include <stdio.h>

#include "vexcheck.h"

#define STEPS	16
#define CLASSES	(60 * STEPS)

struct histogram {
	uint64_t count, sum, max, in[CLASSES];
};

static struct histogram *histograms;

static const char * const names[OPS] = {
	[OP_OPEN] = "open", [OP_CREATE] = "create", [OP_READ] = "read",
	[OP_WRITE] = "write", [OP_FSYNC] = "fsync", [OP_TRUNCATE] = "truncate",
	[OP_FALLOCATE] = "fallocate", [OP_MMAP] = "mmap", [OP_STAT] = "stat",
	[OP_READDIR] = "readdir", [OP_UNLINK] = "unlink", [OP_RENAME] = "rename",
	[OP_LINK] = "link", [OP_SYMLINK] = "symlink", [OP_MKDIR] = "mkdir",
	[OP_RMDIR] = "rmdir", [OP_MKNOD] = "mknod", [OP_SETATTR] = "setattr",
	[OP_GETXATTR] = "getxattr", [OP_SETXATTR] = "setxattr", [OP_STATFS] = "statfs",
	[OP_LOCK] = "lock", [OP_VECTOR_ADD] = "vector_add",
	[OP_VECTOR_SEARCH] = "vector_search", [OP_VECTOR_STATS] = "vector_stats",
};

void latencies_open(void)
{
	histograms = shared_memory(OPS * sizeof(*histograms));
}

/* Up to 15 as they are, then the upper four bits below the highest. */
static unsigned int class_of(uint64_t ns)
{
	unsigned int top;

	if (ns < STEPS)
		return ns;
	top = 63 - __builtin_clzll(ns);
	return (top - 3) * STEPS + ((ns >> (top - 4)) & (STEPS - 1));
}

static uint64_t top_of_class(unsigned int c)
{
	unsigned int top = c / STEPS + 3;

	if (c < STEPS)
		return c;
	return (((uint64_t)STEPS + c % STEPS + 1) << (top - 4)) - 1;
}

/* How long it took. With --slow, for tests of comparisons, it has taken some percent longer. */
static uint64_t drawn_out(uint64_t since)
{
	uint64_t ns = now_ns() - since;
	uint64_t end = since + ns + ns * opt.slow / 100;

	if (!opt.slow)
		return ns;
	while ((ns = now_ns()) < end)
		;
	return ns - since;
}

void took(enum op op, uint64_t since)
{
	uint64_t ns = drawn_out(since);
	struct histogram *h = &histograms[op];
	uint64_t max = __atomic_load_n(&h->max, __ATOMIC_RELAXED);
	unsigned int c = class_of(ns);

	__atomic_fetch_add(&h->count, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&h->sum, ns, __ATOMIC_RELAXED);
	__atomic_fetch_add(&h->in[c < CLASSES ? c : CLASSES - 1], 1, __ATOMIC_RELAXED);
	while (ns > max && !__atomic_compare_exchange_n(&h->max, &max, ns, false,
							__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* In microseconds; never above the greatest that was seen. */
static double quantile(const struct histogram *h, double q)
{
	double want = h->count * q, seen = 0;

	for (unsigned int c = 0; c < CLASSES; c++) {
		double here = h->in[c], ns;

		if (here && seen + here > want) {
			double low = c ? top_of_class(c - 1) + 1 : 0;

			ns = low + (want - seen) / here * (top_of_class(c) + 1 - low);
			return (ns < h->max ? ns : h->max) / 1e3;
		}
		seen += here;
	}
	return h->max / 1e3;
}

size_t latencies_print(char *to, size_t room)
{
	size_t n = 0;

	for (int op = 0; op < OPS && n + 200 < room; op++) {
		const struct histogram *h = &histograms[op];

		if (h->count)
			n += snprintf(to + n, room - n,
				      "%s\"%s\":{\"count\":%" PRIu64 ",\"mean\":%.3f,\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.1f}",
				      n ? "," : "", names[op], h->count,
				      (double)h->sum / h->count / 1e3, quantile(h, 0.5),
				      quantile(h, 0.95), quantile(h, 0.99), h->max / 1e3);
	}
	return n;
}
