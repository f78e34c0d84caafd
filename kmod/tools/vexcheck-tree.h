/* SPDX-License-Identifier: GPL-2.0 */
/* A model of a tree of names, and how Linux walks a path through it. */
#ifndef VEXCHECK_TREE_H
#define VEXCHECK_TREE_H

#include "vexcheck.h"

#define NAME_ROOM	256
#define PATH_ROOM	4096

struct entry {
	char name[NAME_ROOM];
	struct node *node;
};

/* An inode. Those without a name are kept on a list until the tree ends. */
struct node {
	mode_t type;		/* S_IF* */
	int links;		/* names; of a directory 1 */
	ino_t ino;
	struct node *parent;	/* of a directory */
	struct entry *entries;
	size_t count, room;
	char *target;		/* of a symlink */
	struct node *next;	/* of all nodes */
};

struct tree {
	struct node *root, *all;
	size_t nodes;
	const char *path;	/* of the root, absolute */
	size_t path_len;
};

/* Where a path leads. */
struct where {
	int err;		/* 0 or -errno */
	struct node *dir;	/* of the last component */
	struct node *node;	/* NULL: there is none of that name */
	char name[PATH_ROOM];	/* the last component */
	bool dots;		/* which is "." or ".." */
	bool slash;		/* and followed by a slash */
};

void tree_begin(struct tree *t, const char *path);
void tree_end(struct tree *t);
struct node *tree_add(struct tree *t, struct node *dir, const char *name, mode_t type);
void tree_name(struct node *dir, const char *name, struct node *node);
void tree_forget(struct node *dir, const char *name);
struct entry *tree_find(struct node *dir, const char *name);
size_t tree_subdirs(const struct node *dir);
bool tree_is_below(const struct node *node, const struct node *dir);
/* All but the last component, which may be missing and is not followed. */
void tree_parent(struct tree *t, const char *path, struct where *w);
/* To an inode that is there. */
void tree_walk(struct tree *t, const char *path, bool follow, struct where *w);

#endif
