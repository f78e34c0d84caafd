/* SPDX-License-Identifier: GPL-2.0 */
/* What mkfs.vexfs and fsck.vexfs share: checksums, superblocks, writing commits. */
#ifndef VEXFS_IMAGE_H
#define VEXFS_IMAGE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <linux/fs.h>
#include "../include/vexfs.h"
#include "../include/vexfs_disk.h"

_Static_assert(sizeof(struct vexfs_disk_super) == 512, "size of the superblock");
_Static_assert(sizeof(struct vexfs_disk_segment) == 64, "size of a segment's header");
_Static_assert(sizeof(struct vexfs_disk_inode) == 88, "size of an inode's record");

#define BLOCKS(bytes) \
	(((uint64_t)(bytes) + VEXFS_DISK_BLOCK - 1) / VEXFS_DISK_BLOCK * VEXFS_DISK_BLOCK)

struct image {
	const char *path;
	int fd;
	uint64_t bytes;		/* of the device or file */
	bool is_device;
};

static uint32_t crc32c_add(uint32_t crc, const void *data, size_t len)
{
	static uint32_t table[256];
	const uint8_t *p = data;

	if (!table[1]) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t v = i;

			for (int bit = 0; bit < 8; bit++)
				v = v & 1 ? v >> 1 ^ 0x82f63b78 : v >> 1;
			table[i] = v;
		}
	}
	while (len--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return crc;
}

static uint32_t super_checksum(const struct vexfs_disk_super *super)
{
	struct vexfs_disk_super copy = *super;

	copy.checksum = 0;
	return ~crc32c_add(~0U, &copy, sizeof(copy));
}

static uint32_t segment_header_checksum(const struct vexfs_disk_segment *seg)
{
	struct vexfs_disk_segment copy = *seg;

	copy.checksum = 0;
	copy.header = 0;
	return ~crc32c_add(~0U, &copy, sizeof(copy));
}

/* @seg is followed by its records. */
static uint32_t segment_checksum(const struct vexfs_disk_segment *seg)
{
	struct vexfs_disk_segment copy = *seg;
	uint32_t crc;

	copy.checksum = 0;
	crc = crc32c_add(~0U, &copy, sizeof(copy));
	return ~crc32c_add(crc, seg + 1, le32toh(seg->bytes) - sizeof(*seg));
}

