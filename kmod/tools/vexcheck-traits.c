// SPDX-License-Identifier: GPL-2.0
/* What this filesystem can do, found out by trying: checks ask for no more. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../include/vexfs.h"
#include "vexcheck.h"

struct traits traits;

static uint64_t time_unit(const char *name)
{
	struct timespec set[2] = { { 1000000002, 123456789 }, { 1000000003, 123456789 } };
	struct stat st;

	if (utimensat(AT_FDCWD, name, set, 0) || stat(name, &st))
		return 2000000000;
	for (uint64_t unit = 1; unit < 1000000000; unit *= 10)
		if (st.st_mtim.tv_nsec == (long)(123456789 / unit * unit) && st.st_mtim.tv_nsec)
			return unit;
	return st.st_mtim.tv_sec == 1000000003 ? 1000000000 : 2000000000;
}

static bool counts_directories(void)
{
	struct stat before, after;
	bool counts;

	if (mkdir("d", 0700) || stat("d", &before))
		return false;
	counts = !mkdir("d/e", 0700) && !stat("d", &after) &&
		 before.st_nlink == 2 && after.st_nlink == 3;
	rmdir("d/e");
	rmdir("d");
	return counts;
}

static bool takes_odd_names(void)
{
	static const char name[] = "\x01\xff\x80 \"\\?*:|<>";
	int fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0600);

	if (fd < 0)
		return false;
	close(fd);
	return !unlink(name);
}

/* Most FUSE servers give each name of an inode a cache of its own. */
static bool links_agree(int fd, const char *other)
{
	struct stat st;

	return !stat(other, &st) && !ftruncate(fd, st.st_size + 1) && !stat(other, &st) && st.st_size == 1;
}

int traits_find(void)
{
	int fd = open("f", O_CREAT | O_RDWR, 0600);
	struct vexfs_stats stats;
	struct stat st, other;
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) || fstat(fd, &st))
		return -errno;
	traits.magic = (uint32_t)fs.f_type;
	traits.name_max = fs.f_namelen ? fs.f_namelen : 255;
	traits.fuse = traits.magic == FUSE_SUPER_MAGIC;
	traits.vectors = !ioctl(fd, VEXFS_IOC_GET_STATS, &stats);
	traits.memory = traits.magic == VEXFS_MAGIC || traits.magic == TMPFS_MAGIC ||
			traits.magic == RAMFS_MAGIC;
	traits.time_unit = time_unit("f");
	traits.xattrs = !fsetxattr(fd, "user.f", "1", 1, 0);
	traits.links = !link("f", "g");
	traits.same_inode = traits.links && !stat("g", &other) && other.st_ino == st.st_ino &&
			    other.st_nlink == 2 && (!traits.fuse || links_agree(fd, "g"));
	unlink("g");
	traits.symlinks = !symlink("f", "s");
	unlink("s");
	traits.fifos = !mkfifo("p", 0600);
	unlink("p");
	traits.rename_flags = !renameat2(AT_FDCWD, "f", AT_FDCWD, "g", 1 /* RENAME_NOREPLACE */) &&
			      !rename("g", "f");
	traits.dir_links = counts_directories();
	traits.odd_names = takes_odd_names();
	/* vexfs counts holes as used, and stores none. */
	traits.sparse = pwrite(fd, "x", 1, 8 << 20) == 1 && !fstat(fd, &st) &&
			(st.st_blocks < 8192 || traits.magic == VEXFS_MAGIC);
	close(fd);
	unlink("g");
	return unlink("f") ? -errno : 0;
}

static int64_t clock_offset(void)
{
	struct timespec real, mono;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return (real.tv_sec - mono.tv_sec) * 1000000000LL + real.tv_nsec - mono.tv_nsec;
}

/* The clock that the kernel stamps inodes with. */
struct moment moment_now(void)
{
	struct moment m = { .offset = clock_offset() };

	clock_gettime(CLOCK_REALTIME_COARSE, &m.at);
	return m;
}

/* A clock that was set in between says nothing. */
bool stamped_since(const struct moment *m, const struct timespec *stamp)
{
	int64_t moved = clock_offset() - m->offset;
	int64_t unit = traits.time_unit;
	int64_t ns = unit < 1000000000 ? m->at.tv_nsec / unit * unit : 0;
	int64_t sec = m->at.tv_sec - (unit > 1000000000);

	if (moved > 5000000 || moved < -5000000)
		return true;
	return stamp->tv_sec > sec || (stamp->tv_sec == sec && stamp->tv_nsec >= ns);
}
