// SPDX-License-Identifier: GPL-2.0
/*
 * Commits. Each brings the whole filesystem from the state of the last one to its
 * state of one moment, with everything that has changed: so what a program had
 * synced is there after a power cut, and what is there fits together.
 */
#include <linux/backing-dev.h>
#include <linux/kernel.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/sched/mm.h>
#include <linux/writeback.h>
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

/* The rest is under log->sem for writing. */

static void vexfs_put_inode(struct vexfs_log *log, struct inode *inode, u32 what,
			    bool all)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	u64 size = S_ISDIR(inode->i_mode) ? 0 : i_size_read(inode);
	size_t target = S_ISLNK(inode->i_mode) ? size : 0;
	struct vexfs_disk_inode *rec;
	struct timespec64 atime, mtime, ctime;

	rec = vexfs_log_record(log, VEXFS_RECORD_INODE,
			       !all && (what & VEXFS_DIRTY_XATTRS) ?
			       VEXFS_INODE_XATTRS : 0,
			       inode->i_ino, sizeof(*rec) + target);
	vexfs_get_times(inode, &atime, &mtime, &ctime);
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->uid = cpu_to_le32(i_uid_read(inode));
	rec->gid = cpu_to_le32(i_gid_read(inode));
	rec->rdev = cpu_to_le32(new_encode_dev(inode->i_rdev));
	rec->nlink = cpu_to_le32(inode->i_nlink);
	rec->atime = cpu_to_le64(atime.tv_sec);
	rec->atime_nsec = cpu_to_le32(atime.tv_nsec);
	rec->mtime = cpu_to_le64(mtime.tv_sec);
	rec->mtime_nsec = cpu_to_le32(mtime.tv_nsec);
	rec->ctime = cpu_to_le64(ctime.tv_sec);
	rec->ctime_nsec = cpu_to_le32(ctime.tv_nsec);
	rec->size = cpu_to_le64(size);
	rec->trim = cpu_to_le64(all ? size : min(vi->trim, size));
	if (target)
		memcpy(rec->target, inode->i_link, target);
}

static void vexfs_put_xattrs(struct vexfs_log *log, struct inode *inode)
{
	struct vexfs_disk_xattr *rec;
	struct vexfs_xattr *xa;

	list_for_each_entry(xa, &VEXFS_I(inode)->xattrs, link) {
		rec = vexfs_log_record(log, VEXFS_RECORD_XATTR, 0, inode->i_ino,
				       sizeof(*rec) + xa->name_len + xa->size);
		rec->value_len = cpu_to_le32(xa->size);
		rec->name_len = cpu_to_le16(xa->name_len);
		memcpy(rec->name, xa->name, xa->name_len);
		memcpy(rec->name + xa->name_len, xa->value, xa->size);
	}
}

static void vexfs_put_vectors(struct vexfs_log *log, struct inode *inode, u64 first)
{
	const struct vexfs_vectors *vec = &VEXFS_I(inode)->vec;
	struct vexfs_disk_vectors *rec;
	u64 i, n;
	u32 j;

	while (first < vec->count && !log->error) {
		size_t bytes = vec->dim * sizeof(__le32);

		n = (vexfs_log_space(log) - sizeof(*rec)) / bytes;
		if (!n)		/* the next segment has room */
			n = 1;
		n = min3(n, vec->count - first, (u64)VEXFS_MAX_BATCH);
		rec = vexfs_log_record(log, VEXFS_RECORD_VECTORS, 0, inode->i_ino,
				       sizeof(*rec) + n * bytes);
		rec->dim = cpu_to_le32(vec->dim);
		rec->format = cpu_to_le32(vec->format);
		rec->count = cpu_to_le32(n);
		rec->first = cpu_to_le64(first);
		for (i = 0; i < n; i++) {
			const s32 *v = vexfs_vector_at(vec, first + i);

			for (j = 0; j < vec->dim; j++)
				rec->data[i * vec->dim + j] = cpu_to_le32(v[j]);
		}
		first += n;
		cond_resched();
	}
}

/*
 * Clean pages are dropped on demand (drop_caches, posix_fadvise()), and there is no
 * place to read these from again: what has private data asks us first.
 */