static int image_io(const struct image *img, bool writing, uint64_t offset, void *data,
		    size_t len)
{
	uint8_t *p = data;

	while (len) {
		ssize_t n = writing ? pwrite(img->fd, p, len, (off_t)offset) :
				      pread(img->fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (!n)
				errno = EIO;
			return -1;
		}
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* A block device is opened alone: not while it is mounted. Sets errno. */
static int image_open(struct image *img, const char *path, int flags)
{
	struct stat st;

	img->path = path;
	if (stat(path, &st) < 0)
		return -1;
	img->is_device = S_ISBLK(st.st_mode);
	if (!img->is_device && !S_ISREG(st.st_mode)) {
		errno = ENOTBLK;
		return -1;
	}
	img->fd = open(path, flags | O_CLOEXEC | (img->is_device ? O_EXCL : 0));
	if (img->fd < 0)
		return -1;
	if (img->is_device) {
		if (ioctl(img->fd, BLKGETSIZE64, &img->bytes) < 0)
			return -1;
	} else {
		img->bytes = (uint64_t)st.st_size;
	}
	return 0;
}

static uint64_t area_offset(const struct vexfs_disk_super *super, uint32_t area)
{
	return VEXFS_AREAS_OFFSET + area * le64toh(super->area_bytes);
}

/* To both places, one after the other, each on stable storage before the next. */
static int super_write(const struct image *img, struct vexfs_disk_super *super)
{
	static const uint64_t places[] = { VEXFS_SUPER_OFFSET, VEXFS_BACKUP_OFFSET };
	uint8_t block[VEXFS_DISK_BLOCK] = { 0 };

	super->generation = htole64(le64toh(super->generation) + 1);
	super->checksum = htole32(super_checksum(super));
	memcpy(block, super, sizeof(*super));
	for (int i = 0; i < 2; i++)
		if (image_io(img, true, places[i], block, sizeof(block)) < 0 ||
		    fsync(img->fd) < 0)
			return -1;
	return 0;
}

/* One commit on its way into an area that is empty. */
struct writer {
	const struct image *img;
	uint64_t start, area_bytes, pos;
	struct vexfs_disk_segment head;	/* of the segment that is being filled */
	uint32_t chain;
	size_t fill;
	uint8_t *buf;			/* VEXFS_SEGMENT_MAX */
	int error;			/* errno of the first failure */
};

static int writer_begin(struct writer *w, const struct image *img,
			const struct vexfs_disk_super *super, uint32_t area,
			uint64_t area_id, uint64_t next_ino)
{
	memset(w, 0, sizeof(*w));
	w->img = img;
	w->start = area_offset(super, area);
	w->area_bytes = le64toh(super->area_bytes);
	w->head.magic = htole32(VEXFS_SEGMENT_MAGIC);
	w->head.area_id = htole64(area_id);
	w->head.next_ino = htole64(next_ino);
	w->head.flags = htole32(VEXFS_SEGMENT_FIRST);
	w->fill = sizeof(w->head);
	w->buf = calloc(1, VEXFS_SEGMENT_MAX);
	return w->buf ? 0 : -1;
}

static void writer_flush(struct writer *w, bool last)
{
	uint64_t padded = BLOCKS(w->fill);

	if (w->error)
		return;
	if (w->pos + padded > w->area_bytes) {
		w->error = ENOSPC;
		return;
	}
	if (last)
		w->head.flags |= htole32(VEXFS_SEGMENT_LAST);
	w->head.bytes = htole32((uint32_t)w->fill);
	w->head.chain = htole32(w->chain);
	w->head.checksum = 0;
	w->head.header = htole32(segment_header_checksum(&w->head));
	memset(w->buf + w->fill, 0, padded - w->fill);
	memcpy(w->buf, &w->head, sizeof(w->head));
	w->chain = segment_checksum((struct vexfs_disk_segment *)w->buf);
	((struct vexfs_disk_segment *)w->buf)->checksum = htole32(w->chain);
	if (image_io(w->img, true, w->start + w->pos, w->buf, padded) < 0) {
		w->error = errno;
		return;
	}
	w->pos += padded;
	w->head.sequence = htole64(le64toh(w->head.sequence) + 1);
	w->head.flags = 0;
	w->fill = sizeof(w->head);
}

/* Room for a record of @bytes, its header filled in, the rest zero. */
static void *writer_record(struct writer *w, uint16_t type, uint16_t flags, uint64_t ino,
			   size_t bytes)
{
	struct vexfs_disk_record *rec;

	bytes = (bytes + 7) / 8 * 8;
	if (w->fill + bytes > VEXFS_SEGMENT_MAX)
		writer_flush(w, false);
	/* What goes into the buffer now is not written. */
	if (w->error)
		w->fill = sizeof(w->head);
	rec = (struct vexfs_disk_record *)(w->buf + w->fill);
	memset(rec, 0, bytes);
	rec->type = htole16(type);
	rec->flags = htole16(flags);
	rec->bytes = htole32((uint32_t)bytes);
	rec->ino = htole64(ino);
	w->fill += bytes;
	return rec;
}

/* Ends the commit and has the superblock tell of it. Sets errno. */
static int writer_end(struct writer *w, struct vexfs_disk_super *super, uint32_t area)
{
	writer_flush(w, true);
	free(w->buf);
	if (!w->error && fsync(w->img->fd) < 0)
		w->error = errno;
	if (w->error) {
		errno = w->error;
		return -1;
	}
	super->active = htole32(area);
	super->area_id = w->head.area_id;
	super->state = htole32(VEXFS_STATE_CLEAN);
	super->tail = htole64(w->pos);
	super->sequence = w->head.sequence;
	super->chain = htole32(w->chain);
	return super_write(w->img, super);
}

static uint64_t random_u64(void)
{
	uint64_t v;

	while (getrandom(&v, sizeof(v), 0) != sizeof(v))
		;
	return v;
}

#endif /* VEXFS_IMAGE_H */
