/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files that read a filesystem from its device. */
#ifndef _VEXFS_LOAD_H
#define _VEXFS_LOAD_H

#include "disk.h"

struct vexfs_load {
	struct super_block *sb;
	struct vexfs_log *log;
	struct rb_root names;		/* by directory and name */
	const char *what;		/* is wrong, where it is -EUCLEAN */
	u64 ino;			/* of it */
	u64 next_ino;
	u64 nr_names;
};

/* load.c */
int vexfs_bad(struct vexfs_load *load, u64 ino, const char *what);

/*
 * load-inode.c, load-data.c, load-name.c. Each applies a record of @bytes, which are
 * there and not fewer than those of struct vexfs_disk_record.
 */
struct inode *vexfs_load_find(struct vexfs_load *load, u64 ino);
int vexfs_load_drop(struct vexfs_load *load, u64 ino);
int vexfs_load_inode(struct vexfs_load *load, const void *data, size_t bytes);
int vexfs_load_forget(struct vexfs_load *load, const void *data, size_t bytes);
int vexfs_load_xattr(struct vexfs_load *load, const void *data, size_t bytes);
int vexfs_load_vectors(struct vexfs_load *load, const void *data, size_t bytes);
int vexfs_load_data(struct vexfs_load *load, const void *data, size_t bytes);
int vexfs_load_name(struct vexfs_load *load, const void *data, size_t bytes);
int vexfs_load_unname(struct vexfs_load *load, const void *data, size_t bytes);

#endif