void vexfs_pin_folio(struct folio *folio)
{
	if (!folio_has_private(folio))
		folio_attach_private(folio, (void *)1UL);
}

static bool vexfs_release_folio(struct folio *folio, gfp_t gfp)
{
	return false;
}

static void vexfs_invalidate_folio(struct folio *folio, size_t offset, size_t len)
{
	if (!offset && len == folio_size(folio))
		folio_detach_private(folio);
}

/* Of these no commit takes any more. Dirty for ever, they would hold up all who write. */
static void vexfs_clean_data(struct address_space *mapping)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	unsigned int i, n;

	folio_batch_init(&batch);
	for (;;) {
		n = filemap_get_folios(mapping, &index, (pgoff_t)-1, &batch);
		if (!n)
			break;
		for (i = 0; i < n; i++) {
			struct folio *folio = batch.folios[i];
			bool cleaned;

			folio_lock(folio);
			cleaned = folio->mapping == mapping &&
				  folio_clear_dirty_for_io(folio);
			if (cleaned) {
				vexfs_pin_folio(folio);
				folio_start_writeback(folio);
			}
			folio_unlock(folio);
			if (cleaned)
				folio_end_writeback(folio);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
}

/* A store through a mapping after this faults, and waits for the commit. */
static void vexfs_put_folio(struct vexfs_log *log, struct inode *inode,
			    struct folio *folio, bool all)
{
	loff_t pos = folio_pos(folio), size = i_size_read(inode);
	struct vexfs_disk_data *rec;
	bool was_dirty;
	size_t len;
	void *data;

	folio_lock(folio);
	if (folio->mapping != inode->i_mapping || !folio_test_uptodate(folio) ||
	    pos >= size || (!all && !folio_test_dirty(folio))) {
		folio_unlock(folio);
		return;
	}
	was_dirty = folio_clear_dirty_for_io(folio);
	len = min_t(loff_t, folio_size(folio), size - pos);
	/* What a mapping has stored behind the end does not come back. */
	if (was_dirty && len < folio_size(folio))
		folio_zero_segment(folio, len, folio_size(folio));
	data = kmap_local_folio(folio, 0);
	if (!all || memchr_inv(data, 0, len)) {
		rec = vexfs_log_record(log, VEXFS_RECORD_DATA, 0, inode->i_ino,
				       sizeof(*rec) + len);
		if (log->fill == sizeof(struct vexfs_disk_segment) +
				 round_up(sizeof(*rec) + len, 8))
			log->offset = pos;
		rec->offset = cpu_to_le64(pos);
		rec->len = cpu_to_le32(len);
		memcpy(rec->data, data, len);
	}
	kunmap_local(data);
	if (was_dirty) {
		vexfs_pin_folio(folio);
		folio_start_writeback(folio);
	}
	folio_unlock(folio);
	if (was_dirty)
		folio_end_writeback(folio);
}

static void vexfs_put_data(struct vexfs_log *log, struct inode *inode, bool all)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	unsigned int i, n;

	folio_batch_init(&batch);
	while (!log->error) {
		n = filemap_get_folios(inode->i_mapping, &index, (pgoff_t)-1, &batch);
		if (!n)
			break;
		for (i = 0; i < n; i++)
			vexfs_put_folio(log, inode, batch.folios[i], all);
		folio_batch_release(&batch);
		cond_resched();
	}
}

static void vexfs_put_whole_inode(struct vexfs_log *log, struct inode *inode,
				  u32 what, bool all)
{
	vexfs_put_inode(log, inode, what, all);
	if (all || (what & VEXFS_DIRTY_XATTRS))
		vexfs_put_xattrs(log, inode);
	if (all || (what & VEXFS_DIRTY_VECTORS))
		vexfs_put_vectors(log, inode, all ? 0 : VEXFS_I(inode)->vec_stored);
	if (S_ISREG(inode->i_mode) && (all || (what & VEXFS_DIRTY_DATA)))
		vexfs_put_data(log, inode, all);
}

