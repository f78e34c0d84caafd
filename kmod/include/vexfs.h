/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VexFS user interface: vectors stored with a file.
 *
 * Every regular file carries at most one table of vectors. The first add fixes
 * the dimension and the component format; later adds and searches must agree.
 * A vector's id is its position in the table, from 0. Vectors live and die with
 * the inode; truncating the file's data leaves them alone.
 */
#ifndef _UAPI_VEXFS_H
#define _UAPI_VEXFS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VEXFS_MAGIC		0x56455846	/* "VEXF" */

/* Limits. Anything above is refused with E2BIG (counts) or EINVAL (k, dim). */
#define VEXFS_MAX_DIM		1024		/* components of a vector */
#define VEXFS_MAX_BATCH		1024		/* vectors of one add */
#define VEXFS_MAX_BATCH_BYTES	(1U << 20)	/* bytes of one add */
#define VEXFS_MAX_VECTORS	65536		/* vectors of a file */
#define VEXFS_MAX_K		256		/* results of a search */

/* Component formats. Both are __s32 in memory. */
#define VEXFS_FORMAT_INT	0	/* plain integers */
#define VEXFS_FORMAT_Q16_16	1	/* fixed point, one unit is 2^-16 */

/* Metrics. */
#define VEXFS_METRIC_L2		0	/* squared euclidean distance, least first */
#define VEXFS_METRIC_COSINE	1	/* cosine similarity, greatest first */
#define VEXFS_METRIC_DOT	2	/* dot product, greatest first */

/**
 * struct vexfs_add_vector - argument of VEXFS_IOC_ADD_VECTOR
 * @dim:	in: components of each vector, 1..VEXFS_MAX_DIM
 * @count:	in: vectors to add, 1..VEXFS_MAX_BATCH
 * @format:	in: VEXFS_FORMAT_*
 * @flags:	in: must be 0
 * @data:	in: user address of __s32[count][dim]
 * @first_id:	out: id of the first vector added; the rest follow it
 *
 * All vectors of a call are added or none. Needs a file open for writing.
 */
struct vexfs_add_vector {
	__u32 dim;
	__u32 count;
	__u32 format;
	__u32 flags;
	__u64 data;
	__u64 first_id;
};

/**
 * struct vexfs_hit - one result
 * @id:		id of the vector
 * @score:	L2: __u64 squared distance in squared units (Q16.16: 2^-32),
 *		stopping at the largest __u64; the order is that of the exact value.
 *		DOT: __s64 in squared units (Q16.16: 2^-32), stopping likewise.
 *		COSINE: __s64 in units of 2^-30, so 1073741824 means parallel; right
 *		to a few units; 0 when either vector is zero.
 */
struct vexfs_hit {
	__u64 id;
	__u64 score;
};

/**
 * struct vexfs_search - argument of VEXFS_IOC_SEARCH
 * @metric:	in: VEXFS_METRIC_*
 * @dim:	in: must be the table's dimension
 * @k:		in: results wanted, 1..VEXFS_MAX_K
 * @found:	out: results written, at most @k
 * @query:	in: user address of __s32[dim]
 * @hits:	in: user address of struct vexfs_hit[k], best first; of equal scores
 *		the lower id comes first
 *
 * ENODATA when the file has no vectors. EINTR when killed on the way.
 */
struct vexfs_search {
	__u32 metric;
	__u32 dim;
	__u32 k;
	__u32 found;
	__u64 query;
	__u64 hits;
};

/**
 * struct vexfs_stats - result of VEXFS_IOC_GET_STATS
 * @dim:	components of this file's vectors, 0 when it has none
 * @format:	VEXFS_FORMAT_* of this file's vectors
 * @count:	vectors of this file
 * @bytes:	bytes this file's vectors take
 * @fs_size:	size limit of the filesystem in bytes
 * @fs_used:	bytes charged against the limit (data by file size, holes
 *		included; xattrs, vectors and a fixed sum per inode)
 * @fs_inodes:	inodes in use
 * @fs_vectors:	vectors of all files
 * @ops:	operations since mount
 * @errors:	of them failed
 * @bytes_read:	bytes read since mount
 * @bytes_written: bytes written since mount
 * @searches:	searches since mount
 * @search_ns:	nanoseconds spent in them
 */
struct vexfs_stats {
	__u32 dim;
	__u32 format;
	__u64 count;
	__u64 bytes;
	__u64 fs_size;
	__u64 fs_used;
	__u64 fs_inodes;
	__u64 fs_vectors;
	__u64 ops;
	__u64 errors;
	__u64 bytes_read;
	__u64 bytes_written;
	__u64 searches;
	__u64 search_ns;
};

#define VEXFS_IOC_ADD_VECTOR	_IOWR('V', 0x40, struct vexfs_add_vector)
#define VEXFS_IOC_SEARCH	_IOWR('V', 0x41, struct vexfs_search)
#define VEXFS_IOC_GET_STATS	_IOR('V', 0x42, struct vexfs_stats)

#endif /* _UAPI_VEXFS_H */
