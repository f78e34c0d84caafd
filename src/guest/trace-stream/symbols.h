/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads /proc/kallsyms. Lines of modules (they end with "[module]") are handed to `module`; functions of the kernel itself, tens of
 * thousands, are kept for symbols_find.
 */
void symbols_read(void (*module)(const char *line, size_t length));

struct symbol {
	const char *name;
	uint64_t offset, size;
};

/* The kernel's own function that holds an address; it reaches to the next one, as the kernel counts it. False when none does. */
int symbols_find(uint64_t address, struct symbol *found);

#endif
