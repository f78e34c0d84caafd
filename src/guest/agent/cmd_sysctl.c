// SPDX-License-Identifier: Apache-2.0
/* sysctl: kernel settings as writes below /proc/sys, each tried, the failures listed. */
#include "commands.h"
#include "message.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Settings stand in the request itself or in its member "values"; their names hold a dot or slash. */
static const struct json *settings(const struct request *r)
{
	const struct json *values = json_get(r->root, "values");

	return values ? values : r->root;
}

static bool is_setting(const struct json *n)
{
	return strpbrk(n->key, "./") != NULL;
}

/* As sysctl(8) does: with a slash in the name its dots are part of file names. */
static bool setting_path(char path[PATH_MAX], const struct json *n)
{
	char name[256];

	if (n->key_len != strlen(n->key) || n->key_len >= sizeof(name) || strstr(n->key, "..") || n->key[0] == '/')
		return false;
	memcpy(name, n->key, n->key_len + 1);
	if (!strchr(name, '/'))
		for (char *p = name; *p; p++)
			if (*p == '.')
				*p = '/';
	return snprintf(path, PATH_MAX, "%s/proc/sys/%s", sys_root(), name) < PATH_MAX;
}

static int apply(const struct json *n)
{
	char path[PATH_MAX], number[24];
	const char *value = number;
	int fd, error = 0;

	if (!setting_path(path, n))
		return EINVAL;
	snprintf(number, sizeof(number), "%lld", n->type == JSON_INT ? (long long)n->integer : 0);
	if (n->type == JSON_STRING)
		value = n->string.s;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		error = errno;
	close(fd);
	return error;
}

static int child_sysctl(void *arg)
{
	const struct request *r = arg;
	struct buf b = { 0 };
	int failed = 0, first = 0;

	buf_fmt(&b, ",\"failed\":[");
	for (const struct json *n = settings(r)->list.first; n; n = n->next) {
		int error = is_setting(n) ? apply(n) : 0;

		if (!error)
			continue;
		buf_fmt(&b, "%s{\"name\":", failed ? "," : "");
		buf_json_str(&b, n->key);
		buf_fmt(&b, ",\"errno\":%d", error);
		member_str(&b, "error", strerror(error));
		buf_fmt(&b, "}");
		if (!failed++)
			first = error;
	}
	buf_fmt(&b, "]");
	write_all(STDOUT_FILENO, b.p, b.len);
	if (!failed)
		return 0;
	errno = first;
	return child_fail("%d of the settings", failed);
}

void cmd_sysctl(struct request *r)
{
	struct job_spec spec = {
		.kind = JOB_COMMAND, .form = FORM_MEMBERS, .run = child_sysctl, .arg = r, .max_output = JOB_OUTPUT_MAX,
	};
	const struct json *list = settings(r);
	size_t count = 0;

	if (list->type != JSON_OBJECT)
		req_bad(r, "values: not an object");
	for (const struct json *n = list->type == JSON_OBJECT ? list->list.first : NULL; n; n = n->next) {
		if (!is_setting(n)) {
			if (list != r->root)
				req_bad(r, "%.64s: not a setting", n->key);
			continue;
		}
		count++;
		if (n->type != JSON_STRING && n->type != JSON_INT)
			req_bad(r, "%.64s: neither string nor integer", n->key);
	}
	if (count == 0)
		req_bad(r, "no settings");
	run_command(r, &spec);
}
