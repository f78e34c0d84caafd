/* SPDX-License-Identifier: GPL-2.0 */
/* Many workers on files of their own and on files in common. */
#ifndef VEXCHECK_THREADS_H
#define VEXCHECK_THREADS_H

#include "vexcheck-stamp.h"

#define BLOCK		4096
#define SHARED_FILES	8
#define SHARED_BLOCKS	16
#define RACED_UNITS	8
#define RACED_UNIT	(4 * BLOCK)
#define SHARED_NAMES	16

/* What is in the common files, kept by those who hold their locks. */
struct common {
	struct stamp last[SHARED_FILES][SHARED_BLOCKS];
	int holders[SHARED_FILES];	/* of an exclusive lock */
	int owner[SHARED_NAMES];	/* worker + 1 */
};

struct party {
	int worker;
	struct rng rng;
	struct common *common;
	uint64_t sequence;
};

/* vexcheck-threads-own.c */
struct own;
struct own *own_open(struct party *p);
void own_act(struct party *p, struct own *o);
void own_close(struct party *p, struct own *o);

/* vexcheck-threads-shared.c */
int shared_make(void);
void shared_act(struct party *p);
void shared_race(struct party *p);
void shared_name(struct party *p);
void shared_check(struct common *c);

#endif
