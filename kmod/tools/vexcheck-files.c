// SPDX-License-Identifier: GPL-2.0
/* Contents, sizes and times of files against a model in memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-files.h"
#include "vexcheck-sys.h"

void file_wrong(struct tested *f, const char *what, const char *expected, const char *got)
{
	wrong(what, expected, got);
	f->lost = true;
}

bool file_done(struct tested *f, const char *call, long result)
{
	if (result >= 0)
		return true;
	if (failed(call, result))
		f->lost = true;
	return false;
}

void file_compare(struct tested *f, const char *what, const uint8_t *data, size_t at, size_t len)
{
	if (!memcmp(data, f->model + at, len))
		return;
	for (size_t i = 0; i < len; i++)
		if (data[i] != f->model[at + i]) {
			file_wrong(f, what, text("0x%02x at byte %zu of %zu", f->model[at + i], at + i, f->size),
				   text("0x%02x", data[i]));
			return;
		}
}

void file_resized(struct tested *f, size_t size)
{
	if (size < f->size)
		memset(f->model + size, 0, f->size - size);
	f->size = size;
}

void file_wrote(struct tested *f, const char *call, long got, size_t len, size_t at)
{
	if (!file_done(f, call, got))
		return;
	if (got > (long)len || (got < (long)len && (got || !len)))
		/* Short is allowed for lack of space only, and then nothing more fits. */
		if (got > (long)len || sys_pwrite(f->fd, f->buffer + got, 1, at + got) != -ENOSPC) {
			file_wrong(f, text("bytes written by %s", call), text("%zu", len), text("%ld", got));
			return;
		}
	memcpy(f->model + at, f->buffer, got);
	if (got && at + got > f->size)
		f->size = at + got;
}

size_t file_place(struct tested *f)
{
	size_t at = rng_one_in(&f->rng, 8) ? rng_below(&f->rng, f->most) :
					     rng_below(&f->rng, f->size + 1);

	if (rng_one_in(&f->rng, 3))
		at -= at % (rng_one_in(&f->rng, 2) ? PAGE : 512);
	return at < f->most ? at : f->most - 1;
}

size_t file_length(struct tested *f, size_t at)
{
	static const size_t usual[] = { 1, 7, 512, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 64 << 10 };
	size_t len = rng_one_in(&f->rng, 3) ? usual[rng_below(&f->rng, COUNT(usual))] :
					      1 + rng_below(&f->rng, 16 << 10);

	return len < f->most - at ? len : f->most - at;
}

static void do_write(struct tested *f)
{
	size_t at = file_place(f), len = file_length(f, at);

	rng_fill(&f->rng, f->buffer, len);
	file_wrote(f, "pwrite", sys_pwrite(f->fd, f->buffer, len, at), len, at);
}

static void do_write_parts(struct tested *f)
{
	size_t at = file_place(f), len = file_length(f, at), a = len / 3, b = len / 2;
	struct iovec parts[3] = {
		{ f->buffer, a }, { f->buffer + a, b - a }, { f->buffer + b, len - b },
	};

	rng_fill(&f->rng, f->buffer, len);
	file_wrote(f, "pwritev", sys_pwritev(f->fd, parts, 3, at), len, at);
}

static void do_append(struct tested *f)
{
	size_t at = f->size, len = file_length(f, at);
	long fd, got;

	if (at == f->most)
		return;
	fd = sys_open(f->name, O_WRONLY | O_APPEND, 0);
	if (!file_done(f, "open for appending", fd))
		return;
	rng_fill(&f->rng, f->buffer, len);
	got = sys_append(fd, f->buffer, len);
	sys_close(fd);
	file_wrote(f, "append", got, len, at);
}

static void do_read(struct tested *f)
{
	size_t at = file_place(f), len = file_length(f, at);
	size_t there = at < f->size ? f->size - at : 0, want = len < there ? len : there;
	struct iovec parts[2] = { { f->buffer, len / 2 }, { f->buffer + len / 2, len - len / 2 } };
	bool whole = rng_one_in(&f->rng, 2);
	long got = whole ? sys_pread(f->fd, f->buffer, len, at) : sys_preadv(f->fd, parts, 2, at);

	if (!file_done(f, "pread", got))
		return;
	if (got != (long)want)
		file_wrong(f, "bytes read", text("%zu of %zu at %zu, size %zu", want, len, at, f->size),
			   text("%ld", got));
	else
		file_compare(f, "content read", f->buffer, at, got);
}

static void read_all(struct tested *f, const char *what)
{
	long got = sys_pread(f->fd, f->buffer, f->most, 0);

	if (!file_done(f, "pread", got))
		return;
	if (got != (long)f->size)
		file_wrong(f, text("bytes of %s", what), text("%zu", f->size), text("%ld", got));
	else
		file_compare(f, what, f->buffer, 0, got);
}

