// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a filesystem from its device: the log is applied from the beginning to
 * the last whole commit, then the names are made a tree. Nothing on the device is
 * trusted: a good checksum says that it is as somebody wrote it.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include "load.h"

int vexfs_bad(struct vexfs_load *load, u64 ino, const char *what)
{
	load->what = what;
	load->ino = ino;
	return -EUCLEAN;
}

static int (* const vexfs_loaders[])(struct vexfs_load *load, const void *data,
				     size_t bytes) = {
	[VEXFS_RECORD_INODE] = vexfs_load_inode,
	[VEXFS_RECORD_FORGET] = vexfs_load_forget,
	[VEXFS_RECORD_NAME] = vexfs_load_name,
	[VEXFS_RECORD_UNNAME] = vexfs_load_unname,
	[VEXFS_RECORD_XATTR] = vexfs_load_xattr,
	[VEXFS_RECORD_VECTORS] = vexfs_load_vectors,
	[VEXFS_RECORD_DATA] = vexfs_load_data,
};

static int vexfs_load_segment(struct vexfs_load *load)
{
	const struct vexfs_disk_segment *seg = (void *)load->log->buf;
	size_t at = sizeof(*seg), end = le32_to_cpu(seg->bytes);
	const struct vexfs_disk_record *rec;
	int ret;

	while (at < end) {
		size_t bytes;
		u16 type;

		rec = (void *)(load->log->buf + at);
		if (end - at < sizeof(*rec))
			return vexfs_bad(load, 0, "short record");
		bytes = le32_to_cpu(rec->bytes);
		type = le16_to_cpu(rec->type);
		if (bytes < sizeof(*rec) || bytes % 8 || bytes > end - at ||
		    type >= ARRAY_SIZE(vexfs_loaders) || !vexfs_loaders[type])
			return vexfs_bad(load, le64_to_cpu(rec->ino), "bad record");
		ret = vexfs_loaders[type](load, rec, bytes);
		if (ret)
			return ret;
		at += bytes;
	}
	return 0;
}

