// SPDX-License-Identifier: GPL-2.0
/* Names: create, link, unlink, rename. The dcache is the directory. */
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "disk.h"

/* A name for the device, where there is one: *@name stays NULL otherwise. */
static int vexfs_prepare_name(struct inode *dir, const struct dentry *dentry,
			      u64 ino, struct vexfs_name **name)
{
	*name = NULL;
	if (!VEXFS_SB(dir->i_sb)->log)
		return 0;
	*name = vexfs_name_new(dir, ino, dentry->d_name.name, dentry->d_name.len);
	return *name ? 0 : -ENOMEM;
}

/* A name keeps a reference on its dentry until it is unlinked. */
static void vexfs_bring_name(struct inode *dir, struct dentry *dentry,
			     struct inode *inode, struct vexfs_name *name)
{
	d_instantiate(dentry, inode);
	dget(dentry);
	vexfs_touch_mctime(dir);
	if (S_ISDIR(inode->i_mode))
		inc_nlink(dir);
	if (name) {
		name->ino = inode->i_ino;
		vexfs_inode_attach(inode);
		vexfs_name_add(name, dentry);
	}
	vexfs_dirty(inode, VEXFS_DIRTY_INODE);
	vexfs_dirty(dir, VEXFS_DIRTY_INODE);
}

static int vexfs_add_name(struct inode *dir, struct dentry *dentry, umode_t mode,
			  dev_t dev)
{
	struct vexfs_name *name;
	struct inode *inode;
	int ret;

	ret = vexfs_prepare_name(dir, dentry, 0, &name);
	if (ret)
		return ret;
	vexfs_change_begin(dir->i_sb);
	inode = vexfs_new_inode(dir->i_sb, dir, mode, dev);
	if (IS_ERR(inode)) {
		ret = PTR_ERR(inode);
		if (name)
			vexfs_name_free(name);
	} else {
		vexfs_bring_name(dir, dentry, inode, name);
	}
	vexfs_change_end(dir->i_sb);
	return ret;
}

static int vexfs_create(vexfs_idmap *idmap, struct inode *dir,
			struct dentry *dentry, umode_t mode, bool excl)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "create", dir);
	return vexfs_op_end(&op, vexfs_add_name(dir, dentry, mode | S_IFREG, 0));
}

static int vexfs_mknod(vexfs_idmap *idmap, struct inode *dir,
		       struct dentry *dentry, umode_t mode, dev_t dev)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "mknod", dir);
	return vexfs_op_end(&op, vexfs_add_name(dir, dentry, mode, dev));
}

static VEXFS_MKDIR_RET vexfs_mkdir(vexfs_idmap *idmap, struct inode *dir,
				   struct dentry *dentry, umode_t mode)
{
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, "mkdir", dir);
	ret = vexfs_add_name(dir, dentry, mode | S_IFDIR, 0);
	vexfs_op_end(&op, ret);
	return vexfs_mkdir_ret(ret);
}

static int vexfs_new_symlink(struct inode *dir, const char *target,
			     struct inode **made)
{
	size_t len = strlen(target);
	struct inode *inode;
	int ret;

	inode = vexfs_new_inode(dir->i_sb, dir, S_IFLNK | 0777, 0);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	*made = inode;
	ret = vexfs_resize_charge(inode, len);
	if (ret)
		return ret;
	/* At most PATH_MAX, and the VFS reads it without a lock: a plain copy. */
	inode->i_link = kmemdup(target, len + 1, GFP_KERNEL_ACCOUNT);
	if (!inode->i_link)
		return -ENOMEM;
	inode->i_size = len;
	return 0;
}

static int vexfs_symlink(vexfs_idmap *idmap, struct inode *dir,
			 struct dentry *dentry, const char *target)
{
	struct inode *inode = NULL;
	struct vexfs_name *name;
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, "symlink", dir);
	ret = vexfs_prepare_name(dir, dentry, 0, &name);
	if (ret)
		return vexfs_op_end(&op, ret);
	vexfs_change_begin(dir->i_sb);
	ret = vexfs_new_symlink(dir, target, &inode);
	if (!ret)
		vexfs_bring_name(dir, dentry, inode, name);
	vexfs_change_end(dir->i_sb);
	if (ret) {
		if (name)
			vexfs_name_free(name);
		iput(inode);
	}
	return vexfs_op_end(&op, ret);
}

/* The inode's first name is paid for with it, others on a device take room there. */
static int vexfs_link_name(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(dir->i_sb);
	struct inode *inode = d_inode(old);
	struct vexfs_name *name;
	int ret;

	ret = vexfs_prepare_name(dir, new, inode->i_ino, &name);
	if (ret)
		return ret;
	if (name) {
		ret = vexfs_charge(sbi, VEXFS_NAME_BYTES);
		if (ret) {
			vexfs_name_free(name);
			return ret;
		}
	}
	vexfs_change_begin(dir->i_sb);
	ret = simple_link(old, dir, new);
	if (name)
		vexfs_name_add(name, new);
	vexfs_dirty(inode, VEXFS_DIRTY_INODE);
	vexfs_dirty(dir, VEXFS_DIRTY_INODE);
	vexfs_change_end(dir->i_sb);
	return ret;
}

