// SPDX-License-Identifier: Apache-2.0
/* start, stop, list, kill: long-running programs that write to ports of their own. */
#include "commands.h"
#include "exec.h"
#include "message.h"
#include "sys.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define STOP_TIMEOUT_MS 5000

void cmd_start(struct request *r)
{
	struct exec_args a;
	struct job_spec spec = { .kind = JOB_PROGRAM, .run = child_exec, .arg = &a };
	struct job *j;

	exec_args_read(r, &a);
	spec.name = req_str(r, "name");
	spec.oom_score_adj = a.oom_score_adj;
	if (strlen(spec.name) > JOB_NAME_MAX)
		req_bad(r, "name: longer than %d bytes", JOB_NAME_MAX);
	spec.out_fd = exec_port(r, "port");
	if (spec.out_fd < 0)
		return;
	spec.err_fd = exec_port(r, "stderrPort");
	if (spec.err_fd < 0)
		return;
	if (job_by_name(spec.name)) {
		answer_errno(r->reply, EEXIST, spec.name);
		return;
	}
	j = job_start(r, &spec);
	if (j)
		answer_pid(r->reply, j->pid);
}

/* By the name of a program or the pid of a background child. */
static struct job *find(struct request *r)
{
	pid_t pid = (pid_t)req_int(r, "pid", 2, INT32_MAX, 0);
	struct job *j;

	if (!pid)
		return job_by_name(req_str(r, "name"));
	j = job_by_pid(pid);
	return j && j->kind != JOB_COMMAND && j->state != JOB_ABANDONED ? j : NULL;
}

void cmd_stop(struct request *r)
{
	struct job *j = find(r);
	int sig = req_signal(r, "signal", SIGINT);
	int64_t timeout = req_timeout(r, STOP_TIMEOUT_MS);

	if (r->bad[0])
		answer_bad(r->reply, r->bad);
	else if (!j)
		answer_errno(r->reply, ESRCH, "stop");
	else if (j->stopping)
		answer_errno(r->reply, EALREADY, "stop");
	else
		job_stop(j, r->reply, sig, timeout);
}

static void add_job(struct buf *b, const struct job *j, bool first)
{
	static const char *const kinds[] = { "command", "background", "program" };
	static const char *const states[] = { "free", "running", "dying", "abandoned" };

	buf_fmt(b, "%s{\"pid\":%d,\"kind\":\"%s\",\"cmd\":\"%s\"", first ? "" : ",", (int)j->pid, kinds[j->kind],
		j->cmd);
	if (j->name[0])
		member_str(b, "name", j->name);
	buf_fmt(b, ",\"of\":%lld,\"state\":\"%s\",\"ms\":%lld}", (long long)j->reply.id, states[j->state],
		(long long)(now_ms() - j->started));
}

void cmd_list(struct request *r)
{
	struct buf b = { 0 };
	bool first = true;

	answer_begin(&b, r->reply, STATUS_OK);
	buf_fmt(&b, ",\"output\":\"\",\"abandoned\":%d,\"children\":[", jobs_abandoned());
	for (const struct job *j = job_next(NULL); j; j = job_next(j), first = false)
		add_job(&b, j, first);
	buf_fmt(&b, "]");
	answer_send(&b, r->reply);
}

void cmd_kill(struct request *r)
{
	/* Neither init nor every process: those have commands of their own. */
	pid_t pid = (pid_t)req_int(r, "pid", 2, INT32_MAX, 0);
	int sig = req_signal(r, "signal", SIGTERM);
	bool group = req_flag(r, "group");

	if (!pid)
		req_bad(r, "pid: missing");
	if (pid == getpid())
		req_bad(r, "pid: is the agent");
	if (r->bad[0])
		answer_bad(r->reply, r->bad);
	else if (kill(group ? -pid : pid, sig) != 0)
		answer_errno(r->reply, errno, "kill");
	else
		answer_ok(r->reply);
}
