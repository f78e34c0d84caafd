/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VEXFS_SYMBOLS_H
#define VEXFS_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

/* Writes the lines of kallsyms that are functions of a module to SYMBOLS; false when there are none. */
bool symbols_save(const char *module, uint64_t *start, uint64_t *end);

/* Of the module, as saved, and of the kernel as it is. */
void symbols_load(void);

/* {"fn":"function","offset":"0x1","size":"0x2","module":"name"}, or the address as `fn`. */
void symbols_print(uint64_t address);

#endif
