// SPDX-License-Identifier: GPL-2.0
/* Operations on names and folders. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vexpoint.h"

#define ENTRIES	40	/* names in the folder that is listed */

/* Longer than what fits into an inode. */
static const char target[] =
	"a-target-that-is-longer-than-what-filesystems-keep-inside-of-an-inode-so-that-memory-is-taken-for-it";

static bool links_are(struct point *p, const char *name, nlink_t links)
{
	struct stat st;

	if (lstat(name, &st))
		return wrong(p, "%s: %s", name, strerror(errno));
	return st.st_nlink == links ||
	       wrong(p, "%s has %lu links, not %lu", name, (unsigned long)st.st_nlink, (unsigned long)links);
}

static bool file_is(struct point *p, const char *name, int seed)
{
	int fd = open(name, O_RDONLY), same;

	if (fd < 0)
		return wrong(p, "%s: %s", name, strerror(errno));
	same = has_data(fd, 0, DATA, seed);
	close(fd);
	return same > 0 || wrong(p, "the data of %s are other than they should be", name);
}

/* A failed call leaves no name behind, a successful one does. */
static bool is_there(struct point *p, const char *name, bool there)
{
	return exists(name) == there || wrong(p, "%s is %s", name, there ? "not there" : "there");
}

static bool nothing(struct point *p)
{
	(void)p;
	return true;
}

static void create_act(struct point *p)
{
	done(p, open("new", O_CREAT | O_EXCL | O_RDWR, 0600));
	if (p->ret >= 0)
		p->fd = p->ret;
}

static bool create_verify(struct point *p)
{
	return is_there(p, "new", p->ret >= 0) && (p->ret < 0 || links_are(p, "new", 1));
}

static bool mkdir_prepare(struct point *p)
{
	(void)p;
	return !mkdir("parent", 0700);
}

static void mkdir_act(struct point *p)
{
	done(p, mkdir("parent/new", 0700));
}

static bool mkdir_verify(struct point *p)
{
	bool made = p->ret >= 0;

	return is_there(p, "parent/new", made) && links_are(p, "parent", made ? 3 : 2);
}

static bool rmdir_prepare(struct point *p)
{
	return mkdir_prepare(p) && !mkdir("parent/new", 0700);
}

static void rmdir_act(struct point *p)
{
	done(p, rmdir("parent/new"));
}

static bool rmdir_verify(struct point *p)
{
	bool there = p->ret < 0;

	return is_there(p, "parent/new", there) && links_are(p, "parent", there ? 3 : 2);
}

static bool one_file(struct point *p)
{
	p->fd = make_file("file");
	return p->fd >= 0;
}

static void link_act(struct point *p)
{
	done(p, link("file", "new"));
}

static bool link_verify(struct point *p)
{
	bool made = p->ret >= 0;

	return is_there(p, "new", made) && links_are(p, "file", made ? 2 : 1) && file_is(p, "file", 0);
}

static void symlink_act(struct point *p)
{
	done(p, symlink(target, "new"));
}

static bool symlink_verify(struct point *p)
{
	char buf[sizeof(target)];
	ssize_t n;

	if (!is_there(p, "new", p->ret >= 0))
		return false;
	if (p->ret < 0)
		return true;
	n = readlink("new", buf, sizeof(buf));
	return (n == sizeof(target) - 1 && !memcmp(buf, target, n)) ||
	       wrong(p, "the link points elsewhere");
}

static bool rename_prepare(struct point *p)
{
	int other = make_file("other");

	if (other < 0)
		return false;
	fill(p->buf, DATA, 0, 1);
	if (pwrite(other, p->buf, DATA, 0) != DATA) {
		close(other);
		return false;
	}
	close(other);
	return one_file(p);
}

static void rename_act(struct point *p)
{
	done(p, rename("other", "file"));
}

static bool rename_verify(struct point *p)
{
	if (p->ret < 0)
		return file_is(p, "file", 0) && file_is(p, "other", 1);
	return is_there(p, "other", false) && file_is(p, "file", 1);
}

static void unlink_act(struct point *p)
{
	done(p, unlink("file"));
}

static bool unlink_verify(struct point *p)
{
	if (p->ret < 0)
		return links_are(p, "file", 1) && file_is(p, "file", 0);
	return is_there(p, "file", false) &&
	       (has_data(p->fd, 0, DATA, 0) > 0 || wrong(p, "the open file has lost its data"));
}

static bool readdir_prepare(struct point *p)
{
	char name[16];

	if (mkdir("parent", 0700))
		return false;
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "parent/n%d", i);
		if (mkdir(name, 0700))
			return false;
	}
	p->fd = open("parent", O_RDONLY | O_DIRECTORY);
	return p->fd >= 0;
}

static void readdir_act(struct point *p)
{
	done(p, syscall(SYS_getdents64, p->fd, p->buf, sizeof(p->buf)));
}

/* Marks the names of a buffer; false when one comes twice or is none of ours. */
static bool mark(const uint8_t *buf, long len, uint64_t *seen)
{
	for (long at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(buf + at);
		unsigned int i;

		at += entry->d_reclen;
		if (entry->d_name[0] == '.')
			continue;
		if (sscanf(entry->d_name, "n%u", &i) != 1 || i >= ENTRIES || *seen & 1ULL << i)
			return false;
		*seen |= 1ULL << i;
	}
	return true;
}

/* What came at once, if anything, and what comes after it are each name once. */
static bool readdir_verify(struct point *p)
{
	uint64_t seen = 0;
	long n = p->ret;

	for (int round = 0; round < ENTRIES + 3; round++) {
		if (n > 0 && !mark(p->buf, n, &seen))
			return wrong(p, "a name comes twice, or one that was never made");
		n = syscall(SYS_getdents64, p->fd, p->buf, sizeof(p->buf));
		if (n < 0)
			return wrong(p, "going on with the folder: %s", strerror(errno));
		if (!n)
			return seen == (1ULL << ENTRIES) - 1 || wrong(p, "names are missing");
	}
	return wrong(p, "the folder never ends");
}

static void statfs_act(struct point *p)
{
	done(p, statfs(".", (struct statfs *)p->buf));
}

static bool statfs_verify(struct point *p)
{
	struct statfs now, *then = (struct statfs *)p->buf;

	if (statfs(".", &now))
		return wrong(p, "statfs: %s", strerror(errno));
	return p->ret < 0 || (now.f_type == then->f_type && now.f_bfree == then->f_bfree) ||
	       wrong(p, "statfs says something else at the second time");
}

const struct op name_ops[] = {
	{ "create", nothing, create_act, create_verify, NULL },
	{ "mkdir", mkdir_prepare, mkdir_act, mkdir_verify, NULL },
	{ "rmdir", rmdir_prepare, rmdir_act, rmdir_verify, NULL },
	{ "link", one_file, link_act, link_verify, NULL },
	{ "symlink", nothing, symlink_act, symlink_verify, NULL },
	{ "rename", rename_prepare, rename_act, rename_verify, NULL },
	{ "unlink", one_file, unlink_act, unlink_verify, NULL },
	{ "readdir", readdir_prepare, readdir_act, readdir_verify, NULL },
	{ "statfs", nothing, statfs_act, statfs_verify, NULL },
	{ 0 }
};
