// SPDX-License-Identifier: GPL-2.0
/* Data of regular files: in the page cache, from where commits take them. */
#include <linux/backing-dev.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/uio.h>
#include "disk.h"
#include "fault.h"

static ssize_t vexfs_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct vexfs_op op;
	ssize_t ret;

	vexfs_op_begin(&op, "read", inode);
	ret = generic_file_read_iter(iocb, to);
	if (ret > 0)
		vexfs_count_bytes(inode->i_sb, ret, 0);
	return vexfs_op_end(&op, ret);
}

/* @late: the write is counted by the caller, who has then let go of the lock. */
static ssize_t vexfs_write_locked(struct kiocb *iocb, struct iov_iter *from,
				  bool late)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct vexfs_inode *vi = VEXFS_I(inode);
	ssize_t ret;
	loff_t end;
	int err;

	ret = generic_write_checks(iocb, from);
	if (ret <= 0)
		return ret;
	if (vexfs_fault_take_write(VEXFS_SB(inode->i_sb))) {
		pr_err("VEXFS error (device %s): %s: I/O error writing inode %lu at offset %lld\n",
		       inode->i_sb->s_id, __func__, inode->i_ino, iocb->ki_pos);
		return -EIO;
	}

	end = iocb->ki_pos + ret;
	if (end > i_size_read(inode)) {
		err = vexfs_resize_charge(inode, end);
		if (err)
			return err;
	}
	ret = __generic_file_write_iter(iocb, from);
	/* A short write leaves less than was charged. */
	vexfs_resize_charge(inode, i_size_read(inode));
	if (!late) {
		vi->writes++;
		vexfs_mem_write("vexfs_inode", vi, writes);
	}
	return ret;
}

static ssize_t vexfs_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct vexfs_inode *vi = VEXFS_I(inode);
	bool late = vexfs_fault_misses(VEXFS_PLACE_WRITES);
	struct vexfs_op op;
	ssize_t ret;

	vexfs_op_begin(&op, "write", inode);
	/* A program may have opened it before the device failed. */
	if (vexfs_failed(inode->i_sb))
		return vexfs_op_end(&op, -EROFS);
	vexfs_inode_lock(inode);
	ret = vexfs_write_locked(iocb, from, late);
	vexfs_inode_unlock(inode);
	if (late) {
		vi->writes++;
		vexfs_mem_write("vexfs_inode", vi, writes);
	}
	if (ret > 0) {
		vexfs_count_bytes(inode->i_sb, 0, ret);
		ret = generic_write_sync(iocb, ret);
	}
	return vexfs_op_end(&op, ret);
}

/* Data in memory is as safe as it will ever be; on a device they are committed. */
int vexfs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct vexfs_op op;
	int ret, err;

	vexfs_op_begin(&op, "fsync", file_inode(file));
	if (!VEXFS_SB(file_inode(file)->i_sb)->log)
		return vexfs_op_end(&op, noop_fsync(file, start, end, datasync));
	ret = vexfs_commit(file_inode(file)->i_sb);
	/* Said once to each file that was open when it happened. */
	err = file_check_and_advance_wb_err(file);
	return vexfs_op_end(&op, ret ?: err);
}

/* The first store to a page of a shared mapping since it was committed. */
static vm_fault_t vexfs_page_mkwrite(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct folio *folio = page_folio(vmf->page);
	vm_fault_t ret = VM_FAULT_LOCKED;

	if (vexfs_failed(inode->i_sb))
		return VM_FAULT_SIGBUS;
	sb_start_pagefault(inode->i_sb);
	file_update_time(vmf->vma->vm_file);
	vexfs_change_begin(inode->i_sb);
	folio_lock(folio);
	if (folio->mapping != inode->i_mapping ||
	    folio_pos(folio) >= i_size_read(inode)) {
		folio_unlock(folio);
		ret = VM_FAULT_NOPAGE;
	} else {
		folio_mark_dirty(folio);
		vexfs_dirty(inode, VEXFS_DIRTY_DATA);
	}
	vexfs_change_end(inode->i_sb);
	sb_end_pagefault(inode->i_sb);
	return ret;
}

static const struct vm_operations_struct vexfs_disk_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = vexfs_page_mkwrite,
};

static int vexfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, "mmap", file_inode(file));
	ret = generic_file_mmap(file, vma);
	if (!ret && VEXFS_SB(file_inode(file)->i_sb)->log)
		vma->vm_ops = &vexfs_disk_vm_ops;
	return vexfs_op_end(&op, ret);
}

const struct file_operations vexfs_file_ops = {
	.owner = THIS_MODULE,
	.read_iter = vexfs_read_iter,
	.write_iter = vexfs_write_iter,
	.mmap = vexfs_mmap,
	.fsync = vexfs_fsync,
	.splice_read = vexfs_splice_read,
	.splice_write = iter_file_splice_write,
	.llseek = generic_file_llseek,
	.unlocked_ioctl = vexfs_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

const struct inode_operations vexfs_file_iops = {
	.setattr = vexfs_setattr,
	.getattr = vexfs_getattr,
	.listxattr = vexfs_listxattr,
	.update_time = vexfs_update_time,
};
