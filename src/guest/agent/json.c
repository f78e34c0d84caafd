// SPDX-License-Identifier: Apache-2.0
/*
 * JSON reader for hostile input. No allocation: nodes come from a fixed array, strings are unescaped in
 * place (an unescaped string is never longer than its source). Strict: what RFC 8259 does not allow is an error.
 */
#include "json.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool parse_value(struct json_doc *d, struct json *node, int depth);

static bool fail(struct json_doc *d, const char *why)
{
	if (!d->error) {
		d->error = why;
		d->error_at = (size_t)(d->p - d->start);
	}
	return false;
}

static void skip_space(struct json_doc *d)
{
	while (d->p < d->end && (*d->p == ' ' || *d->p == '\t' || *d->p == '\r' || *d->p == '\n'))
		d->p++;
}

static bool accept(struct json_doc *d, char c)
{
	skip_space(d);
	if (d->p >= d->end || *d->p != c)
		return false;
	d->p++;
	return true;
}

static struct json *new_node(struct json_doc *d)
{
	struct json *n;

	if (d->used == JSON_MAX_NODES) {
		fail(d, "too many values");
		return NULL;
	}
	n = &d->nodes[d->used++];
	memset(n, 0, sizeof(*n));
	return n;
}

static void append(struct json *list, struct json *n)
{
	if (list->list.last)
		list->list.last->next = n;
	else
		list->list.first = n;
	list->list.last = n;
	list->list.count++;
}

/* Four hex digits at d->p; -1 if there are none. */
static int32_t parse_hex4(struct json_doc *d)
{
	int32_t v = 0;

	if (d->end - d->p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = d->p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (c - 'A' + 10);
		else
			return -1;
	}
	d->p += 4;
	return v;
}

/* After "\u": one code point, of two escapes if the first is a high surrogate. */
static bool parse_unicode(struct json_doc *d, char **dst)
{
	int32_t c = parse_hex4(d), low;

	if (c < 0)
		return fail(d, "bad \\u escape");
	if (c >= 0xdc00 && c <= 0xdfff)
		return fail(d, "lone surrogate");
	if (c >= 0xd800 && c <= 0xdbff) {
		if (d->end - d->p < 6 || d->p[0] != '\\' || d->p[1] != 'u')
			return fail(d, "lone surrogate");
		d->p += 2;
		low = parse_hex4(d);
		if (low < 0xdc00 || low > 0xdfff)
			return fail(d, "lone surrogate");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*dst += utf8_encode((uint32_t)c, *dst);
	return true;
}

static bool parse_escape(struct json_doc *d, char **dst)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	char c;

	if (d->p >= d->end)
		return fail(d, "unterminated string");
	c = *d->p++;
	if (c == 'u')
		return parse_unicode(d, dst);
	at = c ? strchr(from, c) : NULL;
	if (!at)
		return fail(d, "bad escape");
	*(*dst)++ = to[at - from];
	return true;
}

/* The opening quote has been read. */
static bool parse_string(struct json_doc *d, char **s, size_t *len)
{
	char *dst = d->p;

	*s = dst;
	while (d->p < d->end) {
		unsigned char c = (unsigned char)*d->p;
		size_t n;

		if (c == '"') {
			d->p++;
			*len = (size_t)(dst - *s);
			*dst = '\0'; /* at the latest over the closing quote */
			return true;
		}
		if (c == '\\') {
			d->p++;
			if (!parse_escape(d, &dst))
				return false;
			continue;
		}
		if (c < 0x20)
			return fail(d, "control byte in string");
		n = utf8_length(d->p, (size_t)(d->end - d->p));
		if (n == 0)
			return fail(d, "invalid UTF-8");
		memmove(dst, d->p, n);
		dst += n;
		d->p += n;
	}
	return fail(d, "unterminated string");
}

static size_t digits(const char *p, const char *end)
{
	const char *s = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return (size_t)(p - s);
}

