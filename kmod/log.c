// SPDX-License-Identifier: GPL-2.0
/* The log on the device: superblocks, segments, and where they lie. */
#include <linux/blkdev.h>
#include <linux/bio.h>
#include <linux/fs_context.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "disk.h"
#include "fault.h"

#define VEXFS_VECS	(VEXFS_SEGMENT_MAX / PAGE_SIZE + 1)

u64 vexfs_area_offset(const struct vexfs_log *log, u32 area)
{
	return VEXFS_AREAS_OFFSET + area * log->area_bytes;
}

/* @bytes of log->buf, at @offset of the device; both multiples of the block size. */
static int vexfs_log_io(struct vexfs_log *log, blk_opf_t op, u64 offset,
			size_t at, size_t bytes)
{
	struct bio bio;
	int ret;

	bio_init(&bio, log->sb->s_bdev, log->vecs, VEXFS_VECS, op);
	bio.bi_iter.bi_sector = offset >> SECTOR_SHIFT;
	while (bytes) {
		u8 *p = log->buf + at;
		size_t n = min_t(size_t, bytes, PAGE_SIZE - offset_in_page(p));

		__bio_add_page(&bio, vmalloc_to_page(p), n, offset_in_page(p));
		at += n;
		bytes -= n;
	}
	ret = submit_bio_wait(&bio);
	bio_uninit(&bio);
	/* Whatever it was: of the log alone comes ENOSPC, which means that it is full. */
	return ret ? -EIO : 0;
}

static u32 vexfs_super_sum(struct vexfs_disk_super *super)
{
	__le32 stored = super->checksum;
	u32 sum;

	super->checksum = 0;
	sum = ~vexfs_crc32c(~0, super, sizeof(*super));
	super->checksum = stored;
	return sum;
}

static u32 vexfs_header_sum(const struct vexfs_disk_segment *seg)
{
	struct vexfs_disk_segment copy = *seg;

	copy.checksum = 0;
	copy.header = 0;
	return ~vexfs_crc32c(~0, &copy, sizeof(copy));
}

