/* SPDX-License-Identifier: GPL-2.0 */
/* Operations on names, and what they share. */
#ifndef VEXCHECK_NAMES_H
#define VEXCHECK_NAMES_H

#include "vexcheck-tree.h"

struct naming {
	struct tree tree;
	struct rng rng;
	bool lost;		/* model and tree have parted */
};

/*
 * Was the result what the model says? True when the call was to succeed and did,
 * so that the model is to follow.
 */
bool names_agree(struct naming *n, const char *call, long got, long expected);
void names_wrong(struct naming *n, const char *what, const char *expected, const char *got);
/* A path to something, to nothing or to where there is no way. */
void names_path(struct naming *n, char *path);
/* Type, links and number of an inode. */
void names_inode(struct naming *n, const char *path, struct node *node);

/* vexcheck-names-make.c */
void names_create(struct naming *n);
void names_mkdir(struct naming *n);
void names_symlink(struct naming *n);
void names_mknod(struct naming *n);
void names_link(struct naming *n);

/* vexcheck-names-change.c */
void names_unlink(struct naming *n);
void names_rmdir(struct naming *n);
void names_rename(struct naming *n);

/* vexcheck-names-list.c */
void names_list(struct naming *n);
void names_list_changing(struct naming *n);
void names_deep(struct naming *n);

#endif
