/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the module share. */
#ifndef _VEXFS_INTERNAL_H
#define _VEXFS_INTERNAL_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>

#include "compat.h"
#include "include/vexfs.h"
#include "vexfs_lock.h"
#include "vexfs_trace.h"

/* A fixed sum charged for each inode, its name and its dentry. */
#define VEXFS_INODE_BYTES	1024

/* Counters of one instance, under vexfs_sb_info.stats_lock. */
struct vexfs_counters {
	u64 ops;
	u64 errors;
	u64 bytes_read;
	u64 bytes_written;
	u64 searches;
	u64 search_ns;
};

struct vexfs_sb_info {
	struct super_block *sb;
	struct list_head link;		/* vexfs_instances, under its mutex */
	umode_t mode;			/* of the root directory */
	bool on_device;
	int errors;			/* enum vexfs_errors; -1 on remount: as it is */
	struct vexfs_log *log;		/* NULL: in memory only */

	spinlock_t space_lock;		/* the five below */
	u64 size;
	u64 used;
	u64 inodes;
	u64 vectors;
	u64 xattrs;

	spinlock_t stats_lock;
	struct vexfs_counters stats;

	atomic64_t next_ino;
	atomic_t fail_writes;		/* io-error: writes still to fail */
};

/* Vectors of one file, in chunks so that growing never copies them. */
struct vexfs_vectors {
	s32 **chunks;
	u32 nr_chunks;
	u32 max_chunks;			/* room in @chunks */
	u32 per_chunk;			/* vectors of a chunk, a power of two */
	u32 dim;
	u32 format;
	u64 count;
	u64 bytes;
};

struct vexfs_inode {
	struct rw_semaphore vec_sem;	/* vec */
	struct vexfs_vectors vec;

	struct rw_semaphore xattr_sem;	/* the three below */
	struct list_head xattrs;
	u32 xattr_count;
	u64 xattr_bytes;

	u64 data_pages;			/* charged for data, under i_rwsem */
	u64 writes;			/* under i_rwsem */

	/* On a device, else unused: disk.h. Under log->sem, the lists log->lock. */
	struct list_head all_link;
	struct list_head dirty_link;
	u32 dirty;			/* VEXFS_DIRTY_*, under log->lock */
	bool attached;
	bool stored;			/* the device has it */
	bool loose;			/* while it is read: the reference is load-inode.c's */
	u32 nlink_stored;		/* while it is read */
	u64 trim;			/* least size since the last commit */
	u64 vec_stored;			/* vectors that the device has */
	struct inode vfs_inode;
};

/* One operation, from begin to end, for the trace and the counters. */
struct vexfs_op {
	const char *name;
	struct super_block *sb;
	u64 ino;
	u64 id;
	u64 start;			/* 0: nobody asks */
	unsigned int slow;		/* percent that it is drawn out by */
};

static inline struct vexfs_sb_info *VEXFS_SB(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline struct vexfs_inode *VEXFS_I(const struct inode *inode)
{
	return container_of(inode, struct vexfs_inode, vfs_inode);
}

/* main.c, debugfs.c */
extern struct dentry *vexfs_debugfs;
extern struct mutex vexfs_instances_lock;
extern struct list_head vexfs_instances;
void vexfs_debugfs_init(void);

/* super.c */
extern struct file_system_type vexfs_fs_type;
extern const struct super_operations vexfs_super_ops;

/* inode.c */
int __init vexfs_inode_cache_init(void);
void vexfs_inode_cache_exit(void);
struct inode *vexfs_alloc_inode(struct super_block *sb);
void vexfs_free_inode(struct inode *inode);
void vexfs_evict_inode(struct inode *inode);
struct inode *vexfs_new_inode(struct super_block *sb, struct inode *dir,
			      umode_t mode, dev_t dev);
int vexfs_setattr(vexfs_idmap *idmap, struct dentry *dentry, struct iattr *attr);
int vexfs_getattr(vexfs_idmap *idmap, const struct path *path,
		  struct kstat *stat, u32 mask, unsigned int flags);
int vexfs_update_time(VEXFS_UPDATE_TIME_ARGS);
int vexfs_resize_charge(struct inode *inode, loff_t size);

/* dir.c, file.c, xattr.c, ioctl.c */
extern const struct inode_operations vexfs_dir_iops;
extern const struct inode_operations vexfs_special_iops;
extern const struct inode_operations vexfs_file_iops;
extern const struct inode_operations vexfs_symlink_iops;
extern const struct file_operations vexfs_file_ops;
extern struct file_operations vexfs_disk_dir_ops;
void vexfs_disk_dir_init(void);
int vexfs_fsync(struct file *file, loff_t start, loff_t end, int datasync);
extern const struct xattr_handler * const vexfs_xattr_handlers[];
ssize_t vexfs_listxattr(struct dentry *dentry, char *buffer, size_t size);
void vexfs_xattr_free_all(struct inode *inode);
long vexfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* vector.c, search.c */
int vexfs_vector_add(struct inode *inode, const struct vexfs_add_vector *arg,
		     u64 __user *first_id);
void vexfs_vector_free_all(struct inode *inode);
int vexfs_vector_search(struct inode *inode, const struct vexfs_search *arg,
			const s32 *query, struct vexfs_hit *hits, u32 *found);

static inline const s32 *vexfs_vector_at(const struct vexfs_vectors *vec, u64 id)
{
	return vec->chunks[id / vec->per_chunk] +
	       (size_t)(id % vec->per_chunk) * vec->dim;
}

/* stats.c */
void vexfs_op_begin(struct vexfs_op *op, const char *name, struct inode *inode);
s64 vexfs_op_end(struct vexfs_op *op, s64 ret);
int vexfs_charge(struct vexfs_sb_info *sbi, u64 bytes);
void vexfs_uncharge(struct vexfs_sb_info *sbi, u64 bytes);
void vexfs_count_bytes(struct super_block *sb, u64 nread, u64 nwritten);
void vexfs_count_search(struct super_block *sb, u64 ns);
void vexfs_count_objects(struct super_block *sb, s64 inodes, s64 vectors,
			 s64 xattrs);
void vexfs_get_stats(struct inode *inode, struct vexfs_stats *out);

#endif /* _VEXFS_INTERNAL_H */
