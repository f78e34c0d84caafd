// SPDX-License-Identifier: Apache-2.0
/*
 * The life of a child between fork() and its command. Whatever may hang or oops in the kernel runs here.
 * A child keeps no descriptor of the agent's: one that hangs in the kernel for ever would keep the
 * control port open, and a virtio port can be opened only once at a time.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct child_report *own_report; /* in the child */
static struct rlimit memlock;
static bool memlock_known;

struct child_report *child_reports_alloc(size_t count)
{
	void *p = mmap(NULL, count * sizeof(struct child_report), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void child_set_memlock(const struct rlimit *limit)
{
	memlock = *limit;
	memlock_known = true;
}

int child_fail(const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(own_report->what, sizeof(own_report->what), fmt, ap);
	va_end(ap);
	own_report->error = error;
	return error;
}

/* The agent ignores some signals, and a shell may have started it with others ignored. */
static void reset_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_oom_score_adj(int value)
{
	char text[16];
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	snprintf(text, sizeof(text), "%d", value);
	if (write(fd, text, strlen(text)) < 0 && value < 0)
		fprintf(stderr, "oom_score_adj %d: %s\n", value, strerror(errno));
	close(fd);
}

static void set_descriptors(const struct child_setup *s)
{
	int null = open("/dev/null", O_RDONLY);
	int pair[2];

	if (null < 0 && pipe(pair) == 0)
		null = pair[0]; /* reads end at once when the other side is closed below */
	/* All of them are above 2: main() made sure that 0 to 2 are taken. */
	dup2(null, STDIN_FILENO);
	dup2(s->out_fd, STDOUT_FILENO);
	dup2(s->err_fd, STDERR_FILENO);
	if (close_range(3, ~0U, 0) != 0)
		for (int fd = 3; fd < 4096; fd++)
			close(fd);
}

static _Noreturn void child_main(const struct child_setup *s, pid_t agent)
{
	int error;

	own_report = s->report;
	setpgid(0, 0);
	/* Nobody would account for a child that outlives the agent, and its ports could not be opened again. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != agent)
		_exit(0);
	reset_signals();
	if (memlock_known)
		setrlimit(RLIMIT_MEMLOCK, &memlock);
	set_descriptors(s);
	set_oom_score_adj(s->oom_score_adj);
	error = s->run(s->arg);
	own_report->done = true;
	_exit(error);
}

pid_t child_fork(const struct child_setup *s)
{
	pid_t agent = getpid(), pid;

	memset(s->report, 0, sizeof(*s->report));
	pid = fork();
	if (pid == 0)
		child_main(s, agent);
	if (pid > 0)
		setpgid(pid, pid); /* both sides do it: neither may come too late */
	return pid;
}
