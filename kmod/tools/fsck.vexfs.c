// SPDX-License-Identifier: GPL-2.0
/* fsck.vexfs: checks a VexFS on a device or in a file, and mends it. */
#include <getopt.h>
#include "fsck-tree.h"

/* fsck(8) */
enum { EXIT_CLEAN = 0, EXIT_FIXED = 1, EXIT_LEFT = 4, EXIT_FAILED = 8, EXIT_USAGE = 16 };

static const char usage_text[] =
	"usage: fsck.vexfs [-n|-p|-y] [--json] DEVICE\n"
	"  -n      tell only (this is what is done without an option)\n"
	"  -p      mend what can be mended without loss\n"
	"  -y      mend everything that can be mended\n"
	"  --json  one JSON object a line\n";

static struct state state;
static uint8_t buf[VEXFS_SEGMENT_MAX];

static int fail(const char *path, const char *what)
{
	fprintf(stderr, "fsck.vexfs: %s: %s\n", path, what);
	return EXIT_FAILED;
}

static int usage(const char *what)
{
	fprintf(stderr, "fsck.vexfs: %s\n%s", what, usage_text);
	return EXIT_USAGE;
}

enum super_state { SUPER_GOOD, SUPER_NONE, SUPER_WRONG, SUPER_UNREADABLE };

static enum super_state read_super(const struct image *img, uint64_t offset,
				   struct vexfs_disk_super *super)
{
	if (image_io(img, false, offset, super, sizeof(*super)) < 0)
		return SUPER_UNREADABLE;
	if (super->magic != htole32(VEXFS_DISK_MAGIC))
		return SUPER_NONE;
	return le32toh(super->checksum) == super_checksum(super) ? SUPER_GOOD : SUPER_WRONG;
}

static const char *super_words(enum super_state is)
{
	return is == SUPER_WRONG ? "checksum of the superblock is wrong" :
	       is == SUPER_UNREADABLE ? "superblock cannot be read" : "there is no superblock";
}

/* Into *super the one that counts. An exit status, or -1 to go on; *again: both are to be written. */
static int check_supers(const struct image *img, struct vexfs_disk_super *super, bool *again)
{
	struct vexfs_disk_super backup;
	enum super_state first = read_super(img, VEXFS_SUPER_OFFSET, super);
	enum super_state second = read_super(img, VEXFS_BACKUP_OFFSET, &backup);
	uint64_t size, area;

	if (first != SUPER_GOOD && second != SUPER_GOOD) {
		if (first == SUPER_NONE && second == SUPER_NONE)
			return fail(img->path, "no VexFS is there");
		problem(SUPER_BAD, 0, VEXFS_SUPER_OFFSET, super_words(first));
		problem(SUPER_BAD, 0, VEXFS_BACKUP_OFFSET, super_words(second));
		return EXIT_LEFT;
	}
	if (first != SUPER_GOOD) {
		*again |= problem(SUPER_PRIMARY, 0, VEXFS_SUPER_OFFSET, super_words(first));
		*super = backup;
	} else if (second != SUPER_GOOD) {
		*again |= problem(SUPER_BACKUP, 0, VEXFS_BACKUP_OFFSET, super_words(second));
	} else if (memcmp(super, &backup, sizeof(backup))) {
		*again |= problem(SUPER_DIFFER, 0, VEXFS_BACKUP_OFFSET,
				  "copy of the superblock is another");
	}

	size = le64toh(super->size);
	area = le64toh(super->area_bytes);
	if (le32toh(super->version) != VEXFS_DISK_VERSION ||
	    le32toh(super->block_size) != VEXFS_DISK_BLOCK)
		return fail(img->path, "its version is not known");
	if (size > img->bytes || size < VEXFS_DISK_MIN_SIZE || area % VEXFS_DISK_BLOCK ||
	    area < VEXFS_AREA_MIN_BYTES || area > (size - VEXFS_AREAS_OFFSET) / 2 ||
	    le32toh(super->active) > 1 || le32toh(super->state) > VEXFS_STATE_CLEAN) {
		problem(SUPER_BAD, 0, VEXFS_SUPER_OFFSET, size > img->bytes ?
			"filesystem is larger than what it is on" : "superblock makes no sense");
		return EXIT_LEFT;
	}
	return -1;
}

struct end {
	uint64_t pos, sequence, commit;
	uint32_t chain;
};

