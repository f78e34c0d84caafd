// SPDX-License-Identifier: GPL-2.0
/* A worker is killed while it writes or adds vectors: what it had done is there, what it was at is whole or not there. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vexcheck-interrupts.h"
#include "vexcheck-stamp.h"
#include "vexcheck-sys.h"
#include "vexcheck-workers.h"

#define BLOCK	4096
#define BLOCKS	16		/* of a unit */
#define UNITS	8
#define DIM	16
#define BATCH	8

/* What the worker was about to do, and what it had done. */
struct board {
	uint64_t started[UNITS], done[UNITS];
	uint64_t adding, added;
	long failed;
	struct rng rng;
};

static void write_for_ever(int worker, void *data)
{
	struct board *b = data;
	uint8_t buffer[BLOCKS * BLOCK];
	int fd = open("killed", O_RDWR);

	for (uint64_t n = 1; fd >= 0 && !totals->stop; n++) {
		uint64_t unit = rng_below(&b->rng, UNITS);
		long got;

		for (uint64_t i = 0; i < BLOCKS; i++) {
			struct stamp s = { worker, 0, unit * BLOCKS + i, n };

			stamp_write(buffer + i * BLOCK, BLOCK, &s);
		}
		__atomic_store_n(&b->started[unit], n, __ATOMIC_SEQ_CST);
		got = sys_pwrite(fd, buffer, sizeof(buffer), unit * sizeof(buffer));
		if (got != sizeof(buffer)) {
			b->failed = got < 0 ? got : -ENOSPC;
			return;
		}
		__atomic_store_n(&b->done[unit], n, __ATOMIC_SEQ_CST);
	}
}

/* Blocks of the write under way, if any, come first. */
static void check_unit(const struct board *b, int fd, uint64_t unit)
{
	uint64_t last = b->started[unit];
	uint8_t block[BLOCK];

	for (uint64_t i = 0; i < BLOCKS; i++) {
		long got = sys_pread(fd, block, BLOCK, (unit * BLOCKS + i) * BLOCK);
		struct stamp s;
		bool blank = !b->done[unit] && (got <= 0 || !block[0]);

		if (blank && last == b->started[unit])
			last = 0;
		if (blank)
			continue;
		if (got != BLOCK || !stamp_read(block, BLOCK, &s) || s.block != unit * BLOCKS + i ||
		    (s.sequence != b->started[unit] && s.sequence != b->done[unit]) || s.sequence > last) {
			wrong("block after its writer was killed",
			      text("sequence %" PRIu64 " done, %" PRIu64 " begun, none newer behind an older one",
				   b->done[unit], b->started[unit]),
			      got == BLOCK ? stamp_text(block, BLOCK) : text("%ld bytes", got));
			return;
		}
		last = s.sequence;
	}
}

/* Starts it, gives it a moment, kills it. */
static void kill_after_a_moment(struct rng *r, void (*work)(int worker, void *data), struct board *b)
{
	pid_t pid;

	b->rng.state = rng_next(r);
	pid = worker_start(0, work, b);
	if (pid <= 0)
		return;
	usleep(200 + rng_below(r, 20000));
	kill(pid, SIGKILL);
	worker_wait(pid);
}

void kill_writer(struct rng *r)
{
	struct board *b = shared_memory(sizeof(*b));
	long fd = sys_open("killed", O_CREAT | O_RDWR | O_TRUNC, 0600);

	if (fd < 0) {
		failed("create", fd);
	} else {
		kill_after_a_moment(r, write_for_ever, b);
		if (b->failed)
			failed("pwrite of a worker", b->failed);
		for (uint64_t unit = 0; unit < UNITS && !b->failed; unit++)
			if (b->started[unit])
				check_unit(b, fd, unit);
		close(fd);
		unlink("killed");
	}
	munmap(b, sizeof(*b));
}

static void add_for_ever(int worker, void *data)
{
	static int32_t v[BATCH * DIM];
	struct board *b = data;
	struct vexfs_add_vector a = { .dim = DIM, .count = BATCH, .data = (uintptr_t)v };
	int fd = open("killed", O_RDWR);

	(void)worker;
	while (fd >= 0 && !totals->stop && b->added + BATCH <= VEXFS_MAX_VECTORS) {
		__atomic_store_n(&b->adding, b->added + BATCH, __ATOMIC_SEQ_CST);
		b->failed = sys_vector_add(fd, &a);
		if (b->failed)
			return;
		__atomic_store_n(&b->added, b->adding, __ATOMIC_SEQ_CST);
	}
}

void kill_adder(struct rng *r)
{
	struct board *b;
	struct vexfs_stats stats;
	long fd;

	if (!traits.vectors)
		return;
	b = shared_memory(sizeof(*b));
	fd = sys_open("killed", O_CREAT | O_RDWR | O_TRUNC, 0600);
	if (fd < 0) {
		failed("create", fd);
	} else {
		kill_after_a_moment(r, add_for_ever, b);
		if (b->failed)
			failed("vector add of a worker", b->failed);
		else if (!sys_vector_stats(fd, &stats) && stats.count != b->added && stats.count != b->adding)
			wrong("vectors after their adder was killed",
			      text("%" PRIu64 " or %" PRIu64, b->added, b->adding), text("%llu", stats.count));
		close(fd);
		unlink("killed");
	}
	munmap(b, sizeof(*b));
}