static void do_truncate(struct tested *f)
{
	size_t size = rng_one_in(&f->rng, 6) ? 0 : file_place(f);

	if (file_done(f, "ftruncate", sys_ftruncate(f->fd, size)))
		file_resized(f, size);
}

static void do_sync(struct tested *f)
{
	file_done(f, "fsync", rng_one_in(&f->rng, 2) ? sys_fsync(f->fd) : sys_fdatasync(f->fd));
}

static void do_reopen(struct tested *f)
{
	static const int more[] = { 0, 0, 0, O_TRUNC, O_SYNC, O_DSYNC };
	int flags = more[rng_below(&f->rng, COUNT(more))];
	long fd;

	if (!file_done(f, "close", sys_close(f->fd)))
		return;
	fd = sys_open(f->name, O_RDWR | flags, 0);
	f->fd = fd;
	if (!file_done(f, "open again", fd)) {
		f->lost = true;
		return;
	}
	if (flags & O_TRUNC)
		file_resized(f, 0);
	read_all(f, "content after opening again");
}

static void do_read_all(struct tested *f)
{
	read_all(f, "content of the whole file");
}

static const struct action {
	void (*run)(struct tested *f);
	int weight;
	bool changes;
} actions[] = {
	{ do_write, 18, true }, { do_write_parts, 6, true }, { do_append, 8, true },
	{ do_read, 20, false }, { do_truncate, 8, true }, { do_sync, 4, false },
	{ do_reopen, 3, false }, { do_read_all, 3, false }, { file_map_read, 5, false },
	{ file_map_write, 8, false }, { file_map_private, 3, false },
	{ file_allocate, 6, false }, { file_direct, 4, true }, { file_seek, 2, false },
	{ file_copy, 3, false },
};

static const struct action *choose(struct rng *r)
{
	int sum = 0, at;

	for (size_t i = 0; i < COUNT(actions); i++)
		sum += actions[i].weight;
	at = rng_below(r, sum);
	for (size_t i = 0; ; i++) {
		at -= actions[i].weight;
		if (at < 0)
			return &actions[i];
	}
}

static void check_inode(struct tested *f, const struct moment *before, bool changed)
{
	struct stat st;

	if (!file_done(f, "fstat", sys_fstat(f->fd, &st)))
		return;
	if (st.st_size != (off_t)f->size)
		file_wrong(f, "size", text("%zu", f->size), text("%lld", (long long)st.st_size));
	else if (changed && !stamped_since(before, &st.st_mtim))
		file_wrong(f, "mtime after a change",
			   text("%lld.%09ld or later", (long long)before->at.tv_sec, before->at.tv_nsec),
			   text("%lld.%09ld", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec));
	else if (changed && !stamped_since(before, &st.st_ctim))
		file_wrong(f, "ctime after a change",
			   text("%lld.%09ld or later", (long long)before->at.tv_sec, before->at.tv_nsec),
			   text("%lld.%09ld", (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec));
}

/* One file, for a few hundred operations or until it is given up. */
static void file_life(uint64_t number, uint8_t *model, uint8_t *buffer)
{
	struct tested f = {
		.name = "file", .model = model, .buffer = buffer, .rng = rng_stream(number),
	};
	int left = 100 + rng_below(&f.rng, 400);

	f.most = opt.size && opt.size < FILE_MOST ? opt.size : FILE_MOST;
	if (rng_one_in(&f.rng, 3))
		f.most = f.most / 16 + 1;
	memset(model, 0, FILE_MOST);
	f.fd = sys_open(f.name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (!file_done(&f, "create", f.fd))
		return;
	while (left-- && !f.lost && going()) {
		const struct action *action = choose(&f.rng);
		uint64_t full = totals->full, content = hash_bytes(model, f.size);
		struct moment before = moment_now();

		action->run(&f);
		if (!f.lost)
			check_inode(&f, &before, action->changes && full == totals->full &&
				    content != hash_bytes(model, f.size));
		digest(hash_bytes(model, f.size) ^ f.size);
	}
	if (!f.lost)
		read_all(&f, "content at the end");
	if (f.fd >= 0)
		sys_close(f.fd);
	unlink(f.name);
}

int check_files(void)
{
	uint8_t *model = aligned_alloc(PAGE, FILE_MOST), *buffer = aligned_alloc(PAGE, FILE_MOST);

	if (!model || !buffer)
		return cannot("no memory");
	for (uint64_t number = 0; may_go_on() && (!opt.ops || totals->ops < opt.ops); number++)
		file_life(number, model, buffer);
	free(model);
	free(buffer);
	return EXIT_RIGHT;
}
