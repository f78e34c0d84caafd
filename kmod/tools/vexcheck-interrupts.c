// SPDX-License-Identifier: GPL-2.0
/* Signals while calls are under way: a call says EINTR or what it did, and did no more. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "vexcheck-interrupts.h"
#include "vexcheck-sys.h"

#define SIZE	(1 << 20)

static uint8_t *old, *new, *back;

static void on_alarm(int sig)
{
	(void)sig;
}

void alarms_start(struct rng *r)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	long us = 100 + rng_below(r, 900);
	struct itimerval every = { { 0, us }, { 0, us } };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

void alarms_stop(void)
{
	struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
}

static bool read_all(int fd, size_t size)
{
	for (size_t at = 0; at < size;) {
		long got = sys_pread(fd, back + at, size - at, at);

		if (got == -EINTR)
			continue;
		if (got <= 0) {
			wrong("read of a whole file", text("%zu bytes", size),
			      got ? errno_name(got) : text("%zu bytes", at));
			return false;
		}
		at += got;
	}
	return true;
}

/* What the call says it wrote is new, the rest is old. */
static void compare(size_t size, size_t written)
{
	for (size_t i = 0; i < size; i++) {
		/* A server may have done what its client gave up. */
		bool either = traits.fuse && i >= written && back[i] == new[i];

		if (back[i] == (i < written ? new[i] : old[i]) || either)
			continue;
		wrong("content after a write under signals",
		      text("new up to %zu of %zu, then old", written, size),
		      text("%s at byte %zu", back[i] == new[i] ? "new" : back[i] == old[i] ? "old" : "neither", i));
		return;
	}
}

static void write_under_alarms(struct rng *r)
{
	size_t size = 4096 * (1 + rng_below(r, SIZE / 4096));
	long fd = sys_open("file", O_CREAT | O_RDWR | O_TRUNC, 0600), got;

	if (fd < 0) {
		failed("create", fd);
		return;
	}
	rng_fill(r, old, size);
	rng_fill(r, new, size);
	got = sys_pwrite(fd, old, size, 0);
	if (got != (long)size) {
		if (got < 0)
			failed("pwrite", got);
		goto out;
	}
	alarms_start(r);
	got = sys_pwrite(fd, new, size, 0);
	alarms_stop();
	if (got == -EINTR)
		got = 0;
	if (got < 0)
		failed("pwrite under signals", got);
	else if (read_all(fd, size))
		compare(size, got);
	alarms_start(r);
	got = sys_pread(fd, new, size, 0);
	alarms_stop();
	if (got > 0 && memcmp(new, back, got))
		wrong("content read under signals", "as without", "other bytes");
	else if (got < 0 && got != -EINTR)
		failed("pread under signals", got);
out:
	close(fd);
	unlink("file");
}

/* Names are changed or not: never something else. */
static void rename_under_alarms(struct rng *r)
{
	long fd = sys_open("from", O_CREAT | O_WRONLY, 0600), ret;
	struct stat st;
	bool from, to;

	if (fd < 0) {
		failed("create", fd);
		return;
	}
	close(fd);
	alarms_start(r);
	ret = sys_rename("from", "to", 0);
	alarms_stop();
	from = !sys_lstat("from", &st);
	to = !sys_lstat("to", &st);
	if (ret && ret != -EINTR)
		failed("rename under signals", ret);
	else if (!traits.fuse && (from != !!ret || to != !ret))
		wrong("names after a rename under signals", ret ? "the old one" : "the new one",
		      from && to ? "both" : from ? "the old one" : to ? "the new one" : "none");
	unlink("from");
	unlink("to");
}

static void sync_under_alarms(struct rng *r)
{
	long fd = sys_open("sync", O_CREAT | O_RDWR, 0600), ret;
	size_t size = rng_below(r, SIZE);
	struct stat st;

	if (fd < 0) {
		failed("create", fd);
		return;
	}
	alarms_start(r);
	ret = sys_ftruncate(fd, size);
	if (!ret)
		ret = sys_fsync(fd);
	alarms_stop();
	if (ret && ret != -EINTR)
		failed("truncate and fsync under signals", ret);
	else if (!ret && !sys_fstat(fd, &st) && st.st_size != (off_t)size)
		wrong("size after a truncate under signals", text("%zu", size), text("%lld", (long long)st.st_size));
	close(fd);
	unlink("sync");
}

int check_interrupts(void)
{
	static void (* const scenes[])(struct rng *r) = {
		write_under_alarms, write_under_alarms, write_under_alarms, rename_under_alarms,
		sync_under_alarms, wait_for_lock, wait_for_fifo, kill_writer, kill_writer, kill_adder,
	};
	struct rng r = rng_stream(0);

	old = malloc(3 * SIZE);
	if (!old)
		return cannot("no memory");
	new = old + SIZE;
	back = new + SIZE;
	while (going())
		scenes[rng_below(&r, COUNT(scenes))](&r);
	free(old);
	return EXIT_RIGHT;
}
