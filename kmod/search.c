// SPDX-License-Identifier: GPL-2.0
/*
 * The k nearest vectors, by looking at all of them. No floating point: sums are
 * kept in 128 bits, so no input can overflow them (a term is below 2^64, a
 * vector has at most 2^10 of them).
 */
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "fault.h"
#include "internal.h"

/* Two's complement, written out: 32-bit kernels have no 128-bit type. */
struct vexfs_s128 {
	u64 lo;
	s64 hi;
};

/* One result on the way. Lower is better. */
struct vexfs_rank {
	struct vexfs_s128 key;
	u64 id;
};

#define VEXFS_COSINE_BITS	30
#define VEXFS_COSINE_ONE	(1ULL << VEXFS_COSINE_BITS)

static const char * const vexfs_metric_names[] = {
	[VEXFS_METRIC_L2] = "l2",
	[VEXFS_METRIC_COSINE] = "cosine",
	[VEXFS_METRIC_DOT] = "dot",
};

static void s128_add_u64(struct vexfs_s128 *sum, u64 v)
{
	sum->lo += v;
	sum->hi += sum->lo < v;
}

static void s128_add_s64(struct vexfs_s128 *sum, s64 v)
{
	s128_add_u64(sum, v);
	if (v < 0)
		sum->hi--;	/* v was taken as v + 2^64 */
}

static struct vexfs_s128 s128_neg(struct vexfs_s128 v)
{
	struct vexfs_s128 r = { .lo = -v.lo, .hi = ~v.hi };

	r.hi += !v.lo;
	return r;
}

static int s128_cmp(const struct vexfs_s128 *a, const struct vexfs_s128 *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/* A value that is not negative, shifted left by @bits (right when negative). */
static u64 s128_shift_u64(struct vexfs_s128 v, int bits)
{
	if (bits >= 0)
		return bits < 64 ? v.lo << bits : 0;
	bits = -bits;
	if (bits >= 128)
		return 0;
	if (bits >= 64)
		return (u64)v.hi >> (bits - 64);
	return v.lo >> bits | (u64)v.hi << (64 - bits);
}

static int s128_bits(struct vexfs_s128 v)
{
	return v.hi ? 64 + fls64(v.hi) : fls64(v.lo);
}

static struct vexfs_s128 vexfs_l2(const s32 *a, const s32 *b, u32 dim)
{
	struct vexfs_s128 sum = {};
	u32 i;

	for (i = 0; i < dim; i++) {
		s64 d = (s64)a[i] - b[i];
		u64 m = d < 0 ? -d : d;		/* below 2^32 */

		s128_add_u64(&sum, m * m);
	}
	return sum;
}

static struct vexfs_s128 vexfs_dot(const s32 *a, const s32 *b, u32 dim)
{
	struct vexfs_s128 sum = {};
	u32 i;

	for (i = 0; i < dim; i++)
		s128_add_s64(&sum, (s64)a[i] * b[i]);
	return sum;
}

/* The root of @square as a 32-bit mantissa with its top bit set, times 2^*exp. */
static u64 vexfs_root(struct vexfs_s128 square, int *exp)
{
	int shift = s128_bits(square) - 64;

	if (shift & 1)
		shift++;		/* only an even power has a root */
	*exp = shift / 2;
	return int_sqrt64(s128_shift_u64(square, -shift));
}

/*
 * dot / (|a| |b|) in units of 2^-30. The norms are taken as mantissas of 32 bits,
 * their product is cut to 30 or more, so the relative error is about 2^-29.
 */
static s64 vexfs_cosine(const s32 *a, const s32 *b, u32 dim,
			struct vexfs_s128 a2)
{
	struct vexfs_s128 b2 = vexfs_dot(b, b, dim);
	struct vexfs_s128 dot = vexfs_dot(a, b, dim);
	bool negative = dot.hi < 0;
	int ea, eb;
	u64 norms, q;

	if (!s128_bits(a2) || !s128_bits(b2))
		return 0;
	if (negative)
		dot = s128_neg(dot);
	norms = (vexfs_root(a2, &ea) * vexfs_root(b2, &eb)) >> 32;
	/* |dot| <= norms * 2^(32 + ea + eb): the quotient fits 2^30, this 2^62. */
	q = div64_u64(s128_shift_u64(dot, VEXFS_COSINE_BITS - 32 - ea - eb), norms);
	q = min_t(u64, q, VEXFS_COSINE_ONE);
	return negative ? -(s64)q : (s64)q;
}

/* Distance first, then id; similarities are negated to the same order. */
static void vexfs_rank_vector(struct vexfs_rank *rank, u32 metric,
			      const s32 *query, const s32 *v, u32 dim,
			      struct vexfs_s128 query2)
{
	struct vexfs_s128 cosine = {};

	switch (metric) {
	case VEXFS_METRIC_L2:
		rank->key = vexfs_l2(query, v, dim);
		break;
	case VEXFS_METRIC_COSINE:
		s128_add_s64(&cosine, -vexfs_cosine(query, v, dim, query2));
		rank->key = cosine;
		break;
	default:
		rank->key = s128_neg(vexfs_dot(query, v, dim));
		break;
	}
}

static u64 vexfs_score(u32 metric, struct vexfs_s128 key)
{
	if (metric == VEXFS_METRIC_L2)
		return key.hi ? U64_MAX : key.lo;
	key = s128_neg(key);
	if (key.hi > 0 || (!key.hi && key.lo > S64_MAX))
		return S64_MAX;
	if (key.hi < -1 || (key.hi == -1 && (s64)key.lo >= 0))
		return (u64)S64_MIN;
	return key.lo;
}

/* Keep @best sorted; @rank has the greatest id so far, so it goes after equals. */
static u32 vexfs_rank_insert(struct vexfs_rank *best, u32 n, u32 k,
			     const struct vexfs_rank *rank)
{
	u32 i;

	if (n == k && s128_cmp(&rank->key, &best[n - 1].key) >= 0)
		return n;
	if (n < k)
		n++;
	for (i = n - 1; i > 0 && s128_cmp(&rank->key, &best[i - 1].key) < 0; i--)
		best[i] = best[i - 1];
	best[i] = *rank;
	return n;
}

/* Under vec_sem. */
static int vexfs_scan(const struct vexfs_vectors *vec,
		      const struct vexfs_search *arg, const s32 *query,
		      struct vexfs_rank *best, u32 *found)
{
	struct vexfs_s128 query2 = vexfs_dot(query, query, arg->dim);
	struct vexfs_rank rank;
	u32 n = 0;

	for (rank.id = 0; rank.id < vec->count; rank.id++) {
		vexfs_rank_vector(&rank, arg->metric, query,
				  vexfs_vector_at(vec, rank.id), arg->dim, query2);
		n = vexfs_rank_insert(best, n, arg->k, &rank);
		if (rank.id % 64 == 63) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EINTR;
		}
	}
	*found = n;
	return 0;
}

