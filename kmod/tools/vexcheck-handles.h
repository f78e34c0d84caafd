/* SPDX-License-Identifier: GPL-2.0 */
/* Open files and locks. */
#ifndef VEXCHECK_HANDLES_H
#define VEXCHECK_HANDLES_H

#include "vexcheck.h"

/* vexcheck-handles-locks.c: two processes and a model of who holds what */
void locks_of_files(struct rng *r);
void locks_of_ranges(struct rng *r);

#endif
