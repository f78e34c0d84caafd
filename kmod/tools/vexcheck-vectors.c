// SPDX-License-Identifier: GPL-2.0
/* Vectors of a file against an exact reference. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-vectors.h"

#define MOST_COMPONENTS	(1 << 18)	/* of a table here */

void table_wrong(struct table *t, const char *what, const char *expected, const char *got)
{
	wrong(what, expected, got);
	t->lost = true;
}

long vector_add(int fd, uint32_t dim, uint32_t count, uint32_t format, const int32_t *data,
		uint64_t *first)
{
	struct vexfs_add_vector a = {
		.dim = dim, .count = count, .format = format, .data = (uintptr_t)data,
		.first_id = UINT64_MAX,
	};
	long ret = sys_vector_add(fd, &a);

	*first = a.first_id;
	return ret;
}

long vector_search(int fd, uint32_t metric, uint32_t dim, const int32_t *query, uint32_t k,
		   struct vexfs_hit *hits)
{
	struct vexfs_search s = {
		.metric = metric, .dim = dim, .k = k, .query = (uintptr_t)query,
		.hits = (uintptr_t)hits, .found = UINT32_MAX,
	};
	long ret = sys_vector_search(fd, &s);

	return ret ? ret : (long)s.found;
}

/* Small ones tie, great ones overflow what is less than 128 bits, some are zero. */
static void make_vector(struct table *t, int32_t *v)
{
	static const int32_t extremes[] = { INT32_MIN, INT32_MAX, 0, -1, 1, 1 << 16 };
	int kind = rng_below(&t->rng, 8);

	for (uint32_t i = 0; i < t->dim; i++)
		v[i] = kind < 3 ? (int32_t)rng_below(&t->rng, 5) - 2 :
		       kind < 5 ? (int32_t)rng_below(&t->rng, 200001) - 100000 :
		       kind == 5 ? (int32_t)rng_next(&t->rng) :
		       kind == 6 ? extremes[rng_below(&t->rng, COUNT(extremes))] : 0;
	if (t->count && rng_one_in(&t->rng, 6))
		memcpy(v, t->data + rng_below(&t->rng, t->count) * t->dim, t->dim * sizeof(*v));
}

static void do_add(struct table *t)
{
	uint32_t count = 1 + rng_below(&t->rng, rng_one_in(&t->rng, 8) ? VEXFS_MAX_BATCH : 24);
	int32_t *fresh = t->data + t->count * t->dim;
	uint64_t first;
	long ret;

	if (count > VEXFS_MAX_BATCH_BYTES / 4 / t->dim)
		count = VEXFS_MAX_BATCH_BYTES / 4 / t->dim;
	if (count > t->room - t->count)
		count = t->room - t->count;
	if (!count)
		return;
	for (uint32_t i = 0; i < count; i++)
		make_vector(t, fresh + (size_t)i * t->dim);
	ret = vector_add(t->fd, t->dim, count, t->format, fresh, &first);
	if (ret) {
		t->lost = failed("vector add", ret);
		return;
	}
	if (first != t->count)
		table_wrong(t, "first id of an add", text("%" PRIu64, t->count), text("%" PRIu64, first));
	t->count += count;
}

static void do_search(struct table *t)
{
	uint32_t metric = rng_below(&t->rng, 3);
	uint32_t k = 1 + rng_below(&t->rng, rng_one_in(&t->rng, 4) ? VEXFS_MAX_K : 10);
	struct vexfs_hit hits[VEXFS_MAX_K];
	const char *what, *expected = "", *got = "";
	int32_t query[VEXFS_MAX_DIM];
	long found;

	make_vector(t, query);
	found = vector_search(t->fd, metric, t->dim, query, k, hits);
	if (!t->count && found == -ENODATA)
		return;
	if (found < 0) {
		t->lost = failed("vector search", found);
		return;
	}
	what = reference_differs(t->data, t->count, t->dim, metric, query, k, hits, found,
				 &expected, &got);
	if (what)
		table_wrong(t, text("%s by %s", what, metric == VEXFS_METRIC_L2 ? "l2" :
				    metric == VEXFS_METRIC_DOT ? "dot" : "cosine"), expected, got);
	digest(hash_bytes(hits, found * sizeof(*hits)));
}

