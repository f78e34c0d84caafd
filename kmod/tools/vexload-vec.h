/* SPDX-License-Identifier: GPL-2.0 */
/* The vector ioctls of VexFS as functions, and a second opinion on their results. */
#ifndef VEXLOAD_VEC_H
#define VEXLOAD_VEC_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "../include/vexfs.h"

static int vec_add(int fd, uint32_t dim, uint32_t count, uint32_t format,
		   const int32_t *data, uint64_t *first)
{
	struct vexfs_add_vector a = {
		.dim = dim, .count = count, .format = format,
		.data = (uintptr_t)data,
	};

	if (ioctl(fd, VEXFS_IOC_ADD_VECTOR, &a))
		return -1;
	if (first)
		*first = a.first_id;
	return 0;
}

/* How many were found, or -1. */
static int vec_search(int fd, uint32_t metric, uint32_t dim, const int32_t *query,
		      uint32_t k, struct vexfs_hit *hits)
{
	struct vexfs_search s = {
		.metric = metric, .dim = dim, .k = k,
		.query = (uintptr_t)query, .hits = (uintptr_t)hits,
	};

	if (ioctl(fd, VEXFS_IOC_SEARCH, &s))
		return -1;
	return s.found;
}

static bool vec_supported(int fd)
{
	struct vexfs_stats st;

	return !ioctl(fd, VEXFS_IOC_GET_STATS, &st);
}

/* Exact for the small components the load uses. */
static int64_t vec_l2(const int32_t *a, const int32_t *b, uint32_t dim)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < dim; i++) {
		int64_t d = (int64_t)a[i] - b[i];

		sum += d * d;
	}
	return sum;
}

static int64_t vec_dot(const int32_t *a, const int32_t *b, uint32_t dim)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < dim; i++)
		sum += (int64_t)a[i] * b[i];
	return sum;
}

/* The whole order is compared: no vector left out may be better than the last. */
static bool vec_right(uint32_t metric, const int32_t *data, uint32_t count,
		      uint32_t dim, const int32_t *query,
		      const struct vexfs_hit *hits, int found)
{
	int64_t last = 0;
	int better = 0;

	for (int i = 0; i < found; i++) {
		const int32_t *v;
		int64_t want, key;

		if (hits[i].id >= count)
			return false;
		v = data + hits[i].id * dim;
		want = metric == VEXFS_METRIC_DOT ? vec_dot(query, v, dim) :
						    vec_l2(query, v, dim);
		if (want != (int64_t)hits[i].score)
			return false;
		key = metric == VEXFS_METRIC_DOT ? -want : want;
		if (i && (key < last || (key == last && hits[i].id <= hits[i - 1].id)))
			return false;
		last = key;
	}
	for (uint32_t j = 0; j < count; j++) {
		const int32_t *v = data + (uint64_t)j * dim;
		int64_t key = metric == VEXFS_METRIC_DOT ? -vec_dot(query, v, dim) :
							   vec_l2(query, v, dim);

		better += key < last;
	}
	return better < found;
}

#endif
