// SPDX-License-Identifier: GPL-2.0
/* Names: create, link, unlink, rename. The dcache is the directory. */
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "internal.h"

/* A name keeps a reference on its dentry until it is unlinked. */
static int vexfs_add_name(struct inode *dir, struct dentry *dentry, umode_t mode,
			  dev_t dev)
{
	struct inode *inode = vexfs_new_inode(dir->i_sb, dir, mode, dev);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	d_instantiate(dentry, inode);
	dget(dentry);
	vexfs_touch_mctime(dir);
	return 0;
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
	if (!ret)
		inc_nlink(dir);
	vexfs_op_end(&op, ret);
	return vexfs_mkdir_ret(ret);
}

static int vexfs_symlink(vexfs_idmap *idmap, struct inode *dir,
			 struct dentry *dentry, const char *target)
{
	struct inode *inode;
	struct vexfs_op op;
	size_t len = strlen(target);
	int ret;

	vexfs_op_begin(&op, "symlink", dir);
	inode = vexfs_new_inode(dir->i_sb, dir, S_IFLNK | 0777, 0);
	if (IS_ERR(inode))
		return vexfs_op_end(&op, PTR_ERR(inode));

	ret = vexfs_resize_charge(inode, len);
	if (ret)
		goto out;
	/* At most PATH_MAX, and the VFS reads it without a lock: a plain copy. */
	inode->i_link = kmemdup(target, len + 1, GFP_KERNEL_ACCOUNT);
	if (!inode->i_link) {
		ret = -ENOMEM;
		goto out;
	}
	inode->i_size = len;
	d_instantiate(dentry, inode);
	dget(dentry);
	vexfs_touch_mctime(dir);
	return vexfs_op_end(&op, 0);
out:
	iput(inode);
	return vexfs_op_end(&op, ret);
}

static int vexfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "link", d_inode(old));
	return vexfs_op_end(&op, simple_link(old, dir, new));
}

static int vexfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "unlink", d_inode(dentry));
	return vexfs_op_end(&op, simple_unlink(dir, dentry));
}

static int vexfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "rmdir", d_inode(dentry));
	return vexfs_op_end(&op, simple_rmdir(dir, dentry));
}

/* Knows RENAME_NOREPLACE and RENAME_EXCHANGE, refuses the rest. */
static int vexfs_rename(vexfs_idmap *idmap, struct inode *old_dir,
			struct dentry *old, struct inode *new_dir,
			struct dentry *new, unsigned int flags)
{
	struct vexfs_op op;

	vexfs_op_begin(&op, "rename", d_inode(old));
	return vexfs_op_end(&op, simple_rename(idmap, old_dir, old, new_dir, new,
					       flags));
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
