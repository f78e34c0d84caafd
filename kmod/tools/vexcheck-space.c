// SPDX-License-Identifier: GPL-2.0
/* A filesystem that is filled and emptied, several times: errors, contents, and the space itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-stamp.h"
#include "vexcheck-sys.h"

#define ROUNDS		4
#define BLOCK		4096
#define MOST_WRITE	(16 * BLOCK)
#define MOST_FILES	1024
#define SMALL_FS	(1ULL << 30)	/* smaller ones may be filled without being told to */

struct filler {
	struct rng rng;
	uint64_t most;			/* bytes that may be written */
	uint64_t written;
	int count;
	uint64_t size[MOST_FILES];	/* as the calls said */
	bool unsure[MOST_FILES];	/* an error came when it was synced */
	bool full;
	uint8_t *buffer, *back;
};

static bool is_full(long ret)
{
	return ret == -ENOSPC || ret == -EDQUOT;
}

static const char *name_of(int i)
{
	return text("fill/f%d", i);
}

/* Bytes are those of blocks that say where they belong, so a write may begin within one. */
static void content(uint8_t *to, int file, uint64_t at, size_t len)
{
	uint8_t block[BLOCK];

	for (size_t done = 0; done < len;) {
		size_t within = (at + done) % BLOCK, n = BLOCK - within;
		struct stamp s = { 0, file, (at + done) / BLOCK, 1 };

		if (n > len - done)
			n = len - done;
		stamp_write(block, BLOCK, &s);
		memcpy(to + done, block + within, n);
		done += n;
	}
}

static bool write_on(struct filler *f, int fd, int i)
{
	size_t len = 1 + rng_below(&f->rng, MOST_WRITE);
	long got;

	content(f->buffer, i, f->size[i], len);
	got = sys_pwrite(fd, f->buffer, len, f->size[i]);
	if (is_full(got)) {
		f->full = true;
		return false;
	}
	if (got <= 0 || got > (long)len) {
		wrong("write to a filesystem that fills up", "ENOSPC, or the bytes that fitted",
		      got < 0 ? errno_name(got) : text("%ld of %zu", got, len));
		return false;
	}
	f->size[i] += got;
	f->written += got;
	return f->written < f->most;
}

static void fill_file(struct filler *f)
{
	uint64_t most = BLOCK + rng_below(&f->rng, f->most / 8 + BLOCK);
	int i = f->count;
	long fd = sys_open(name_of(i), O_CREAT | O_EXCL | O_RDWR, 0600), ret;

	if (is_full(fd)) {
		f->full = true;
		return;
	}
	if (fd < 0) {
		wrong("create in a filesystem that fills up", "success or ENOSPC", errno_name(fd));
		f->full = true;
		return;
	}
	f->count++;
	f->size[i] = 0;
	while (f->size[i] < most && going() && write_on(f, fd, i))
		;
	ret = sys_fsync(fd);
	f->unsure[i] = is_full(ret);
	f->full |= f->unsure[i];
	if (ret && !is_full(ret) && ret != -EINVAL)
		wrong("fsync in a filesystem that fills up", "success or ENOSPC", errno_name(ret));
	close(fd);
}

static void check_file(struct filler *f, int i)
{
	long fd = sys_open(name_of(i), O_RDONLY, 0), got;
	struct stat st;

	if (fd < 0 || sys_fstat(fd, &st)) {
		wrong("open of what was written", "success", errno_name(fd));
		return;
	}
	if (st.st_size != (off_t)f->size[i])
		wrong("size of a file in a full filesystem", text("%llu", (unsigned long long)f->size[i]),
		      text("%lld", (long long)st.st_size));
	for (uint64_t at = 0; at < f->size[i] && may_go_on(); at += got) {
		size_t len = f->size[i] - at < MOST_WRITE ? f->size[i] - at : MOST_WRITE;

		got = sys_pread(fd, f->back, len, at);
		if (got <= 0) {
			wrong("read of what was written", text("%zu bytes", len),
			      got ? errno_name(got) : "the end");
			break;
		}
		content(f->buffer, i, at, got);
		if (memcmp(f->buffer, f->back, got)) {
			wrong("content in a full filesystem", text("file %d from %llu as written", i,
								   (unsigned long long)at), "other bytes");
			break;
		}
	}
	close(fd);
}

