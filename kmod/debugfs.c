// SPDX-License-Identifier: GPL-2.0
/* /sys/kernel/debug/vexfs/mounts: one line per mounted instance. */
#include <linux/debugfs.h>
#include <linux/module.h>
#include "internal.h"

DEFINE_MUTEX(vexfs_instances_lock);
LIST_HEAD(vexfs_instances);

static int vexfs_mounts_show(struct seq_file *m, void *v)
{
	struct vexfs_sb_info *sbi;

	vexfs_mutex_lock(&vexfs_instances_lock, "vexfs.instances_lock");
	list_for_each_entry(sbi, &vexfs_instances, link) {
		u64 size, used, inodes, vectors, xattrs, ops, errors;

		vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
		size = sbi->size;
		used = sbi->used;
		inodes = sbi->inodes;
		vectors = sbi->vectors;
		xattrs = sbi->xattrs;
		vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
		vexfs_spin_lock(&sbi->stats_lock, "sbi.stats_lock");
		ops = sbi->stats.ops;
		errors = sbi->stats.errors;
		vexfs_spin_lock_end(&sbi->stats_lock, "sbi.stats_lock");
		seq_printf(m, "%s size=%llu used=%llu inodes=%llu vectors=%llu xattrs=%llu ops=%llu errors=%llu\n",
			   sbi->sb->s_id, size, used, inodes, vectors, xattrs,
			   ops, errors);
	}
	vexfs_mutex_lock_end(&vexfs_instances_lock, "vexfs.instances_lock");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vexfs_mounts);

/* Best effort, as debugfs is meant: the filesystem works without it. */
void vexfs_debugfs_init(void)
{
	vexfs_debugfs = debugfs_create_dir("vexfs", NULL);
	debugfs_create_file("mounts", 0400, vexfs_debugfs, NULL,
			    &vexfs_mounts_fops);
}
