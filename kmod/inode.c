// SPDX-License-Identifier: GPL-2.0
/* Inodes: making, ending, attributes. */
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "disk.h"
#include "fault.h"

static struct kmem_cache *vexfs_inode_cache;

static void vexfs_inode_once(void *obj)
{
	struct vexfs_inode *vi = obj;

	inode_init_once(&vi->vfs_inode);
}

int __init vexfs_inode_cache_init(void)
{
	vexfs_inode_cache = kmem_cache_create("vexfs_inode",
					      sizeof(struct vexfs_inode), 0,
					      SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
					      vexfs_inode_once);
	return vexfs_inode_cache ? 0 : -ENOMEM;
}

void vexfs_inode_cache_exit(void)
{
	/* Inodes are freed after a grace period. */
	rcu_barrier();
	kmem_cache_destroy(vexfs_inode_cache);
}

struct inode *vexfs_alloc_inode(struct super_block *sb)
{
	struct vexfs_inode *vi;

	vi = alloc_inode_sb(sb, vexfs_inode_cache, GFP_KERNEL);
	if (!vi)
		return NULL;
	trace_alloc("inode", vexfs_u64(vi), sizeof(*vi));
	init_rwsem(&vi->vec_sem);
	init_rwsem(&vi->xattr_sem);
	memset(&vi->vec, 0, sizeof(vi->vec));
	INIT_LIST_HEAD(&vi->xattrs);
	vi->xattr_count = 0;
	vi->xattr_bytes = 0;
	vi->data_pages = 0;
	vi->writes = 0;
	INIT_LIST_HEAD(&vi->all_link);
	INIT_LIST_HEAD(&vi->dirty_link);
	vi->dirty = 0;
	vi->attached = false;
	vi->stored = false;
	vi->loose = false;
	vi->nlink_stored = 0;
	vi->trim = U64_MAX;
	vi->vec_stored = 0;
	return &vi->vfs_inode;
}

void vexfs_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	trace_free("inode", vexfs_u64(VEXFS_I(inode)));
	kmem_cache_free(vexfs_inode_cache, VEXFS_I(inode));
}

void vexfs_evict_inode(struct inode *inode)
{
	struct vexfs_inode *vi = VEXFS_I(inode);

	vexfs_inode_detach(inode);
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	/* A failed vexfs_new_inode() has charged nothing yet. */
	if (!inode->i_ino)
		return;
	vexfs_vector_free_all(inode);
	vexfs_xattr_free_all(inode);
	vexfs_uncharge(VEXFS_SB(inode->i_sb),
		       (vi->data_pages << PAGE_SHIFT) + VEXFS_INODE_BYTES);
	vexfs_count_objects(inode->i_sb, -1, 0, 0);
}

struct inode *vexfs_new_inode(struct super_block *sb, struct inode *dir,
			      umode_t mode, dev_t dev)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);
	struct inode *inode;
	int ret;

	inode = new_inode(sb);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_ino = 0;
	ret = vexfs_charge(sbi, VEXFS_INODE_BYTES);
	if (ret) {
		iput(inode);
		return ERR_PTR(ret);
	}
	vexfs_count_objects(sb, 1, 0, 0);

	inode->i_ino = atomic64_inc_return(&sbi->next_ino);
	vexfs_mem("vexfs_sb_info", sbi, next_ino, true, true);
	inode_init_owner(VEXFS_NOP_IDMAP, inode, dir, mode);
	vexfs_init_times(inode);
	inode->i_mapping->a_ops = sbi->log ? &vexfs_disk_aops : &ram_aops;
	mapping_set_gfp_mask(inode->i_mapping, GFP_HIGHUSER);
	/* Without a device there is no backing store, with one it is no place to read from. */
	mapping_set_unevictable(inode->i_mapping);

	switch (mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &vexfs_file_iops;
		inode->i_fop = &vexfs_file_ops;
		break;
	case S_IFDIR:
		inode->i_op = &vexfs_dir_iops;
		inode->i_fop = sbi->log ? &vexfs_disk_dir_ops : &simple_dir_operations;
		inc_nlink(inode);	/* for "." */
		break;
	case S_IFLNK:
		inode->i_op = &vexfs_symlink_iops;
		break;
	default:
		inode->i_op = &vexfs_special_iops;
		init_special_inode(inode, mode, dev);
		break;
	}
	return inode;
}

