// SPDX-License-Identifier: GPL-2.0
/* The log on the device: segments, and where they lie. */
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

u64 vexfs_area_offset(const struct vexfs_log *log, u32 area)
{
	return VEXFS_AREAS_OFFSET + area * log->area_bytes;
}

/* @bytes of log->buf, at @offset of the device; both multiples of the block size. */
int vexfs_log_io(struct vexfs_log *log, blk_opf_t op, u64 offset, size_t at,
		 size_t bytes)
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
