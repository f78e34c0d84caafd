/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VexFS on a block device, for the module, mkfs.vexfs and fsck.vexfs. All
 * numbers are little-endian, all checksums CRC32C (start and final xor ~0).
 *
 *	offset		what
 *	0		left alone (boot sector)
 *	4096		superblock
 *	65536		its copy
 *	131072		area 0, area_bytes long
 *	 + area_bytes	area 1
 *
 * One area is active: it holds a log of commits, from its beginning. A commit is
 * one segment or several, each at a multiple of the block size, the first with
 * VEXFS_SEGMENT_FIRST, the last with VEXFS_SEGMENT_LAST. A commit counts when
 * all of its segments are good: a torn one is as if it had never been begun.
 * Each commit leaves the whole filesystem consistent; applied in order they give
 * its present state. When the area is full, that state is written to the other
 * one as a single commit, and then the superblock makes that one active.
 *
 * A segment is chained to the one before by its checksum, and bound to its area's
 * present life by area_id. A commit is begun only when the one before it is on
 * stable storage. So of the log of a filesystem that was not unmounted only the
 * last commit can be torn; one that was unmounted has the end in its superblock.
 */
#ifndef _VEXFS_DISK_H
#define _VEXFS_DISK_H

#include <linux/types.h>

#define VEXFS_DISK_MAGIC	0x44585856	/* "VXXD" in memory order */
#define VEXFS_SEGMENT_MAGIC	0x53585856	/* "VXXS" */
#define VEXFS_DISK_VERSION	1

#define VEXFS_DISK_BLOCK	4096
#define VEXFS_SUPER_OFFSET	4096
#define VEXFS_BACKUP_OFFSET	65536
#define VEXFS_AREAS_OFFSET	131072
#define VEXFS_DISK_MIN_SIZE	(1 << 20)
#define VEXFS_AREA_MIN_BYTES	(256 << 10)
#define VEXFS_SEGMENT_MAX	(256 << 10)	/* bytes with header and padding */

#define VEXFS_LABEL_MAX		31
#define VEXFS_NAME_MAX		255
#define VEXFS_LINK_MAX		4095		/* bytes of a symlink's target */
#define VEXFS_ROOT_INO		1
#define VEXFS_INO_MAX		(1ULL << 56)	/* a next_ino above it is nobody's */

/* Of the bytes of an area those that files may take: the rest is for headers. */
#define VEXFS_CAPACITY(area_bytes)	((area_bytes) / 8 * 7)

#define VEXFS_STATE_DIRTY	0
#define VEXFS_STATE_CLEAN	1

/**
 * struct vexfs_disk_super - the superblock; the rest of its block is zero
 * @magic:	VEXFS_DISK_MAGIC
 * @version:	VEXFS_DISK_VERSION
 * @checksum:	of this struct, with this member taken as zero
 * @block_size:	VEXFS_DISK_BLOCK
 * @size:	bytes of the device that are used
 * @generation:	one more each time a superblock is written
 * @area_bytes:	of each area, a multiple of the block size
 * @area_id:	of the active area
 * @active:	0 or 1
 * @state:	VEXFS_STATE_*; DIRTY from before the first commit of a mount on
 * @tail:	CLEAN: bytes of the log
 * @sequence:	CLEAN: segments of the log
 * @chain:	CLEAN: checksum of its last segment
 * @label:	ends with a zero
 */
struct vexfs_disk_super {
	__le32 magic;
	__le32 version;
	__le32 checksum;
	__le32 block_size;
	__le64 size;
	__le64 generation;
	__u8 uuid[16];
	__u8 label[VEXFS_LABEL_MAX + 1];
	__le64 area_bytes;
	__le64 area_id;
	__le32 active;
	__le32 state;
	__le64 tail;
	__le64 sequence;
	__le32 chain;
	__u8 reserved[388];
};

#define VEXFS_SEGMENT_FIRST	1
#define VEXFS_SEGMENT_LAST	2

/**
 * struct vexfs_disk_segment - before the records of a segment
 * @magic:	VEXFS_SEGMENT_MAGIC
 * @checksum:	of @bytes from here, with this member taken as zero
 * @header:	checksum of this struct, with this member and @checksum zero
 * @bytes:	header and records, without the padding to the block size
 * @area_id:	of the area when it was written
 * @sequence:	0 for the first of an area, then one more each
 * @commit:	number of the commit within the area, from 0
 * @next_ino:	no inode has had this number or a greater one
 * @chain:	checksum of the segment before; 0 for the first
 * @flags:	VEXFS_SEGMENT_*
 */
struct vexfs_disk_segment {
	__le32 magic;
	__le32 checksum;
	__le32 header;
	__le32 bytes;
	__le64 area_id;
	__le64 sequence;
	__le64 commit;
	__le64 next_ino;
	__le32 chain;
	__le32 flags;
	__u8 reserved[8];
};

enum {
	VEXFS_RECORD_INODE = 1,		/* makes an inode, or changes one */
	VEXFS_RECORD_FORGET,		/* an inode without names: nothing follows */
	VEXFS_RECORD_NAME,		/* adds one, which must not be there */
	VEXFS_RECORD_UNNAME,		/* removes one, which must be there */
	VEXFS_RECORD_XATTR,
	VEXFS_RECORD_VECTORS,		/* appends to the table of an inode */
	VEXFS_RECORD_DATA,
};

/* INODE: without the attributes that it had. Those that it has follow. */
#define VEXFS_INODE_XATTRS	1
/* UNNAME: it was the last, the inode is gone as well. */
#define VEXFS_UNNAME_LAST	1

/**
 * struct vexfs_disk_record - before each record, at a multiple of 8
 * @type:	VEXFS_RECORD_*
 * @flags:	by the type
 * @bytes:	with this header and padding, a multiple of 8
 * @ino:	the inode; of a name the directory
 */
struct vexfs_disk_record {
	__le16 type;
	__le16 flags;
	__le32 bytes;
	__le64 ino;
};

/* @trim: the least size since the last commit. What was behind it reads as zero. */
struct vexfs_disk_inode {
	struct vexfs_disk_record record;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 rdev;		/* as new_encode_dev() has it */
	__le32 nlink;		/* of a directory 2, and 1 for each one in it */
	__le32 atime_nsec;
	__le32 mtime_nsec;
	__le32 ctime_nsec;
	__le64 atime;
	__le64 mtime;
	__le64 ctime;
	__le64 size;		/* of a directory 0 */
	__le64 trim;
	__u8 target[];		/* of a symlink, @size bytes */
};

struct vexfs_disk_name {
	struct vexfs_disk_record record;
	__le64 target;		/* the inode it means, or meant */
	__le16 name_len;
	__u8 reserved[6];
	__u8 name[];
};

struct vexfs_disk_xattr {
	struct vexfs_disk_record record;
	__le32 value_len;
	__le16 name_len;
	__le16 reserved;
	__u8 name[];		/* with its prefix, then the value */
};

/* @first must be the number of vectors that the inode has by then. */
struct vexfs_disk_vectors {
	struct vexfs_disk_record record;
	__le32 dim;
	__le32 format;
	__le32 count;
	__le32 reserved;
	__le64 first;
	__le32 data[];
};

/* Within the size of the inode. */
struct vexfs_disk_data {
	struct vexfs_disk_record record;
	__le64 offset;		/* a multiple of the block size */
	__le32 len;
	__le32 reserved;
	__u8 data[];
};

#endif /* _VEXFS_DISK_H */
