// SPDX-License-Identifier: GPL-2.0
/* Directories that are listed, at rest and while they change; and a deep one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-names.h"
#include "vexcheck-sys.h"

#define MOST_LISTED	1200

/* What a listing has said so far. */
struct listing {
	char (*names)[NAME_ROOM];
	uint8_t *types;
	size_t count;
};

static bool listing_open(struct listing *l)
{
	l->names = malloc(MOST_LISTED * sizeof(*l->names));
	l->types = malloc(MOST_LISTED);
	l->count = 0;
	return l->names && l->types;
}

static void listing_close(struct listing *l)
{
	free(l->names);
	free(l->types);
}

static size_t times_listed(const struct listing *l, const char *name, uint8_t *type)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->names[i], name)) {
			n++;
			*type = l->types[i];
		}
	return n;
}

/* The next part, read with a buffer of @size. False at the end. */
static bool list_on(struct naming *n, struct listing *l, int fd, size_t size)
{
	char buffer[4096] __attribute__((aligned(8)));
	long got = sys_getdents(fd, buffer, size);

	if (got < 0)
		names_wrong(n, "getdents64", "success", errno_name(got));
	for (long at = 0; at < got;) {
		struct dirent64 *e = (void *)(buffer + at);

		at += e->d_reclen;
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (l->count == MOST_LISTED) {
			names_wrong(n, "end of a listing", text("at most %d names", MOST_LISTED), "more");
			return false;
		}
		snprintf(l->names[l->count], NAME_ROOM, "%s", e->d_name);
		l->types[l->count++] = e->d_type;
	}
	return got > 0;
}

static void compare(struct naming *n, const struct listing *l, const struct node *dir)
{
	for (size_t i = 0; i < dir->count && !n->lost; i++) {
		const struct entry *e = &dir->entries[i];
		uint8_t type = DT_UNKNOWN;
		size_t times = times_listed(l, e->name, &type);

		if (times != 1)
			names_wrong(n, times ? "a name listed twice" : "a name missing in a listing",
				    text("%s once", e->name), text("%zu times of %zu names", times, l->count));
		else if (type != DT_UNKNOWN && (mode_t)DTTOIF(type) != e->node->type)
			names_wrong(n, "type in a listing", text("0%o", e->node->type),
				    text("0%o", DTTOIF(type)));
	}
	if (!n->lost && l->count != dir->count)
		names_wrong(n, "names in a listing", text("%zu", dir->count), text("%zu", l->count));
}

void names_list(struct naming *n)
{
	static const size_t sizes[] = { 280, 512, 4096 };
	size_t size = sizes[rng_below(&n->rng, COUNT(sizes))];
	char path[PATH_ROOM];
	struct listing l;
	struct where w;
	long fd;

	names_path(n, path);
	tree_walk(&n->tree, path, true, &w);
	if (!w.err && w.node->type != S_IFDIR)
		w.err = -ENOTDIR;
	fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
	if (!names_agree(n, "open of a directory", fd, w.err) || fd < 0)
		return;
	if (listing_open(&l)) {
		while (list_on(n, &l, fd, size))
			;
		if (!n->lost)
			compare(n, &l, w.node);
	}
	listing_close(&l);
	close(fd);
}

/*
 * Names that are there all the time are listed once, whatever comes and goes
 * beside them.
 */
void names_list_changing(struct naming *n)
{
	int stay = 20 + rng_below(&n->rng, 200), go = 20 + rng_below(&n->rng, 100), come = 0;
	struct listing l = { 0 };
	long fd;

	if (sys_mkdir("list", 0755) || chdir("list"))
		return;
	for (int i = 0; i < stay + go; i++) {
		long f = sys_open(text("%s%d", i < stay ? "stay" : "go", i), O_CREAT | O_WRONLY, 0600);

		if (f < 0) {
			stay = i < stay ? i : stay;
			go = i - stay;
			break;
		}
		close(f);
	}
	fd = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || !listing_open(&l))
		goto out;
	while (list_on(n, &l, fd, 512)) {
		for (int i = 0; i < 3; i++, come++)
			if (come < 200)
				close(sys_open(text("come%d", come), O_CREAT | O_WRONLY, 0600));
		unlink(text("go%d", stay + (int)rng_below(&n->rng, go + 1)));
	}
	for (int i = 0; i < stay && !n->lost; i++) {
		uint8_t type;
		size_t times = times_listed(&l, text("stay%d", i), &type);

		if (times != 1)
			names_wrong(n, times ? "a name listed twice while others change" :
				    "a name missing in a listing while others change",
				    text("stay%d once", i), text("%zu times", times));
	}
out:
	listing_close(&l);
	if (fd >= 0) {
		remove_below(fd);
		close(fd);
	}
	if (chdir("..") || rmdir("list"))
		names_wrong(n, "rmdir of an emptied directory", "success", errno_name(-errno));
}

/* Deeper than a path can say: by steps it works, by the whole name it must not. */
void names_deep(struct naming *n)
{
	char name[64], path[2 * PATH_ROOM] = "";
	int depth = 0, here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	long ret;

	if (here < 0)
		return;
	memset(name, 'd', 50);
	name[50] = '\0';
	for (; depth < 100; depth++) {
		ret = sys_mkdir(name, 0755);
		if (ret || chdir(name))
			break;
		strcat(strcat(path, name), "/");
	}
	/* FUSE servers may know inodes by their whole names. */
	if (depth < 100 && ret != -ENOSPC && ret != -ENOMEM && !(traits.fuse && ret == -ENAMETOOLONG))
		names_wrong(n, "mkdir far below", "success", errno_name(ret));
	if (fchdir(here))
		names_wrong(n, "the way back from far below", "success", errno_name(-errno));
	close(here);
	if (depth < 100 || n->lost)
		return;
	ret = sys_lstat(path, &st);
	if (ret != -ENAMETOOLONG)
		names_wrong(n, "lstat of a path that is too long", "ENAMETOOLONG",
			    ret ? errno_name(ret) : "success");
	path[70 * 51] = '\0';
	ret = sys_lstat(path, &st);
	if (ret)
		names_wrong(n, "lstat of a long path", "success", errno_name(ret));
	ret = sys_rename(name, "/proc/deep", 0);
	if (ret != -EXDEV)
		names_wrong(n, "rename to another filesystem", "EXDEV", ret ? errno_name(ret) : "success");
}
