// SPDX-License-Identifier: GPL-2.0
/* Ranges of files: allocated, punched, copied, searched for holes, read and written directly. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/falloc.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-files.h"
#include "vexcheck-sys.h"

/* Not every filesystem has every one of these. */
static bool unsupported(long result)
{
	return result == -EOPNOTSUPP || result == -ENOSYS || result == -EXDEV;
}

void file_allocate(struct tested *f)
{
	static const int modes[] = {
		0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
	};
	int mode = modes[rng_below(&f->rng, COUNT(modes))];
	size_t at = file_place(f), len = file_length(f, at), end;
	long ret = sys_fallocate(f->fd, mode, at, len);

	if (unsupported(ret) || !file_done(f, "fallocate", ret))
		return;
	if (!(mode & FALLOC_FL_KEEP_SIZE) && at + len > f->size)
		file_resized(f, at + len);
	end = at + len < f->size ? at + len : f->size;
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE) && at < end)
		memset(f->model + at, 0, end - at);
}

void file_direct(struct tested *f)
{
	size_t at = file_place(f) / PAGE * PAGE, len = PAGE * (1 + rng_below(&f->rng, 4));
	size_t there = at < f->size ? f->size - at : 0;
	bool writes = rng_one_in(&f->rng, 2);
	long fd, got;

	if (at + len > f->most)
		return;
	fd = sys_open(f->name, O_RDWR | O_DIRECT, 0);
	if (fd == -EINVAL || unsupported(fd) || !file_done(f, "open for direct I/O", fd))
		return;
	if (writes) {
		rng_fill(&f->rng, f->buffer, len);
		got = sys_pwrite(fd, f->buffer, len, at);
		/* Some take larger blocks only, and say so when asked to write. */
		if (got != -EINVAL)
			file_wrote(f, "direct pwrite", got, len, at);
	} else {
		got = sys_pread(fd, f->buffer, len, at);
		if (got == (long)(len < there ? len : there))
			file_compare(f, "content read directly", f->buffer, at, got);
		else if (got != -EINVAL && file_done(f, "direct pread", got))
			file_wrong(f, "bytes read directly", text("%zu", len < there ? len : there),
				   text("%ld", got));
	}
	sys_close(fd);
}

/* What is called a hole reads as zeros; what has data may be zeros, too. */
void file_seek(struct tested *f)
{
	off_t at = 0, data, hole;

	while (at < (off_t)f->size) {
		data = lseek(f->fd, at, SEEK_DATA);
		if (data < 0 && errno != ENXIO)
			return;
		if (data < 0 || data > (off_t)f->size)
			data = f->size;
		for (off_t i = at; i < data; i++)
			if (f->model[i]) {
				file_wrong(f, "hole found by SEEK_DATA",
					   text("data at byte %lld", (long long)i),
					   text("a hole up to %lld", (long long)data));
				return;
			}
		hole = data < (off_t)f->size ? lseek(f->fd, data, SEEK_HOLE) : data;
		if (hole < data || hole > (off_t)f->size) {
			file_wrong(f, "end of data found by SEEK_HOLE",
				   text("%lld to %zu", (long long)data, f->size),
				   text("%lld", (long long)hole));
			return;
		}
		at = hole > at ? hole : (off_t)f->size;
	}
}

void file_copy(struct tested *f)
{
	size_t from = file_place(f), to = file_place(f), len = file_length(f, from);
	size_t there = from < f->size ? f->size - from : 0;
	long got;

	if (len > there)
		len = there;
	if (len > f->most - to)
		len = f->most - to;
	/* Ranges that overlap are refused within a file. */
	if (!len || (from < to + len && to < from + len))
		return;
	got = sys_copy_range(f->fd, from, to, len);
	if (unsupported(got) || got == -EINVAL || !file_done(f, "copy_file_range", got))
		return;
	if (got > (long)len) {
		file_wrong(f, "bytes copied", text("at most %zu", len), text("%ld", got));
		return;
	}
	memcpy(f->buffer, f->model + from, got);
	memcpy(f->model + to, f->buffer, got);
	if (got && to + got > f->size)
		f->size = to + got;
}
