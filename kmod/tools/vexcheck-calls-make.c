// SPDX-License-Identifier: GPL-2.0
/* Sequences from a seed. Most arguments make sense, or hardly a call would get anywhere. */
#include <stdlib.h>
#include <string.h>

#include "vexcheck-calls.h"

static struct call_arg draw(struct rng *r, const struct call_kind *what, char kind)
{
	struct call_arg a = { .kind = kind };
	const int64_t *values;
	size_t n = 0;

	switch (kind) {
	case 'T':
		a.value = rng_below(r, CALL_SLOTS);
		break;
	case 'F':
		a.value = rng_one_in(r, 20) ? (rng_one_in(r, 2) ? -1 : 9999) : (int64_t)rng_below(r, CALL_SLOTS);
		break;
	case 'P':
	case 'X':
		n = call_table_size(kind);
		a.value = rng_one_in(r, 20) ? rng_below(r, PATH_FIRST) : PATH_FIRST + rng_below(r, n - PATH_FIRST);
		break;
	case 'M':
		a.value = rng_one_in(r, 8) ? rng_below(r, call_table_size(kind)) : MEM_GOOD;
		break;
	case 'I':
		break;
	default:
		values = call_values(what, kind);
		while (values[n] != LAST_VALUE)
			n++;
		/* The first half of a list is what is usual. */
		a.value = values[rng_below(r, rng_one_in(r, 2) ? n : (n + 1) / 2)];
	}
	return a;
}

/* What every process begins with: something to work on. */
static const char * const beginnings[] = {
	"mkdirat path:d n:493", "mkdirat path:e n:493", "mkdirat path:d/d n:493",
	"openat to:0 path:a n:2114 n:384", "openat to:1 path:d/a n:2114 n:384",
	"openat to:2 path:e/a n:2114 n:384", "openat to:3 path:d n:2048 n:384",
	"symlinkat path:a path:s", "symlinkat path:d path:t",
	"setxattr path:a name:user.a mem:good n:7 n:0", "pwrite64 slot:0 mem:good n:8192 n:0",
	"vector_add slot:1 n:4 n:3 n:0 mem:good",
};

static bool begin(struct call *c, int process, size_t number)
{
	char line[100];

	snprintf(line, sizeof(line), "%d %s", process, beginnings[number]);
	return call_read(line, c);
}

struct call *calls_make(uint64_t seed, size_t count, int processes)
{
	struct call *calls = calloc(count, sizeof(*calls));
	struct rng r = { seed * 0x9e3779b97f4a7c15ULL + 1 };

	for (size_t i = 0; calls && i < count; i++) {
		struct call *c = &calls[i];
		size_t n = 0, per = COUNT(beginnings);

		if (i < per * processes && begin(c, i / per, i % per))
			continue;
		c->process = rng_below(&r, processes);
		/* The first kinds open and make directories: nothing goes on without. */
		c->what = &call_kinds[rng_below(&r, rng_one_in(&r, 4) ? 3 : call_kind_count)];
		for (const char *k = c->what->shape; *k; k++)
			if (*k != 'C' && *k != 'Z')
				c->args[n++] = draw(&r, c->what, *k);
	}
	return calls;
}
