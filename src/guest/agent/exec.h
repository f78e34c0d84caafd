/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_EXEC_H
#define VEXFS_AGENT_EXEC_H

#include "request.h"

struct exec_args {
	char **argv;
	const char *cwd;
	const struct json *env;
	const char *input; /* standard input, NULL for none */
	size_t input_len;
	int oom_score_adj;
};

void exec_args_read(struct request *r, struct exec_args *a);

/* In a child: become the program. */
int child_exec(void *arg);

/*
 * Descriptor of the port named by a member: 0 if there is no such member, -1 if the request was
 * answered since the port cannot be had.
 */
int exec_port(struct request *r, const char *member);

#endif
