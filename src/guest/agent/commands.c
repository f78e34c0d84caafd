// SPDX-License-Identifier: Apache-2.0
/* From a line to its handler, and the commands that need no child. */
#include "commands.h"
#include "message.h"
#include "sys.h"

#include <stdio.h>
#include <string.h>

#define EPOCH_MAX 128

static char epoch[EPOCH_MAX + 1];

const char *command_epoch(void)
{
	return epoch;
}

static void cmd_ping(struct request *r)
{
	struct buf b = { 0 };

	answer_begin(&b, r->reply, STATUS_OK);
	buf_fmt(&b, ",\"output\":\"pong\",\"uptime\":%.3f", uptime_now());
	answer_send(&b, r->reply);
}

static void cmd_epoch(struct request *r)
{
	const char *value = req_opt_str(r, "value", "");
	struct buf b = { 0 };

	if (!req_has(r, "value"))
		req_bad(r, "value: missing");
	if (strlen(value) > EPOCH_MAX)
		req_bad(r, "value: longer than %d bytes", EPOCH_MAX);
	if (r->bad[0]) {
		answer_bad(r->reply, r->bad);
		return;
	}
	snprintf(epoch, sizeof(epoch), "%s", value);
	answer_begin(&b, r->reply, STATUS_OK);
	buf_fmt(&b, ",\"output\":\"\"");
	member_str(&b, "epoch", epoch);
	buf_fmt(&b, ",\"uptime\":%.3f", uptime_now());
	answer_send(&b, r->reply);
}

static const struct {
	const char *name;
	void (*handle)(struct request *r);
} commands[] = {
	{ "ping", cmd_ping },
	{ "epoch", cmd_epoch },
	{ "info", cmd_info },
	{ "load", cmd_load },
	{ "unload", cmd_unload },
	{ "mount", cmd_mount },
	{ "umount", cmd_umount },
	{ "exec", cmd_exec },
	{ "start", cmd_start },
	{ "stop", cmd_stop },
	{ "list", cmd_list },
	{ "kill", cmd_kill },
	{ "read", cmd_read },
	{ "write", cmd_write },
	{ "put", cmd_put },
	{ "fault", cmd_fault },
	{ "sysctl", cmd_sysctl },
	{ "sync", cmd_sync },
	{ "sysrq", cmd_sysrq },
	{ "reboot", cmd_reboot },
	{ "poweroff", cmd_poweroff },
};

void run_command(struct request *r, const struct job_spec *spec)
{
	struct job_spec s = *spec;

	s.timeout_ms = req_timeout(r, TIMEOUT_DEFAULT_MS);
	if (r->bad[0])
		answer_bad(r->reply, r->bad);
	else
		job_start(r, &s);
}

void run_builtin(struct request *r, int (*run)(void *arg), void *arg)
{
	struct job_spec spec = { .kind = JOB_COMMAND, .run = run, .arg = arg };

	run_command(r, &spec);
}

static bool blank(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
		len--;
	return len == 0;
}

static void read_id(struct request *r)
{
	const struct json *id = json_get(r->root, "id");

	if (id && id->type == JSON_INT) {
		r->reply.id = id->integer;
		r->reply.has_id = true;
	} else {
		req_bad(r, "id: %s", id ? "not an integer" : "missing");
	}
}

void command_line(char *line, size_t len)
{
	static struct json_doc doc; /* too large for the stack */
	struct request r = { 0 };
	char why[160];

	if (!line) {
		answer_bad(r.reply, "line longer than 1 MiB");
		return;
	}
	if (blank(line, len))
		return;
	r.root = json_parse(&doc, line, len);
	if (doc.error) {
		read_id(&r);
		snprintf(why, sizeof(why), "invalid JSON at byte %zu: %s", doc.error_at, doc.error);
		answer_bad(r.reply, why);
		return;
	}
	if (r.root->type != JSON_OBJECT)
		req_bad(&r, "not an object");
	read_id(&r);
	r.cmd = req_str(&r, "cmd");
	if (r.bad[0]) {
		answer_bad(r.reply, r.bad);
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, r.cmd) == 0) {
			commands[i].handle(&r);
			return;
		}
	}
	snprintf(why, sizeof(why), "unknown command %.64s", r.cmd);
	answer_bad(r.reply, why);
}