static u32 vexfs_segment_sum(const struct vexfs_disk_segment *seg)
{
	struct vexfs_disk_segment copy = *seg;
	u32 crc;

	copy.checksum = 0;
	crc = vexfs_crc32c(~0, &copy, sizeof(copy));
	return ~vexfs_crc32c(crc, seg + 1, le32_to_cpu(seg->bytes) - sizeof(*seg));
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

/* Only what its own checksum vouches for is believed. */
static bool vexfs_header_is_good(const struct vexfs_log *log,
				 const struct vexfs_disk_segment *seg, u64 room,
				 u64 area_id)
{
	u32 bytes = le32_to_cpu(seg->bytes);

	return seg->magic == cpu_to_le32(VEXFS_SEGMENT_MAGIC) &&
	       le32_to_cpu(seg->header) == vexfs_header_sum(seg) &&
	       le64_to_cpu(seg->area_id) == area_id &&
	       bytes >= sizeof(*seg) && bytes <= VEXFS_SEGMENT_MAX &&
	       round_up(bytes, VEXFS_DISK_BLOCK) <= room;
}

/*
 * The segment at @at to log->buf, and @at behind it. 0: there is none that goes
 * on with the log, with the two checksums where that is why; 1: there is.
 */
int vexfs_log_read_segment(struct vexfs_log *log, struct vexfs_position *at,
			   u32 *stored, u32 *computed)
{
	struct vexfs_disk_segment *seg = (struct vexfs_disk_segment *)log->buf;
	u64 offset = vexfs_area_offset(log, at->area) + at->pos;
	u64 room = log->area_bytes - at->pos;
	u32 padded;
	int ret;

	*stored = 0;
	*computed = 0;
	if (room < VEXFS_DISK_BLOCK)
		return 0;
	ret = vexfs_log_io(log, REQ_OP_READ, offset, 0, VEXFS_DISK_BLOCK);
	if (ret)
		return ret;
	*stored = le32_to_cpu(seg->header);
	*computed = vexfs_header_sum(seg);
	if (!vexfs_header_is_good(log, seg, room, at->area_id))
		return 0;
	padded = round_up(le32_to_cpu(seg->bytes), VEXFS_DISK_BLOCK);
	if (padded > VEXFS_DISK_BLOCK) {
		ret = vexfs_log_io(log, REQ_OP_READ, offset + VEXFS_DISK_BLOCK,
				   VEXFS_DISK_BLOCK, padded - VEXFS_DISK_BLOCK);
		if (ret)
			return ret;
	}
	*stored = le32_to_cpu(seg->checksum);
	*computed = vexfs_segment_sum(seg);
	if (*stored != *computed ||
	    le64_to_cpu(seg->sequence) != at->sequence ||
	    le32_to_cpu(seg->chain) != at->chain ||
	    le64_to_cpu(seg->commit) != at->commit)
		return 0;
	at->pos += padded;
	at->sequence++;
	at->chain = *computed;
	return 1;
}

/*
 * Whether a commit later than the one that does not end begins behind @at. That
 * one had no more than memory holds, so it is near.
 */
static int vexfs_log_goes_on(struct vexfs_log *log, const struct vexfs_position *at)
{
	u64 pos = at->pos, size = VEXFS_SB(log->sb)->size;
	u64 end = min(log->area_bytes, pos + round_up(2 * size, VEXFS_SEGMENT_MAX));
	size_t i, n;
	int ret;

	while (pos < end) {
		n = min_t(u64, end - pos, VEXFS_SEGMENT_MAX);
		ret = vexfs_log_io(log, REQ_OP_READ,
				   vexfs_area_offset(log, at->area) + pos, 0, n);
		if (ret)
			return ret;
		for (i = 0; i < n; i += VEXFS_DISK_BLOCK) {
			struct vexfs_disk_segment *seg = (void *)(log->buf + i);

			if (vexfs_header_is_good(log, seg,
						 log->area_bytes - pos - i,
						 at->area_id) &&
			    le64_to_cpu(seg->commit) > at->commit &&
			    (le32_to_cpu(seg->flags) & VEXFS_SEGMENT_FIRST))
				return 1;
		}
		pos += n;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/*
 * Sets log->end to the end of the last commit that is whole. -EUCLEAN when there
 * must have been more: then it was not a power cut that tore it.
 */
int vexfs_log_find_end(struct vexfs_log *log, u64 *next_ino)
{
	const struct vexfs_disk_segment *seg = (void *)log->buf;
	struct vexfs_position at = {
		.area = le32_to_cpu(log->super.active),
		.area_id = le64_to_cpu(log->super.area_id),
	};
	bool clean = le32_to_cpu(log->super.state) == VEXFS_STATE_CLEAN;
	u64 tail = le64_to_cpu(log->super.tail);
	u32 flags, stored, computed;
	bool inside = false;
	int ret;

	log->end = at;
	for (;;) {
		/* Where it is known to end nothing else is looked at. */
		if (clean && at.pos >= tail)
			break;
		ret = vexfs_log_read_segment(log, &at, &stored, &computed);
		if (ret < 0)
			goto unreadable;
		if (!ret)
			break;
		flags = le32_to_cpu(seg->flags);
		if (!!(flags & VEXFS_SEGMENT_FIRST) == inside)
			break;
		inside = !(flags & VEXFS_SEGMENT_LAST);
		if (inside)
			continue;
		at.commit++;
		log->end = at;
		*next_ino = le64_to_cpu(seg->next_ino);
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}

	if (clean && log->end.pos == tail &&
	    log->end.sequence == le64_to_cpu(log->super.sequence) &&
	    log->end.chain == le32_to_cpu(log->super.chain))
		return 0;
	/* The caller's checksums are of the segment after the end. */
	at = log->end;
	ret = 1;
	if (!clean && log->end.commit)
		ret = vexfs_log_goes_on(log, &at);
	if (ret < 0)
		goto unreadable;
	if (ret) {
		pr_err("vexfs: mount failed: log checksum mismatch (stored 0x%08x, computed 0x%08x) at offset %llu on device %s\n",
		       stored, computed,
		       vexfs_area_offset(log, at.area) + at.pos, log->sb->s_id);
		return -EUCLEAN;
	}
	return 0;
unreadable:
	pr_err("vexfs: mount failed: I/O error reading the log at offset %llu on device %s\n",
	       vexfs_area_offset(log, at.area) + at.pos, log->sb->s_id);
	return ret;
}

/* A commit goes behind the last one; a rewrite to the beginning of the other area. */
void vexfs_log_begin(struct vexfs_log *log, bool rewrite)
{
	log->at = log->end;
	if (rewrite) {
		log->at = (struct vexfs_position) {
			.area = !log->end.area,
			.area_id = get_random_u64(),
		};
	}
	log->fill = sizeof(struct vexfs_disk_segment);
	log->flags = VEXFS_SEGMENT_FIRST;
	log->error = 0;
}

static void vexfs_log_write(struct vexfs_log *log, bool last)
{
	struct vexfs_disk_segment *seg = (struct vexfs_disk_segment *)log->buf;
	struct vexfs_sb_info *sbi = VEXFS_SB(log->sb);
	u32 padded = round_up(log->fill, VEXFS_DISK_BLOCK);
	blk_opf_t op = REQ_OP_WRITE | REQ_SYNC;
	u64 offset;

	if (log->error)
		return;
	if (padded > log->area_bytes - log->at.pos) {
		log->error = -ENOSPC;
		return;
	}
	/* What is written before is made safe with it, and it is the last. */
	if (last) {
		log->flags |= VEXFS_SEGMENT_LAST;
		op |= REQ_FUA;
		if (!(log->flags & VEXFS_SEGMENT_FIRST))
			op |= REQ_PREFLUSH;
	}
	memset(log->buf + log->fill, 0, padded - log->fill);
	memset(seg, 0, sizeof(*seg));
	seg->magic = cpu_to_le32(VEXFS_SEGMENT_MAGIC);
	seg->bytes = cpu_to_le32(log->fill);
	seg->area_id = cpu_to_le64(log->at.area_id);
	seg->sequence = cpu_to_le64(log->at.sequence);
	seg->commit = cpu_to_le64(log->at.commit);
	seg->next_ino = cpu_to_le64(atomic64_read(&sbi->next_ino) + 1);
	seg->chain = cpu_to_le32(log->at.chain);
	seg->flags = cpu_to_le32(log->flags);
	seg->header = cpu_to_le32(vexfs_header_sum(seg));
	log->at.chain = vexfs_segment_sum(seg);
	seg->checksum = cpu_to_le32(log->at.chain);

	offset = vexfs_area_offset(log, log->at.area) + log->at.pos;
	log->error = vexfs_log_io(log, op, offset, 0, padded);
	if (log->error) {
		pr_err("VEXFS error (device %s): %s: I/O error writing inode %llu at offset %llu\n",
		       log->sb->s_id, __func__, log->ino, log->offset);
		return;
	}
	log->at.pos += padded;
	log->at.sequence++;
	log->fill = sizeof(*seg);
	log->flags = 0;
}

/* What a record may have at the most, in this segment or, when less than a block, in the next. */
size_t vexfs_log_space(const struct vexfs_log *log)
{
	size_t left = VEXFS_SEGMENT_MAX - log->fill;

	if (left < VEXFS_DISK_BLOCK)
		return VEXFS_SEGMENT_MAX - sizeof(struct vexfs_disk_segment);
	return left;
}

/*
 * Room for a record, its header filled in and the rest zero. Never fails: what
 * has gone wrong is in log->error, and the commit will not count.
 */
void *vexfs_log_record(struct vexfs_log *log, u16 type, u16 flags, u64 ino,
		       size_t bytes)
{
	struct vexfs_disk_record *rec;

	bytes = round_up(bytes, 8);
	if (bytes > VEXFS_SEGMENT_MAX - log->fill)
		vexfs_log_write(log, false);
	if (log->error)
		log->fill = sizeof(struct vexfs_disk_segment);
	if (log->fill == sizeof(struct vexfs_disk_segment)) {
		log->ino = ino;
		log->offset = 0;
	}
	rec = (struct vexfs_disk_record *)(log->buf + log->fill);
	memset(rec, 0, bytes);
	rec->type = cpu_to_le16(type);
	rec->flags = cpu_to_le16(flags);
	rec->bytes = cpu_to_le32(bytes);
	rec->ino = cpu_to_le64(ino);
	log->fill += bytes;
	return rec;
}

/* The commit counts from here on, or has failed and counts as not begun. */
int vexfs_log_end(struct vexfs_log *log)
{
	vexfs_log_write(log, true);
	if (log->error)
		return log->error;
	log->at.commit++;
	return 0;
}