int vexfs_vector_search(struct inode *inode, const struct vexfs_search *arg,
			const s32 *query, struct vexfs_hit *hits, u32 *found)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	u64 count, start = ktime_get_ns(), ns;
	struct vexfs_rank *best;
	u32 i;
	int ret;

	if (vexfs_fault_misses(VEXFS_PLACE_DIM)) {
		vexfs_mem_read("vexfs_inode", vi, vec.dim);
		if (vi->vec.dim && vi->vec.dim != arg->dim)
			return -EINVAL;
		vexfs_fault_dawdle();
	}
	best = kcalloc(arg->k, sizeof(*best), GFP_KERNEL_ACCOUNT);
	if (!best)
		return -ENOMEM;
	trace_alloc("search_ranks", vexfs_u64(best), arg->k * sizeof(*best));

	vexfs_down_read(&vi->vec_sem, "inode.vec_sem");
	vexfs_mem_read("vexfs_inode", vi, vec.count);
	vexfs_mem_read("vexfs_inode", vi, vec.dim);
	vexfs_mem_read("vexfs_inode", vi, vec.nr_chunks);
	count = vi->vec.count;
	if (!count)
		ret = -ENODATA;
	else if (vi->vec.dim != arg->dim)
		ret = -EINVAL;
	else
		ret = vexfs_scan(&vi->vec, arg, query, best, found);
	vexfs_down_read_end(&vi->vec_sem, "inode.vec_sem");

	if (!ret) {
		for (i = 0; i < *found; i++) {
			hits[i].id = best[i].id;
			hits[i].score = vexfs_score(arg->metric, best[i].key);
		}
		ns = ktime_get_ns() - start;
		vexfs_count_search(inode->i_sb, ns);
		trace_search(inode->i_ino, vexfs_metric_names[arg->metric],
			     arg->dim, count, arg->k, ns);
	}
	trace_free("search_ranks", vexfs_u64(best));
	kfree(best);
	return ret;
}
