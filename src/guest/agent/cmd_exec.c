// SPDX-License-Identifier: Apache-2.0
/* exec: run a program and answer with its output, or leave it in the background. */
#include "commands.h"
#include "exec.h"
#include "message.h"
#include "ports.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void exec_args_read(struct request *r, struct exec_args *a)
{
	a->argv = req_argv(r, "argv");
	a->cwd = req_opt_str(r, "cwd", NULL);
	a->env = req_strings(r, "env");
	a->input = NULL;
	a->input_len = 0;
	if (req_has(r, "stdin"))
		a->input = req_bytes(r, "stdin", &a->input_len);
	a->oom_score_adj = (int)req_int(r, "oomScoreAdj", -1000, 1000, 0);
}

/* A memory file: unlike a pipe it needs no one to feed it. */
static int set_input(const struct exec_args *a)
{
	int fd = memfd_create("stdin", 0);

	if (fd < 0 || write_all(fd, a->input, a->input_len) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    dup2(fd, STDIN_FILENO) < 0)
		return -1;
	return close(fd);
}

int child_exec(void *arg)
{
	const struct exec_args *a = arg;

	if (a->input && set_input(a) != 0)
		return child_fail("stdin");
	if (a->cwd && chdir(a->cwd) != 0)
		return child_fail("chdir %s", a->cwd);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	for (const struct json *n = a->env ? a->env->list.first : NULL; n; n = n->next) {
		if (n->type == JSON_NULL)
			unsetenv(n->key);
		else if (setenv(n->key, n->string.s, 1) != 0)
			return child_fail("env %s", n->key);
	}
	execvp(a->argv[0], a->argv);
	return child_fail("exec %s", a->argv[0]);
}

int exec_port(struct request *r, const char *member)
{
	const char *name = req_opt_str(r, member, NULL);
	int fd = 0;

	if (name && !port_name_ok(name))
		req_bad(r, "%s: not the name of a port", member);
	if (r->bad[0]) {
		answer_bad(r->reply, r->bad);
		return -1;
	}
	if (name) {
		fd = port_for_writing(name);
		if (fd < 0)
			answer_errno(r->reply, errno, name);
	}
	return fd;
}

void cmd_exec(struct request *r)
{
	struct exec_args a;
	struct job_spec spec = { .kind = JOB_COMMAND, .run = child_exec, .arg = &a };
	struct job *j;

	exec_args_read(r, &a);
	spec.oom_score_adj = a.oom_score_adj;
	spec.max_output = (size_t)req_int(r, "maxOutput", 1, JOB_OUTPUT_MAX, JOB_OUTPUT_DEFAULT);
	if (req_flag(r, "background"))
		spec.kind = JOB_BACKGROUND;
	spec.timeout_ms = req_timeout(r, spec.kind == JOB_BACKGROUND ? 0 : TIMEOUT_DEFAULT_MS);
	spec.out_fd = exec_port(r, "port");
	if (spec.out_fd < 0)
		return;
	spec.err_fd = spec.out_fd;
	j = job_start(r, &spec);
	if (j && j->kind == JOB_BACKGROUND)
		answer_pid(r->reply, j->pid);
}
