// SPDX-License-Identifier: GPL-2.0
/* Superblocks of the log: what is read at mount, and what commits leave there. */
#include <linux/blkdev.h>
#include <linux/fs_context.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "disk.h"
#include "fault.h"

static u32 vexfs_super_sum(struct vexfs_disk_super *super)
{
	__le32 stored = super->checksum;
	u32 sum;

	super->checksum = 0;
	sum = ~vexfs_crc32c(~0, super, sizeof(*super));
	super->checksum = stored;
	return sum;
}

/* -EINVAL: none there; -EBADMSG: one that has been changed. */
static int vexfs_read_super(struct vexfs_log *log, u64 offset,
			    struct vexfs_disk_super *super, u32 *computed)
{
	int ret = vexfs_log_io(log, REQ_OP_READ, offset, 0, VEXFS_DISK_BLOCK);

	if (ret)
		return ret;
	memcpy(super, log->buf, sizeof(*super));
	if (super->magic != cpu_to_le32(VEXFS_DISK_MAGIC))
		return -EINVAL;
	*computed = vexfs_super_sum(super);
	return *computed == le32_to_cpu(super->checksum) ? 0 : -EBADMSG;
}

static int vexfs_read_supers(struct vexfs_log *log)
{
	static const u64 places[] = { VEXFS_SUPER_OFFSET, VEXFS_BACKUP_OFFSET };
	const char *id = log->sb->s_id;
	u32 computed = 0, computed_first = 0;
	__le32 stored_first;
	int ret, ret_first;

	ret_first = vexfs_read_super(log, places[0], &log->super, &computed_first);
	stored_first = log->super.checksum;
	if (!ret_first && !vexfs_fault_take_mount())
		return 0;
	if (!ret_first) {
		ret_first = -EBADMSG;
		computed_first ^= 1 << 7;
		ret = ret_first;
	} else {
		ret = vexfs_read_super(log, places[1], &log->super, &computed);
	}

	if (ret_first == -EINVAL && ret == -EINVAL)
		pr_err("vexfs: mount failed: no vexfs superblock on device %s\n", id);
	else if (ret_first == -EBADMSG && ret)
		pr_err("vexfs: mount failed: superblock checksum mismatch (stored 0x%08x, computed 0x%08x) on device %s\n",
		       le32_to_cpu(stored_first), computed_first, id);
	else if (ret == -EBADMSG)
		pr_err("vexfs: mount failed: superblock checksum mismatch (stored 0x%08x, computed 0x%08x) on device %s\n",
		       le32_to_cpu(log->super.checksum), computed, id);
	else if (ret)
		pr_err("vexfs: mount failed: I/O error reading the superblock on device %s\n", id);
	else if (ret_first == -EBADMSG)
		pr_warn("vexfs: superblock checksum mismatch (stored 0x%08x, computed 0x%08x) on device %s, its copy is used\n",
			le32_to_cpu(stored_first), computed_first, id);
	else
		pr_warn("vexfs: superblock cannot be read (%d) on device %s, its copy is used\n",
			ret_first, id);
	return ret == -EINVAL && ret_first == -EBADMSG ? ret_first : ret;
}

/* A good checksum does not make a good superblock: anyone can make one. */
static int vexfs_check_geometry(struct vexfs_log *log)
{
	const struct vexfs_disk_super *super = &log->super;
	const char *id = log->sb->s_id;
	u64 device = bdev_nr_bytes(log->sb->s_bdev);
	u64 size = le64_to_cpu(super->size);
	u64 area = le64_to_cpu(super->area_bytes);

	if (le32_to_cpu(super->version) != VEXFS_DISK_VERSION ||
	    le32_to_cpu(super->block_size) != VEXFS_DISK_BLOCK) {
		pr_err("vexfs: mount failed: version %u with blocks of %u bytes is not known on device %s\n",
		       le32_to_cpu(super->version),
		       le32_to_cpu(super->block_size), id);
		return -EINVAL;
	}
	if (size > device) {
		pr_err("vexfs: mount failed: the filesystem has %llu bytes, there are %llu on device %s\n",
		       size, device, id);
		return -EINVAL;
	}
	if (size < VEXFS_DISK_MIN_SIZE || area % VEXFS_DISK_BLOCK ||
	    area < VEXFS_AREA_MIN_BYTES ||
	    area > (size - VEXFS_AREAS_OFFSET) / 2 ||
	    le32_to_cpu(super->active) > 1 ||
	    le32_to_cpu(super->state) > VEXFS_STATE_CLEAN) {
		pr_err("vexfs: mount failed: superblock makes no sense on device %s\n", id);
		return -EUCLEAN;
	}
	log->area_bytes = area;
	return 0;
}

