// SPDX-License-Identifier: GPL-2.0
/* How fast calls are: the same ones in the same order for every seed and size. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-stamp.h"
#include "vexcheck-sys.h"

#define BLOCK	4096
#define FILES	200	/* of a round */
#define DIM	64
#define VECTORS	1000	/* of a file that is searched */

static bool right(const char *call, long ret)
{
	return ret >= 0 || failed(call, ret);
}

static const char *name_of(int i, bool renamed)
{
	return text("speed/%c%d", renamed ? 'r' : 'f', i);
}

static void write_files(void)
{
	uint8_t block[BLOCK];

	for (int i = 0; i < FILES && going(); i++) {
		long fd = sys_open(name_of(i, false), O_CREAT | O_EXCL | O_WRONLY, 0600);

		if (!right("create", fd) || fd < 0)
			continue;
		for (uint64_t b = 0; b < 4; b++) {
			struct stamp s = { 0, i, b, 1 };

			stamp_write(block, BLOCK, &s);
			right("pwrite", sys_pwrite(fd, block, BLOCK, b * BLOCK));
		}
		if (i % 8 == 0)
			right("fsync", sys_fsync(fd));
		close(fd);
	}
}

static void read_files(void)
{
	uint8_t block[BLOCK];

	for (int i = 0; i < FILES && going(); i++) {
		long fd = sys_open(name_of(i, false), O_RDONLY, 0);
		struct stamp s;

		if (fd == -ENOENT || !right("open", fd) || fd < 0)
			continue;
		for (uint64_t b = 0; b < 4; b++) {
			long got = sys_pread(fd, block, BLOCK, b * BLOCK);

			/* Less was written where there was no space. */
			if (got == BLOCK && (!stamp_read(block, BLOCK, &s) || s.file != (uint32_t)i || s.block != b))
				wrong("content read", text("block %llu of file %d", (unsigned long long)b, i),
				      stamp_text(block, BLOCK));
			else if (got != BLOCK && !totals->full)
				wrong("bytes read", text("%d", BLOCK), got < 0 ? errno_name(got) : text("%ld", got));
		}
		close(fd);
	}
}

static void look_at_names(void)
{
	char buffer[BLOCK] __attribute__((aligned(8)));
	struct stat st;
	long fd;

	for (int i = 0; i < FILES && going(); i++)
		if (sys_stat(name_of(i, false), &st) && !totals->full)
			wrong("stat", "success", errno_name(-errno));
	fd = sys_open("speed", O_RDONLY | O_DIRECTORY, 0);
	for (long got = 1; right("open of a directory", fd) && fd >= 0 && got > 0 && going();) {
		got = sys_getdents(fd, buffer, sizeof(buffer));
		right("getdents64", got);
	}
	if (fd >= 0)
		close(fd);
}

static void change_names(void)
{
	for (int i = 0; i < FILES; i++) {
		long ret;

		/* Names go in any case: the folder is to be empty for the next round. */
		if (may_go_on() && i % 2) {
			ret = sys_rename(name_of(i, false), name_of(i, true), 0);
			if (ret && ret != -ENOENT)
				failed("rename", ret);
		}
		ret = sys_unlink(name_of(i, i % 2));
		if (ret == -ENOENT)
			ret = unlink(name_of(i, !(i % 2))) && errno != ENOENT ? -errno : 0;
		if (ret)
			failed("unlink", ret);
	}
}

static void vectors(struct rng *r)
{
	int32_t v[10 * DIM];
	long fd = sys_open("speed/vectors", O_CREAT | O_EXCL | O_RDWR, 0600), ret = 0;
	struct vexfs_hit hits[10];

	if (!right("create", fd) || fd < 0)
		return;
	for (int i = 0; i < VECTORS && !ret && going(); i += 10) {
		struct vexfs_add_vector a = { .dim = DIM, .count = 10, .data = (uintptr_t)v };

		for (int c = 0; c < 10 * DIM; c++)
			v[c] = (int32_t)rng_below(r, 2000) - 1000;
		ret = sys_vector_add(fd, &a);
		if (ret)
			failed("vector add", ret);
	}
	for (uint32_t i = 0; i < 60 && !ret && going(); i++) {
		struct vexfs_search s = {
			.metric = i % 3, .dim = DIM, .k = 10, .query = (uintptr_t)v, .hits = (uintptr_t)hits,
		};

		ret = sys_vector_search(fd, &s);
		if (ret)
			failed("vector search", ret);
		else if (i % 3 == VEXFS_METRIC_L2 && (!s.found || hits[0].score))
			wrong("nearest vector to one that is there", "at distance 0",
			      s.found ? text("at %llu", hits[0].score) : "none");
	}
	close(fd);
	unlink("speed/vectors");
}

int check_speed(void)
{
	struct rng r = rng_stream(0);

	while (may_go_on() && (!opt.ops || totals->ops < opt.ops)) {
		long ret = sys_mkdir("speed", 0700);

		if (ret) {
			failed("mkdir", ret);
			break;
		}
		write_files();
		look_at_names();
		read_files();
		if (traits.vectors)
			vectors(&r);
		change_names();
		ret = sys_rmdir("speed");
		if (ret) {
			failed("rmdir", ret);
			break;
		}
	}
	return EXIT_RIGHT;
}
