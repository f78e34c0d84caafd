/* SPDX-License-Identifier: GPL-2.0 */
/* What is tried as another user. */
#ifndef VEXCHECK_PERMISSIONS_H
#define VEXCHECK_PERMISSIONS_H

#include "vexcheck.h"

enum { MAY_READ = 4, MAY_WRITE = 2, MAY_SEARCH = 1, NEEDS_ROOT = 8 };

/* @needs: bits that are needed; @owner: the owner needs none; @only: and nobody else may. */
struct rule {
	const char *name;
	long (*run)(void);
	int needs;
	bool owner;
	long only;
	bool makes, xattr, executes;
};

#define PERMISSION_RULES	18

extern const struct rule permission_rules[PERMISSION_RULES];
/* What everybody may who is let in. */
extern const struct rule permission_look;

#endif
