// SPDX-License-Identifier: GPL-2.0
/* Files in common: changed under a lock each, written without any, and names that one may have. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "vexcheck-sys.h"
#include "vexcheck-threads.h"

static const char *file_name(int i)
{
	return text("shared/f%d", i);
}

int shared_make(void)
{
	int ret = sys_mkdir("shared", 0755);

	for (int i = 0; !ret && i <= SHARED_FILES; i++) {
		ret = sys_open(i < SHARED_FILES ? file_name(i) : "race", O_RDWR | O_CREAT | O_EXCL, 0600);
		if (ret >= 0)
			ret = close(ret);
	}
	return ret;
}

static bool same(const struct stamp *a, const struct stamp *b)
{
	return a->writer == b->writer && a->file == b->file && a->block == b->block &&
	       a->sequence == b->sequence;
}

static void check_block(struct common *c, int fd, int file, int block)
{
	struct stamp *last = &c->last[file][block], s;
	uint8_t buffer[BLOCK];
	long got;

	if (!last->sequence)
		return;
	got = sys_pread(fd, buffer, BLOCK, block * BLOCK);
	if (got < 0)
		failed("pread of a file in common", got);
	else if (got != BLOCK)
		wrong("bytes of a file in common", text("%d", BLOCK), text("%ld", got));
	else if (!stamp_read(buffer, BLOCK, &s) || !same(&s, last))
		wrong("block of a file in common",
		      text("block %d of file %d, writer %u, sequence %llu", block, file, last->writer,
			   (unsigned long long)last->sequence),
		      stamp_text(buffer, BLOCK));
}

static void write_block(struct party *p, int fd, int file, int block)
{
	struct stamp s = { p->worker, file, block, ++p->sequence };
	uint8_t buffer[BLOCK];
	long got;

	stamp_write(buffer, BLOCK, &s);
	got = sys_pwrite(fd, buffer, BLOCK, block * BLOCK);
	if (got < 0)
		failed("pwrite to a file in common", got);
	else if (got != BLOCK)
		wrong("bytes written to a file in common", text("%d", BLOCK), text("%ld", got));
	else
		p->common->last[file][block] = s;
}

/* Read under a shared lock, changed under an exclusive one. */
void shared_act(struct party *p)
{
	int file = rng_below(&p->rng, SHARED_FILES), block = rng_below(&p->rng, SHARED_BLOCKS);
	bool writes = rng_one_in(&p->rng, 2);
	int *holders = &p->common->holders[file];
	long fd = sys_open(file_name(file), O_RDWR, 0), ret;

	if (fd < 0) {
		failed("open of a file in common", fd);
		return;
	}
	do
		ret = sys_flock(fd, writes ? LOCK_EX : LOCK_SH);
	while (ret == -EINTR && !totals->stop);
	if (ret) {
		if (ret != -EINTR)
			failed("flock", ret);
		close(fd);
		return;
	}
	if (writes && __atomic_fetch_add(holders, 1, __ATOMIC_SEQ_CST))
		wrong("holders of an exclusive lock", "one", "two");
	check_block(p->common, fd, file, block);
	sched_yield();	/* a lock that keeps nobody out shows when others run now */
	if (writes) {
		write_block(p, fd, file, block);
		__atomic_fetch_sub(holders, 1, __ATOMIC_SEQ_CST);
	}
	close(fd);	/* which unlocks */
}

/* Without a lock: whoever writes last, a unit is one writer's. */
void shared_race(struct party *p)
{
	uint64_t unit = rng_below(&p->rng, RACED_UNITS);
	struct stamp s = { p->worker, SHARED_FILES, unit, ++p->sequence };
	uint8_t buffer[RACED_UNIT];
	long fd = sys_open("race", O_RDWR, 0), got;

	if (fd < 0) {
		failed("open of a file in common", fd);
		return;
	}
	stamp_write(buffer, RACED_UNIT, &s);
	got = sys_pwrite(fd, buffer, RACED_UNIT, unit * RACED_UNIT);
	if (got < 0)
		failed("pwrite without a lock", got);
	else if (got != RACED_UNIT)
		wrong("bytes written without a lock", text("%d", RACED_UNIT), text("%ld", got));
	close(fd);
}

/* O_EXCL gives a name to one. */
void shared_name(struct party *p)
{
	int i = rng_below(&p->rng, SHARED_NAMES), me = p->worker + 1;
	const char *name = text("shared/n%d", i);
	int *owner = &p->common->owner[i];
	long fd;

	if (__atomic_load_n(owner, __ATOMIC_SEQ_CST) == me) {
		long ret;

		__atomic_store_n(owner, 0, __ATOMIC_SEQ_CST);
		ret = sys_unlink(name);
		if (ret)
			failed("unlink of a name that is ours", ret);
		return;
	}
	fd = sys_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd >= 0) {
		int other = __atomic_exchange_n(owner, me, __ATOMIC_SEQ_CST);

		close(fd);
		if (other)
			wrong("owners of a name made with O_EXCL", "one", text("workers %d and %d", other - 1, me - 1));
	} else if (fd != -EEXIST) {
		failed("open with O_CREAT, O_EXCL", fd);
	}
}

static void check_race(void)
{
	uint8_t buffer[RACED_UNIT];
	long fd = sys_open("race", O_RDONLY, 0), got;
	struct stamp s;

	if (fd < 0) {
		failed("open of a file in common", fd);
		return;
	}
	for (uint64_t unit = 0; unit < RACED_UNITS; unit++) {
		got = sys_pread(fd, buffer, RACED_UNIT, unit * RACED_UNIT);
		if (got <= 0)
			break;
		/* A hole that nobody has written. */
		if (got == RACED_UNIT && !buffer[0] && !memcmp(buffer, buffer + 1, RACED_UNIT - 1))
			continue;
		if (got != RACED_UNIT || !stamp_read(buffer, RACED_UNIT, &s) || s.block != unit)
			wrong("unit written without a lock", text("whole unit %llu", (unsigned long long)unit),
			      stamp_text(buffer, RACED_UNIT));
	}
	close(fd);
}

void shared_check(struct common *c)
{
	for (int file = 0; file < SHARED_FILES; file++) {
		long fd = sys_open(file_name(file), O_RDONLY, 0);

		if (fd < 0) {
			failed("open of a file in common", fd);
			continue;
		}
		for (int block = 0; block < SHARED_BLOCKS; block++)
			check_block(c, fd, file, block);
		close(fd);
	}
	for (int i = 0; i < SHARED_NAMES; i++) {
		struct stat st;
		bool there = !sys_lstat(text("shared/n%d", i), &st);

		if (there != !!c->owner[i])
			wrong("a name in common", c->owner[i] ? "there" : "gone", there ? "there" : "gone");
	}
	check_race();
}
