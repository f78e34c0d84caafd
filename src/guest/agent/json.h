/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_JSON_H
#define VEXFS_AGENT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 32
#define JSON_MAX_NODES 16384
#define JSON_MAX_NUMBER 64

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *key; /* set in members of objects, NUL-terminated */
	size_t key_len;
	union {
		bool boolean;
		int64_t integer;
		double real;
		struct {
			char *s; /* NUL-terminated, but may hold NULs of its own */
			size_t len;
		} string;
		struct {
			struct json *first;
			struct json *last;
			size_t count;
		} list;
	};
	struct json *next; /* in the array or object around it */
};

struct json_doc {
	struct json nodes[JSON_MAX_NODES];
	size_t used;
	char *start, *p, *end;
	const char *error; /* why parsing failed */
	size_t error_at;   /* and at which byte */
};

/*
 * Parse text[0..len) and return its root. The text is overwritten: strings are unescaped where they stand
 * and the tree points into it. On failure doc->error is set, and the root as far as it was read is
 * returned (or NULL), so that an "id" which came before the mistake can still be answered.
 */
const struct json *json_parse(struct json_doc *doc, char *text, size_t len);

/* The member of that name, the last one if it occurs twice; NULL if obj is no object or has none. */
const struct json *json_get(const struct json *obj, const char *name);

#endif
