// SPDX-License-Identifier: GPL-2.0
/* A model of a tree of names: fs/namei.c in short. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vexcheck-tree.h"

#define MOST_LINKS	40	/* MAXSYMLINKS of include/linux/namei.h */
#define REST_ROOM	((MOST_LINKS + 2) * 1024 + PATH_ROOM)	/* targets are shorter than 1024 */

static void *need(void *p)
{
	if (!p) {
		fputs("vexcheck: no memory\n", stderr);
		exit(EXIT_USAGE);
	}
	return p;
}

void tree_begin(struct tree *t, const char *path)
{
	memset(t, 0, sizeof(*t));
	t->path = path;
	t->path_len = strlen(path);
	t->root = need(calloc(1, sizeof(*t->root)));
	t->root->type = S_IFDIR;
	t->root->links = 1;
	t->root->parent = t->root;
	t->all = t->root;
}

void tree_end(struct tree *t)
{
	struct node *next;

	for (struct node *n = t->all; n; n = next) {
		next = n->next;
		free(n->entries);
		free(n->target);
		free(n);
	}
}

struct entry *tree_find(struct node *dir, const char *name)
{
	for (size_t i = 0; i < dir->count; i++)
		if (!strcmp(dir->entries[i].name, name))
			return &dir->entries[i];
	return NULL;
}

void tree_name(struct node *dir, const char *name, struct node *node)
{
	struct entry *e;

	if (dir->count == dir->room) {
		dir->room = dir->room ? dir->room * 2 : 8;
		dir->entries = need(realloc(dir->entries, dir->room * sizeof(*e)));
	}
	e = &dir->entries[dir->count++];
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->node = node;
	if (node->type == S_IFDIR)
		node->parent = dir;
}

void tree_forget(struct node *dir, const char *name)
{
	struct entry *e = tree_find(dir, name);

	*e = dir->entries[--dir->count];
}

struct node *tree_add(struct tree *t, struct node *dir, const char *name, mode_t type)
{
	struct node *n = need(calloc(1, sizeof(*n)));

	n->type = type;
	n->links = 1;
	n->next = t->all;
	t->all = n;
	t->nodes++;
	tree_name(dir, name, n);
	return n;
}

size_t tree_subdirs(const struct node *dir)
{
	size_t n = 0;

	for (size_t i = 0; i < dir->count; i++)
		n += dir->entries[i].node->type == S_IFDIR;
	return n;
}

bool tree_is_below(const struct node *node, const struct node *dir)
{
	for (; node->parent != node; node = node->parent)
		if (node == dir)
			return true;
	return node == dir;
}

/* What is left of a path, and the directory it starts from. */
struct walk {
	struct tree *tree;
	struct node *dir;
	char rest[REST_ROOM];
	int links;
};

static void from_start(struct walk *k)
{
	const char *path = k->tree->path;
	size_t len = k->tree->path_len;

	/* Absolute targets are below the root: nothing else is ever made. */
	if (k->rest[0] == '/' && !strncmp(k->rest, path, len)) {
		k->dir = k->tree->root;
		memmove(k->rest, k->rest + len, strlen(k->rest + len) + 1);
		if (!k->rest[0])
			strcpy(k->rest, ".");
	}
}

static int follow_link(struct walk *k, const struct node *link, const char *rest)
{
	char next[REST_ROOM];

	if (++k->links > MOST_LINKS)
		return -ELOOP;
	if (snprintf(next, sizeof(next), "%s%s", link->target, rest) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	strcpy(k->rest, next);
	from_start(k);
	return 0;
}

/* Cuts the next component off; @slash: something or a slash follows. */
static const char *component(char *path, char *name, bool *slash)
{
	size_t skip = strspn(path, "/"), len = strcspn(path + skip, "/");

	memcpy(name, path + skip, len);
	name[len] = '\0';
	*slash = path[skip + len] == '/';
	return path + skip + len;
}

static bool is_last(const char *rest)
{
	return !rest[strspn(rest, "/")];
}

static struct node *look(struct node *dir, const char *name)
{
	struct entry *e;

	if (!strcmp(name, "."))
		return dir;
	if (!strcmp(name, ".."))
		return dir->parent;
	e = tree_find(dir, name);
	return e ? e->node : NULL;
}

static int start(struct walk *k, struct tree *t, const char *path)
{
	k->links = 0;
	k->tree = t;
	k->dir = t->root;
	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_ROOM)
		return -ENAMETOOLONG;
	strcpy(k->rest, path);
	from_start(k);
	return 0;
}

/* One step further: 1 when @name is the last component, which is left alone. */
static int step(struct walk *k, char *name, bool *slash, bool enter_last)
{
	const char *rest = component(k->rest, name, slash);
	struct node *next;

	if (is_last(rest) && !enter_last)
		return 1;
	if (strlen(name) > traits.name_max)
		return -ENAMETOOLONG;
	next = look(k->dir, name);
	if (!next)
		return -ENOENT;
	if (next->type == S_IFLNK) {
		char copy[REST_ROOM];

		strcpy(copy, rest);
		return follow_link(k, next, copy);
	}
	if (next->type != S_IFDIR)
		return -ENOTDIR;
	k->dir = next;
	memmove(k->rest, rest, strlen(rest) + 1);
	return 0;
}

void tree_parent(struct tree *t, const char *path, struct where *w)
{
	struct walk k;
	int ret;

	w->node = NULL;
	ret = start(&k, t, path);
	while (!ret)
		ret = step(&k, w->name, &w->slash, false);
	w->err = ret < 0 ? ret : 0;
	if (ret < 0)
		return;
	w->dir = k.dir;
	w->dots = !strcmp(w->name, ".") || !strcmp(w->name, "..");
	w->node = look(k.dir, w->name);
}

void tree_walk(struct tree *t, const char *path, bool follow, struct where *w)
{
	struct walk k;
	int ret;

	ret = start(&k, t, path);
	w->node = NULL;
	while (!ret) {
		ret = step(&k, w->name, &w->slash, false);
		if (ret != 1)
			continue;
		if (strlen(w->name) > traits.name_max) {
			ret = -ENAMETOOLONG;
			break;
		}
		w->node = look(k.dir, w->name);
		if (!w->node) {
			ret = -ENOENT;
		} else if (w->node->type == S_IFLNK && (follow || w->slash)) {
			/* A slash behind it stays with what it leads to. */
			ret = follow_link(&k, w->node, w->slash ? "/" : "");
		} else if (w->slash && w->node->type != S_IFDIR) {
			ret = -ENOTDIR;
		}
	}
	w->err = ret < 0 ? ret : 0;
	w->dir = k.dir;
}
