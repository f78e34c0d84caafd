/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_CHILD_H
#define VEXFS_AGENT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/*
 * What a child tells before it ends or turns into another program. It lies in memory shared with the
 * agent: unlike a pipe it costs no descriptor and survives any death of the child.
 */
struct child_report {
	int error;       /* errno of the builtin command that failed */
	bool done;       /* the builtin command came to its end */
	char what[240];  /* what failed */
};

struct child_setup {
	int (*run)(void *arg); /* 0 or errno; does not return if it became another program */
	void *arg;
	int out_fd, err_fd;    /* become 1 and 2 */
	int oom_score_adj;
	struct child_report *report;
};

struct child_report *child_reports_alloc(size_t count);

/* Restored in children; the agent lifts its own limit to lock its memory. */
void child_set_memlock(const struct rlimit *limit);

pid_t child_fork(const struct child_setup *setup);

/* In a child: note what failed and with which errno, and return the errno. */
int child_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
