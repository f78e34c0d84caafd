// SPDX-License-Identifier: GPL-2.0
/* Names, links, types and errors against a model of the tree. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-names.h"
#include "vexcheck-sys.h"

#define MOST_NODES	300

void names_wrong(struct naming *n, const char *what, const char *expected, const char *got)
{
	wrong(what, expected, got);
	n->lost = true;
}

bool names_agree(struct naming *n, const char *call, long got, long expected)
{
	if (expected == 0 && got < 0) {
		if (got == -ENOSPC || got == -EDQUOT || got == -ENOMEM || got == -EMLINK)
			return false;
		names_wrong(n, call, "success", errno_name(got));
		return false;
	}
	if (expected < 0 && got != expected &&
	    !(expected == -ENOTEMPTY && got == -EEXIST))
		names_wrong(n, call, errno_name(expected), got < 0 ? errno_name(got) : "success");
	digest(got < 0 ? got : 0);
	return expected >= 0 && !n->lost;
}

/* Few names, so that calls meet; sometimes odd ones and the longest. */
static void new_name(struct naming *n, char *name)
{
	size_t len;

	switch (rng_below(&n->rng, 16)) {
	case 0:
		len = 1 + rng_below(&n->rng, traits.name_max < 255 ? traits.name_max : 255);
		break;
	case 1:
		len = traits.name_max + rng_below(&n->rng, 3);	/* up to two too long */
		break;
	default:
		sprintf(name, "n%d", (int)rng_below(&n->rng, 24));
		return;
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t c = traits.odd_names ? 1 + rng_below(&n->rng, 255) : 'a' + rng_below(&n->rng, 26);

		name[i] = c == '/' ? '_' : c;
	}
	/* A name of dots alone means another thing. */
	if (name[0] == '.')
		name[0] = 'x';
	name[len] = '\0';
}

static struct node *any_directory(struct naming *n, char *path)
{
	struct node *dir = n->tree.root;

	*path = '\0';
	while (dir->count && !rng_one_in(&n->rng, 3) && strlen(path) < 2000) {
		struct entry *e = &dir->entries[rng_below(&n->rng, dir->count)];
		struct where w;

		if (e->node->type != S_IFDIR && e->node->type != S_IFLNK)
			break;
		strcat(strcat(path, e->name), rng_one_in(&n->rng, 20) ? "//" : "/");
		if (e->node->type == S_IFDIR) {
			dir = e->node;
			continue;
		}
		tree_walk(&n->tree, path, true, &w);
		if (!w.node || w.err)
			break;
		dir = w.node;
	}
	return dir;
}

void names_path(struct naming *n, char *path)
{
	struct node *dir = any_directory(n, path);
	int kind = rng_below(&n->rng, 20);

	if (kind < 11 && dir->count)
		strcat(path, dir->entries[rng_below(&n->rng, dir->count)].name);
	else if (kind == 11 && dir != n->tree.root)
		strcat(path, "..");
	else if (kind == 12)
		strcat(path, ".");
	else if (kind == 13 && dir->count)
		sprintf(strchr(path, '\0'), "%s/below", dir->entries[rng_below(&n->rng, dir->count)].name);
	else
		new_name(n, strchr(path, '\0'));
	if (rng_one_in(&n->rng, 12))
		strcat(path, "/");
}

void names_inode(struct naming *n, const char *path, struct node *node)
{
	int links = node->type != S_IFDIR ? node->links :
		    traits.dir_links ? 2 + (int)tree_subdirs(node) : 0;
	struct stat st;
	long ret = sys_lstat(path, &st);

	if (ret) {
		names_wrong(n, "lstat of what is there", "success", errno_name(ret));
		return;
	}
	if ((st.st_mode & S_IFMT) != node->type)
		names_wrong(n, "type", text("0%o", node->type), text("0%o", st.st_mode & S_IFMT));
	else if (links && (node->type == S_IFDIR || traits.same_inode) && (int)st.st_nlink != links)
		names_wrong(n, "number of links", text("%d", links), text("%d", (int)st.st_nlink));
	else if (node->ino && traits.same_inode && st.st_ino != node->ino)
		names_wrong(n, "inode number", text("%llu", (unsigned long long)node->ino),
			    text("%llu", (unsigned long long)st.st_ino));
	else if (node->type == S_IFLNK && st.st_size != (off_t)strlen(node->target))
		names_wrong(n, "size of a symlink", text("%zu", strlen(node->target)),
			    text("%lld", (long long)st.st_size));
	node->ino = st.st_ino;
}

