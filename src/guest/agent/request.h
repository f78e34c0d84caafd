/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_REQUEST_H
#define VEXFS_AGENT_REQUEST_H

#include "json.h"

#define REQUEST_MAX_ARGS 1024
#define TIMEOUT_DEFAULT_MS 30000
#define TIMEOUT_MAX_MS 86400000

/* Whom to answer. */
struct reply {
	int64_t id;
	bool has_id;
};

/*
 * One command. The readers below check type and range; the first member found wrong is noted in `bad`
 * and a harmless value returned, so a handler reads all it wants and then asks once.
 */
struct request {
	const struct json *root;
	const char *cmd;
	struct reply reply;
	char bad[160];
};

void req_bad(struct request *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool req_has(const struct request *r, const char *name);

/* Text without NUL bytes. The first must be there and not be empty, the second may be absent. */
const char *req_str(struct request *r, const char *name);
const char *req_opt_str(struct request *r, const char *name, const char *absent);
const char *req_path(struct request *r, const char *name);
/* Text that may be empty and hold NULs; must be there. It may be changed in place. */
char *req_bytes(struct request *r, const char *name, size_t *len);

int64_t req_int(struct request *r, const char *name, int64_t min, int64_t max, int64_t absent);
bool req_flag(struct request *r, const char *name);
int64_t req_timeout(struct request *r, int64_t absent);
/* Number or name ("INT", "SIGINT"). */
int req_signal(struct request *r, const char *name, int absent);
/* A NULL-terminated argv with at least one word; NULL if bad. It lives until the next call. */
char **req_argv(struct request *r, const char *name);
/* Object of strings (and nulls), NULL if absent. */
const struct json *req_strings(struct request *r, const char *name);

#endif
