// SPDX-License-Identifier: GPL-2.0
/* Files, names and vectors that are synced, and a journal elsewhere of what is safe from then on. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vexcheck-stamp.h"
#include "vexcheck-sync.h"
#include "vexcheck-sys.h"

#define MOST_BLOCKS	64	/* sectors of a file */
#define ALIVE		32	/* files that are changed again */

struct writer {
	struct rng rng;
	int journal, dir;
	uint64_t first, next;	/* files alive */
	struct synced files[SYNC_FILES];
};

void sync_name(char *name, uint64_t file, bool renamed)
{
	sprintf(name, "%c-%" PRIu64, renamed ? 'r' : 'f', file);
}

void sync_vector(int32_t *v, uint64_t file, uint64_t id)
{
	struct rng r = { file * 1000003 + id };

	for (int i = 0; i < SYNC_DIM; i++)
		v[i] = (int32_t)rng_below(&r, 2000) - 1000;
	v[0] = id;
}

/* A pipe's reader is to have it: what was noted must not be lost with a machine that loses its power. */
static void wait_for_reader(int fd)
{
	struct pollfd p = { .fd = fd };
	struct stat st;
	int left = 0;

	if (fstat(fd, &st) || !S_ISFIFO(st.st_mode))
		return;
	while (!totals->stop && !ioctl(fd, FIONREAD, &left) && left > 0) {
		p.events = 0;
		if (poll(&p, 1, 0) > 0)
			return;		/* POLLERR: there is none any more */
		usleep(100);
	}
}

/* Whole lines, and on the disk before anything else is done where the journal is a file. */
__attribute__((format(printf, 2, 3)))
static bool note(struct writer *w, const char *fmt, ...)
{
	char line[200];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* Ports, pipes and terminals cannot be synced: they take it at once. */
	if (write(w->journal, line, n) != n || (fsync(w->journal) && errno != EINVAL)) {
		wrong("writing the journal", "success", errno_name(-errno));
		return false;
	}
	wait_for_reader(w->journal);
	return true;
}

/* With the lie nothing is synced, and what was written last is lost. */
static bool synced(int fd, int file)
{
	long ret = file >= 0 && lie(LIE_SYNC_DROP) ? ftruncate(file, 0) : sys_fsync(fd);

	if (ret)
		failed("fsync", ret);
	return !ret;
}

static bool write_data(struct writer *w, int fd, uint64_t file, struct synced *s)
{
	uint8_t sectors[MOST_BLOCKS * SYNC_SECTOR];
	uint64_t blocks = s->blocks + rng_below(&w->rng, MOST_BLOCKS - s->blocks + 1);
	long got;

	blocks = blocks ? blocks : 1;
	for (uint64_t b = 0; b < blocks; b++) {
		struct stamp stamp = { 0, file, b, s->generation + 1 };

		stamp_write(sectors + b * SYNC_SECTOR, SYNC_SECTOR, &stamp);
	}
	got = sys_pwrite(fd, sectors, blocks * SYNC_SECTOR, 0);
	if (got != (long)(blocks * SYNC_SECTOR)) {
		if (got < 0)
			failed("pwrite", got);
		return false;
	}
	if (!synced(fd, fd))
		return false;
	s->generation++;
	s->blocks = blocks;
	return note(w, "{\"sync\":\"data\",\"file\":%" PRIu64 ",\"generation\":%" PRIu64 ",\"blocks\":%" PRIu64 "}\n",
		    file, s->generation, s->blocks);
}

static bool add_vectors(struct writer *w, int fd, uint64_t file, struct synced *s)
{
	uint32_t count = 1 + rng_below(&w->rng, 8);
	int32_t v[8][SYNC_DIM];
	struct vexfs_add_vector a = { .dim = SYNC_DIM, .count = count, .data = (uintptr_t)v };
	long ret;

	for (uint32_t i = 0; i < count; i++)
		sync_vector(v[i], file, s->vectors + i);
	ret = sys_vector_add(fd, &a);
	if (ret) {
		failed("vector add", ret);
		return false;
	}
	if (!synced(fd, fd))
		return false;
	s->vectors += count;
	return note(w, "{\"sync\":\"vectors\",\"file\":%" PRIu64 ",\"count\":%" PRIu64 "}\n", file, s->vectors);
}

