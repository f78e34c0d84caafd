// SPDX-License-Identifier: Apache-2.0
/* Growing byte strings and what is written into them: formatted text, JSON strings, base64. */
#include "buf.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool buf_reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	char *p;

	if (b->failed)
		return false;
	if (b->cap - b->len >= more)
		return true;
	while (cap - b->len < more)
		cap *= 2;
	p = realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (len == 0 || !buf_reserve(b, len))
		return;
	memcpy(b->p + b->len, data, len);
	b->len += len;
}

void buf_free(struct buf *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_reserve(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

static void escape(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(b, "\\\"", 2);
		break;
	case '\\':
		buf_add(b, "\\\\", 2);
		break;
	case '\n':
		buf_add(b, "\\n", 2);
		break;
	default:
		buf_fmt(b, "\\u%04x", c);
	}
}

void buf_json(struct buf *b, const char *s, size_t len)
{
	size_t done = 0, i = 0; /* s[done..i) is plain and not yet copied */

	buf_add(b, "\"", 1);
	while (i < len) {
		unsigned char c = (unsigned char)s[i];
		size_t n = utf8_length(s + i, len - i);

		if (n > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
			i += n;
			continue;
		}
		buf_add(b, s + done, i - done);
		if (n == 0)
			buf_add(b, "\\ufffd", 6);
		else
			escape(b, c);
		done = ++i;
	}
	if (len)
		buf_add(b, s + done, i - done);
	buf_add(b, "\"", 1);
}

void buf_json_str(struct buf *b, const char *s)
{
	buf_json(b, s, strlen(s));
}

void buf_base64(struct buf *b, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	buf_add(b, "\"", 1);
	if (!buf_reserve(b, (len + 2) / 3 * 4 + 1))
		return;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned int v = (unsigned int)p[i] << 16;
		char *o = b->p + b->len;

		if (left > 1)
			v |= (unsigned int)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		o[0] = b64[v >> 18];
		o[1] = b64[v >> 12 & 63];
		o[2] = left > 1 ? b64[v >> 6 & 63] : '=';
		o[3] = left > 2 ? b64[v & 63] : '=';
		b->len += 4;
	}
	buf_add(b, "\"", 1);
}

static int b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

long base64_decode(char *s, size_t len)
{
	char *dst = s;

	if (len % 4 != 0)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		size_t pad = 0;
		unsigned int v = 0;

		if (i + 4 == len)
			pad = s[i + 3] != '=' ? 0 : s[i + 2] != '=' ? 1 : 2;
		for (size_t k = 0; k < 4; k++) {
			int x = k >= 4 - pad ? 0 : b64_value(s[i + k]);

			if (x < 0)
				return -1;
			v = v << 6 | (unsigned int)x;
		}
		*dst++ = (char)(v >> 16);
		if (pad < 2)
			*dst++ = (char)(v >> 8);
		if (pad < 1)
			*dst++ = (char)v;
	}
	return (long)(dst - s);
}
