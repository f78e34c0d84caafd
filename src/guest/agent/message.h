/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_MESSAGE_H
#define VEXFS_AGENT_MESSAGE_H

#include "buf.h"
#include "queue.h"
#include "request.h"

enum { STATUS_OK = 0, STATUS_BAD_REQUEST = -1, STATUS_DEADLINE = -2 };

/* A message is begun, members are added with buf_fmt(b, ",\"name\":…"), then it is sent and freed. */
void answer_begin(struct buf *b, struct reply to, int status);
void answer_send(struct buf *b, struct reply to);
void event_begin(struct buf *b, const char *event);
void event_send(struct buf *b, enum msg_class class);

/* Add the member `,"name":"value"`. */
void member_str(struct buf *b, const char *name, const char *value);

/* Whole answers. */
void answer_ok(struct reply to);
void answer_pid(struct reply to, int pid);
void answer_bad(struct reply to, const char *why);
void answer_errno(struct reply to, int error, const char *what);

/* If events were dropped and there is room again, say how many. */
void report_dropped(void);

#endif
