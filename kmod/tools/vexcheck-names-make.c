// SPDX-License-Identifier: GPL-2.0
/* Names that are made. What each call answers, in the order in which fs/namei.c looks. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-names.h"
#include "vexcheck-sys.h"

/* filename_create(): what stands in the way of a new name. */
static int create_error(const struct where *w, bool directory)
{
	if (w->err)
		return w->err;
	if (w->dots)
		return -EEXIST;
	if (strlen(w->name) > traits.name_max)
		return -ENAMETOOLONG;
	if (w->node)
		return -EEXIST;
	return w->slash && !directory ? -ENOENT : 0;
}

static void check_dir_time(struct naming *n, const struct moment *before)
{
	struct stat st;

	/* Names with symlinks on the way would lead elsewhere: the root is looked at. */
	if (!sys_stat(".", &st) && !stamped_since(before, &st.st_mtim))
		names_wrong(n, "mtime of a directory with a new name",
			    text("%lld.%09ld or later", (long long)before->at.tv_sec, before->at.tv_nsec),
			    text("%lld.%09ld", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec));
}

static void made(struct naming *n, const char *path, const struct where *w, mode_t type,
		 const char *target, const struct moment *before)
{
	struct node *node = tree_add(&n->tree, w->dir, w->name, type);
	char plain[PATH_ROOM];

	if (target)
		node->target = strdup(target);
	strcpy(plain, path);
	if (w->slash)
		plain[strlen(plain) - 1] = '\0';
	names_inode(n, plain, node);
	if (w->dir == n->tree.root && !n->lost)
		check_dir_time(n, before);
}

void names_create(struct naming *n)
{
	bool exclusive = rng_one_in(&n->rng, 2);
	struct moment before = moment_now();
	char path[PATH_ROOM];
	struct where w;
	int expected;
	long fd;

	names_path(n, path);
	tree_parent(&n->tree, path, &w);
	/* What O_CREAT says to dots and slashes has changed over the years. */
	if (!w.err && (w.dots || w.slash))
		return;
	expected = w.err ? w.err : strlen(w.name) > traits.name_max ? -ENAMETOOLONG : 0;
	if (!expected && w.node)
		expected = exclusive ? -EEXIST : w.node->type == S_IFDIR ? -EISDIR :
			   w.node->type == S_IFLNK ? -ELOOP :
			   w.node->type == S_IFSOCK ? -ENXIO : 0;
	fd = sys_open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | (exclusive ? O_EXCL : 0), 0600);
	if (fd >= 0)
		close(fd);
	if (names_agree(n, exclusive ? "open with O_CREAT, O_EXCL" : "open with O_CREAT", fd, expected) &&
	    !w.node)
		made(n, path, &w, S_IFREG, NULL, &before);
}

void names_mkdir(struct naming *n)
{
	struct moment before = moment_now();
	char path[PATH_ROOM];
	struct where w;

	names_path(n, path);
	tree_parent(&n->tree, path, &w);
	if (names_agree(n, "mkdir", sys_mkdir(path, 0755), create_error(&w, true)))
		made(n, path, &w, S_IFDIR, NULL, &before);
}

/* Targets stay in the tree: a name beside, an absolute one, nothing, itself. */
static void make_target(struct naming *n, char *target)
{
	if (rng_one_in(&n->rng, 3)) {
		strcat(strcpy(target, n->tree.path), "/");
		names_path(n, target + strlen(target));
		if (strstr(target, "..") || strlen(target) > 1000)
			strcpy(target, "nothing");
	} else {
		strcpy(target, text("n%d", (int)rng_below(&n->rng, 24)));
	}
}

void names_symlink(struct naming *n)
{
	char path[PATH_ROOM], target[2 * PATH_ROOM];
	struct moment before = moment_now();
	struct where w;

	if (!traits.symlinks)
		return;
	names_path(n, path);
	make_target(n, target);
	tree_parent(&n->tree, path, &w);
	if (names_agree(n, "symlink", sys_symlink(target, path), create_error(&w, false)))
		made(n, path, &w, S_IFLNK, target, &before);
}

void names_mknod(struct naming *n)
{
	mode_t type = rng_one_in(&n->rng, 2) ? S_IFIFO : S_IFSOCK;
	struct moment before = moment_now();
	char path[PATH_ROOM];
	struct where w;

	if (!traits.fifos)
		return;
	names_path(n, path);
	tree_parent(&n->tree, path, &w);
	if (names_agree(n, "mknod", sys_mknod(path, type | 0600, 0), create_error(&w, false)))
		made(n, path, &w, type, NULL, &before);
}

void names_link(struct naming *n)
{
	char old[PATH_ROOM], new[PATH_ROOM];
	struct where from, to;
	int expected;

	if (!traits.links)
		return;
	names_path(n, old);
	names_path(n, new);
	tree_walk(&n->tree, old, false, &from);
	tree_parent(&n->tree, new, &to);
	expected = from.err ? from.err : create_error(&to, false);
	if (!expected && from.node->type == S_IFDIR)
		expected = -EPERM;
	if (!names_agree(n, "link", sys_link(old, new), expected))
		return;
	from.node->links++;
	tree_name(to.dir, to.name, from.node);
	names_inode(n, new, from.node);
}