static bool parse_number(struct json_doc *d, struct json *node)
{
	const char *p = d->p, *end = d->end;
	char text[JSON_MAX_NUMBER + 1];
	bool integer = true;
	size_t n;

	if (p < end && *p == '-')
		p++;
	n = digits(p, end);
	if (n == 0 || (n > 1 && *p == '0'))
		return fail(d, "bad number");
	p += n;
	if (p < end && *p == '.') {
		integer = false;
		n = digits(++p, end);
		if (n == 0)
			return fail(d, "bad number");
		p += n;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		integer = false;
		if (++p < end && (*p == '+' || *p == '-'))
			p++;
		n = digits(p, end);
		if (n == 0)
			return fail(d, "bad number");
		p += n;
	}
	n = (size_t)(p - d->p);
	if (n > JSON_MAX_NUMBER)
		return fail(d, "number too long");
	memcpy(text, d->p, n);
	text[n] = '\0';
	node->real = strtod(text, NULL);
	if (!isfinite(node->real))
		return fail(d, "number out of range");
	node->type = JSON_REAL;
	/* Beyond 2^53 the other side cannot tell integers apart, so they are not taken for integers here either. */
	if (integer && fabs(node->real) <= 9007199254740991.0) {
		node->integer = strtoll(text, NULL, 10);
		node->type = JSON_INT;
	}
	d->p += n;
	return true;
}

static bool parse_word(struct json_doc *d, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(d->end - d->p) < n || memcmp(d->p, word, n) != 0)
		return fail(d, "bad value");
	d->p += n;
	return true;
}

static bool parse_array(struct json_doc *d, struct json *node, int depth)
{
	node->type = JSON_ARRAY;
	if (accept(d, ']'))
		return true;
	do {
		struct json *n = new_node(d);

		if (!n || !parse_value(d, n, depth + 1))
			return false;
		append(node, n);
	} while (accept(d, ','));
	return accept(d, ']') || fail(d, "expected , or ]");
}

static bool parse_object(struct json_doc *d, struct json *node, int depth)
{
	node->type = JSON_OBJECT;
	if (accept(d, '}'))
		return true;
	do {
		struct json *n = new_node(d);
		char *key;

		if (!n)
			return false;
		if (!accept(d, '"'))
			return fail(d, "expected a member name");
		if (!parse_string(d, &key, &n->key_len))
			return false;
		n->key = key;
		if (!accept(d, ':'))
			return fail(d, "expected :");
		if (!parse_value(d, n, depth + 1))
			return false;
		append(node, n);
	} while (accept(d, ','));
	return accept(d, '}') || fail(d, "expected , or }");
}

static bool parse_value(struct json_doc *d, struct json *node, int depth)
{
	skip_space(d);
	if (d->p >= d->end)
		return fail(d, "unexpected end");
	switch (*d->p) {
	case '{':
	case '[':
		if (depth >= JSON_MAX_DEPTH)
			return fail(d, "nested too deeply");
		return *d->p++ == '{' ? parse_object(d, node, depth) : parse_array(d, node, depth);
	case '"':
		d->p++;
		node->type = JSON_STRING;
		return parse_string(d, &node->string.s, &node->string.len);
	case 't':
	case 'f':
		node->type = JSON_BOOL;
		node->boolean = *d->p == 't';
		return parse_word(d, node->boolean ? "true" : "false");
	case 'n':
		return parse_word(d, "null");
	default:
		return parse_number(d, node);
	}
}

const struct json *json_parse(struct json_doc *doc, char *text, size_t len)
{
	struct json *root;

	doc->used = 0;
	doc->error = NULL;
	doc->start = doc->p = text;
	doc->end = text + len;
	root = new_node(doc);
	if (parse_value(doc, root, 0)) {
		skip_space(doc);
		if (doc->p != doc->end)
			fail(doc, "text after the value");
	}
	return root;
}

const struct json *json_get(const struct json *obj, const char *name)
{
	const struct json *found = NULL;
	size_t len = strlen(name);

	if (!obj || obj->type != JSON_OBJECT)
		return NULL;
	for (const struct json *n = obj->list.first; n; n = n->next)
		if (n->key_len == len && memcmp(n->key, name, len) == 0)
			found = n;
	return found;
}
