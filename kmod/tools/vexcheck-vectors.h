/* SPDX-License-Identifier: GPL-2.0 */
/* A table of vectors and its model. */
#ifndef VEXCHECK_VECTORS_H
#define VEXCHECK_VECTORS_H

#include "vexcheck-sys.h"

struct table {
	int fd;
	uint32_t dim, format;
	uint64_t count, room;
	int32_t *data;		/* count vectors of dim components */
	struct rng rng;
	bool lost;		/* model and table have parted */
};

void table_wrong(struct table *t, const char *what, const char *expected, const char *got);
long vector_add(int fd, uint32_t dim, uint32_t count, uint32_t format, const int32_t *data,
		uint64_t *first);
/* How many were found, or -errno. */
long vector_search(int fd, uint32_t metric, uint32_t dim, const int32_t *query, uint32_t k,
		   struct vexfs_hit *hits);

/*
 * vexcheck-vectors-reference.c: is this the answer to a search of the first
 * @count vectors? NULL, or what is wrong, with what was expected and got.
 */
const char *reference_differs(const int32_t *data, uint64_t count, uint32_t dim, uint32_t metric,
			      const int32_t *query, uint32_t k, const struct vexfs_hit *hits,
			      uint32_t found, const char **expected, const char **got);

/* vexcheck-vectors-refused.c: what has to be refused, and changes nothing */
void vectors_refused(struct table *t);
void vectors_most(struct rng *r);

/* vexcheck-vectors-together.c: several processes add and search one table */
void vectors_together(struct rng *r);

#endif
