// SPDX-License-Identifier: Apache-2.0
/*
 * The output queue: whole messages one after the other in one preallocated block, each behind a small
 * header. A dropped message is only marked dead; its room is won back when the block is packed.
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

struct header {
	size_t len;
	enum msg_class class;
	bool dead;
};

static struct {
	char *mem;
	size_t cap, head, tail;
	size_t live;  /* bytes of living messages, headers included */
	size_t sent;  /* bytes of the first message already written */
	unsigned long dropped;
} q;

bool queue_init(void)
{
	q.cap = QUEUE_LIMIT;
	q.mem = malloc(q.cap);
	return q.mem != NULL;
}

/* Headers are not aligned, hence the copies. */
static struct header get(size_t at)
{
	struct header h;

	memcpy(&h, q.mem + at, sizeof(h));
	return h;
}

static void put(size_t at, const struct header *h)
{
	memcpy(q.mem + at, h, sizeof(*h));
}

static void discard(size_t at, struct header *h)
{
	h->dead = true;
	put(at, h);
	q.live -= sizeof(*h) + h->len;
	q.dropped++;
}

/* Drop droppable messages, oldest first, until `need` more bytes fit. A line begun is finished. */
static void make_room(size_t need)
{
	size_t at = q.head;

	while (at < q.tail && q.live + need > QUEUE_LIMIT) {
		struct header h = get(at);

		if (!h.dead && h.class != MSG_KEEP && !(at == q.head && q.sent))
			discard(at, &h);
		at += sizeof(h) + h.len;
	}
}

static void drop_heartbeats(void)
{
	for (size_t at = q.head; at < q.tail;) {
		struct header h = get(at);

		if (!h.dead && h.class == MSG_HEARTBEAT && !(at == q.head && q.sent))
			discard(at, &h);
		at += sizeof(h) + h.len;
	}
}

static void pack(void)
{
	size_t from = q.head, to = 0;

	while (from < q.tail) {
		struct header h = get(from);
		size_t size = sizeof(h) + h.len;

		if (!h.dead) {
			memmove(q.mem + to, q.mem + from, size);
			to += size;
		}
		from += size;
	}
	q.head = 0;
	q.tail = to;
}

static bool grow(size_t need)
{
	size_t cap = q.cap;
	char *mem;

	while (cap - q.tail < need)
		cap *= 2;
	mem = realloc(q.mem, cap);
	if (!mem)
		return false;
	q.mem = mem;
	q.cap = cap;
	return true;
}

bool queue_push(const char *data, size_t len, enum msg_class class)
{
	struct header h = { .len = len, .class = class };
	size_t need = sizeof(h) + len;

	if (class == MSG_HEARTBEAT)
		drop_heartbeats();
	if (q.live + need > QUEUE_LIMIT)
		make_room(need);
	if (q.live + need > QUEUE_LIMIT && class != MSG_KEEP) {
		q.dropped++;
		return true;
	}
	if (q.cap - q.tail < need)
		pack();
	if (q.cap - q.tail < need && !grow(need))
		return false;
	put(q.tail, &h);
	memcpy(q.mem + q.tail + sizeof(h), data, len);
	q.tail += need;
	q.live += need;
	return true;
}

size_t queue_peek(const char **data)
{
	while (q.head < q.tail) {
		struct header h = get(q.head);

		if (!h.dead) {
			*data = q.mem + q.head + sizeof(h) + q.sent;
			return h.len - q.sent;
		}
		q.head += sizeof(h) + h.len;
	}
	q.head = q.tail = 0;
	return 0;
}

void queue_advance(size_t n)
{
	struct header h = get(q.head);

	q.sent += n;
	if (q.sent < h.len)
		return;
	q.head += sizeof(h) + h.len;
	q.live -= sizeof(h) + h.len;
	q.sent = 0;
}

void queue_rewind(void)
{
	q.sent = 0;
	drop_heartbeats();
}

size_t queue_bytes(void)
{
	return q.live;
}

unsigned long queue_take_dropped(void)
{
	unsigned long n = q.dropped;

	q.dropped = 0;
	return n;
}
