/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks that say who wrote them, where, when, and whether they are whole. */
#ifndef VEXCHECK_STAMP_H
#define VEXCHECK_STAMP_H

#include "vexcheck.h"

struct stamp {
	uint32_t writer, file;
	uint64_t block, sequence;
};

/* @size is a multiple of 8, 64 at least. */
void stamp_write(void *block, size_t size, const struct stamp *s);
/* False: torn, or nobody's. */
bool stamp_read(const void *block, size_t size, struct stamp *s);
/* What it is, in words. */
const char *stamp_text(const void *block, size_t size);

#endif
