// SPDX-License-Identifier: GPL-2.0
/* Processes that a check starts and waits for. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vexcheck-workers.h"

pid_t worker_start(int worker, void (*work)(int worker, void *data), void *data)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent) {
		if (lie(LIE_DIE))
			raise(SIGSEGV);
		work(worker, data);
	}
	_exit(0);
}

int worker_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* All begin when the last has been started, or the first would be done by then. */
struct start {
	void (*work)(int worker, void *data);
	void *data;
	int gate[2];
};

static void wait_and_work(int worker, void *data)
{
	struct start *s = data;
	char none;

	close(s->gate[1]);
	while (read(s->gate[0], &none, 1) < 0 && errno == EINTR)
		;
	s->work(worker, s->data);
}

bool workers_run(int count, void (*work)(int worker, void *data), void *data)
{
	struct start start = { work, data, { -1, -1 } };
	pid_t pids[MAX_WORKERS];
	bool all = true;

	if (pipe(start.gate))
		return false;
	for (int i = 0; i < count; i++)
		pids[i] = worker_start(i, wait_and_work, &start);
	close(start.gate[1]);
	close(start.gate[0]);
	for (int i = 0; i < count; i++) {
		int status = pids[i] > 0 ? worker_wait(pids[i]) : 0;

		if (pids[i] > 0 && !WIFSIGNALED(status))
			continue;
		all = false;
		/* No process for lack of memory is no fault of the filesystem. */
		if (pids[i] > 0)
			wrong("end of a worker", "by itself",
			      text("worker %d by signal %d, %s", i, WTERMSIG(status), strsignal(WTERMSIG(status))));
	}
	return all;
}
