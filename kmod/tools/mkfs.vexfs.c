// SPDX-License-Identifier: GPL-2.0
/* mkfs.vexfs: makes an empty VexFS on a block device or in a file. */
#include <ctype.h>
#include <limits.h>
#include <time.h>
#include "vexfs-image.h"

static const char usage_text[] =
	"usage: mkfs.vexfs [-f] [-L LABEL] [-U UUID] [-s SIZE] DEVICE\n"
	"  -L LABEL  at most 31 bytes\n"
	"  -U UUID   8-4-4-4-12 hexadecimal digits; random unless given\n"
	"  -s SIZE   use so much only, a number with K, M or G; a file grows to it\n"
	"  -f        even where something is\n";

static int fail(const char *path, const char *what, const char *hint)
{
	fprintf(stderr, "mkfs.vexfs: %s: %s%s%s\n", path, what, hint ? "; " : "", hint ? hint : "");
	return 1;
}

static int usage(const char *what)
{
	fprintf(stderr, "mkfs.vexfs: %s\n%s", what, usage_text);
	return 2;
}

static bool parse_size(const char *text, uint64_t *size)
{
	unsigned long long v;
	char *end;
	int shift = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (*end) {
		static const char units[] = "kKmMgG";
		const char *unit = strchr(units, *end);

		if (!unit)
			return false;
		shift = 10 * (1 + (int)(unit - units) / 2);
	}
	if (errno || (shift && end[1]) || v > (unsigned long long)LLONG_MAX >> shift)
		return false;
	*size = (uint64_t)v << shift;
	return true;
}

static bool parse_uuid(const char *text, uint8_t *uuid)
{
	int digits = 0;

	if (strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		char c = (char)tolower((unsigned char)text[i]);

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return false;
			continue;
		}
		if (!isxdigit((unsigned char)c))
			return false;
		uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 |
					     (isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10));
		digits++;
	}
	return true;
}

/* Whether there is anything in the places where filesystems and tables begin. */
static int is_empty(const struct image *img)
{
	uint64_t bytes = img->bytes < VEXFS_AREAS_OFFSET ? img->bytes : VEXFS_AREAS_OFFSET;
	uint8_t *buf = calloc(1, VEXFS_AREAS_OFFSET + 1);
	int empty = -1;

	if (buf && image_io(img, false, 0, buf, bytes) == 0)
		empty = !buf[0] && !memcmp(buf, buf + 1, VEXFS_AREAS_OFFSET);
	free(buf);
	return empty;
}

/* Bytes of each area on a device of @size bytes. */
static uint64_t area_bytes_of(uint64_t size)
{
	return (size - VEXFS_AREAS_OFFSET) / 2 / VEXFS_DISK_BLOCK * VEXFS_DISK_BLOCK;
}

static int make(const struct image *img, struct vexfs_disk_super *super, uint64_t size)
{
	struct timespec now;
	struct vexfs_disk_inode *root;
	uint8_t zero[VEXFS_DISK_BLOCK] = { 0 };
	struct writer w;

	super->magic = htole32(VEXFS_DISK_MAGIC);
	super->version = htole32(VEXFS_DISK_VERSION);
	super->block_size = htole32(VEXFS_DISK_BLOCK);
	super->size = htole64(size);
	super->area_bytes = htole64(area_bytes_of(size));
	clock_gettime(CLOCK_REALTIME, &now);

	/* What was there must not be found any more, whatever happens now. */
	if (image_io(img, true, VEXFS_SUPER_OFFSET, zero, sizeof(zero)) < 0 ||
	    image_io(img, true, VEXFS_BACKUP_OFFSET, zero, sizeof(zero)) < 0 ||
	    image_io(img, true, 0, zero, sizeof(zero)) < 0 || fsync(img->fd) < 0)
		return -1;
	if (writer_begin(&w, img, super, 0, random_u64(), VEXFS_ROOT_INO + 1) < 0)
		return -1;
	root = writer_record(&w, VEXFS_RECORD_INODE, 0, VEXFS_ROOT_INO, sizeof(*root));
	root->mode = htole32(S_IFDIR | 0755);
	root->nlink = htole32(2);
	root->atime = root->mtime = root->ctime = htole64((uint64_t)now.tv_sec);
	root->atime_nsec = root->mtime_nsec = root->ctime_nsec = htole32((uint32_t)now.tv_nsec);
	return writer_end(&w, super, 0);
}

int main(int argc, char **argv)
{
	struct vexfs_disk_super super = { 0 };
	bool force = false, has_uuid = false;
	uint64_t size = 0;
	struct image img = { .fd = -1 };
	int opt, empty;

	while ((opt = getopt(argc, argv, "fL:U:s:")) != -1) {
		switch (opt) {
		case 'f':
			force = true;
			break;
		case 'L':
			if (strlen(optarg) > VEXFS_LABEL_MAX)
				return usage("the label has more than 31 bytes");
			memset(super.label, 0, sizeof(super.label));
			memcpy(super.label, optarg, strlen(optarg));
			break;
		case 'U':
			if (!parse_uuid(optarg, super.uuid))
				return usage("the UUID cannot be read");
			has_uuid = true;
			break;
		case 's':
			if (!parse_size(optarg, &size))
				return usage("the size cannot be read");
			break;
		default:
			return usage("unknown option");
		}
	}
	if (argc - optind != 1)
		return usage("one device or file is wanted");
	if (!has_uuid) {
		uint64_t half[2] = { random_u64(), random_u64() };

		memcpy(super.uuid, half, sizeof(half));
		super.uuid[6] = (super.uuid[6] & 0x0f) | 0x40;
		super.uuid[8] = (super.uuid[8] & 0x3f) | 0x80;
	}

	if (image_open(&img, argv[optind], O_RDWR) < 0)
		return errno == EBUSY ?
			fail(argv[optind], "is in use", "unmount it first; -f does not help here") :
			fail(argv[optind], strerror(errno), NULL);
	if (size > img.bytes) {
		if (img.is_device)
			return fail(img.path, "the device is smaller than that", NULL);
		if (ftruncate(img.fd, (off_t)size) < 0)
			return fail(img.path, strerror(errno), NULL);
		img.bytes = size;
	}
	if (!size)
		size = img.bytes;
	if (size < VEXFS_DISK_MIN_SIZE)
		return fail(img.path, "too small", "VexFS needs 1 MiB");
	empty = is_empty(&img);
	if (empty < 0)
		return fail(img.path, strerror(errno), NULL);
	if (!empty && !force)
		return fail(img.path, "holds something", "-f overwrites it");
	if (make(&img, &super, size) < 0)
		return fail(img.path, strerror(errno), NULL);
	if (close(img.fd) < 0)
		return fail(img.path, strerror(errno), NULL);
	printf("mkfs.vexfs: %s: %llu KiB, %llu KiB of them for files\n", img.path,
	       (unsigned long long)size >> 10,
	       (unsigned long long)VEXFS_CAPACITY(area_bytes_of(size)) >> 10);
	return 0;
}
