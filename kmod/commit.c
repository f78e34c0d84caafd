// SPDX-License-Identifier: GPL-2.0
/*
 * Commits. Each brings the whole filesystem from the state of the last one to its
 * state of one moment, with everything that has changed: so what a program had
 * synced is there after a power cut, and what is there fits together.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include "disk.h"

/* Device and link count fit the inode of a directory as well. */
void vexfs_dirty(struct inode *inode, u32 what)
{
	struct vexfs_log *log = VEXFS_SB(inode->i_sb)->log;
	struct vexfs_inode *vi = VEXFS_I(inode);

	if (!log)
		return;
	vexfs_spin_lock(&log->lock, "sbi.log_lock");
	vi->dirty |= what | VEXFS_DIRTY_INODE;
	if (list_empty(&vi->dirty_link))
		list_add_tail(&vi->dirty_link, &log->dirty);
	vexfs_spin_lock_end(&log->lock, "sbi.log_lock");
	WRITE_ONCE(log->changed, true);
	/* The flusher comes for it, if nobody else does before. */
	mark_inode_dirty(inode);
}

/* From here on commits see it. It must have a name, or get one in this change. */
void vexfs_inode_attach(struct inode *inode)
{
	struct vexfs_log *log = VEXFS_SB(inode->i_sb)->log;
	struct vexfs_inode *vi = VEXFS_I(inode);

	/* Others are not written back by the VFS. */
	insert_inode_hash(inode);
	vi->attached = true;
	vexfs_spin_lock(&log->lock, "sbi.log_lock");
	list_add_tail(&vi->all_link, &log->inodes);
	vexfs_spin_lock_end(&log->lock, "sbi.log_lock");
}

/* On eviction. Waits for a commit, which holds no references. */
void vexfs_inode_detach(struct inode *inode)
{
	struct vexfs_log *log = VEXFS_SB(inode->i_sb)->log;
	struct vexfs_inode *vi = VEXFS_I(inode);

	if (!vi->attached)
		return;
	vexfs_change_begin(inode->i_sb);
	vexfs_spin_lock(&log->lock, "sbi.log_lock");
	list_del_init(&vi->all_link);
	list_del_init(&vi->dirty_link);
	vexfs_spin_lock_end(&log->lock, "sbi.log_lock");
	vexfs_change_end(inode->i_sb);
	if (!S_ISDIR(inode->i_mode) && inode->i_nlink > 1)
		vexfs_uncharge(VEXFS_SB(inode->i_sb),
			       (u64)(inode->i_nlink - 1) * VEXFS_NAME_BYTES);
}

/* Under log->sem for writing, from here to where vexfs_commit() takes it. */

static int vexfs_write_changes(struct vexfs_log *log)
{
	struct vexfs_inode *vi;
	struct vexfs_name *name;

	vexfs_log_begin(log, false);
	/* An inode that is open and has no name is gone for the device. */
	list_for_each_entry(vi, &log->dirty, dirty_link)
		if (vi->vfs_inode.i_nlink)
			vexfs_put_whole_inode(log, &vi->vfs_inode, vi->dirty, false);
	list_for_each_entry(name, &log->pending, pending)
		vexfs_put_name_change(log, name);
	return vexfs_log_end(log);
}

static int vexfs_write_everything(struct vexfs_log *log)
{
	struct vexfs_inode *vi;
	struct vexfs_name *name;
	int ret;

	vexfs_log_begin(log, true);
	list_for_each_entry(vi, &log->inodes, all_link)
		if (vi->vfs_inode.i_nlink)
			vexfs_put_whole_inode(log, &vi->vfs_inode, 0, true);
	list_for_each_entry(name, &log->names, link) {
		vexfs_put_name(log, name, VEXFS_RECORD_NAME, 0);
		if (log->error)
			break;
		cond_resched();
	}
	ret = vexfs_log_end(log);
	if (ret == -ENOSPC)
		pr_err("VEXFS error (device %s): %s: the area is too small for what is charged\n",
		       log->sb->s_id, __func__);
	return ret;
}

static void vexfs_all_written(struct vexfs_log *log, bool everything)
{
	struct vexfs_inode *vi, *next;

	if (everything)
		list_for_each_entry(vi, &log->inodes, all_link) {
			vi->stored = vi->vfs_inode.i_nlink;
			vi->vec_stored = vi->vec.count;
		}
	list_for_each_entry_safe(vi, next, &log->dirty, dirty_link) {
		list_del_init(&vi->dirty_link);
		vi->dirty = 0;
		vi->trim = U64_MAX;
		vi->stored = vi->vfs_inode.i_nlink;
		vi->vec_stored = vi->vec.count;
	}
	vexfs_names_written(log);
	log->end = log->at;
	log->rewrite = false;
}