static void do_stat(struct naming *n)
{
	bool follow = rng_one_in(&n->rng, 2);
	char path[PATH_ROOM];
	struct where w;
	struct stat st;
	long got;

	names_path(n, path);
	tree_walk(&n->tree, path, follow, &w);
	got = follow ? sys_stat(path, &st) : sys_lstat(path, &st);
	if (!names_agree(n, follow ? "stat" : "lstat", got, w.err))
		return;
	if ((st.st_mode & S_IFMT) != w.node->type)
		names_wrong(n, "type", text("0%o", w.node->type), text("0%o", st.st_mode & S_IFMT));
	else if (traits.same_inode && w.node->ino && st.st_ino != w.node->ino)
		names_wrong(n, "inode number", text("%llu", (unsigned long long)w.node->ino),
			    text("%llu", (unsigned long long)st.st_ino));
}

static void do_readlink(struct naming *n)
{
	char path[PATH_ROOM], target[PATH_ROOM];
	struct where w;
	long got;

	names_path(n, path);
	tree_walk(&n->tree, path, false, &w);
	got = sys_readlink(path, target, sizeof(target) - 1);
	if (!w.err && w.node->type != S_IFLNK)
		w.err = -EINVAL;
	if (!names_agree(n, "readlink", got, w.err))
		return;
	target[got] = '\0';
	if (strcmp(target, w.node->target))
		names_wrong(n, "target of a symlink", w.node->target, target);
}

static const struct action {
	void (*run)(struct naming *n);
	int weight;
	bool makes;
} actions[] = {
	{ names_create, 16, true }, { names_mkdir, 12, true }, { names_symlink, 6, true },
	{ names_mknod, 3, true }, { names_link, 9, false }, { names_unlink, 10, false },
	{ names_rmdir, 5, false }, { names_rename, 20, false }, { do_stat, 10, false },
	{ do_readlink, 4, false }, { names_list, 4, false }, { names_list_changing, 1, true },
};

static void act(struct naming *n)
{
	int sum = 0, at;

	for (size_t i = 0; i < COUNT(actions); i++)
		sum += actions[i].weight;
	at = rng_below(&n->rng, sum);
	for (size_t i = 0; i < COUNT(actions); i++) {
		at -= actions[i].weight;
		if (at >= 0)
			continue;
		if (!actions[i].makes || n->tree.nodes < MOST_NODES)
			actions[i].run(n);
		return;
	}
}

/* One tree, in a directory of its own. */
static int tree_life(uint64_t number)
{
	struct naming *n = calloc(1, sizeof(*n));
	int left, here, ret = 0;
	char path[PATH_ROOM];

	if (!n || snprintf(path, sizeof(path), "%s/tree", folder_path()) >= (int)sizeof(path) ||
	    mkdir(path, 0755) || chdir(path)) {
		free(n);
		return -errno;
	}
	n->rng = rng_stream(number);
	left = 200 + rng_below(&n->rng, 400);
	tree_begin(&n->tree, path);
	while (left-- && !n->lost && going())
		act(n);
	if (!n->lost && rng_one_in(&n->rng, 4))
		names_deep(n);
	tree_end(&n->tree);
	free(n);
	here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (here >= 0) {
		ret = remove_below(here);
		close(here);
	}
	if (chdir("..") || rmdir("tree"))
		ret = ret ? ret : -errno;
	return ret;
}

int check_names(void)
{
	int ret = 0;

	for (uint64_t number = 0; !ret && may_go_on() && (!opt.ops || totals->ops < opt.ops); number++)
		ret = tree_life(number);
	if (ret)
		failed("removing a tree", ret);
	return EXIT_RIGHT;
}