static void vexfs_put_name(struct vexfs_log *log, const struct vexfs_name *name,
			   u16 type, u16 flags)
{
	struct vexfs_disk_name *rec;

	rec = vexfs_log_record(log, type, flags, name->dir,
			       sizeof(*rec) + name->len);
	rec->target = cpu_to_le64(name->ino);
	rec->name_len = cpu_to_le16(name->len);
	memcpy(rec->name, name->name, name->len);
}

static void vexfs_put_name_change(struct vexfs_log *log, const struct vexfs_name *name)
{
	switch (name->state) {
	case VEXFS_NAME_STORED:
		break;
	case VEXFS_NAME_ADDED:
		vexfs_put_name(log, name, VEXFS_RECORD_NAME, 0);
		break;
	case VEXFS_NAME_REMOVED:
		vexfs_put_name(log, name, VEXFS_RECORD_UNNAME,
			       name->last ? VEXFS_UNNAME_LAST : 0);
		break;
	case VEXFS_NAME_FORGET:
		vexfs_log_record(log, VEXFS_RECORD_FORGET, 0, name->ino,
				 sizeof(struct vexfs_disk_record));
		break;
	}
}

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

/* At unmount, or on the way to read-only: says in the superblock where the log ends. */
int vexfs_log_close(struct super_block *sb)
{
	struct vexfs_log *log = VEXFS_SB(sb)->log;
	int ret;

	ret = vexfs_commit(sb);
	if (ret)
		return ret;
	vexfs_down_write(&log->sem, "sbi.commit_sem");
	if (!log->failed && !log->changed &&
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

/*
 * Writing one inode is writing all: a commit is the state of the whole. Of the
 * thousands that the flusher comes for, the first has left nothing to the others,
 * and a commit for each would keep a sync(2) busy for minutes.
 */
static bool vexfs_is_written(struct inode *inode)
{
	struct vexfs_log *log = VEXFS_SB(inode->i_sb)->log;

	return log && !READ_ONCE(log->rewrite) &&
	       list_empty_careful(&VEXFS_I(inode)->dirty_link) &&
	       !mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY);
}

int vexfs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return vexfs_is_written(inode) ? 0 : vexfs_commit(inode->i_sb);
}

static int vexfs_writepages(struct address_space *mapping,
			    struct writeback_control *wbc)
{
	struct inode *inode = mapping->host;
	int ret;

	if (vexfs_is_written(inode))
		return 0;
	ret = vexfs_commit(inode->i_sb);
	if (!inode->i_nlink || vexfs_failed(inode->i_sb))
		vexfs_clean_data(mapping);
	return ret;
}

/* The state of the data and of the rest changes under log->sem, as one. */
static int vexfs_write_begin(struct file *file, struct address_space *mapping,
			     loff_t pos, unsigned int len, VEXFS_PAGE **page,
			     void **fsdata)
{
	int ret;

	vexfs_change_begin(mapping->host->i_sb);
	ret = ram_aops.write_begin(file, mapping, pos, len, page, fsdata);
	if (ret)
		vexfs_change_end(mapping->host->i_sb);
	return ret;
}

static int vexfs_write_end(struct file *file, struct address_space *mapping,
			   loff_t pos, unsigned int len, unsigned int copied,
			   VEXFS_PAGE *page, void *fsdata)
{
	int ret = ram_aops.write_end(file, mapping, pos, len, copied, page, fsdata);

	vexfs_dirty(mapping->host, VEXFS_DIRTY_DATA);
	vexfs_change_end(mapping->host->i_sb);
	return ret;
}

struct address_space_operations vexfs_disk_aops __ro_after_init;

void __init vexfs_disk_aops_init(void)
{
	/* As in memory, but for these. */
	vexfs_disk_aops = ram_aops;
	vexfs_disk_aops.write_begin = vexfs_write_begin;
	vexfs_disk_aops.write_end = vexfs_write_end;
	vexfs_disk_aops.writepages = vexfs_writepages;
	vexfs_disk_aops.dirty_folio = filemap_dirty_folio;
	vexfs_disk_aops.migrate_folio = filemap_migrate_folio;
	vexfs_disk_aops.release_folio = vexfs_release_folio;
	vexfs_disk_aops.invalidate_folio = vexfs_invalidate_folio;
}
