// SPDX-License-Identifier: GPL-2.0
/* What the vector calls have to refuse, with which error, changing nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vexcheck-vectors.h"

#define NOWHERE	8	/* an address that is never mapped */

static int32_t zeros[VEXFS_MAX_BATCH_BYTES / 4 + 2 * VEXFS_MAX_DIM];

struct refused_add {
	const char *what;
	long expected;
	uint32_t dim, count, format, flags;	/* 0: as it would be right */
	uint64_t data;
	bool needs_vectors;
};

#define ZERO	UINT32_MAX	/* for a 0 that is meant */

static const struct refused_add adds[] = {
	{ "add of 0 components", -EINVAL, .dim = ZERO },
	{ "add of too many components", -EINVAL, .dim = VEXFS_MAX_DIM + 1 },
	{ "add of no vector", -EINVAL, .count = ZERO },
	{ "add of too many vectors", -E2BIG, .count = VEXFS_MAX_BATCH + 1 },
	{ "add of too many bytes", -E2BIG, .dim = VEXFS_MAX_DIM, .count = 257 },
	{ "add in an unknown format", -EINVAL, .format = 2 },
	{ "add with unknown flags", -EINVAL, .flags = 1 },
	{ "add from nowhere", -EFAULT, .data = NOWHERE },
	{ "add of another dimension", -EINVAL, .dim = 5, .needs_vectors = true },
	{ "add in another format", -EINVAL, .format = ZERO, .needs_vectors = true },
};

struct refused_search {
	const char *what;
	long expected;
	uint32_t metric, dim, k;
	uint64_t query, hits;
	bool needs_vectors;
};

static const struct refused_search searches[] = {
	{ "search by an unknown metric", -EINVAL, .metric = 3 },
	{ "search with 0 components", -EINVAL, .dim = ZERO },
	{ "search with too many components", -EINVAL, .dim = VEXFS_MAX_DIM + 1 },
	{ "search for no result", -EINVAL, .k = ZERO },
	{ "search for too many results", -EINVAL, .k = VEXFS_MAX_K + 1 },
	{ "search for nothing", -EFAULT, .query = NOWHERE },
	{ "search with no place for hits", -EFAULT, .hits = NOWHERE, .needs_vectors = true },
	{ "search with another dimension", -EINVAL, .dim = 5, .needs_vectors = true },
};

static uint32_t or_zero(uint32_t given, uint32_t usual)
{
	return given == ZERO ? 0 : given ? given : usual;
}

static void compare(struct table *t, const char *what, long got, long expected)
{
	if (got != expected)
		table_wrong(t, what, errno_name(expected), got < 0 ? errno_name(got) : "success");
}

static void refuse_add(struct table *t, const struct refused_add *row)
{
	struct vexfs_add_vector a = {
		.dim = or_zero(row->dim, t->dim), .count = or_zero(row->count, 1),
		.format = row->format == ZERO ? !t->format : or_zero(row->format, t->format),
		.flags = row->flags, .data = row->data ? row->data : (uintptr_t)zeros,
	};

	if (row->needs_vectors && (!t->count || a.dim == (row->dim ? t->dim : 0)))
		return;
	compare(t, row->what, sys_vector_add(t->fd, &a), row->expected);
}

static void refuse_search(struct table *t, const struct refused_search *row)
{
	struct vexfs_hit hits[VEXFS_MAX_K];
	struct vexfs_search s = {
		.metric = row->metric, .dim = or_zero(row->dim, t->dim), .k = or_zero(row->k, 1),
		.query = row->query ? row->query : (uintptr_t)zeros,
		.hits = row->hits ? row->hits : (uintptr_t)hits,
	};

	if (row->needs_vectors && (!t->count || (row->dim && s.dim == t->dim)))
		return;
	compare(t, row->what, sys_vector_search(t->fd, &s), row->expected);
}

/* Vectors of which the last lies beyond what is mapped. */
static void refuse_half(struct table *t)
{
	size_t page = 4096;
	uint8_t *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t first;

	if (p == MAP_FAILED)
		return;
	munmap(p + page, page);
	compare(t, "add from memory that ends", vector_add(t->fd, t->dim, 2, t->format,
							  (void *)(p + page - t->dim * 4 % page), &first), -EFAULT);
	munmap(p, page);
}

/* What a descriptor may not do, and what is no call at all. */
static void refuse_descriptor(struct table *t)
{
	struct vexfs_hit hit;
	uint64_t first;
	long fd;

	fd = sys_open("vectors", O_RDONLY, 0);
	compare(t, "add to a file open for reading",
		vector_add(fd, t->dim, 1, t->format, zeros, &first), -EBADF);
	close(fd);
	fd = sys_open("vectors", O_WRONLY, 0);
	compare(t, "search in a file open for writing",
		vector_search(fd, VEXFS_METRIC_L2, t->dim, zeros, 1, &hit), -EBADF);
	compare(t, "argument from nowhere",
		ioctl(fd, VEXFS_IOC_ADD_VECTOR, NOWHERE) ? -errno : 0, -EFAULT);
	compare(t, "statistics to nowhere",
		ioctl(fd, VEXFS_IOC_GET_STATS, NOWHERE) ? -errno : 0, -EFAULT);
	compare(t, "an ioctl that does not exist",
		ioctl(fd, _IO('V', 0x7f), zeros) ? -errno : 0, -ENOTTY);
	close(fd);
	fd = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
	compare(t, "vectors of a directory",
		vector_search(fd, VEXFS_METRIC_L2, t->dim, zeros, 1, &hit), -ENOTTY);
	close(fd);
}

void vectors_refused(struct table *t)
{
	struct vexfs_stats s;
	int which = rng_below(&t->rng, 4);

	if (which == 0)
		refuse_add(t, &adds[rng_below(&t->rng, COUNT(adds))]);
	else if (which == 1)
		refuse_search(t, &searches[rng_below(&t->rng, COUNT(searches))]);
	else if (which == 2)
		refuse_descriptor(t);
	else
		refuse_half(t);
	if (!t->lost && !sys_vector_stats(t->fd, &s) && s.count != t->count)
		table_wrong(t, "vectors after a refused call", text("%" PRIu64, t->count), text("%llu", s.count));
}

/* As many as a file may have, and not one more. */
void vectors_most(struct rng *r)
{
	struct table t = { .dim = 1 + rng_below(r, 2), .rng = *r };
	uint64_t first;
	long ret = 0;

	t.fd = sys_open("vectors", O_RDWR | O_CREAT | O_EXCL, 0600);
	if (t.fd < 0)
		return;
	for (; !ret && t.count < VEXFS_MAX_VECTORS - 1; t.count += ret ? 0 : VEXFS_MAX_BATCH - (t.count == 0)) {
		ret = vector_add(t.fd, t.dim, VEXFS_MAX_BATCH - (t.count == 0), 0, zeros, &first);
		if (!ret && first != t.count)
			table_wrong(&t, "first id of an add", text("%" PRIu64, t.count), text("%" PRIu64, first));
	}
	if (ret) {
		failed("vector add", ret);
	} else {
		compare(&t, "add beyond the most a file may have",
			vector_add(t.fd, t.dim, 2, 0, zeros, &first), -E2BIG);
		compare(&t, "add of the last that fits", vector_add(t.fd, t.dim, 1, 0, zeros, &first), 0);
		compare(&t, "add to a full table", vector_add(t.fd, t.dim, 1, 0, zeros, &first), -E2BIG);
	}
	close(t.fd);
	unlink("vectors");
}
