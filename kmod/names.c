// SPDX-License-Identifier: GPL-2.0
/*
 * Names of a filesystem on a device. In memory the dentries are the names; what a
 * commit has to say of them is kept here, one object a name, in dentry->d_fsdata.
 * Removing one takes no memory, so that it cannot fail.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "disk.h"

struct vexfs_name *vexfs_name_new(struct inode *dir, u64 ino, const char *text,
				  size_t len)
{
	struct vexfs_name *name;

	name = kzalloc(struct_size(name, name, len + 1), GFP_KERNEL_ACCOUNT);
	if (!name)
		return NULL;
	trace_alloc("name", vexfs_u64(name), struct_size(name, name, len + 1));
	INIT_LIST_HEAD(&name->link);
	INIT_LIST_HEAD(&name->pending);
	RB_CLEAR_NODE(&name->node);
	name->dir = dir ? dir->i_ino : 0;
	name->ino = ino;
	name->len = len;
	memcpy(name->name, text, len);
	return name;
}

void vexfs_name_free(struct vexfs_name *name)
{
	trace_free("name", vexfs_u64(name));
	kfree(name);
}

/* @dentry, which is pinned, has this name from now on. */
void vexfs_name_add(struct vexfs_name *name, struct dentry *dentry)
{
	struct vexfs_log *log = VEXFS_SB(dentry->d_sb)->log;

	name->dentry = dentry;
	name->state = VEXFS_NAME_ADDED;
	dentry->d_fsdata = name;
	vexfs_spin_lock(&log->lock, "sbi.log_lock");
	list_add_tail(&name->link, &log->names);
	list_add_tail(&name->pending, &log->pending);
	vexfs_spin_lock_end(&log->lock, "sbi.log_lock");
}

/*
 * The name that @dentry has is one no more. Called when the inode's link count
 * is what it is without it.
 */
void vexfs_name_remove(struct dentry *dentry)
{
	struct vexfs_log *log = VEXFS_SB(dentry->d_sb)->log;
	struct vexfs_name *name = dentry->d_fsdata;
	struct inode *inode = d_inode(dentry);
	bool last = !inode->i_nlink && VEXFS_I(inode)->stored;
	bool unneeded = false;

	dentry->d_fsdata = NULL;
	vexfs_spin_lock(&log->lock, "sbi.log_lock");
	list_del_init(&name->link);
	name->dentry = NULL;
	name->last = last;
	if (name->state == VEXFS_NAME_STORED) {
		name->state = VEXFS_NAME_REMOVED;
		list_add_tail(&name->pending, &log->pending);
	} else if (last) {
		name->state = VEXFS_NAME_FORGET;
		list_move_tail(&name->pending, &log->pending);
	} else {
		list_del_init(&name->pending);
		unneeded = true;
	}
	vexfs_spin_lock_end(&log->lock, "sbi.log_lock");
	if (unneeded)
		vexfs_name_free(name);
}

/* A commit has brought all of them to the device. Under log->sem for writing. */
void vexfs_names_written(struct vexfs_log *log)
{
	struct vexfs_name *name, *next;

	list_for_each_entry_safe(name, next, &log->pending, pending) {
		list_del_init(&name->pending);
		if (name->state == VEXFS_NAME_ADDED)
			name->state = VEXFS_NAME_STORED;
		else
			vexfs_name_free(name);
	}
}

/* At unmount: what is not pinned any more goes with the superblock. */
void vexfs_names_unpin(struct vexfs_log *log)
{
	struct vexfs_name *name;

	list_for_each_entry(name, &log->names, link) {
		if (!name->dentry)
			continue;
		name->dentry->d_fsdata = NULL;
		dput(name->dentry);
		name->dentry = NULL;
		cond_resched();
	}
}

void vexfs_names_free(struct vexfs_log *log)
{
	struct vexfs_name *name, *next;

	list_for_each_entry_safe(name, next, &log->pending, pending) {
		list_del_init(&name->pending);
		if (list_empty(&name->link))
			vexfs_name_free(name);
	}
	list_for_each_entry_safe(name, next, &log->names, link) {
		list_del(&name->link);
		vexfs_name_free(name);
	}
}
