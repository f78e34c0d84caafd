// SPDX-License-Identifier: GPL-2.0
/* Names that go or move. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vexcheck-names.h"
#include "vexcheck-sys.h"

static const char *stays_error = "a name after the call that removed it";

/* Whatever happened, the name is what the model says now. */
static void check_gone(struct naming *n, const char *path)
{
	struct stat st;

	if (sys_lstat(path, &st) != -ENOENT)
		names_wrong(n, stays_error, "ENOENT", "an inode");
}

void names_unlink(struct naming *n)
{
	char path[PATH_ROOM];
	struct where w;
	int expected;

	names_path(n, path);
	tree_parent(&n->tree, path, &w);
	expected = w.err ? w.err : w.dots ? -EISDIR :
		   strlen(w.name) > traits.name_max ? -ENAMETOOLONG :
		   !w.node ? -ENOENT : w.node->type == S_IFDIR ? -EISDIR : w.slash ? -ENOTDIR : 0;
	if (!names_agree(n, "unlink", sys_unlink(path), expected))
		return;
	w.node->links--;
	tree_forget(w.dir, w.name);
	check_gone(n, path);
}

void names_rmdir(struct naming *n)
{
	char path[PATH_ROOM];
	struct where w;
	int expected;

	names_path(n, path);
	tree_parent(&n->tree, path, &w);
	expected = w.err ? w.err : !strcmp(w.name, ".") ? -EINVAL : !strcmp(w.name, "..") ? -ENOTEMPTY :
		   strlen(w.name) > traits.name_max ? -ENAMETOOLONG :
		   !w.node ? -ENOENT : w.node->type != S_IFDIR ? -ENOTDIR : w.node->count ? -ENOTEMPTY : 0;
	if (!names_agree(n, "rmdir", sys_rmdir(path), expected))
		return;
	w.node->links--;
	tree_forget(w.dir, w.name);
	check_gone(n, path);
}

/* do_renameat2() and vfs_rename(), in their order. */
static int rename_error(const struct where *from, const struct where *to, unsigned int flags)
{
	bool swap = flags & RENAME_EXCHANGE, keep = flags & RENAME_NOREPLACE;

	if (swap && keep)
		return -EINVAL;
	if (from->err || to->err)
		return from->err ? from->err : to->err;
	if (from->dots)
		return -EBUSY;
	if (to->dots)
		return keep ? -EEXIST : -EBUSY;
	if (strlen(from->name) > traits.name_max)
		return -ENAMETOOLONG;
	if (!from->node)
		return -ENOENT;
	if (strlen(to->name) > traits.name_max)
		return -ENAMETOOLONG;
	if (keep && to->node)
		return -EEXIST;
	if (swap && !to->node)
		return -ENOENT;
	if (swap && to->node->type != S_IFDIR && to->slash)
		return -ENOTDIR;
	if (from->node->type != S_IFDIR && (from->slash || (!swap && to->slash)))
		return -ENOTDIR;
	if (from->node->type == S_IFDIR && tree_is_below(to->dir, from->node))
		return -EINVAL;
	if (to->node && to->node->type == S_IFDIR && tree_is_below(from->dir, to->node))
		return swap ? -EINVAL : -ENOTEMPTY;
	if (!to->node || from->node == to->node || swap)
		return 0;
	if (from->node->type == S_IFDIR && to->node->type != S_IFDIR)
		return -ENOTDIR;
	if (from->node->type != S_IFDIR && to->node->type == S_IFDIR)
		return -EISDIR;
	return to->node->count && to->node->type == S_IFDIR ? -ENOTEMPTY : 0;
}

static void swap_names(const struct where *from, const struct where *to)
{
	struct entry *a = tree_find(from->dir, from->name), *b = tree_find(to->dir, to->name);

	a->node = to->node;
	b->node = from->node;
	if (from->node->type == S_IFDIR)
		from->node->parent = to->dir;
	if (to->node->type == S_IFDIR)
		to->node->parent = from->dir;
}

static void move_name(const struct where *from, const struct where *to)
{
	if (to->node) {
		to->node->links--;
		tree_forget(to->dir, to->name);
	}
	tree_forget(from->dir, from->name);
	tree_name(to->dir, to->name, from->node);
}

static void without_slash(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

void names_rename(struct naming *n)
{
	static const unsigned int choices[] = {
		0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_NOREPLACE | RENAME_EXCHANGE,
	};
	unsigned int flags = traits.rename_flags ? choices[rng_below(&n->rng, COUNT(choices))] : 0;
	char old[PATH_ROOM], new[PATH_ROOM];
	struct where from, to, at;

	names_path(n, old);
	names_path(n, new);
	tree_parent(&n->tree, old, &from);
	tree_parent(&n->tree, new, &to);
	if (!names_agree(n, flags & RENAME_EXCHANGE ? "rename with RENAME_EXCHANGE" :
			 flags ? "rename with RENAME_NOREPLACE" : "rename",
			 sys_rename(old, new, flags), rename_error(&from, &to, flags)) ||
	    from.node == to.node)
		return;
	if (flags & RENAME_EXCHANGE)
		swap_names(&from, &to);
	else
		move_name(&from, &to);
	/* Directories on the way may have moved themselves. */
	without_slash(old);
	without_slash(new);
	tree_walk(&n->tree, new, false, &at);
	if (!at.err && at.node == from.node)
		names_inode(n, new, from.node);
	tree_walk(&n->tree, old, false, &at);
	if (at.err == -ENOENT)
		check_gone(n, old);
	else if (!at.err && !n->lost)
		names_inode(n, old, at.node);
}