static int vexfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "link", d_inode(old));
	return vexfs_op_end(&op, vexfs_link_name(old, dir, new));
}

/* @dentry has been unlinked in memory. */
static void vexfs_drop_name(struct inode *dir, struct dentry *dentry)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(dir->i_sb);
	struct inode *inode = d_inode(dentry);

	if (!sbi->log)
		return;
	vexfs_name_remove(dentry);
	if (inode->i_nlink)
		vexfs_uncharge(sbi, VEXFS_NAME_BYTES);
	vexfs_dirty(inode, VEXFS_DIRTY_INODE);
	vexfs_dirty(dir, VEXFS_DIRTY_INODE);
}

static int vexfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, "unlink", d_inode(dentry));
	vexfs_change_begin(dir->i_sb);
	ret = simple_unlink(dir, dentry);
	if (!ret)
		vexfs_drop_name(dir, dentry);
	vexfs_change_end(dir->i_sb);
	return vexfs_op_end(&op, ret);
}

static int vexfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, "rmdir", d_inode(dentry));
	vexfs_change_begin(dir->i_sb);
	ret = simple_rmdir(dir, dentry);
	if (!ret)
		vexfs_drop_name(dir, dentry);
	vexfs_change_end(dir->i_sb);
	return vexfs_op_end(&op, ret);
}

/* The dentries have the names of before: the VFS changes them when this has worked. */
static void vexfs_renamed(struct inode *old_dir, struct dentry *old,
			  struct inode *new_dir, struct dentry *new,
			  struct vexfs_name *old_name, struct vexfs_name *new_name,
			  unsigned int flags)
{
	if (flags & RENAME_EXCHANGE) {
		vexfs_name_remove(old);
		vexfs_name_remove(new);
		vexfs_name_add(old_name, new);
		vexfs_dirty(d_inode(new), VEXFS_DIRTY_INODE);
	} else {
		if (d_really_is_positive(new))
			vexfs_drop_name(new_dir, new);
		vexfs_name_remove(old);
	}
	vexfs_name_add(new_name, old);
	vexfs_dirty(d_inode(old), VEXFS_DIRTY_INODE);
	vexfs_dirty(old_dir, VEXFS_DIRTY_INODE);
	vexfs_dirty(new_dir, VEXFS_DIRTY_INODE);
}

static int vexfs_rename_name(vexfs_idmap *idmap, struct inode *old_dir,
			     struct dentry *old, struct inode *new_dir,
			     struct dentry *new, unsigned int flags)
{
	struct vexfs_name *old_name = NULL, *new_name;
	int ret;

	ret = vexfs_prepare_name(new_dir, new, d_inode(old)->i_ino, &new_name);
	if (!ret && (flags & RENAME_EXCHANGE))
		ret = vexfs_prepare_name(old_dir, old, d_inode(new)->i_ino, &old_name);
	if (!ret) {
		vexfs_change_begin(old_dir->i_sb);
		ret = simple_rename(idmap, old_dir, old, new_dir, new, flags);
		if (!ret && new_name) {
			vexfs_renamed(old_dir, old, new_dir, new, old_name,
				      new_name, flags);
			old_name = NULL;
			new_name = NULL;
		}
		vexfs_change_end(old_dir->i_sb);
	}
	if (old_name)
		vexfs_name_free(old_name);
	if (new_name)
		vexfs_name_free(new_name);
	return ret;
}

/* Knows RENAME_NOREPLACE and RENAME_EXCHANGE, refuses the rest. */
static int vexfs_rename(vexfs_idmap *idmap, struct inode *old_dir,
			struct dentry *old, struct inode *new_dir,
			struct dentry *new, unsigned int flags)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "rename", d_inode(old));
	return vexfs_op_end(&op, vexfs_rename_name(idmap, old_dir, old, new_dir,
						   new, flags));
}

/* As in memory, but that a directory can be synced. */
struct file_operations vexfs_disk_dir_ops __ro_after_init;

void __init vexfs_disk_dir_init(void)
{
	vexfs_disk_dir_ops = simple_dir_operations;
	vexfs_disk_dir_ops.owner = THIS_MODULE;
	vexfs_disk_dir_ops.fsync = vexfs_fsync;
}

const struct inode_operations vexfs_dir_iops = {
	.create = vexfs_create,
	.lookup = simple_lookup,
	.link = vexfs_link,
	.unlink = vexfs_unlink,
	.symlink = vexfs_symlink,
	.mkdir = vexfs_mkdir,
	.rmdir = vexfs_rmdir,
	.mknod = vexfs_mknod,
	.rename = vexfs_rename,
	.setattr = vexfs_setattr,
	.getattr = vexfs_getattr,
	.listxattr = vexfs_listxattr,
};

const struct inode_operations vexfs_symlink_iops = {
	.get_link = simple_get_link,
	.setattr = vexfs_setattr,
	.getattr = vexfs_getattr,
	.listxattr = vexfs_listxattr,
};

const struct inode_operations vexfs_special_iops = {
	.setattr = vexfs_setattr,
	.getattr = vexfs_getattr,
	.listxattr = vexfs_listxattr,
};
