// SPDX-License-Identifier: Apache-2.0
/* Reading a command's members with their types and ranges checked. */
#include "request.h"

#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void req_bad(struct request *r, const char *fmt, ...)
{
	va_list ap;

	if (r->bad[0])
		return;
	va_start(ap, fmt);
	vsnprintf(r->bad, sizeof(r->bad), fmt, ap);
	va_end(ap);
}

bool req_has(const struct request *r, const char *name)
{
	return json_get(r->root, name) != NULL;
}

static bool is_text(const struct json *n)
{
	return n->type == JSON_STRING && !memchr(n->string.s, '\0', n->string.len);
}

const char *req_opt_str(struct request *r, const char *name, const char *absent)
{
	const struct json *n = json_get(r->root, name);

	if (!n)
		return absent;
	if (!is_text(n)) {
		req_bad(r, "%s: not a string without NUL", name);
		return absent;
	}
	return n->string.s;
}

const char *req_str(struct request *r, const char *name)
{
	const char *s = req_opt_str(r, name, "");

	if (!*s)
		req_bad(r, "%s: missing", name);
	return s;
}

const char *req_path(struct request *r, const char *name)
{
	const char *s = req_str(r, name);

	if (strlen(s) < PATH_MAX)
		return s;
	req_bad(r, "%s: too long", name);
	return "";
}

char *req_bytes(struct request *r, const char *name, size_t *len)
{
	static char none[1];
	const struct json *n = json_get(r->root, name);

	*len = 0;
	if (!n || n->type != JSON_STRING) {
		req_bad(r, "%s: %s", name, n ? "not a string" : "missing");
		return none;
	}
	*len = n->string.len;
	return n->string.s;
}

int64_t req_int(struct request *r, const char *name, int64_t min, int64_t max, int64_t absent)
{
	const struct json *n = json_get(r->root, name);

	if (!n)
		return absent;
	if (n->type != JSON_INT || n->integer < min || n->integer > max) {
		req_bad(r, "%s: not an integer from %lld to %lld", name, (long long)min, (long long)max);
		return absent;
	}
	return n->integer;
}

bool req_flag(struct request *r, const char *name)
{
	const struct json *n = json_get(r->root, name);

	if (!n)
		return false;
	if (n->type != JSON_BOOL) {
		req_bad(r, "%s: not true or false", name);
		return false;
	}
	return n->boolean;
}

int64_t req_timeout(struct request *r, int64_t absent)
{
	return req_int(r, "timeoutMs", 1, TIMEOUT_MAX_MS, absent);
}

int req_signal(struct request *r, const char *name, int absent)
{
	static const struct { const char *name; int number; } names[] = {
		{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "ABRT", SIGABRT }, { "KILL", SIGKILL },
		{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "SEGV", SIGSEGV }, { "PIPE", SIGPIPE }, { "ALRM", SIGALRM },
		{ "TERM", SIGTERM }, { "CHLD", SIGCHLD }, { "CONT", SIGCONT }, { "STOP", SIGSTOP }, { "TSTP", SIGTSTP },
	};
	const struct json *n = json_get(r->root, name);
	const char *s;

	if (!n || n->type != JSON_STRING)
		return (int)req_int(r, name, 1, 64, absent);
	s = n->string.s;
	if (strncmp(s, "SIG", 3) == 0)
		s += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(s, names[i].name) == 0)
			return names[i].number;
	req_bad(r, "%s: unknown signal", name);
	return absent;
}

char **req_argv(struct request *r, const char *name)
{
	static char *argv[REQUEST_MAX_ARGS + 1];
	const struct json *list = json_get(r->root, name);
	size_t n = 0;

	if (!list || list->type != JSON_ARRAY || list->list.count < 1 || list->list.count > REQUEST_MAX_ARGS) {
		req_bad(r, "%s: not an array of 1 to %d strings", name, REQUEST_MAX_ARGS);
		return NULL;
	}
	for (const struct json *a = list->list.first; a; a = a->next) {
		if (!is_text(a)) {
			req_bad(r, "%s: element %zu is not a string without NUL", name, n);
			return NULL;
		}
		argv[n++] = a->string.s;
	}
	argv[n] = NULL;
	if (!*argv[0])
		req_bad(r, "%s: no program", name);
	return argv;
}

const struct json *req_strings(struct request *r, const char *name)
{
	const struct json *obj = json_get(r->root, name);

	if (!obj)
		return NULL;
	if (obj->type != JSON_OBJECT) {
		req_bad(r, "%s: not an object", name);
		return NULL;
	}
	for (const struct json *n = obj->list.first; n; n = n->next) {
		if (n->key_len == 0 || strlen(n->key) != n->key_len || strchr(n->key, '=')) {
			req_bad(r, "%s: bad name", name);
			return NULL;
		}
		if (n->type != JSON_NULL && !is_text(n)) {
			req_bad(r, "%s: %.64s is not a string without NUL", name, n->key);
			return NULL;
		}
	}
	return obj;
}
