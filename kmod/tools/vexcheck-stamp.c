// SPDX-License-Identifier: GPL-2.0
/* Blocks that say who wrote them. All but the head follows from the head, so half of another block shows. */
#include <inttypes.h>
#include <string.h>

#include "vexcheck-stamp.h"

#define MAGIC	0x7665786368656b21ULL

struct head {
	uint64_t magic;
	struct stamp stamp;
	uint64_t sum;		/* of the rest of the block */
};

static void fill(uint8_t *block, size_t size, const struct head *h)
{
	struct rng r = { hash_bytes(&h->stamp, sizeof(h->stamp)) };

	rng_fill(&r, block + sizeof(*h), size - sizeof(*h));
}

void stamp_write(void *block, size_t size, const struct stamp *s)
{
	struct head h = { .magic = MAGIC, .stamp = *s };

	fill(block, size, &h);
	h.sum = hash_bytes((uint8_t *)block + sizeof(h), size - sizeof(h)) ^ hash_bytes(s, sizeof(*s));
	memcpy(block, &h, sizeof(h));
}

bool stamp_read(const void *block, size_t size, struct stamp *s)
{
	struct head h;

	memcpy(&h, block, sizeof(h));
	*s = h.stamp;
	return h.magic == MAGIC &&
	       h.sum == (hash_bytes((const uint8_t *)block + sizeof(h), size - sizeof(h)) ^
			 hash_bytes(s, sizeof(*s)));
}

const char *stamp_text(const void *block, size_t size)
{
	struct stamp s;
	bool whole = stamp_read(block, size, &s);
	uint64_t magic;

	memcpy(&magic, block, sizeof(magic));
	if (magic != MAGIC)
		return text("no block of ours: 0x%016" PRIx64, magic);
	return text("%s block %" PRIu64 " of file %u, writer %u, sequence %" PRIu64,
		    whole ? "whole" : "torn", s.block, s.file, s.writer, s.sequence);
}
