// SPDX-License-Identifier: GPL-2.0
/* The nearest vectors by definition: 128 bits hold every sum, cosines are long doubles. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "vexcheck-vectors.h"

#define COSINE_ONE	(1 << 30)
#define COSINE_SLACK	8	/* "right to a few units", vexfs.h */

struct ranked {
	__int128 key;		/* least first */
	uint64_t id;
};

static __int128 dot(const int32_t *a, const int32_t *b, uint32_t dim)
{
	__int128 sum = 0;

	for (uint32_t i = 0; i < dim; i++)
		sum += (int64_t)a[i] * b[i];
	return sum;
}

static __int128 distance(const int32_t *a, const int32_t *b, uint32_t dim)
{
	__int128 sum = 0;

	for (uint32_t i = 0; i < dim; i++) {
		__int128 d = (int64_t)a[i] - b[i];

		sum += d * d;
	}
	return sum;
}

static int64_t cosine(const int32_t *a, const int32_t *b, uint32_t dim)
{
	__int128 a2 = dot(a, a, dim), b2 = dot(b, b, dim);

	if (!a2 || !b2)
		return 0;
	return llroundl((long double)dot(a, b, dim) / (sqrtl(a2) * sqrtl(b2)) * COSINE_ONE);
}

static uint64_t score(uint32_t metric, __int128 key)
{
	if (metric == VEXFS_METRIC_L2)
		return key > (__int128)UINT64_MAX ? UINT64_MAX : (uint64_t)key;
	key = -key;
	return key > INT64_MAX ? INT64_MAX : key < INT64_MIN ? (uint64_t)INT64_MIN : (uint64_t)key;
}

static int by_key(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static const char *exact_differs(const int32_t *data, uint64_t count, uint32_t dim, uint32_t metric,
				 const int32_t *query, const struct vexfs_hit *hits, uint32_t found,
				 const char **expected, const char **got)
{
	struct ranked *all = calloc(count, sizeof(*all));
	const char *what = NULL;

	if (!all)
		return NULL;
	for (uint64_t id = 0; id < count; id++) {
		const int32_t *v = data + id * dim;

		all[id].id = id;
		all[id].key = metric == VEXFS_METRIC_L2 ? distance(query, v, dim) : -dot(query, v, dim);
	}
	qsort(all, count, sizeof(*all), by_key);
	for (uint32_t i = 0; i < found && !what; i++) {
		if (hits[i].id != all[i].id)
			what = "id of a hit";
		else if (hits[i].score != score(metric, all[i].key))
			what = "score of a hit";
		*expected = text("id %" PRIu64 " with %" PRIu64 " at %u", all[i].id,
				 score(metric, all[i].key), i);
		*got = text("id %" PRIu64 " with %" PRIu64, (uint64_t)hits[i].id, (uint64_t)hits[i].score);
	}
	free(all);
	return what;
}

/* Scores are near those of the definition; the order is that of the scores given. */
static const char *cosine_differs(const int32_t *data, uint64_t count, uint32_t dim,
				  const int32_t *query, const struct vexfs_hit *hits, uint32_t found,
				  const char **expected, const char **got)
{
	bool *listed = calloc(count, sizeof(*listed));
	const char *what = NULL;

	for (uint32_t i = 0; listed && i < found && !what; i++) {
		int64_t is = hits[i].score, last = i ? (int64_t)hits[i - 1].score : INT64_MAX, want;

		*got = text("id %" PRIu64 " with %" PRId64 " at %u", (uint64_t)hits[i].id, is, i);
		if (hits[i].id >= count || listed[hits[i].id]) {
			*expected = text("an id below %" PRIu64 ", once", count);
			what = "id of a hit";
			break;
		}
		listed[hits[i].id] = true;
		want = cosine(query, data + hits[i].id * dim, dim);
		*expected = text("%" PRId64 " after %" PRId64, want, last);
		if (llabs(is - want) > COSINE_SLACK)
			what = "score of a hit";
		else if (is > last || (is == last && hits[i].id < hits[i - 1].id))
			what = "order of hits";
	}
	for (uint64_t id = 0; listed && found && id < count && !what; id++) {
		int64_t last = hits[found - 1].score, is = cosine(query, data + id * dim, dim);

		if (listed[id] || is <= last + COSINE_SLACK)
			continue;
		*expected = text("id %" PRIu64 " with %" PRId64, id, is);
		*got = text("%" PRId64 " as the last of %u", last, found);
		what = "a hit left out";
	}
	free(listed);
	return what;
}

const char *reference_differs(const int32_t *data, uint64_t count, uint32_t dim, uint32_t metric,
			      const int32_t *query, uint32_t k, const struct vexfs_hit *hits,
			      uint32_t found, const char **expected, const char **got)
{
	if (found != (k < count ? k : count)) {
		*expected = text("%" PRIu64, k < count ? k : count);
		*got = text("%u", found);
		return "number of hits";
	}
	return metric == VEXFS_METRIC_COSINE ?
	       cosine_differs(data, count, dim, query, hits, found, expected, got) :
	       exact_differs(data, count, dim, metric, query, hits, found, expected, got);
}
