/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_QUEUE_H
#define VEXFS_AGENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#define QUEUE_LIMIT (4u << 20)

enum msg_class {
	MSG_KEEP,      /* answers and ends of children: never dropped */
	MSG_OUTPUT,    /* output of background children */
	MSG_HEARTBEAT, /* only the newest one is worth sending */
};

bool queue_init(void);

/* False only if an answer found no memory. Messages are lines and end with a newline. */
bool queue_push(const char *data, size_t len, enum msg_class class);

/* What is to be written next; 0 bytes when the queue is empty. */
size_t queue_peek(const char **data);
void queue_advance(size_t n);

/* The connection was lost: send the line that was under way from its start, forget stale heartbeats. */
void queue_rewind(void);

size_t queue_bytes(void);

/* Number of messages dropped since the last call. */
unsigned long queue_take_dropped(void);

#endif
