// SPDX-License-Identifier: GPL-2.0
/* The folder of a check: made, entered, and removed with all that is in it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck.h"

static int parent = -1;
static char folder[300];
static char path[4096];

static int empty_here(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = here < 0 ? -errno : remove_below(here);

	if (here >= 0)
		close(here);
	return ret;
}

int folder_enter(const char *name, bool empty)
{
	snprintf(folder, sizeof(folder), "%s", name);
	parent = open(opt.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return -errno;
	if (mkdirat(parent, folder, 0755) && errno != EEXIST)
		return -errno;
	if (fchdir(parent) || chdir(folder) || !getcwd(path, sizeof(path)))
		return -errno;
	return empty ? empty_here() : 0;
}

const char *folder_path(void)
{
	return path;
}

/*
 * One name. 1: it is a directory with something in it. Modes are what a check
 * left behind, so those of directories are set right on the way.
 */
static int remove_name(int dir, const char *name)
{
	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (!unlinkat(dir, name, AT_REMOVEDIR) || errno == ENOENT)
		return 0;
	return errno == ENOTEMPTY || errno == EEXIST ? 1 : -errno;
}

/* Into the first subdirectory that holds something; its file descriptor, or none (0). */
static int remove_names(int dir)
{
	int fd = dup(dir), inner = 0, ret;
	struct dirent *entry;
	DIR *list;

	if (fd < 0)
		return -errno;
	list = fdopendir(fd);
	if (!list) {
		ret = -errno;
		close(fd);
		return ret;
	}
	rewinddir(list);
	while (!inner && (entry = readdir(list))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		inner = remove_name(dir, entry->d_name);
		if (inner != 1)
			continue;
		fchmodat(dir, entry->d_name, 0700, 0);
		inner = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0)
			inner = -errno;
	}
	closedir(list);
	return inner;
}

/* Without recursion, and with two directories open: a tree may be deep. */
int remove_below(int dirfd)
{
	int dir = dup(dirfd), depth = 0, next;

	if (dir < 0)
		return -errno;
	for (;;) {
		next = remove_names(dir);
		if (!next && !depth)
			break;
		if (!next) {
			next = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (next < 0)
				next = -errno;
			depth -= 2;
		}
		if (next < 0)
			break;
		close(dir);
		dir = next;
		depth++;
	}
	close(dir);
	return next;
}

int folder_leave(void)
{
	int ret = empty_here();

	if (fchdir(parent))
		return -errno;
	if (!ret && unlinkat(parent, folder, AT_REMOVEDIR))
		ret = -errno;
	close(parent);
	return ret;
}