static bool header_is_good(const struct vexfs_disk_super *super,
			   const struct vexfs_disk_segment *seg, uint64_t pos)
{
	return seg->magic == htole32(VEXFS_SEGMENT_MAGIC) &&
	       le32toh(seg->header) == segment_header_checksum(seg) &&
	       seg->area_id == super->area_id && le32toh(seg->bytes) >= sizeof(*seg) &&
	       le32toh(seg->bytes) <= VEXFS_SEGMENT_MAX &&
	       BLOCKS(le32toh(seg->bytes)) <= le64toh(super->area_bytes) - pos;
}

/* The next segment to buf. 1: it goes on with the log; 0: none does; -1: errno. */
static int read_segment(const struct image *img, const struct vexfs_disk_super *super,
			struct end *at)
{
	struct vexfs_disk_segment *seg = (struct vexfs_disk_segment *)buf;
	uint64_t offset = area_offset(super, le32toh(super->active)) + at->pos;

	if (le64toh(super->area_bytes) - at->pos < VEXFS_DISK_BLOCK)
		return 0;
	if (image_io(img, false, offset, buf, VEXFS_DISK_BLOCK) < 0)
		return -1;
	if (!header_is_good(super, seg, at->pos))
		return 0;
	if (image_io(img, false, offset, buf, BLOCKS(le32toh(seg->bytes))) < 0)
		return -1;
	if (le32toh(seg->checksum) != segment_checksum(seg) ||
	    le64toh(seg->sequence) != at->sequence || le32toh(seg->chain) != at->chain ||
	    le64toh(seg->commit) != at->commit)
		return 0;
	at->pos += BLOCKS(le32toh(seg->bytes));
	at->sequence++;
	at->chain = le32toh(seg->checksum);
	return 1;
}

/* The end of the last whole commit. */
static int find_end(const struct image *img, const struct vexfs_disk_super *super,
		    struct end *end)
{
	const struct vexfs_disk_segment *seg = (const struct vexfs_disk_segment *)buf;
	bool clean = le32toh(super->state) == VEXFS_STATE_CLEAN, inside = false;
	struct end at = { 0 };
	int ret;

	*end = at;
	while (!clean || at.pos < le64toh(super->tail)) {
		uint32_t flags;

		ret = read_segment(img, super, &at);
		if (ret <= 0)
			return ret;
		flags = le32toh(seg->flags);
		if (!!(flags & VEXFS_SEGMENT_FIRST) == inside)
			return 0;
		inside = !(flags & VEXFS_SEGMENT_LAST);
		if (inside)
			continue;
		at.commit++;
		*end = at;
		state.next_ino = le64toh(seg->next_ino);
	}
	return 0;
}

/* What lies behind the end: 0 nothing of this log, 1 a commit that is not whole, 2 more than one. */
static int look_behind(const struct image *img, const struct vexfs_disk_super *super,
		       const struct end *end)
{
	uint64_t area = le64toh(super->area_bytes);
	int found = 0;

	for (uint64_t pos = end->pos; pos < area; pos += VEXFS_DISK_BLOCK) {
		struct vexfs_disk_segment seg;

		if (image_io(img, false, area_offset(super, le32toh(super->active)) + pos,
			     &seg, sizeof(seg)) < 0)
			return -1;
		if (!header_is_good(super, &seg, pos) ||
		    !(le32toh(seg.flags) & VEXFS_SEGMENT_FIRST))
			continue;
		if (le64toh(seg.commit) > end->commit)
			return 2;
		if (pos == end->pos)
			found = 1;
	}
	return found;
}

/* As check_supers(); *rewrite: the log is not to be gone on with. */
static int check_log(const struct image *img, const struct vexfs_disk_super *super,
		     struct end *end, bool *rewrite)
{
	uint64_t start = area_offset(super, le32toh(super->active));
	bool clean = le32toh(super->state) == VEXFS_STATE_CLEAN;
	int behind;

	if (find_end(img, super, end) < 0)
		return fail(img->path, strerror(errno));
	if (!end->commit) {
		problem(LOG_EMPTY, 0, start, "not one commit of the log is whole");
		return EXIT_LEFT;
	}
	if (clean) {
		if (end->pos != le64toh(super->tail) ||
		    end->sequence != le64toh(super->sequence) ||
		    end->chain != le32toh(super->chain))
			*rewrite |= problem(LOG_CHECKSUM, 0, start + end->pos,
					    "log ends before its end; what was later is lost");
		return -1;
	}
	behind = look_behind(img, super, end);
	if (behind < 0)
		return fail(img->path, strerror(errno));
	if (behind == 2)
		*rewrite |= problem(LOG_CHECKSUM, 0, start + end->pos,
				    "commit is damaged, and later ones are there; they are lost");
	else
		problem(TORN_COMMIT, 0, start + end->pos, behind ?
			"not unmounted; an unfinished commit is left out" :
			"not unmounted; the log is whole");
	return -1;
}