int vexfs_log_open(struct super_block *sb, struct fs_context *fc)
{
	struct block_device *bdev = sb->s_bdev;
	struct vexfs_log *log;
	int ret;

	if (bdev_logical_block_size(bdev) > VEXFS_DISK_BLOCK)
		return invalf(fc, "vexfs: blocks of %u bytes are too large",
			      bdev_logical_block_size(bdev));
	if (bdev_nr_bytes(bdev) < VEXFS_DISK_MIN_SIZE) {
		pr_err("vexfs: mount failed: fewer than %u bytes on device %s\n",
		       VEXFS_DISK_MIN_SIZE, sb->s_id);
		return -EINVAL;
	}
	log = kzalloc(sizeof(*log), GFP_KERNEL);
	if (!log)
		return -ENOMEM;
	trace_alloc("log", vexfs_u64(log), sizeof(*log));
	log->sb = sb;
	init_rwsem(&log->sem);
	spin_lock_init(&log->lock);
	INIT_LIST_HEAD(&log->inodes);
	INIT_LIST_HEAD(&log->dirty);
	INIT_LIST_HEAD(&log->names);
	INIT_LIST_HEAD(&log->pending);
	VEXFS_SB(sb)->log = log;	/* freed with it from here on */

	log->buf = vzalloc(VEXFS_SEGMENT_MAX);
	log->vecs = kcalloc(VEXFS_VECS, sizeof(*log->vecs), GFP_KERNEL);
	if (!log->buf || !log->vecs)
		return -ENOMEM;
	/* A program may have written through the device's own cache. */
	ret = sync_blockdev(bdev);
	if (ret)
		return ret;
	invalidate_bdev(bdev);
	ret = vexfs_read_supers(log);
	if (ret)
		return ret;
	return vexfs_check_geometry(log);
}

void vexfs_log_free(struct vexfs_log *log)
{
	if (!log)
		return;
	vfree(log->buf);
	kfree(log->vecs);
	trace_free("log", vexfs_u64(log));
	kfree(log);
}

/*
 * To both places, each on stable storage before the next: at any moment one of
 * them is whole. Under log->sem for writing, or alone.
 */
int vexfs_log_write_super(struct vexfs_log *log, u32 state)
{
	static const u64 places[] = { VEXFS_SUPER_OFFSET, VEXFS_BACKUP_OFFSET };
	struct vexfs_disk_super super = log->super;
	int i, ret;

	le64_add_cpu(&super.generation, 1);
	super.active = cpu_to_le32(log->end.area);
	super.area_id = cpu_to_le64(log->end.area_id);
	super.state = cpu_to_le32(state);
	super.tail = cpu_to_le64(log->end.pos);
	super.sequence = cpu_to_le64(log->end.sequence);
	super.chain = cpu_to_le32(log->end.chain);
	super.checksum = cpu_to_le32(vexfs_super_sum(&super));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		memset(log->buf, 0, VEXFS_DISK_BLOCK);
		memcpy(log->buf, &super, sizeof(super));
		ret = vexfs_log_io(log, REQ_OP_WRITE | REQ_SYNC | REQ_META |
				   REQ_PREFLUSH | REQ_FUA, places[i], 0,
				   VEXFS_DISK_BLOCK);
		if (ret) {
			pr_err("VEXFS error (device %s): %s: I/O error writing the superblock at offset %llu\n",
			       log->sb->s_id, __func__, places[i]);
			return ret;
		}
	}
	log->super = super;
	log->marked = true;
	return 0;
}
