// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

#define BUFFER 65536
/* Nothing says how long the last function is. */
#define LONGEST 0x100000

struct entry {
	uint64_t address;
	uint32_t name; /* offset in `names` */
};

static struct entry *entries;
static size_t count, room;
static char *names;
static size_t names_length, names_room;

static void *grown(void *old, size_t *capacity, size_t need, size_t each)
{
	void *new;

	if (need <= *capacity)
		return old;
	*capacity = *capacity ? *capacity * 2 : 65536;
	if (*capacity < need)
		*capacity = need;
	new = realloc(old, *capacity * each);
	if (!new) {
		fprintf(stderr, "vexfs-trace-stream: out of memory\n");
		exit(1);
	}
	return new;
}

static void keep(uint64_t address, const char *name, size_t length)
{
	entries = grown(entries, &room, count + 1, sizeof(*entries));
	names = grown(names, &names_room, names_length + length + 1, 1);
	entries[count++] = (struct entry){ address, (uint32_t)names_length };
	memcpy(names + names_length, name, length);
	names[names_length + length] = '\0';
	names_length += length + 1;
}

/* By address; of several names for one the kernel takes the first (kernel/kallsyms.c, get_symbol_pos). */
static int by_address(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

void symbols_read(void (*module)(const char *line, size_t length))
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (!f)
		return;
	/* The default is 1024 bytes a system call, of some megabytes. */
	setvbuf(f, NULL, _IOFBF, BUFFER);
	while ((length = getline(&line, &size, f)) > 1) {
		uint64_t address;
		char *rest;

		if (line[length - 2] == ']') {
			module(line, (size_t)length);
			continue;
		}
		/* ffffffff81001000 T name */
		address = strtoull(line, &rest, 16);
		if (address != 0 && rest[0] == ' ' && rest[1] != '\0' && strchr("tTwW", rest[1]) && rest[2] == ' ')
			keep(address, rest + 3, (size_t)(line + length - 1 - (rest + 3)));
	}
	free(line);
	fclose(f);
	qsort(entries, count, sizeof(*entries), by_address);
}

int symbols_find(uint64_t address, struct symbol *found)
{
	size_t low = 0, high = count, first, next;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entries[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return 0;
	next = low;
	for (first = low - 1; first > 0 && entries[first - 1].address == entries[first].address; first--)
		;
	found->name = names + entries[first].name;
	found->offset = address - entries[first].address;
	found->size = next < count ? entries[next].address - entries[first].address : LONGEST;
	return found->offset < found->size && found->size <= LONGEST;
}
