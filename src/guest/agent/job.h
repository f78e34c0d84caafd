/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_JOB_H
#define VEXFS_AGENT_JOB_H

#include "buf.h"
#include "child.h"
#include "request.h"

#include <poll.h>
#include <stdint.h>

#define JOBS_MAX 128
#define JOB_NAME_MAX 63
#define JOB_OUTPUT_DEFAULT 65536
#define JOB_OUTPUT_MAX (1 << 20)
#define JOB_TAIL 8192

enum job_kind {
	JOB_COMMAND,    /* answered when its child ends */
	JOB_BACKGROUND, /* answered at once, output and end are events */
	JOB_PROGRAM,    /* the same with a name to stop it by, output goes to a port */
};

enum job_state {
	JOB_FREE,
	JOB_RUNNING,
	JOB_DYING,     /* SIGKILL sent, shortly waited for */
	JOB_ABANDONED, /* did not even die: most likely in D state */
};

enum job_form { FORM_TEXT, FORM_BASE64, FORM_MEMBERS }; /* what the child's output becomes in the answer */

struct job_spec {
	enum job_kind kind;
	enum job_form form;
	int (*run)(void *arg);
	void *arg;
	const char *name;      /* of a program, or NULL */
	int out_fd, err_fd;    /* where output goes; 0: captured by the agent */
	int oom_score_adj;
	size_t max_output;     /* 0: the default */
	int64_t timeout_ms;    /* 0: none */
};

struct job {
	enum job_state state;
	enum job_kind kind;
	enum job_form form;
	pid_t pid;
	struct reply reply;
	char cmd[16], name[JOB_NAME_MAX + 1];
	int out_fd, err_fd; /* read ends, -1 when closed */
	struct buf out, err;
	size_t max_output;
	bool truncated, timed_out;
	int64_t started, deadline; /* deadline 0: none */
	bool stopping, stop_killed;
	struct reply stop_reply;
	struct child_report *report;
};

/* job_table.c */
bool jobs_init(void);
struct job *job_find_free(void);
struct job *job_by_name(const char *name);          /* programs that are not abandoned */
struct job *job_by_pid(pid_t pid);
struct job *job_next(const struct job *prev);       /* all that are not free; NULL begins */
int64_t jobs_deadline(void);                        /* earliest, INT64_MAX if none */
void jobs_postpone(int64_t ms);
int jobs_abandoned(void);
bool jobs_commands_running(void);

/*
 * Start the child of a request. A command is answered later; for the other kinds the job is returned and
 * the caller answers. If there is no job (table full, no process) that has been answered and NULL is returned.
 */
struct job *job_start(struct request *r, const struct job_spec *spec);

/* Signal the job's process group; SIGKILL of it comes after timeout_ms, then the stop is answered. */
void job_stop(struct job *j, struct reply to, int sig, int64_t timeout_ms);

int jobs_fill_poll(struct pollfd *p); /* at most 2 * JOBS_MAX */
void jobs_read(const struct pollfd *p, int n);
void jobs_reap(void);
void jobs_tick(int64_t now);

/* job_report.c: what the host is told. */
void job_report_end(struct job *j, int wait_status);
void job_report_abandoned(struct job *j);
void job_report_output(struct job *j, bool all);

#endif