static int vexfs_load_log(struct vexfs_load *load)
{
	struct vexfs_log *log = load->log;
	const struct vexfs_disk_segment *seg = (void *)log->buf;
	struct vexfs_position at = {
		.area = log->end.area,
		.area_id = log->end.area_id,
	};
	u32 stored, computed;
	int ret;

	while (at.pos < log->end.pos) {
		ret = vexfs_log_read_segment(log, &at, &stored, &computed);
		/* A moment ago it was good. */
		if (ret <= 0)
			return ret ?: -EIO;
		if (le32_to_cpu(seg->flags) & VEXFS_SEGMENT_LAST)
			at.commit++;
		ret = vexfs_load_segment(load);
		if (ret)
			return ret;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int vexfs_load_entry(struct vexfs_load *load, struct dentry *parent,
			    struct vexfs_name *name, struct list_head *dirs)
{
	struct inode *inode = vexfs_load_find(load, name->ino);
	struct vexfs_inode *vi;
	struct dentry *dentry;
	int ret;

	if (!inode)
		return vexfs_bad(load, name->ino, "name of an inode that is not there");
	vi = VEXFS_I(inode);
	if (S_ISDIR(inode->i_mode) && !vi->loose)
		return vexfs_bad(load, name->ino, "directory with two names");
	dentry = d_alloc_name(parent, name->name);
	if (!dentry)
		return -ENOMEM;
	if (!vi->loose) {
		ret = vexfs_charge(VEXFS_SB(load->sb), VEXFS_NAME_BYTES);
		if (ret) {
			dput(dentry);
			return ret;
		}
		ihold(inode);
		inc_nlink(inode);
	}
	vi->loose = false;
	dentry->d_fsdata = name;
	name->dentry = dentry;
	d_add(dentry, inode);
	if (S_ISDIR(inode->i_mode)) {
		inc_nlink(d_inode(parent));
		list_add_tail(&vi->dirty_link, dirs);
	}
	return 0;
}

/* The names of a directory stand together; its own stands in a queue, not on the stack. */
static int vexfs_load_dir(struct vexfs_load *load, struct inode *dir,
			  struct list_head *dirs)
{
	struct dentry *parent = d_find_any_alias(dir);
	struct rb_node *node = load->names.rb_node, *first = NULL;
	int ret = 0;

	while (node) {
		struct vexfs_name *name = rb_entry(node, struct vexfs_name, node);

		if (name->dir >= dir->i_ino) {
			first = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	for (node = first; node && !ret; node = rb_next(node)) {
		struct vexfs_name *name = rb_entry(node, struct vexfs_name, node);

		if (name->dir != dir->i_ino)
			break;
		ret = vexfs_load_entry(load, parent, name, dirs);
		cond_resched();
	}
	dput(parent);
	return ret;
}

static int vexfs_load_tree(struct vexfs_load *load)
{
	struct inode *root = vexfs_load_find(load, VEXFS_ROOT_INO);
	LIST_HEAD(dirs);
	int ret = 0;

	if (!root || !S_ISDIR(root->i_mode))
		return vexfs_bad(load, VEXFS_ROOT_INO, "no root directory");
	VEXFS_I(root)->loose = false;
	load->sb->s_root = d_make_root(root);
	if (!load->sb->s_root)
		return -ENOMEM;
	list_add(&VEXFS_I(root)->dirty_link, &dirs);
	while (!list_empty(&dirs)) {
		struct vexfs_inode *dir = list_first_entry(&dirs, struct vexfs_inode,
							   dirty_link);

		list_del_init(&dir->dirty_link);
		if (!ret)
			ret = vexfs_load_dir(load, &dir->vfs_inode, &dirs);
	}
	return ret;
}

static int vexfs_load_check(struct vexfs_load *load)
{
	struct vexfs_name *name;
	struct vexfs_inode *vi;

	list_for_each_entry(vi, &load->log->inodes, all_link) {
		u64 ino = vi->vfs_inode.i_ino;

		if (vi->loose)
			return vexfs_bad(load, ino, "inode that cannot be reached");
		if (vi->vfs_inode.i_nlink != vi->nlink_stored)
			return vexfs_bad(load, ino, "wrong link count");
		vi->stored = true;
		vi->vec_stored = vi->vec.count;
	}
	list_for_each_entry(name, &load->log->names, link)
		if (!name->dentry)
			return vexfs_bad(load, name->dir, "name in no directory");
	return 0;
}

/* What was made and has no name. The rest goes with the superblock. */
static void vexfs_load_undo(struct vexfs_load *load)
{
	struct vexfs_inode *vi, *next;

	list_for_each_entry_safe(vi, next, &load->log->inodes, all_link) {
		if (!vi->loose)
			continue;
		vi->loose = false;
		iput(&vi->vfs_inode);
	}
}

int vexfs_load(struct super_block *sb)
{
	struct vexfs_load load = {
		.sb = sb,
		.log = VEXFS_SB(sb)->log,
		.names = RB_ROOT,
	};
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);
	u64 size = sbi->size;
	int ret;

	ret = vexfs_log_find_end(load.log, &load.next_ino);
	if (ret)
		return ret;
	/* New inodes would come to the numbers of others, or to none. */
	if (load.next_ino > VEXFS_INO_MAX || load.next_ino > ULONG_MAX / 2)
		ret = vexfs_bad(&load, load.next_ino, "inode numbers at their end");
	/* Amid a commit there may be what was before it and what is after it. */
	sbi->size = 2 * size;
	if (!ret)
		ret = vexfs_load_log(&load);
	if (!ret)
		ret = vexfs_load_tree(&load);
	if (!ret)
		ret = vexfs_load_check(&load);
	sbi->size = size;
	if (!ret && sbi->used > size)
		ret = -ENOSPC;
	if (!ret) {
		atomic64_set(&sbi->next_ino, load.next_ino - 1);
		if (le32_to_cpu(load.log->super.state) == VEXFS_STATE_DIRTY)
			pr_info("vexfs: device %s was not unmounted, its state is that of commit %llu\n",
				sb->s_id, load.log->end.commit - 1);
		return 0;
	}
	if (ret == -EUCLEAN)
		pr_err("vexfs: mount failed: %s, inode %llu on device %s\n",
		       load.what, load.ino, sb->s_id);
	else
		pr_err("vexfs: mount failed: error %d (%s) on device %s\n", ret,
		       ret == -ENOSPC ? "more data than size= allows" :
		       ret == -ENOMEM ? "no memory" : "reading", sb->s_id);
	vexfs_load_undo(&load);
	return ret;
}
