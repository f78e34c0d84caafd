// SPDX-License-Identifier: GPL-2.0
/* Calls that take names, and what they say about inodes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vexcheck-sys.h"

/* A success that is none, a refusal that is none, another reason. */
static long result(long r)
{
	if (r < 0) {
		r = -errno;
		return lie(LIE_SUCCESS) ? 0 : lie(LIE_ERRNO) ? -EIO : r;
	}
	return lie(LIE_REFUSE) ? -EACCES : r;
}

static long of_stat(long r, struct stat *st)
{
	if (r)
		return -errno;
	if (S_ISREG(st->st_mode) && lie(LIE_STAT_SIZE))
		st->st_size++;
	if (lie(LIE_STAT_TIME))
		st->st_mtim = st->st_ctim = (struct timespec){ 1000000000, 0 };
	if (lie(LIE_STAT_LINKS))
		st->st_nlink++;
	if (lie(LIE_STAT_INODE))
		st->st_ino ^= 1 << 20;
	if (lie(LIE_STAT_TYPE))
		st->st_mode ^= S_IFREG ^ S_IFIFO;
	if (lie(LIE_STAT_MODE))
		st->st_mode ^= 0100;
	return 0;
}

long sys_stat(const char *path, struct stat *st)
{
	uint64_t t = now_ns();
	long r = stat(path, st);

	r = of_stat(r, st);
	took(OP_STAT, t);
	return r;
}

long sys_lstat(const char *path, struct stat *st)
{
	uint64_t t = now_ns();
	long r = lstat(path, st);

	r = of_stat(r, st);
	took(OP_STAT, t);
	return r;
}

long sys_fstat(int fd, struct stat *st)
{
	uint64_t t = now_ns();
	long r = fstat(fd, st);

	r = of_stat(r, st);
	took(OP_STAT, t);
	return r;
}

long sys_getdents(int fd, void *buf, size_t n)
{
	uint64_t t = now_ns();
	long r = syscall(SYS_getdents64, fd, buf, n);

	r = r < 0 ? -errno : r;
	took(OP_READDIR, t);
	if (r > 0) {
		struct dirent64 *first = buf;
		size_t len = first->d_reclen;

		if (lie(LIE_NAME_LOSE)) {
			memmove(buf, (char *)buf + len, r - len);
			r -= len;
			/* Nothing at all would be the end. */
			if (!r)
				return sys_getdents(fd, buf, n);
		} else if (r + len <= n && lie(LIE_NAME_TWICE)) {
			memcpy((char *)buf + r, buf, len);
			r += len;
		}
	}
	return r;
}

long sys_mkdir(const char *path, mode_t mode)
{
	uint64_t t = now_ns();
	long r = result(mkdir(path, mode));

	took(OP_MKDIR, t);
	return r;
}

long sys_rmdir(const char *path)
{
	uint64_t t = now_ns();
	long r = result(rmdir(path));

	took(OP_RMDIR, t);
	return r;
}

long sys_unlink(const char *path)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_UNLINK_DROP))
		return 0;
	r = result(unlink(path));
	took(OP_UNLINK, t);
	return r;
}

long sys_link(const char *old, const char *new)
{
	uint64_t t = now_ns();
	long r = result(link(old, new));

	took(OP_LINK, t);
	return r;
}

long sys_symlink(const char *target, const char *path)
{
	uint64_t t = now_ns();
	long r = result(symlink(target, path));

	took(OP_SYMLINK, t);
	return r;
}

long sys_readlink(const char *path, char *buf, size_t n)
{
	long r = readlink(path, buf, n);

	return r < 0 ? -errno : r;
}

long sys_mknod(const char *path, mode_t mode, dev_t dev)
{
	uint64_t t = now_ns();
	long r = result(mknod(path, mode, dev));

	took(OP_MKNOD, t);
	return r;
}

long sys_rename(const char *old, const char *new, unsigned int flags)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_RENAME_DROP))
		return 0;
	r = result(flags ? renameat2(AT_FDCWD, old, AT_FDCWD, new, flags) : rename(old, new));
	took(OP_RENAME, t);
	return r;
}

long sys_chmod(const char *path, mode_t mode)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_SETATTR_DROP))
		return 0;
	r = result(chmod(path, mode));
	took(OP_SETATTR, t);
	return r;
}

long sys_chown(const char *path, uid_t uid, gid_t gid)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_SETATTR_DROP))
		return 0;
	r = result(chown(path, uid, gid));
	took(OP_SETATTR, t);
	return r;
}

long sys_utimens(const char *path, const struct timespec times[2])
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_SETATTR_DROP))
		return 0;
	r = result(utimensat(AT_FDCWD, path, times, 0));
	took(OP_SETATTR, t);
	return r;
}

long sys_getxattr(const char *path, const char *name, void *value, size_t n)
{
	uint64_t t = now_ns();
	long r = getxattr(path, name, value, n);

	r = r < 0 ? -errno : r;
	took(OP_GETXATTR, t);
	if (r > 0 && n && lie(LIE_XATTR_FLIP))
		*(uint8_t *)value ^= 1;
	return r;
}

long sys_setxattr(const char *path, const char *name, const void *value, size_t n, int flags)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_XATTR_LOSE))
		return 0;
	r = result(setxattr(path, name, value, n, flags));
	took(OP_SETXATTR, t);
	return r;
}

long sys_removexattr(const char *path, const char *name)
{
	uint64_t t = now_ns();
	long r = result(removexattr(path, name));

	took(OP_SETXATTR, t);
	return r;
}

long sys_listxattr(const char *path, char *list, size_t n)
{
	long r = listxattr(path, list, n);

	r = r < 0 ? -errno : r;
	if (r > 0 && n && lie(LIE_NAME_LOSE)) {
		size_t len = strlen(list) + 1;

		memmove(list, list + len, r - len);
		r -= len;
	}
	return r;
}

long sys_statvfs(const char *path, struct statvfs *fs)
{
	uint64_t t = now_ns();
	long r = statvfs(path, fs) ? -errno : 0;

	took(OP_STATFS, t);
	if (!r) {
		static uint64_t leaked;

		leaked += lie(LIE_SPACE_LEAK) ? 8 : 0;
		fs->f_bfree -= leaked;
	}
	return r;
}
