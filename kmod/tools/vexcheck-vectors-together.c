// SPDX-License-Identifier: GPL-2.0
/*
 * Several processes add to one table and search it. Ids are given once and
 * without gaps, and a search answers for the vectors of some moment: a prefix of
 * the table that ends where an add ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vexcheck-vectors.h"

#define ADDERS		3
#define SEARCHERS	2
#define BATCHES		24	/* of each adder */
#define BATCH		3
#define DIM		4
#define VECTORS		(ADDERS * BATCHES * BATCH)
#define SEARCHES	20
#define HITS		VEXFS_MAX_K	/* more than there will be vectors */

struct asked {
	int32_t query[DIM];
	uint64_t before, after;
	uint32_t found, k;
	struct vexfs_hit hits[HITS];
};

struct board {
	int32_t data[VECTORS][DIM];
	uint32_t given[VECTORS];	/* how often an id was */
	uint8_t ends[VECTORS + 1];	/* an add ended before it */
	struct asked asked[SEARCHERS][SEARCHES];
	uint32_t asks[SEARCHERS];
};

static void add_all(struct board *b, int fd, int who, struct rng r)
{
	for (int i = 0; i < BATCHES && !totals->stop; i++) {
		int32_t v[BATCH][DIM];
		uint64_t first;
		long ret;

		for (int j = 0; j < BATCH; j++)
			for (int c = 0; c < DIM; c++)
				v[j][c] = c ? (int32_t)rng_below(&r, 2000) - 1000 : who;
		ret = vector_add(fd, DIM, BATCH, 0, v[0], &first);
		if (ret) {
			failed("vector add beside others", ret);
			return;
		}
		if (first > VECTORS - BATCH) {
			wrong("first id of an add beside others", text("at most %d", VECTORS - BATCH),
			      text("%" PRIu64, first));
			return;
		}
		for (int j = 0; j < BATCH; j++)
			__atomic_fetch_add(&b->given[first + j], 1, __ATOMIC_RELAXED);
		b->ends[first + BATCH] = 1;
		memcpy(b->data[first], v, sizeof(v));
	}
}

static void search_all(struct board *b, int fd, int who, struct rng r)
{
	for (int i = 0; i < SEARCHES && !totals->stop; i++) {
		struct asked *a = &b->asked[who][b->asks[who]];
		struct vexfs_stats before, after;
		long found;

		for (int c = 0; c < DIM; c++)
			a->query[c] = (int32_t)rng_below(&r, 2000) - 1000;
		a->k = rng_one_in(&r, 2) ? HITS : 5;
		sys_vector_stats(fd, &before);
		found = vector_search(fd, VEXFS_METRIC_L2, DIM, a->query, a->k, a->hits);
		sys_vector_stats(fd, &after);
		if (found == -ENODATA && !before.count)
			continue;
		if (found < 0) {
			failed("vector search beside others", found);
			return;
		}
		a->found = found;
		a->before = before.count;
		a->after = after.count;
		b->asks[who]++;
	}
}

/* Is there a moment between the two counts that the answer is right for? */
static bool right_at_some_moment(struct board *b, const struct asked *a)
{
	const char *expected, *got;

	for (uint64_t n = a->before; n <= a->after && n <= VECTORS; n++)
		if (b->ends[n] && n && !reference_differs(b->data[0], n, DIM, VEXFS_METRIC_L2, a->query,
							   a->k, a->hits, a->found, &expected, &got))
			return true;
	return false;
}

static void judge(struct board *b, uint64_t count)
{
	for (uint64_t id = 0; id < count && id < VECTORS; id++)
		if (b->given[id] != 1) {
			wrong("ids given beside others", text("%" PRIu64 " once", id), text("%u times", b->given[id]));
			return;
		}
	for (int who = 0; who < SEARCHERS; who++)
		for (uint32_t i = 0; i < b->asks[who]; i++)
			if (!right_at_some_moment(b, &b->asked[who][i])) {
				const struct asked *a = &b->asked[who][i];

				wrong("search beside adds", text("the answer of a moment between %" PRIu64 " and %" PRIu64 " vectors",
								 a->before, a->after),
				      text("%u hits that are the answer of none", a->found));
				return;
			}
}

void vectors_together(struct rng *r)
{
	struct board *b = shared_memory(sizeof(*b));
	struct vexfs_stats stats;
	int fd = sys_open("vectors", O_RDWR | O_CREAT | O_EXCL, 0600), status;
	pid_t pids[ADDERS + SEARCHERS];
	uint64_t wrongs = totals->wrong, full = totals->full;

	for (int i = 0; fd >= 0 && i < ADDERS + SEARCHERS; i++) {
		struct rng own = { rng_next(r) };

		pids[i] = fork();
		if (pids[i])
			continue;
		if (i < ADDERS)
			add_all(b, fd, i, own);
		else
			search_all(b, fd, i - ADDERS, own);
		_exit(0);
	}
	for (int i = 0; fd >= 0 && i < ADDERS + SEARCHERS; i++) {
		while (pids[i] > 0 && waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
			;
		if (pids[i] > 0 && WIFSIGNALED(status))
			wrong("a process that adds or searches", "its end", text("signal %d", WTERMSIG(status)));
	}
	/* Where one gave up, the rest is not known. */
	if (fd >= 0 && !totals->stop && wrongs == totals->wrong && full == totals->full) {
		sys_vector_stats(fd, &stats);
		if (stats.count != VECTORS)
			wrong("vectors added beside others", text("%d", VECTORS), text("%llu", stats.count));
		else
			judge(b, stats.count);
	}
	if (fd >= 0)
		close(fd);
	unlink("vectors");
	munmap(b, sizeof(*b));
}