/* What the device has may be the state of the last commit or, after this, of none: no more writing. */
static void vexfs_log_fail(struct vexfs_log *log)
{
	struct super_block *sb = log->sb;

	if (log->failed)
		return;
	WRITE_ONCE(log->failed, true);
	sb->s_flags |= SB_RDONLY;
	pr_err("vexfs: read-only after an error on device %s\n", sb->s_id);
}

static void vexfs_commit_failed(struct vexfs_log *log, int err, bool fatal)
{
	struct vexfs_inode *vi;

	/* What is dirty no more has not been written either. */
	log->rewrite = true;
	log->changed = true;
	list_for_each_entry(vi, &log->dirty, dirty_link)
		mapping_set_error(vi->vfs_inode.i_mapping, err);
	if (VEXFS_SB(log->sb)->errors == VEXFS_ERRORS_PANIC)
		panic("vexfs: error %d on device %s\n", err, log->sb->s_id);
	if (fatal || VEXFS_SB(log->sb)->errors == VEXFS_ERRORS_RO)
		vexfs_log_fail(log);
}

static int vexfs_commit_locked(struct vexfs_log *log)
{
	unsigned int nofs = memalloc_nofs_save();
	bool fatal = false, everything;
	int ret = 0;

	/*
	 * From now on the log may go on behind what the superblock says. Said once
	 * a mount even if the one that was read does: its copy may be an older one.
	 */
	if (!log->marked || le32_to_cpu(log->super.state) == VEXFS_STATE_CLEAN) {
		ret = vexfs_log_write_super(log, VEXFS_STATE_DIRTY);
		fatal = ret;
	}
	everything = log->rewrite;
	if (!ret && !everything) {
		ret = vexfs_write_changes(log);
		everything = ret == -ENOSPC;
	}
	if ((!ret && log->rewrite) || ret == -ENOSPC) {
		ret = vexfs_write_everything(log);
		if (!ret) {
			struct vexfs_position old = log->end;

			log->end = log->at;
			ret = vexfs_log_write_super(log, VEXFS_STATE_DIRTY);
			log->end = old;
			fatal = ret;	/* which area counts is not known now */
		}
	}
	if (ret) {
		vexfs_commit_failed(log, ret, fatal);
	} else {
		vexfs_all_written(log, everything);
		log->changed = false;
		WRITE_ONCE(log->commits, log->commits + 1);
	}
	memalloc_nofs_restore(nofs);
	return ret;
}

/* Everything that was done before is on the device when this returns 0. */
int vexfs_commit(struct super_block *sb)
{
	struct vexfs_log *log = VEXFS_SB(sb)->log;
	u64 before;
	int ret = 0;

	if (!log)
		return 0;
	before = READ_ONCE(log->commits);
	vexfs_down_write(&log->sem, "sbi.commit_sem");
	/* One that was completed since has waited for all changes before it. */
	if (log->commits == before && (log->changed || log->rewrite))
		ret = log->failed ? -EIO : vexfs_commit_locked(log);
	vexfs_down_write_end(&log->sem, "sbi.commit_sem");
	return ret;
}

bool vexfs_failed(struct super_block *sb)
{
	struct vexfs_log *log = VEXFS_SB(sb)->log;

	return log && READ_ONCE(log->failed);
}

/* A log that is long for what it holds takes as long to read at the next mount. */
static bool vexfs_log_is_long(const struct vexfs_log *log)
{
	return log->marked && log->end.pos > VEXFS_LOG_SLACK +
					     2 * READ_ONCE(VEXFS_SB(log->sb)->used);
}

/* At unmount, or on the way to read-only: says in the superblock where the log ends. */
int vexfs_log_close(struct super_block *sb)
{
	struct vexfs_log *log = VEXFS_SB(sb)->log;
	int ret;

	ret = vexfs_commit(sb);
	if (ret)
		return ret;
	vexfs_down_write(&log->sem, "sbi.commit_sem");
	if (!log->failed && vexfs_log_is_long(log)) {
		log->rewrite = true;
		ret = vexfs_commit_locked(log);
	}
	if (!ret && !log->failed && !log->changed &&
	    le32_to_cpu(log->super.state) == VEXFS_STATE_DIRTY && log->end.pos) {
		ret = vexfs_log_write_super(log, VEXFS_STATE_CLEAN);
		if (ret)
			vexfs_commit_failed(log, ret, true);
	}
	vexfs_down_write_end(&log->sem, "sbi.commit_sem");
	return ret;
}

int vexfs_sync_fs(struct super_block *sb, int wait)
{
	struct vexfs_op op;

	if (!wait || !VEXFS_SB(sb)->log || !sb->s_root)
		return 0;
	vexfs_op_begin(&op, "sync", d_inode(sb->s_root));
	return vexfs_op_end(&op, vexfs_commit(sb));
}

/* Nobody writes any more; a copy of the device now is whole. */
int vexfs_freeze_fs(struct super_block *sb)
{
	return vexfs_commit(sb);
}
