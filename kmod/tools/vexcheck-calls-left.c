// SPDX-License-Identifier: GPL-2.0
/* The tree that a sequence of calls has left: it is whole. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-calls.h"

/* Whatever happened, names lead to inodes, and files can be read. */
static void look_at(int dirfd, const char *name, const char *whose)
{
	static char head[65536];
	struct stat st;
	int fd;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW)) {
		wrong("a name in the tree that was left", text("%s: an inode", name),
		      text("%s in %s", errno_name(-errno), whose));
		return;
	}
	if (!S_ISREG(st.st_mode) || (geteuid() && !(st.st_mode & S_IRUSR)))
		return;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || pread(fd, head, sizeof(head), 0) < 0 ||
	    (st.st_size > 65536 && pread(fd, head, 4096, st.st_size - 4096) < 0))
		wrong("a file in the tree that was left", text("%s can be read", name),
		      text("%s in %s", errno_name(-errno), whose));
	if (fd >= 0)
		close(fd);
}

void calls_left(const char *path, int depth, const char *whose)
{
	struct dirent *e;
	DIR *dir;

	chmod(path, 0700);
	dir = opendir(path);
	if (!dir) {
		wrong("a directory in the tree that was left", "can be read",
		      text("%s in %s", errno_name(-errno), whose));
		return;
	}
	while ((e = readdir(dir)) && totals->wrong < MAX_WRONG) {
		char below[1024];
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		look_at(dirfd(dir), e->d_name, whose);
		if (depth < 16 && snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below) &&
		    !lstat(below, &st) && S_ISDIR(st.st_mode))
			calls_left(below, depth + 1, whose);
	}
	closedir(dir);
}
