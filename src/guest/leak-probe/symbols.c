// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leaks.h"
#include "program.h"
#include "symbols.h"

#define KALLSYMS "/proc/kallsyms"
#define MAX_NAME 128
/* Nothing says how long the last function is. */
#define LONGEST 0x100000u
#define PAGE 4096u

struct symbol {
	uint64_t address;
	char *name;
	char *module; /* without brackets, empty of the kernel's own */
};

static struct symbol *symbols;
static size_t count, room;

/* `ffffffffc05e6000 t vexfs_fill_super	[vexfs]` (kernel/kallsyms.c, s_show); true of code. */
static bool parse(const char *line, uint64_t *address, char *name, char *module)
{
	char type;

	*module = '\0';
	if (sscanf(line, "%" SCNx64 " %c %127s [%127[^]]]", address, &type, name, module) < 3)
		return false;
	return *address != 0 && strchr("tTwW", type) != NULL && !strpbrk(name, "\"\\") && !strpbrk(module, "\"\\");
}

/*
 * They allocate for who calls them and keep nothing (mm/util.c, mm/slab_common.c, lib/kasprintf.c, mm/mempool.c, fs/xattr.c), by the names of
 * 6.1 to 6.18. Most pass on whose allocation it is, and would not have to be here.
 */
static const char *const WRAPPERS[] = {
	"__do_krealloc", "__kvmalloc_node", "__kvmalloc_node_noprof", "kasprintf", "kmemdup", "kmemdup_noprof", "kmemdup_nul", "krealloc",
	"krealloc_node_align_noprof", "krealloc_noprof", "kstrdup", "kstrdup_const", "kstrndup", "kvasprintf", "kvmalloc_node",
	"kvmalloc_node_noprof", "kvmemdup", "kvrealloc", "kvrealloc_noprof", "kvrealloc_node_align_noprof", "memdup_user",
	"memdup_user_nul", "simple_xattr_alloc", "vmemdup_user",
};
_Static_assert(sizeof(WRAPPERS) / sizeof(*WRAPPERS) <= LEAK_WRAPPERS, "too many wrappers");

static bool is_wrapper(const char *line)
{
	const char *name = line;
	size_t length, i;
	int blanks = 0;

	while (*name && blanks < 2)
		blanks += *name++ == ' ';
	length = strcspn(name, ". \t\n");
	for (i = 0; i < sizeof(WRAPPERS) / sizeof(*WRAPPERS); i++)
		if (strncmp(WRAPPERS[i], name, length) == 0 && WRAPPERS[i][length] == '\0')
			return true;
	return false;
}

bool symbols_save(const char *name, struct leak_range *module, struct leak_range *wrappers)
{
	char function[MAX_NAME], of[MAX_NAME], *line = NULL;
	FILE *from = fopen(KALLSYMS, "re"), *to = fopen(SYMBOLS, "we");
	size_t size = 0, found = 0;
	bool open = false; /* the next function says where the wrapper ends */
	uint64_t address;

	memset(wrappers, 0, LEAK_WRAPPERS * sizeof(*wrappers));
	*module = (struct leak_range){ .start = UINT64_MAX };
	while (from && to && getline(&line, &size, from) > 0) {
		bool inside = strchr(line, '[') != NULL;

		/* Most lines are the kernel's own, in the order of their addresses, and take no scanning. */
		if (!inside && !open && !is_wrapper(line))
			continue;
		if (!parse(line, &address, function, of))
			continue;
		if (open && address > wrappers[found - 1].start) {
			wrappers[found - 1].end = address;
			open = false;
		}
		if (!inside && !open && found < LEAK_WRAPPERS && is_wrapper(line)) {
			wrappers[found++].start = address;
			open = true;
		}
		if (!inside || strcmp(of, name) != 0)
			continue;
		fputs(line, to);
		if (address < module->start)
			module->start = address;
		if (address >= module->end)
			module->end = address + 1;
	}
	free(line);
	if (from)
		fclose(from);
	if (to)
		fclose(to);
	/* The code of a module has pages of its own (kernel/module/strict_rwx.c). */
	module->start &= ~(uint64_t)(PAGE - 1);
	module->end = (module->end + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	return module->start < module->end;
}

static void load(const char *path, const char *without)
{
	char name[MAX_NAME], module[MAX_NAME], *line = NULL;
	FILE *file = fopen(path, "re");
	size_t size = 0;
	uint64_t address;

	while (file && getline(&line, &size, file) > 0) {
		if (!parse(line, &address, name, module) || (without && strcmp(module, without) == 0))
			continue;
		if (count == room) {
			room = room ? room * 2 : 65536;
			symbols = realloc(symbols, room * sizeof(*symbols));
			if (!symbols)
				abort();
		}
		symbols[count++] = (struct symbol){ address, strdup(name), strdup(module) };
	}
	free(line);
	if (file)
		fclose(file);
}

static int by_address(const void *one, const void *other)
{
	const struct symbol *a = one, *b = other;

	return a->address < b->address ? -1 : a->address > b->address;
}

void symbols_load(void)
{
	if (count > 0)
		return;
	load(SYMBOLS, NULL);
	/* The module may have been loaded again, elsewhere. */
	load(KALLSYMS, count > 0 ? symbols[0].module : NULL);
	qsort(symbols, count, sizeof(*symbols), by_address);
}

void symbols_print(uint64_t address)
{
	size_t low = 0, high = count;
	uint64_t next;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || address - symbols[low - 1].address >= LONGEST) {
		printf("{\"fn\":\"0x%" PRIx64 "\"}", address);
		return;
	}
	next = low < count ? symbols[low].address : address + 1;
	printf("{\"fn\":\"%s\",\"offset\":\"0x%" PRIx64 "\",\"size\":\"0x%" PRIx64 "\"", symbols[low - 1].name,
	       address - symbols[low - 1].address, next - symbols[low - 1].address);
	if (symbols[low - 1].module[0])
		printf(",\"module\":\"%s\"", symbols[low - 1].module);
	putchar('}');
}
