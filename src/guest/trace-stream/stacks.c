// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "stacks.h"

/* kernel/trace/ring_buffer.c, struct buffer_data_page and rb_event_data_length. */
#define PAGE_COMMIT 8
#define PAGE_HEADER 16
#define COMMIT_MASK 0xfffffu
#define TYPE_LEN(head) ((head) & 31)
#define TIME_DELTA(head) ((head) >> 5)
enum { LENGTH_FOLLOWS = 0, PADDING = 29, TIME_EXTEND = 30, TIME_STAMP = 31 };

/* struct stack_entry (kernel/trace/trace_entries.h): the head of all events, how many, and then them. */
#define STACK_SIZE 8
#define STACK_CALLERS 16

static uint32_t u32_at(const char *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static void stack(const char *event, size_t length, void (*address)(uint64_t))
{
	uint32_t size;

	if (length < STACK_CALLERS)
		return;
	size = u32_at(event + STACK_SIZE);
	for (size_t at = STACK_CALLERS; size > 0 && at + sizeof(uint64_t) <= length; at += sizeof(uint64_t), size--) {
		uint64_t caller;

		memcpy(&caller, event + at, sizeof(caller));
		address(caller);
	}
}

void stacks_of_page(const char *page, size_t size, uint16_t stack_id, void (*address)(uint64_t))
{
	size_t at = PAGE_HEADER, used = PAGE_HEADER + (u32_at(page + PAGE_COMMIT) & COMMIT_MASK);

	if (used > size)
		return;
	while (at + 8 <= used) {
		uint32_t head = u32_at(page + at), kind = TYPE_LEN(head);
		size_t data = at + 4, length;
		uint16_t id;

		if (kind == PADDING && TIME_DELTA(head) == 0)
			return;
		if (kind == TIME_EXTEND || kind == TIME_STAMP) {
			at += 8;
			continue;
		}
		if (kind == LENGTH_FOLLOWS || kind == PADDING) {
			length = u32_at(page + data);
			/* It counts itself. */
			if (length < 4)
				return;
			data += 4;
			length -= 4;
		} else {
			length = kind * 4;
		}
		if (length > used - data)
			return;
		if (kind != PADDING && length >= sizeof(id)) {
			memcpy(&id, page + data, sizeof(id));
			if (id == stack_id)
				stack(page + data, length, address);
		}
		at = data + ((length + 3) & ~(size_t)3);
	}
}
