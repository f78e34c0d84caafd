// SPDX-License-Identifier: GPL-2.0
/* What a commit says of inodes and names. All of it is under log->sem for writing. */
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/writeback.h>
#include "disk.h"

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

void vexfs_put_whole_inode(struct vexfs_log *log, struct inode *inode,
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

void vexfs_put_name(struct vexfs_log *log, const struct vexfs_name *name,
		    u16 type, u16 flags)
{
	struct vexfs_disk_name *rec;

	rec = vexfs_log_record(log, type, flags, name->dir,
			       sizeof(*rec) + name->len);
	rec->target = cpu_to_le64(name->ino);
	rec->name_len = cpu_to_le16(name->len);
	memcpy(rec->name, name->name, name->len);
}

void vexfs_put_name_change(struct vexfs_log *log, const struct vexfs_name *name)
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
