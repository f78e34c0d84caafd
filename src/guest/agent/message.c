// SPDX-License-Identifier: Apache-2.0
/* The form of answers and events. */
#include "message.h"

#include <stdio.h>
#include <string.h>

void answer_begin(struct buf *b, struct reply to, int status)
{
	if (to.has_id)
		buf_fmt(b, "{\"id\":%lld,\"status\":%d", (long long)to.id, status);
	else
		buf_fmt(b, "{\"id\":null,\"status\":%d", status);
}

/* With no memory for the answer a short one is made without any: the host waits for each. */
static void answer_short(struct reply to)
{
	char line[128], id[24] = "null";

	if (to.has_id)
		snprintf(id, sizeof(id), "%lld", (long long)to.id);
	snprintf(line, sizeof(line), "{\"id\":%s,\"status\":12,\"output\":\"\",\"error\":\"answer: out of memory\"}\n", id);
	queue_push(line, strlen(line), MSG_KEEP);
}

void answer_send(struct buf *b, struct reply to)
{
	buf_add(b, "}\n", 2);
	if (b->failed || !queue_push(b->p, b->len, MSG_KEEP))
		answer_short(to);
	buf_free(b);
}

void event_begin(struct buf *b, const char *event)
{
	buf_fmt(b, "{\"event\":\"%s\"", event);
}

void event_send(struct buf *b, enum msg_class class)
{
	buf_add(b, "}\n", 2);
	if (!b->failed)
		queue_push(b->p, b->len, class);
	buf_free(b);
}

void member_str(struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, ",\"%s\":", name);
	buf_json_str(b, value);
}

void answer_ok(struct reply to)
{
	struct buf b = { 0 };

	answer_begin(&b, to, STATUS_OK);
	member_str(&b, "output", "");
	answer_send(&b, to);
}

void answer_pid(struct reply to, int pid)
{
	struct buf b = { 0 };

	answer_begin(&b, to, STATUS_OK);
	buf_fmt(&b, ",\"output\":\"\",\"pid\":%d", pid);
	answer_send(&b, to);
}

void answer_bad(struct reply to, const char *why)
{
	struct buf b = { 0 };

	answer_begin(&b, to, STATUS_BAD_REQUEST);
	member_str(&b, "output", "");
	member_str(&b, "error", why);
	answer_send(&b, to);
}

void answer_errno(struct reply to, int error, const char *what)
{
	struct buf b = { 0 };
	char text[320];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(error));
	answer_begin(&b, to, error);
	member_str(&b, "output", "");
	member_str(&b, "error", text);
	answer_send(&b, to);
}

void report_dropped(void)
{
	static unsigned long pending;
	struct buf b = { 0 };

	pending += queue_take_dropped();
	if (pending == 0 || queue_bytes() > QUEUE_LIMIT / 2)
		return;
	event_begin(&b, "dropped");
	buf_fmt(&b, ",\"n\":%lu", pending);
	event_send(&b, MSG_KEEP);
	pending = 0;
}
