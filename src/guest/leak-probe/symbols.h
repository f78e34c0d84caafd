/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VEXFS_SYMBOLS_H
#define VEXFS_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct leak_range;

/* Writes the lines of kallsyms that are functions of a module to SYMBOLS; false when there are none. Finds wrappers on the way. */
bool symbols_save(const char *name, struct leak_range *module, struct leak_range *wrappers);

/* Of the module, as saved, and of the kernel as it is. */
void symbols_load(void);

/* {"fn":"function","offset":"0x1","size":"0x2","module":"name"}, or the address as `fn`. */
void symbols_print(uint64_t address);

#endif
