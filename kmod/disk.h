/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filesystem on a device: all of it is in memory, as without one, and commits
 * bring to the device what has changed (include/vexfs_disk.h has the format).
 *
 *	log*.c		superblocks, segments, input and output
 *	commit*.c	what has changed, and commits of it
 *	writeback.c	pages of files
 *	names.c		the names, which in memory are dentries only
 *	load*.c		reading it all at mount
 */
#ifndef _VEXFS_DISK_INTERNAL_H
#define _VEXFS_DISK_INTERNAL_H

#include <linux/blk_types.h>
#include <linux/rbtree.h>
#include "include/vexfs_disk.h"
#include "internal.h"

/* Of a segment, in pages, wherever it begins in one. */
#define VEXFS_VECS	(VEXFS_SEGMENT_MAX / PAGE_SIZE + 1)

/* By so much a log may be longer than it has to be. */
#define VEXFS_LOG_SLACK	(1 << 20)

/* Charged for each name but the first of an inode, whose inode has paid for it. */
#define VEXFS_NAME_BYTES	512

enum vexfs_errors { VEXFS_ERRORS_RO, VEXFS_ERRORS_CONTINUE, VEXFS_ERRORS_PANIC };

/* Where the log ends, or where a commit on its way has come to. */
struct vexfs_position {
	u32 area;
	u32 chain;
	u64 area_id;
	u64 pos;
	u64 sequence;
	u64 commit;
};

struct vexfs_log {
	struct super_block *sb;
	struct vexfs_disk_super super;	/* as it was written last */
	bool marked;			/* written since mount: both places have it */
	u64 area_bytes;

	/*
	 * What changes the filesystem holds it for reading, a commit for
	 * writing: what goes to the device is the state of one moment.
	 */
	struct rw_semaphore sem;	/* the ones below */
	struct vexfs_position end;
	u64 commits;			/* completed since mount */
	bool changed;			/* since the last one; set by readers */
	bool rewrite;			/* one failed: the next writes everything */
	bool failed;			/* no more writing */

	/* The commit on its way. */
	struct vexfs_position at;
	u8 *buf;			/* VEXFS_SEGMENT_MAX */
	struct bio_vec *vecs;
	size_t fill;
	u32 flags;			/* of the segment that is being filled */
	int error;
	u64 ino;			/* what is being written, for the message */
	u64 offset;

	spinlock_t lock;		/* the lists */
	struct list_head inodes;	/* all that are or shall be on the device */
	struct list_head dirty;
	struct list_head names;		/* all there are */
	struct list_head pending;	/* changes of names, in order */
};

enum vexfs_name_state {
	VEXFS_NAME_STORED,		/* on the device, on log->names */
	VEXFS_NAME_ADDED,		/* not yet, on log->names and ->pending */
	VEXFS_NAME_REMOVED,		/* still, on ->pending alone */
	VEXFS_NAME_FORGET,		/* the inode only, on ->pending alone */
};

struct vexfs_name {
	struct list_head link;		/* log->names */
	struct list_head pending;	/* log->pending */
	struct rb_node node;		/* while the filesystem is being read */
	struct dentry *dentry;		/* on log->names: the one it pins */
	enum vexfs_name_state state;
	bool last;			/* removed: the inode has no other */
	u8 len;
	u64 dir;
	u64 ino;
	char name[];			/* ends with a zero */
};

/* What a commit has to write of an inode, vexfs_inode.dirty. */
#define VEXFS_DIRTY_INODE	1
#define VEXFS_DIRTY_XATTRS	2
#define VEXFS_DIRTY_VECTORS	4
#define VEXFS_DIRTY_DATA	8

/* Around each change of the filesystem. They do not nest. */
static inline void vexfs_change_begin(struct super_block *sb)
{
	struct vexfs_log *log = VEXFS_SB(sb)->log;

	if (log)
		vexfs_down_read(&log->sem, "sbi.commit_sem");
}

static inline void vexfs_change_end(struct super_block *sb)
{
	struct vexfs_log *log = VEXFS_SB(sb)->log;

	if (log)
		vexfs_down_read_end(&log->sem, "sbi.commit_sem");
}

/* log-super.c */
int vexfs_log_open(struct super_block *sb, struct fs_context *fc);
void vexfs_log_free(struct vexfs_log *log);
int vexfs_log_write_super(struct vexfs_log *log, u32 state);

/* log.c */
int vexfs_log_io(struct vexfs_log *log, blk_opf_t op, u64 offset, size_t at,
		 size_t bytes);
int vexfs_log_read_segment(struct vexfs_log *log, struct vexfs_position *at,
			   u32 *stored, u32 *computed);
int vexfs_log_find_end(struct vexfs_log *log, u64 *next_ino);
void vexfs_log_begin(struct vexfs_log *log, bool rewrite);
void *vexfs_log_record(struct vexfs_log *log, u16 type, u16 flags, u64 ino,
		       size_t bytes);
size_t vexfs_log_space(const struct vexfs_log *log);
int vexfs_log_end(struct vexfs_log *log);
u64 vexfs_area_offset(const struct vexfs_log *log, u32 area);

/* commit-records.c */
void vexfs_put_whole_inode(struct vexfs_log *log, struct inode *inode,
			   u32 what, bool all);
void vexfs_put_name(struct vexfs_log *log, const struct vexfs_name *name,
		    u16 type, u16 flags);
void vexfs_put_name_change(struct vexfs_log *log, const struct vexfs_name *name);

/* commit.c */
void vexfs_dirty(struct inode *inode, u32 what);
int vexfs_commit(struct super_block *sb);
int vexfs_sync_fs(struct super_block *sb, int wait);
int vexfs_freeze_fs(struct super_block *sb);
void vexfs_inode_attach(struct inode *inode);
void vexfs_inode_detach(struct inode *inode);
bool vexfs_failed(struct super_block *sb);
int vexfs_log_close(struct super_block *sb);

/* writeback.c */
int vexfs_write_inode(struct inode *inode, struct writeback_control *wbc);
void vexfs_pin_folio(struct folio *folio);
extern struct address_space_operations vexfs_disk_aops;
void vexfs_disk_aops_init(void);

/* names.c */
struct vexfs_name *vexfs_name_new(struct inode *dir, u64 ino, const char *name,
				  size_t len);
void vexfs_name_free(struct vexfs_name *name);
void vexfs_name_add(struct vexfs_name *name, struct dentry *dentry);
void vexfs_name_remove(struct dentry *dentry);
void vexfs_names_written(struct vexfs_log *log);
void vexfs_names_unpin(struct vexfs_log *log);
void vexfs_names_free(struct vexfs_log *log);

/* load.c */
int vexfs_load(struct super_block *sb);

/* xattr.c, vector.c: for load-data.c and commit.c */
struct vexfs_xattr {
	struct list_head link;
	size_t size;
	size_t name_len;
	char *value;		/* in the same allocation, after the name */
	char name[];		/* with its prefix */
};
int vexfs_xattr_load(struct inode *inode, const char *name, size_t name_len,
		     const void *value, size_t size);
int vexfs_vector_load(struct inode *inode, const struct vexfs_add_vector *arg,
		      const __le32 *data);

#endif /* _VEXFS_DISK_INTERNAL_H */
