/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_BUF_H
#define VEXFS_AGENT_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* A growing byte string. Once memory runs out `failed` stays set and nothing more is added. */
struct buf {
	char *p;
	size_t len, cap;
	bool failed;
};

bool buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_free(struct buf *b);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A quoted JSON string of any bytes: what is not valid UTF-8 becomes U+FFFD, one for each byte. */
void buf_json(struct buf *b, const char *s, size_t len);
void buf_json_str(struct buf *b, const char *s);

/* A quoted base64 string. */
void buf_base64(struct buf *b, const char *s, size_t len);

/* Decode base64 in place; -1 if it is not (padding is required, white space is not allowed). */
long base64_decode(char *s, size_t len);

#endif
