// SPDX-License-Identifier: Apache-2.0
/*
 * The lives of children: starting, capturing, deadlines, reaping. Nothing here waits. A child whose time
 * is up gets SIGKILL; one that has not died shortly after is given up but stays in the table until it
 * ends, if ever, so that it is counted and its report is not used by another.
 */
#include "job.h"
#include "message.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILL_GRACE_MS 250
#define READ_SIZE 65536
#define DRAIN_MAX (1 << 20)

static struct job *poll_owner[2 * JOBS_MAX];

static bool open_pipe(int given, int *read_end, int *write_end)
{
	int p[2];

	*read_end = -1;
	*write_end = given;
	if (given)
		return true;
	if (pipe2(p, O_CLOEXEC) != 0)
		return false;
	/* Only the agent's side: children expect blocking output. */
	fcntl(p[0], F_SETFL, O_RDONLY | O_NONBLOCK);
	*read_end = p[0];
	*write_end = p[1];
	return true;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool spawn(struct job *j, const struct job_spec *spec)
{
	struct child_setup setup = {
		.run = spec->run, .arg = spec->arg, .oom_score_adj = spec->oom_score_adj, .report = j->report,
	};
	bool tail = spec->kind == JOB_PROGRAM && !spec->err_fd;
	int error;

	j->err_fd = -1;
	if (!open_pipe(spec->out_fd, &j->out_fd, &setup.out_fd))
		return false;
	setup.err_fd = spec->err_fd ? spec->err_fd : setup.out_fd;
	if (tail && !open_pipe(0, &j->err_fd, &setup.err_fd))
		j->pid = -1;
	else
		j->pid = child_fork(&setup);
	error = errno;
	if (!spec->out_fd)
		close(setup.out_fd);
	if (tail && j->err_fd >= 0)
		close(setup.err_fd);
	if (j->pid >= 0)
		return true;
	close_fd(&j->out_fd);
	close_fd(&j->err_fd);
	errno = error;
	return false;
}

struct job *job_start(struct request *r, const struct job_spec *spec)
{
	struct job *j = job_find_free();
	struct child_report *report;

	if (!j) {
		answer_errno(r->reply, EAGAIN, "too many children");
		return NULL;
	}
	report = j->report;
	memset(j, 0, sizeof(*j));
	j->report = report;
	j->kind = spec->kind;
	j->form = spec->form;
	j->reply = r->reply;
	snprintf(j->cmd, sizeof(j->cmd), "%s", r->cmd);
	snprintf(j->name, sizeof(j->name), "%s", spec->name ? spec->name : "");
	j->max_output = spec->max_output ? spec->max_output : JOB_OUTPUT_DEFAULT;
	j->started = now_ms();
	j->deadline = spec->timeout_ms ? j->started + spec->timeout_ms : 0;
	if (!spawn(j, spec)) {
		answer_errno(r->reply, errno, "cannot start a child");
		return NULL;
	}
	j->state = JOB_RUNNING;
	return j;
}

static void signal_group(const struct job *j, int sig)
{
	/* The child may have left its group; it is not yet reaped, so its number is still its own. */
	kill(-j->pid, sig);
	if (getpgid(j->pid) != j->pid)
		kill(j->pid, sig);
}

static void begin_kill(struct job *j, int64_t now)
{
	signal_group(j, SIGKILL);
	j->state = JOB_DYING;
	j->deadline = now + KILL_GRACE_MS;
}

void job_stop(struct job *j, struct reply to, int sig, int64_t timeout_ms)
{
	j->stopping = true;
	j->stop_reply = to;
	j->deadline = now_ms() + timeout_ms;
	signal_group(j, sig);
}

static void keep_output(struct job *j, const char *data, size_t n)
{
	size_t room = j->max_output - j->out.len;

	if (j->kind != JOB_COMMAND) {
		buf_add(&j->out, data, n);
		job_report_output(j, false);
		return;
	}
	if (n > room) {
		n = room;
		j->truncated = true;
	}
	buf_add(&j->out, data, n);
}

static void keep_tail(struct job *j, const char *data, size_t n)
{
	buf_add(&j->err, data, n);
	if (j->err.len > JOB_TAIL) {
		size_t extra = j->err.len - JOB_TAIL;

		memmove(j->err.p, j->err.p + extra, JOB_TAIL);
		j->err.len = JOB_TAIL;
	}
}

/* One read; false when there is nothing more for now. */
static bool read_some(struct job *j, int *fd)
{
	static char data[READ_SIZE];
	ssize_t n = *fd < 0 ? 0 : read(*fd, data, sizeof(data));

	if (n > 0) {
		if (fd == &j->out_fd)
			keep_output(j, data, (size_t)n);
		else
			keep_tail(j, data, (size_t)n);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	return false;
}

/* What the child wrote before it ended. Its own children may go on writing: hence a limit. */
static void drain(struct job *j)
{
	for (int i = 0; i < DRAIN_MAX / READ_SIZE * 16 && read_some(j, &j->out_fd); i++)
		;
	for (int i = 0; i < DRAIN_MAX / READ_SIZE * 16 && read_some(j, &j->err_fd); i++)
		;
}

static void release(struct job *j)
{
	close_fd(&j->out_fd);
	close_fd(&j->err_fd);
	buf_free(&j->out);
	buf_free(&j->err);
}

static void abandon(struct job *j)
{
	drain(j);
	job_report_abandoned(j);
	release(j);
	j->state = JOB_ABANDONED;
	j->stopping = false;
	j->deadline = 0;
}

void jobs_reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct job *j = job_by_pid(pid);

		if (!j)
			continue;
		drain(j);
		job_report_end(j, status);
		release(j);
		j->state = JOB_FREE;
	}
}

void jobs_tick(int64_t now)
{
	for (struct job *j = job_next(NULL); j; j = job_next(j)) {
		if (!j->deadline || now < j->deadline)
			continue;
		if (j->state == JOB_DYING) {
			abandon(j);
			continue;
		}
		if (j->stopping)
			j->stop_killed = true;
		else
			j->timed_out = true;
		begin_kill(j, now);
	}
}

int jobs_fill_poll(struct pollfd *p)
{
	int n = 0;

	for (struct job *j = job_next(NULL); j; j = job_next(j)) {
		const int fds[] = { j->out_fd, j->err_fd };

		for (int i = 0; i < 2; i++) {
			if (fds[i] < 0)
				continue;
			poll_owner[n] = j;
			p[n++] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		}
	}
	return n;
}

void jobs_read(const struct pollfd *p, int n)
{
	for (int i = 0; i < n; i++) {
		struct job *j = poll_owner[i];

		if (p[i].revents)
			read_some(j, p[i].fd == j->out_fd ? &j->out_fd : &j->err_fd);
	}
}
