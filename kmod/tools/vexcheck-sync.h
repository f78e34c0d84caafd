/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The journal between a run that syncs and the one that looks afterwards. One
 * JSON object a line, all values but the first and names numbers:
 *
 *	{"sync":"begin","seed":S}
 *	{"sync":"data","file":F,"generation":G,"blocks":B}	is on the disk
 *	{"sync":"name","file":F,"renamed":0|1}			is on the disk
 *	{"sync":"vectors","file":F,"count":C}			are on the disk
 *	{"sync":"gone","file":F}				on the disk, too
 *	{"sync":"will","file":F,"what":1|2|3}			is tried next: see below
 *	{"sync":"end"}						in order, and it ends
 */
#ifndef VEXCHECK_SYNC_H
#define VEXCHECK_SYNC_H

#include "vexcheck.h"

#define SYNC_FILES	4096
#define SYNC_SECTOR	512	/* what a disk writes as a whole */
#define SYNC_DIM	8

enum { WILL_WRITE = 1, WILL_RENAME = 2, WILL_UNLINK = 3 };

/* What is known of one file. */
struct synced {
	bool data, name, renamed, gone, may_rename, may_unlink;
	uint64_t generation, blocks, vectors;
};

void sync_name(char *name, uint64_t file, bool renamed);
/* Vectors that are all different. */
void sync_vector(int32_t *v, uint64_t file, uint64_t id);

#endif