static int apply_log(const struct image *img, const struct vexfs_disk_super *super,
		     const struct end *end)
{
	const struct vexfs_disk_segment *seg = (const struct vexfs_disk_segment *)buf;
	uint64_t start = area_offset(super, le32toh(super->active));
	struct end at = { 0 };

	while (at.pos < end->pos) {
		uint64_t offset = start + at.pos;

		if (read_segment(img, super, &at) <= 0)
			return fail(img->path, "what was read cannot be read again");
		if (le32toh(seg->flags) & VEXFS_SEGMENT_LAST)
			at.commit++;
		apply_segment(&state, buf, offset);
		if (state.out_of_memory)
			return fail(img->path, strerror(ENOMEM));
	}
	return -1;
}

/* No more than the numbers that are in use, when the log's word for it is none. */
static void check_numbers(const struct vexfs_disk_super *super)
{
	uint64_t next = VEXFS_ROOT_INO + 1;

	if (state.next_ino <= VEXFS_INO_MAX)
		return;
	problem(BAD_RECORD, state.next_ino, area_offset(super, le32toh(super->active)),
		"inode numbers are at their end");
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (const struct node *n = state.nodes[i]; n; n = n->next)
			if (n->ino >= next)
				next = n->ino + 1;
	state.next_ino = next;
}

static int check(const struct image *img)
{
	struct vexfs_disk_super super;
	bool again = false, rewrite = false;
	struct end end;
	uint64_t before;
	int ret;

	ret = check_supers(img, &super, &again);
	if (ret < 0)
		ret = check_log(img, &super, &end, &rewrite);
	before = fsck.fixable;
	if (ret < 0) {
		state.pages_left = 2 * VEXFS_CAPACITY(le64toh(super.area_bytes)) / VEXFS_DISK_BLOCK;
		ret = apply_log(img, &super, &end);
	}
	if (ret >= 0)
		return ret;
	check_numbers(&super);
	if (!check_tree(&state))
		return state.out_of_memory ? fail(img->path, strerror(ENOMEM)) : EXIT_LEFT;
	rewrite |= fsck.fixable != before;

	if (fsck.upto == NOTE)
		return fsck.left ? EXIT_LEFT : EXIT_CLEAN;
	/* Half mended would be neither: what may not be mended keeps the rest as it is. */
	if (!fsck.left && rewrite)
		return write_state(img, &super, &state) < 0 ?
			fail(img->path, strerror(errno)) : EXIT_FIXED;
	if (!fsck.left && le32toh(super.state) == VEXFS_STATE_DIRTY) {
		super.state = htole32(VEXFS_STATE_CLEAN);
		super.tail = htole64(end.pos);
		super.sequence = htole64(end.sequence);
		super.chain = htole32(end.chain);
		again = true;
	}
	if (again && super_write(img, &super) < 0)
		return fail(img->path, strerror(errno));
	return fsck.left ? EXIT_LEFT : again ? EXIT_FIXED : EXIT_CLEAN;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	struct image img = { .fd = -1 };
	int opt, chosen = 0, ret;

	while ((opt = getopt_long(argc, argv, "npy", options, NULL)) != -1) {
		switch (opt) {
		case 'n':
			fsck.upto = NOTE;
			chosen++;
			break;
		case 'p':
			fsck.upto = SAFE;
			chosen++;
			break;
		case 'y':
			fsck.upto = LOSSY;
			chosen++;
			break;
		case 'j':
			fsck.json = true;
			break;
		default:
			return usage("unknown option");
		}
	}
	if (chosen > 1)
		return usage("-n, -p and -y exclude each other");
	if (argc - optind != 1)
		return usage("one device or file is wanted");
	fsck.path = argv[optind];
	if (image_open(&img, fsck.path, fsck.upto == NOTE ? O_RDONLY : O_RDWR) < 0)
		return errno == EBUSY ? fail(fsck.path, "is in use: unmount it first") :
					fail(fsck.path, strerror(errno));
	if (img.bytes < VEXFS_DISK_MIN_SIZE)
		return fail(img.path, "no VexFS is there");
	ret = check(&img);
	tell();
	if (ret == EXIT_FAILED)
		return ret;
	if (fsck.json)
		printf("{\"done\":true,\"status\":%d,\"inodes\":%llu}\n", ret,
		       (unsigned long long)state.inodes);
	else
		printf("%s: %s, %llu inodes\n", fsck.path,
		       ret == EXIT_CLEAN ? "clean" : ret == EXIT_FIXED ? "mended" : "not clean",
		       (unsigned long long)state.inodes);
	return fflush(stdout) ? fail(fsck.path, strerror(errno)) : ret;
}
