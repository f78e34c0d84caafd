/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that checks make: timed, lied about on request, and with -errno as
 * their result instead of -1.
 */
#ifndef VEXCHECK_SYS_H
#define VEXCHECK_SYS_H

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include "../include/vexfs.h"
#include "vexcheck.h"

long sys_open(const char *path, int flags, mode_t mode);
long sys_close(int fd);
long sys_pread(int fd, void *buf, size_t n, off_t at);
long sys_pwrite(int fd, const void *buf, size_t n, off_t at);
/* At the end of the file, which is open with O_APPEND. */
long sys_append(int fd, const void *buf, size_t n);
long sys_preadv(int fd, const struct iovec *v, int n, off_t at);
long sys_pwritev(int fd, const struct iovec *v, int n, off_t at);
long sys_fsync(int fd);
long sys_fdatasync(int fd);
long sys_ftruncate(int fd, off_t size);
long sys_fallocate(int fd, int mode, off_t at, off_t len);
long sys_copy_range(int fd, off_t from, off_t to, size_t n);
/* An address, or -errno. */
long sys_mmap(size_t n, int prot, int flags, int fd, off_t at);

long sys_stat(const char *path, struct stat *st);
long sys_lstat(const char *path, struct stat *st);
long sys_fstat(int fd, struct stat *st);
/* The next entries: struct linux_dirent64 of getdents64(2). */
long sys_getdents(int fd, void *buf, size_t n);
long sys_mkdir(const char *path, mode_t mode);
long sys_rmdir(const char *path);
long sys_unlink(const char *path);
long sys_link(const char *old, const char *new);
long sys_symlink(const char *target, const char *path);
long sys_readlink(const char *path, char *buf, size_t n);
long sys_mknod(const char *path, mode_t mode, dev_t dev);
long sys_rename(const char *old, const char *new, unsigned int flags);

long sys_chmod(const char *path, mode_t mode);
long sys_chown(const char *path, uid_t uid, gid_t gid);
long sys_utimens(const char *path, const struct timespec times[2]);
long sys_getxattr(const char *path, const char *name, void *value, size_t n);
long sys_setxattr(const char *path, const char *name, const void *value, size_t n, int flags);
long sys_removexattr(const char *path, const char *name);
long sys_listxattr(const char *path, char *list, size_t n);
long sys_statvfs(const char *path, struct statvfs *fs);

long sys_flock(int fd, int how);
long sys_lock(int fd, int command, struct flock *lock);

long sys_vector_add(int fd, struct vexfs_add_vector *arg);
long sys_vector_search(int fd, struct vexfs_search *arg);
long sys_vector_stats(int fd, struct vexfs_stats *stats);

#endif
