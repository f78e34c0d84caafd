// SPDX-License-Identifier: GPL-2.0
/* The ioctls: what comes from the user is checked and copied here. */
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "internal.h"

static long vexfs_ioc_add(struct file *file, struct vexfs_add_vector __user *uarg)
{
	struct inode *inode = file_inode(file);
	struct vexfs_add_vector arg;
	int ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (!VEXFS_SB(inode->i_sb)->log)
		return vexfs_vector_add(inode, &arg, &uarg->first_id);
	/* Not while it is frozen, nor after it has become read-only. */
	ret = mnt_want_write_file(file);
	if (ret)
		return ret;
	ret = vexfs_vector_add(inode, &arg, &uarg->first_id);
	mnt_drop_write_file(file);
	return ret;
}

static long vexfs_ioc_search(struct file *file, void __user *uarg)
{
	struct vexfs_search arg;
	struct vexfs_hit *hits;
	size_t query_bytes;
	s32 *query;
	long ret;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (!arg.dim || arg.dim > VEXFS_MAX_DIM || !arg.k ||
	    arg.k > VEXFS_MAX_K || arg.metric > VEXFS_METRIC_DOT)
		return -EINVAL;

	query_bytes = arg.dim * sizeof(s32);
	query = memdup_user(u64_to_user_ptr(arg.query), query_bytes);
	if (IS_ERR(query))
		return PTR_ERR(query);
	trace_alloc("search_query", vexfs_u64(query), query_bytes);
	hits = kcalloc(arg.k, sizeof(*hits), GFP_KERNEL_ACCOUNT);
	if (!hits) {
		ret = -ENOMEM;
		goto out;
	}
	trace_alloc("search_hits", vexfs_u64(hits), arg.k * sizeof(*hits));

	ret = vexfs_vector_search(file_inode(file), &arg, query, hits, &arg.found);
	if (!ret && (copy_to_user(u64_to_user_ptr(arg.hits), hits,
				  arg.found * sizeof(*hits)) ||
		     copy_to_user(uarg, &arg, sizeof(arg))))
		ret = -EFAULT;
	trace_free("search_hits", vexfs_u64(hits));
	kfree(hits);
out:
	trace_free("search_query", vexfs_u64(query));
	kfree(query);
	return ret;
}

static long vexfs_ioc_stats(struct file *file, void __user *uarg)
{
	struct vexfs_stats stats;

	vexfs_get_stats(file_inode(file), &stats);
	return copy_to_user(uarg, &stats, sizeof(stats)) ? -EFAULT : 0;
}

long vexfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;
	struct vexfs_op op;

	switch (cmd) {
	case VEXFS_IOC_ADD_VECTOR:
		vexfs_op_begin(&op, "vector_add", file_inode(file));
		return vexfs_op_end(&op, vexfs_ioc_add(file, uarg));
	case VEXFS_IOC_SEARCH:
		vexfs_op_begin(&op, "vector_search", file_inode(file));
		return vexfs_op_end(&op, vexfs_ioc_search(file, uarg));
	case VEXFS_IOC_GET_STATS:
		vexfs_op_begin(&op, "get_stats", file_inode(file));
		return vexfs_op_end(&op, vexfs_ioc_stats(file, uarg));
	default:
		return -ENOTTY;
	}
}