/*
 * Charge the data of a file for @size bytes, holes included, so that no store
 * through a mapping can ever need memory that is not paid for. The caller holds
 * i_rwsem for writing, and truncates before it charges less.
 */
int vexfs_resize_charge(struct inode *inode, loff_t size)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(inode->i_sb);
	struct vexfs_inode *vi = VEXFS_I(inode);
	u64 want = DIV_ROUND_UP_ULL((u64)size, PAGE_SIZE);
	int ret;

	/* A new symlink's, which nobody else can see, goes without the lock. */
	if (!S_ISLNK(inode->i_mode))
		vexfs_mem_read("vexfs_inode", vi, data_pages);
	if (want > vi->data_pages) {
		ret = vexfs_charge(sbi, (want - vi->data_pages) << PAGE_SHIFT);
		if (ret)
			return ret;
	} else {
		vexfs_uncharge(sbi, (vi->data_pages - want) << PAGE_SHIFT);
	}
	/* stat reads it without the lock */
	WRITE_ONCE(vi->data_pages, want);
	vexfs_mem("vexfs_inode", vi, data_pages, true, true);
	return 0;
}

static int vexfs_truncate(struct inode *inode, loff_t size)
{
	int ret;

	if (size > i_size_read(inode)) {
		ret = vexfs_resize_charge(inode, size);
		if (ret)
			return ret;
		truncate_setsize(inode, size);
		return 0;
	}
	VEXFS_I(inode)->trim = min_t(u64, VEXFS_I(inode)->trim, size);
	truncate_setsize(inode, size);
	return vexfs_resize_charge(inode, size);
}

int vexfs_setattr(vexfs_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, attr->ia_valid & ATTR_SIZE ? "truncate" : "setattr",
		       inode);
	vexfs_inode_locked_by_vfs(inode);
	vexfs_change_begin(inode->i_sb);
	ret = vexfs_failed(inode->i_sb) ? -EROFS :
	      setattr_prepare(idmap, dentry, attr);
	if (!ret && (attr->ia_valid & ATTR_SIZE))
		ret = vexfs_truncate(inode, attr->ia_size);
	if (!ret) {
		if (attr->ia_valid & ATTR_SIZE)
			vexfs_touch_mctime(inode);
		setattr_copy(idmap, inode, attr);
		mark_inode_dirty(inode);
		vexfs_dirty(inode, VEXFS_DIRTY_INODE);
	}
	vexfs_change_end(inode->i_sb);
	vexfs_inode_locked_by_vfs_end(inode);
	return vexfs_op_end(&op, ret);
}

int vexfs_getattr(vexfs_idmap *idmap, const struct path *path,
		  struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct vexfs_inode *vi = VEXFS_I(inode);

	vexfs_fillattr(idmap, mask, inode, stat);
	if (vexfs_fault_misses(VEXFS_PLACE_DATA_PAGES)) {
		vexfs_mem_read("vexfs_inode", vi, data_pages);
		stat->blocks = vi->data_pages << (PAGE_SHIFT - 9);
		return 0;
	}
	vexfs_mem("vexfs_inode", vi, data_pages, false, true);
	stat->blocks = READ_ONCE(vi->data_pages) << (PAGE_SHIFT - 9);
	return 0;
}

/* The VFS calls it outside of the operation that changes the file. */
int vexfs_update_time(VEXFS_UPDATE_TIME_ARGS)
{
	int ret;

	vexfs_change_begin(inode->i_sb);
	ret = vexfs_generic_update_time(inode, time, flags);
	vexfs_dirty(inode, VEXFS_DIRTY_INODE);
	vexfs_change_end(inode->i_sb);
	return ret;
}