static bool change_data(struct writer *w, uint64_t file, bool fresh)
{
	struct synced *s = &w->files[file];
	char name[40];
	bool done;
	long fd;

	sync_name(name, file, s->renamed);
	if (!note(w, "{\"sync\":\"will\",\"file\":%" PRIu64 ",\"what\":%d}\n", file, WILL_WRITE))
		return false;
	fd = sys_open(name, O_RDWR | (fresh ? O_CREAT | O_EXCL : 0), 0600);
	if (fd < 0) {
		failed("open", fd);
		return false;
	}
	done = write_data(w, fd, file, s);
	if (done && traits.vectors && rng_one_in(&w->rng, 2))
		done = add_vectors(w, fd, file, s);
	close(fd);
	if (done && fresh)
		done = synced(w->dir, -1) &&
		       note(w, "{\"sync\":\"name\",\"file\":%" PRIu64 ",\"renamed\":0}\n", file);
	return done;
}

static bool change_name(struct writer *w, uint64_t file, bool unlinks)
{
	struct synced *s = &w->files[file];
	char old[40], new[40];
	long ret;

	sync_name(old, file, s->renamed);
	sync_name(new, file, true);
	if (!note(w, "{\"sync\":\"will\",\"file\":%" PRIu64 ",\"what\":%d}\n", file,
		  unlinks ? WILL_UNLINK : WILL_RENAME))
		return false;
	ret = unlinks ? sys_unlink(old) : sys_rename(old, new, 0);
	if (ret) {
		failed(unlinks ? "unlink" : "rename", ret);
		return false;
	}
	if (!synced(w->dir, -1))
		return false;
	if (unlinks) {
		s->gone = true;
		return note(w, "{\"sync\":\"gone\",\"file\":%" PRIu64 "}\n", file);
	}
	s->renamed = true;
	return note(w, "{\"sync\":\"name\",\"file\":%" PRIu64 ",\"renamed\":1}\n", file);
}

/* Files come, change and go; as many are alive as are changed again. */
static bool act(struct writer *w)
{
	uint64_t file = w->first + rng_below(&w->rng, w->next - w->first);
	struct synced *s = &w->files[file];

	while (w->first < w->next && w->files[w->first].gone)
		w->first++;
	if (w->next - w->first < ALIVE && w->next < SYNC_FILES && (w->next == w->first || rng_one_in(&w->rng, 3)))
		return change_data(w, w->next++, true);
	if (w->first == w->next)
		return false;
	if (s->gone)
		return true;
	if (!s->renamed && rng_one_in(&w->rng, 4))
		return change_name(w, file, false);
	if (rng_one_in(&w->rng, 6))
		return change_name(w, file, true);
	return change_data(w, file, false);
}

int check_sync_write(void)
{
	static struct writer w;

	if (!opt.journal)
		return cannot("--journal says where to note what is safe");
	w.rng = rng_stream(0);
	w.journal = strcmp(opt.journal, "-") ? open(opt.journal, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600) :
		    STDOUT_FILENO;
	if (w.journal < 0)
		return cannot("%s: %s", opt.journal, strerror(errno));
	w.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w.dir < 0 || fsync(w.dir))
		return cannot("directories cannot be synced here: %s", strerror(errno));
	if (note(&w, "{\"sync\":\"begin\",\"seed\":%" PRIu64 "}\n", opt.seed))
		while (going() && act(&w))
			;
	note(&w, "{\"sync\":\"end\"}\n");
	close(w.dir);
	if (w.journal != STDOUT_FILENO)
		close(w.journal);
	return EXIT_RIGHT;
}
