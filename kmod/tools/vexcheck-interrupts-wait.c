// SPDX-License-Identifier: GPL-2.0
/* Calls that wait for somebody who does not come: a signal ends them. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "vexcheck-interrupts.h"
#include "vexcheck-sys.h"
#include "vexcheck-workers.h"

struct holder {
	int ready[2], done[2];
	bool ranges;
};

static const struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

/* Holds the lock until its pipe is closed. */
static void hold(int worker, void *data)
{
	struct holder *h = data;
	int fd = open("held", O_RDWR);
	struct flock range = whole;
	char byte = fd < 0 || (h->ranges ? fcntl(fd, F_SETLK, &range) : flock(fd, LOCK_EX | LOCK_NB)) ? 'n' : 'y';

	(void)worker;
	close(h->done[1]);
	if (write(h->ready[1], &byte, 1) == 1)
		while (read(h->done[0], &byte, 1) < 0 && errno == EINTR)
			;
}

void wait_for_lock(struct rng *r)
{
	struct holder h = { .ranges = rng_one_in(r, 2) };
	long fd = sys_open("held", O_CREAT | O_RDWR, 0600), ret;
	struct flock range = whole;
	char byte = 'n';
	pid_t pid;

	if (fd < 0 || pipe(h.ready) || pipe(h.done)) {
		if (fd < 0)
			failed("create", fd);
		return;
	}
	pid = worker_start(0, hold, &h);
	while (pid > 0 && read(h.ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	if (byte == 'y') {
		alarms_start(r);
		ret = h.ranges ? sys_lock(fd, F_SETLKW, &range) : sys_flock(fd, LOCK_EX);
		alarms_stop();
		if (ret != -EINTR)
			wrong(h.ranges ? "F_SETLKW for a lock that is held" : "flock for a lock that is held",
			      "EINTR", ret ? errno_name(ret) : "success");
	}
	close(h.done[1]);
	if (pid > 0)
		worker_wait(pid);
	close(h.done[0]);
	close(h.ready[0]);
	close(h.ready[1]);
	close(fd);
	unlink("held");
}

void wait_for_fifo(struct rng *r)
{
	long ret;

	if (!traits.fifos || sys_mknod("fifo", S_IFIFO | 0600, 0))
		return;
	alarms_start(r);
	ret = sys_open("fifo", rng_one_in(r, 2) ? O_RDONLY : O_WRONLY, 0);
	alarms_stop();
	if (ret != -EINTR)
		wrong("open of a FIFO with nobody at its other end", "EINTR", ret < 0 ? errno_name(ret) : "success");
	if (ret >= 0)
		close(ret);
	unlink("fifo");
}