/* What one file gives back can be written again. */
static void reuse(struct filler *f)
{
	int i = rng_below(&f->rng, f->count);
	uint64_t had = f->size[i];
	long ret = sys_unlink(name_of(i)), fd;

	if (ret) {
		wrong("unlink in a full filesystem", "success", errno_name(ret));
		return;
	}
	fd = sys_open(name_of(i), O_CREAT | O_EXCL | O_RDWR, 0600);
	f->size[i] = 0;
	if (fd < 0) {
		wrong("create after an unlink in a full filesystem", "success", errno_name(fd));
		f->unsure[i] = true;
		return;
	}
	f->full = false;
	while (f->size[i] + MOST_WRITE < had / 2 && may_go_on() && write_on(f, fd, i))
		;
	if (f->full)
		wrong("write of less than an unlink gave back", "success", "ENOSPC");
	f->full = true;
	close(fd);
}

static uint64_t free_bytes(void)
{
	struct statvfs fs;

	return sys_statvfs(".", &fs) ? 0 : fs.f_bfree * fs.f_frsize;
}

/* Freed space comes back at once in memory; on disks within seconds, but for a little that stays in use. */
static void compare_free(uint64_t before, uint64_t most, bool first)
{
	uint64_t slack = traits.memory ? 0 : first ? 64 * 1024 + most / 256 : 16 * 1024, after = 0;

	for (int tries = 0; tries < 50; tries++) {
		after = free_bytes();
		if (after + slack >= before && after <= before + slack)
			return;
		sync();
		usleep(traits.memory ? 1000 : 100000);
	}
	wrong("free space after everything was removed", text("%llu bytes", (unsigned long long)before),
	      text("%llu bytes", (unsigned long long)after));
}

static bool fill_once(struct filler *f)
{
	f->count = 0;
	f->written = 0;
	f->full = false;
	if (sys_mkdir("fill", 0700))
		return !failed("mkdir", -errno);
	while (!f->full && f->count < MOST_FILES && f->written < f->most && may_go_on())
		fill_file(f);
	for (int i = 0; i < f->count && may_go_on(); i++)
		if (!f->unsure[i])
			check_file(f, i);
	if (f->full && f->count && may_go_on())
		reuse(f);
	for (int i = 0; i < f->count; i++)
		unlink(name_of(i));
	return !sys_rmdir("fill");
}

/* Time, --ops or a signal ended it before its rounds did. */
static bool enough(void)
{
	return !may_go_on() || (opt.ops && totals->ops >= opt.ops);
}

int check_space(void)
{
	struct filler *f;
	struct statvfs fs;
	uint64_t before;
	bool filled = false;

	if (sys_statvfs(".", &fs) || !fs.f_blocks)
		return cannot("%s does not say how large it is", opt.dir);
	if (!opt.size && fs.f_blocks * fs.f_frsize >= SMALL_FS)
		return cannot("%s has a gibibyte or more: --size says how much may be written", opt.dir);
	if (opt.size && fs.f_bavail * fs.f_frsize > opt.size)
		return cannot("%llu bytes are free, more than --size", (unsigned long long)(fs.f_bavail * fs.f_frsize));
	f = calloc(1, sizeof(*f));
	if (!f || !(f->buffer = malloc(2 * MOST_WRITE)))
		return cannot("no memory");
	f->back = f->buffer + MOST_WRITE;
	f->rng = rng_stream(0);
	f->most = opt.size ? opt.size : fs.f_blocks * fs.f_frsize;
	before = free_bytes();
	for (int round = 0; !enough() && (round < ROUNDS || opt.seconds); round++) {
		if (!fill_once(f)) {
			wrong("removing what filled the filesystem", "success", errno_name(-errno));
			break;
		}
		filled |= f->full;
		compare_free(before, f->most, !round);
		if (!round && !traits.memory)
			before = free_bytes();
	}
	if (!filled && !totals->wrong && !enough())
		wrong("a filesystem that was filled", "ENOSPC", text("room for %llu bytes", (unsigned long long)f->written));
	free(f->buffer);
	free(f);
	return EXIT_RIGHT;
}
