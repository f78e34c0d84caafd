// SPDX-License-Identifier: Apache-2.0
/* Children's ends and output, as answers and events. */
#include "job.h"
#include "message.h"
#include "sys.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define OUTPUT_CHUNK 4096

static int exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* Status, and what there is to say about it. */
static int judge(const struct job *j, int wait_status, char error[320])
{
	const struct child_report *rep = j->report;

	error[0] = '\0';
	if (!rep->error)
		return exit_status(wait_status);
	snprintf(error, 320, "%s: %s", rep->what, strerror(rep->error));
	return WIFSIGNALED(wait_status) ? exit_status(wait_status) : rep->error;
}

static void add_output(struct buf *b, struct job *j, bool ended)
{
	/* Members were written by the agent's own code, but only if it came to its end. */
	bool whole = j->form == FORM_MEMBERS && ended && j->report->done && !j->truncated;

	buf_fmt(b, ",\"output\":");
	if (j->form == FORM_BASE64)
		buf_base64(b, j->out.p, j->out.len);
	else
		buf_json(b, j->out.p, j->form == FORM_MEMBERS ? 0 : j->out.len);
	if (whole)
		buf_add(b, j->out.p, j->out.len);
	if (j->truncated)
		buf_fmt(b, ",\"truncated\":true");
	if (j->out.failed)
		buf_fmt(b, ",\"lost\":true");
	buf_fmt(b, ",\"pid\":%d,\"ms\":%lld", (int)j->pid, (long long)(now_ms() - j->started));
}

static void answer_end(struct job *j, int wait_status)
{
	char error[320];
	int status = judge(j, wait_status, error);
	struct buf b = { 0 };

	if (j->timed_out) {
		status = STATUS_DEADLINE;
		snprintf(error, sizeof(error), "deadline passed, child killed");
	}
	answer_begin(&b, j->reply, status);
	add_output(&b, j, true);
	if (j->timed_out)
		buf_fmt(&b, ",\"reaped\":true");
	else if (WIFSIGNALED(wait_status))
		buf_fmt(&b, ",\"signal\":%d", WTERMSIG(wait_status));
	if (error[0])
		member_str(&b, "error", error);
	answer_send(&b, j->reply);
}

static void send_exit(struct job *j, int wait_status)
{
	char error[320];
	struct buf b = { 0 };

	event_begin(&b, "exit");
	buf_fmt(&b, ",\"pid\":%d,\"status\":%d", (int)j->pid, judge(j, wait_status, error));
	if (WIFSIGNALED(wait_status))
		buf_fmt(&b, ",\"signal\":%d", WTERMSIG(wait_status));
	member_str(&b, "cmd", j->cmd);
	if (j->name[0])
		member_str(&b, "name", j->name);
	if (j->reply.has_id)
		buf_fmt(&b, ",\"of\":%lld", (long long)j->reply.id);
	buf_fmt(&b, ",\"ms\":%lld", (long long)(now_ms() - j->started));
	if (j->timed_out && j->kind != JOB_COMMAND)
		buf_fmt(&b, ",\"timedOut\":true");
	if (j->state == JOB_ABANDONED)
		buf_fmt(&b, ",\"abandoned\":true");
	if (j->err.len) {
		buf_fmt(&b, ",\"stderr\":");
		buf_json(&b, j->err.p, j->err.len);
	}
	if (error[0])
		member_str(&b, "error", error);
	event_send(&b, MSG_KEEP);
}

static void answer_stop(struct job *j, int wait_status)
{
	struct buf b = { 0 };

	answer_begin(&b, j->stop_reply, STATUS_OK);
	buf_fmt(&b, ",\"output\":\"\",\"pid\":%d,\"exit\":%d,\"killed\":%s", (int)j->pid, exit_status(wait_status),
		j->stop_killed ? "true" : "false");
	answer_send(&b, j->stop_reply);
}

void job_report_end(struct job *j, int wait_status)
{
	if (j->kind == JOB_COMMAND && j->state != JOB_ABANDONED) {
		answer_end(j, wait_status);
	} else {
		job_report_output(j, true);
		send_exit(j, wait_status);
	}
	if (j->stopping)
		answer_stop(j, wait_status);
}

/* State letter and kernel function of a child that does not die. Neither file takes locks that it may hold. */
static void add_where(struct buf *b, pid_t pid)
{
	char path[64], text[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	sys_read(path, text, sizeof(text));
	p = strrchr(text, ')');
	if (p && p[1] == ' ' && p[2] >= 'A' && p[2] <= 'z')
		buf_fmt(b, ",\"state\":\"%c\"", p[2]);
	snprintf(path, sizeof(path), "/proc/%d/wchan", (int)pid);
	sys_read_line(path, text, sizeof(text));
	if (text[0] && strcmp(text, "0") != 0)
		member_str(b, "wchan", text);
}

void job_report_abandoned(struct job *j)
{
	struct reply to = j->stopping ? j->stop_reply : j->reply;
	struct buf b = { 0 };

	/* A background child was answered long ago; that it hangs is seen in heartbeats and `list`. */
	if (j->kind != JOB_COMMAND && !j->stopping)
		return;
	answer_begin(&b, to, STATUS_DEADLINE);
	add_output(&b, j, false);
	buf_fmt(&b, ",\"reaped\":false");
	add_where(&b, j->pid);
	member_str(&b, "error", "deadline passed, child given up");
	answer_send(&b, to);
}

/* Whole lines if possible, so that hosts can show them as they come. */
void job_report_output(struct job *j, bool all)
{
	size_t done = 0;

	while (done < j->out.len) {
		size_t n = j->out.len - done;
		const char *end;
		struct buf b = { 0 };

		if (n > OUTPUT_CHUNK)
			n = OUTPUT_CHUNK;
		end = memrchr(j->out.p + done, '\n', n);
		if (end)
			n = (size_t)(end - (j->out.p + done)) + 1;
		else if (n < OUTPUT_CHUNK && !all)
			break;
		event_begin(&b, "output");
		buf_fmt(&b, ",\"pid\":%d,\"data\":", (int)j->pid);
		buf_json(&b, j->out.p + done, n);
		event_send(&b, MSG_OUTPUT);
		done += n;
	}
	if (done) {
		memmove(j->out.p, j->out.p + done, j->out.len - done);
		j->out.len -= done;
	}
	if (all)
		buf_free(&j->out);
}