static void do_stats(struct table *t)
{
	struct vexfs_stats s;
	long ret = sys_vector_stats(t->fd, &s);

	if (ret)
		t->lost = failed("vector stats", ret);
	else if (s.count != t->count)
		table_wrong(t, "vectors in the statistics", text("%" PRIu64, t->count),
			    text("%llu", s.count));
	else if (t->count && (s.dim != t->dim || s.format != t->format))
		table_wrong(t, "shape in the statistics", text("%u components, format %u", t->dim, t->format),
			    text("%u components, format %u", s.dim, s.format));
	else if (s.bytes < t->count * t->dim * 4 || s.fs_used < s.bytes || s.fs_vectors < s.count)
		table_wrong(t, "sums in the statistics",
			    text("at least %" PRIu64 " bytes", t->count * t->dim * 4),
			    text("%llu bytes, %llu used, %llu vectors of all files", s.bytes, s.fs_used,
				 s.fs_vectors));
}

/* Data and vectors of a file leave each other alone. */
static void do_data(struct table *t)
{
	char data[100];
	long ret;

	rng_fill(&t->rng, data, sizeof(data));
	ret = sys_pwrite(t->fd, data, sizeof(data), rng_below(&t->rng, 9000));
	if (ret >= 0)
		ret = sys_ftruncate(t->fd, rng_below(&t->rng, 5000));
	if (ret < 0)
		t->lost = failed("write to a file with vectors", ret);
}

static void do_reopen(struct table *t)
{
	long ret = sys_fsync(t->fd);

	close(t->fd);
	if (!ret)
		ret = sys_open("vectors", O_RDWR, 0);
	t->fd = ret;
	if (ret < 0) {
		failed("open of a file with vectors", ret);
		t->lost = true;
	}
}

static const struct action {
	void (*run)(struct table *t);
	int weight;
} actions[] = {
	{ do_add, 25 }, { do_search, 45 }, { do_stats, 10 }, { do_data, 5 },
	{ do_reopen, 5 }, { vectors_refused, 10 },
};

static void act(struct table *t)
{
	int at = rng_below(&t->rng, 100);

	for (size_t i = 0; i < COUNT(actions); i++) {
		at -= actions[i].weight;
		if (at >= 0)
			continue;
		actions[i].run(t);
		return;
	}
}

static void table_life(uint64_t number, int32_t *data)
{
	static const uint32_t dims[] = { 1, 2, 3, 4, 7, 16, 33, 64, 128, 384, VEXFS_MAX_DIM };
	struct table t = { .data = data, .rng = rng_stream(number) };
	int left = 20 + rng_below(&t.rng, 80);

	t.dim = dims[rng_below(&t.rng, COUNT(dims))];
	t.format = rng_below(&t.rng, 2) ? VEXFS_FORMAT_Q16_16 : VEXFS_FORMAT_INT;
	t.room = MOST_COMPONENTS / t.dim < 2000 ? MOST_COMPONENTS / t.dim : 2000;
	t.fd = sys_open("vectors", O_RDWR | O_CREAT | O_EXCL, 0600);
	if (t.fd < 0) {
		failed("create", t.fd);
		return;
	}
	while (left-- && !t.lost && going())
		act(&t);
	if (t.fd >= 0)
		close(t.fd);
	unlink("vectors");
	if (number % 8 == 1 && may_go_on())
		vectors_together(&t.rng);
	if (number % 32 == 2 && may_go_on())
		vectors_most(&t.rng);
}

int check_vectors(void)
{
	int32_t *data;

	if (!traits.vectors)
		return cannot("%s has no vector calls", opt.dir);
	data = malloc(MOST_COMPONENTS * sizeof(*data));
	if (!data)
		return cannot("no memory");
	for (uint64_t number = 0; may_go_on() && (!opt.ops || totals->ops < opt.ops); number++)
		table_life(number, data);
	free(data);
	return EXIT_RIGHT;
}
