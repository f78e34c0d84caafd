// SPDX-License-Identifier: GPL-2.0
/* Sequences as text: a call a line. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vexcheck-calls.h"

#define LINE_ROOM	512

static const char * const *table_of(char kind)
{
	return kind == 'P' ? call_paths : kind == 'X' ? call_names : call_memories;
}

static const char *word_of(char kind)
{
	switch (kind) {
	case 'T': return "to";
	case 'F': return "slot";
	case 'P': return "path";
	case 'X': return "name";
	case 'M': case 'I': return "mem";
	default: return "n";
	}
}

const char *call_text(const struct call *call)
{
	static char line[LINE_ROOM];
	size_t n = snprintf(line, sizeof(line), "%u %s", call->process, call->what->name);

	for (size_t i = 0; i < CALL_ARGS && call->args[i].kind; i++) {
		const struct call_arg *a = &call->args[i];

		n += snprintf(line + n, sizeof(line) - n, " %s:", word_of(a->kind));
		if (strchr("PXM", a->kind))
			n += snprintf(line + n, sizeof(line) - n, "%s", table_of(a->kind)[a->value]);
		else if (a->kind == 'I')
			n += snprintf(line + n, sizeof(line) - n, "iovecs");
		else
			n += snprintf(line + n, sizeof(line) - n, "%" PRId64, a->value);
	}
	return line;
}

void calls_print(FILE *to, const struct call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(to, "%s\n", call_text(&calls[i]));
}

/* Bad descriptors are the two that are never opened. */
static bool in_range(char kind, int64_t v)
{
	if (kind == 'T')
		return v >= 0 && v < CALL_SLOTS;
	return kind != 'F' || (v >= -1 && v < CALL_SLOTS) || v == 9999;
}

/* Numbers are what the table has, so a file can ask for nothing that may wait or lead elsewhere. */
static bool in_values(const struct call_kind *what, char kind, int64_t v)
{
	if (kind == 'T' || kind == 'F')
		return in_range(kind, v);
	for (const int64_t *one = call_values(what, kind); *one != LAST_VALUE; one++)
		if (*one == v)
			return true;
	return false;
}

static bool read_arg(const struct call_kind *what, char kind, const char *word, struct call_arg *a)
{
	const char *key = word_of(kind), *value = word + strlen(key) + 1;
	char *end;

	a->kind = kind;
	if (strncmp(word, key, strlen(key)) || word[strlen(key)] != ':')
		return false;
	if (kind == 'I')
		return !strcmp(value, "iovecs");
	if (strchr("PXM", kind)) {
		const char * const *table = table_of(kind);

		for (a->value = 0; table[a->value]; a->value++)
			if (!strcmp(table[a->value], value))
				return true;
		return false;
	}
	errno = 0;
	a->value = strtoll(value, &end, 10);
	return !errno && *value && !*end && in_values(what, kind, a->value);
}

bool call_read(char *line, struct call *c)
{
	char *rest = line, *word = strtok_r(line, " \t\n", &rest), *end = "";
	unsigned long process = word ? strtoul(word, &end, 10) : CALL_PROCESSES;
	size_t n = 0;

	memset(c, 0, sizeof(*c));
	if (*end || process >= CALL_PROCESSES)
		return false;
	c->process = process;
	word = strtok_r(NULL, " \t\n", &rest);
	for (size_t i = 0; word && i < call_kind_count; i++)
		if (!strcmp(call_kinds[i].name, word))
			c->what = &call_kinds[i];
	if (!c->what)
		return false;
	for (const char *k = c->what->shape; *k; k++) {
		if (*k == 'C' || *k == 'Z')
			continue;
		word = strtok_r(NULL, " \t\n", &rest);
		if (!word || !read_arg(c->what, *k, word, &c->args[n++]))
			return false;
	}
	return !strtok_r(NULL, " \t\n", &rest);
}

struct call *calls_read(FILE *from, size_t *count)
{
	struct call *calls = calloc(CALL_MOST, sizeof(*calls));
	char line[LINE_ROOM], copy[LINE_ROOM];
	unsigned int number = 0;

	*count = 0;
	while (calls && fgets(line, sizeof(line), from)) {
		number++;
		if (line[0] == '#' || !line[strspn(line, " \t\n")])
			continue;
		strcpy(copy, line);
		if (*count == CALL_MOST || !call_read(copy, &calls[*count])) {
			fprintf(stderr, "vexcheck: line %u is no call\n", number);
			free(calls);
			return NULL;
		}
		++*count;
	}
	return calls;
}
