// SPDX-License-Identifier: Apache-2.0
/* read, write, put, fault: files, among them those of /proc, /sys and tracefs that may block for ever. */
#include "commands.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_args {
	const char *path;
	const char *data;
	size_t len;
	off_t offset;
	int flags, mode; /* mode -1: leave as it is */
	bool dirs;
};

static int child_read(void *arg)
{
	struct file_args *a = arg;
	size_t left = a->len + 1; /* one more, so that the agent sees that there is more */
	char data[16384];
	int fd = open(a->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return child_fail("open %s", a->path);
	if (a->offset && lseek(fd, a->offset, SEEK_SET) < 0)
		return child_fail("seek %s", a->path);
	while (left > 0) {
		ssize_t n = read(fd, data, left < sizeof(data) ? left : sizeof(data));

		if (n == 0)
			break;
		if (n < 0)
			return child_fail("read %s", a->path);
		if (write_all(STDOUT_FILENO, data, (size_t)n) != 0)
			return child_fail("answer");
		left -= (size_t)n;
	}
	return 0;
}

void cmd_read(struct request *r)
{
	struct file_args a = { .path = req_path(r, "path") };
	const char *encoding = req_opt_str(r, "encoding", "utf8");
	struct job_spec spec = { .kind = JOB_COMMAND, .run = child_read, .arg = &a };

	a.offset = (off_t)req_int(r, "offset", 0, INT64_MAX, 0);
	a.len = (size_t)req_int(r, "max", 1, JOB_OUTPUT_MAX, JOB_OUTPUT_DEFAULT);
	spec.max_output = a.len;
	if (strcmp(encoding, "base64") == 0)
		spec.form = FORM_BASE64;
	else if (strcmp(encoding, "utf8") != 0)
		req_bad(r, "encoding: neither utf8 nor base64");
	run_command(r, &spec);
}

static int child_write(void *arg)
{
	struct file_args *a = arg;
	struct stat st;
	int fd;

	if (a->dirs && make_dirs(a->path, false) != 0)
		return child_fail("mkdir above %s", a->path);
	fd = open(a->path, a->flags | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return child_fail("open %s", a->path);
	/* Files of the kernel take one write as one command: a short one is not continued there. */
	if (write_all(fd, a->data, a->len) != 0)
		return child_fail("write %s", a->path);
	if (a->mode >= 0 && fchmod(fd, (mode_t)a->mode) != 0)
		return child_fail("chmod %s", a->path);
	if (fstat(fd, &st) != 0)
		return child_fail("stat %s", a->path);
	if (close(fd) != 0)
		return child_fail("close %s", a->path);
	dprintf(STDOUT_FILENO, ",\"bytes\":%zu,\"size\":%lld", a->len, (long long)st.st_size);
	return 0;
}

static void run_write(struct request *r, struct file_args *a, int oom_score_adj)
{
	struct job_spec spec = {
		.kind = JOB_COMMAND, .form = FORM_MEMBERS, .run = child_write, .arg = a,
		.oom_score_adj = oom_score_adj,
	};

	run_command(r, &spec);
}

void cmd_write(struct request *r)
{
	struct file_args a = { .path = req_path(r, "path"), .mode = -1 };

	a.data = req_bytes(r, "data", &a.len);
	a.flags = O_CREAT | (req_flag(r, "append") ? O_APPEND : O_TRUNC);
	run_write(r, &a, 0);
}

/* A number, or octal digits in a string. */
static int read_mode(struct request *r)
{
	const struct json *n = json_get(r->root, "mode");
	unsigned long mode;
	char *end;

	if (!n || n->type != JSON_STRING)
		return (int)req_int(r, "mode", 0, 07777, 0644);
	mode = strtoul(n->string.s, &end, 8);
	if (n->string.len == 0 || n->string.len > 5 || *end || mode > 07777 || strpbrk(n->string.s, "+- "))
		req_bad(r, "mode: not an octal number");
	return (int)mode;
}

void cmd_put(struct request *r)
{
	struct file_args a = { .path = req_path(r, "path"), .dirs = true };
	char *data = req_bytes(r, "data", &a.len);
	long n = base64_decode(data, a.len);

	if (n < 0)
		req_bad(r, "data: not base64");
	a.data = data;
	a.len = n < 0 ? 0 : (size_t)n;
	a.mode = read_mode(r);
	a.flags = O_CREAT | (req_flag(r, "append") ? O_APPEND : O_TRUNC);
	run_write(r, &a, 0);
}

void cmd_fault(struct request *r)
{
	struct buf text = { 0 };
	char path[PATH_MAX], number[24] = "";
	const struct json *value = json_get(r->root, "arg");
	struct file_args a = { .mode = -1 };
	const char *name = req_str(r, "name"), *arg = number;

	a.path = req_has(r, "path") ? req_path(r, "path") : sys_path(path, "/sys/kernel/debug/vexfs/fault");
	if (value && value->type == JSON_INT)
		snprintf(number, sizeof(number), "%lld", (long long)value->integer);
	else
		arg = req_opt_str(r, "arg", "");
	buf_fmt(&text, "%s%s%s", name, *arg ? " " : "", arg);
	a.data = text.p;
	a.len = text.len;
	run_write(r, &a, 1000);
	buf_free(&text);
}
