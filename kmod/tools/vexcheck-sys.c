// SPDX-License-Identifier: GPL-2.0
/* Calls on open files and on vectors. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vexcheck-sys.h"

static long result(long r)
{
	if (r < 0)
		r = -errno;
	else if (lie(LIE_ERRNO))
		r = -EIO;
	return r;
}

long sys_open(const char *path, int flags, mode_t mode)
{
	uint64_t t = now_ns();
	long r = open(path, flags | O_CLOEXEC, mode);

	r = r < 0 ? -errno : r;
	took(flags & O_CREAT ? OP_CREATE : OP_OPEN, t);
	if (r >= 0 && lie(LIE_REFUSE)) {
		close(r);
		return -EACCES;
	}
	return r;
}

long sys_close(int fd)
{
	return close(fd) ? -errno : 0;
}

static long after_read(long r, uint8_t *first)
{
	if (r > 0 && lie(LIE_READ_FLIP))
		*first ^= 0x40;
	if (r > 1 && lie(LIE_READ_SHORT))
		r--;
	return r;
}

long sys_pread(int fd, void *buf, size_t n, off_t at)
{
	uint64_t t = now_ns();
	long r = pread(fd, buf, n, at);

	r = result(r);
	took(OP_READ, t);
	return after_read(r, (uint8_t *)buf + (r > 0 ? r / 2 : 0));
}

long sys_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	uint64_t t = now_ns();
	long r;

	if (n && lie(LIE_WRITE_DROP))
		return n;
	if (n > 1 && lie(LIE_WRITE_HALF)) {
		r = pwrite(fd, buf, n / 2, at);
		return r < 0 ? -errno : (long)n;
	}
	r = result(pwrite(fd, buf, n, at));
	took(OP_WRITE, t);
	if (r == -ENOSPC && lie(LIE_SPACE_EIO))
		return -EIO;
	return r;
}

long sys_append(int fd, const void *buf, size_t n)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_APPEND_FRONT)) {
		int flags = fcntl(fd, F_GETFL);

		fcntl(fd, F_SETFL, flags & ~O_APPEND);
		r = pwrite(fd, buf, n, 0);
		fcntl(fd, F_SETFL, flags);
		return r;
	}
	r = result(write(fd, buf, n));
	took(OP_WRITE, t);
	return r;
}

long sys_preadv(int fd, const struct iovec *v, int n, off_t at)
{
	uint64_t t = now_ns();
	long r = result(preadv(fd, v, n, at));

	took(OP_READ, t);
	return after_read(r, v[0].iov_base);
}

long sys_pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	uint64_t t = now_ns();
	long r = result(pwritev(fd, v, n, at));

	took(OP_WRITE, t);
	return r;
}

long sys_fsync(int fd)
{
	uint64_t t = now_ns();
	long r = result(fsync(fd));

	took(OP_FSYNC, t);
	return r;
}

long sys_fdatasync(int fd)
{
	uint64_t t = now_ns();
	long r = result(fdatasync(fd));

	took(OP_FSYNC, t);
	return r;
}

long sys_ftruncate(int fd, off_t size)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_TRUNCATE_DROP))
		return 0;
	r = result(ftruncate(fd, size));
	took(OP_TRUNCATE, t);
	return r;
}

long sys_fallocate(int fd, int mode, off_t at, off_t len)
{
	uint64_t t = now_ns();
	long r = fallocate(fd, mode, at, len) ? -errno : 0;

	took(OP_FALLOCATE, t);
	return r;
}

long sys_copy_range(int fd, off_t from, off_t to, size_t n)
{
	long r = copy_file_range(fd, &from, fd, &to, n, 0);

	return r < 0 ? -errno : r;
}

long sys_mmap(size_t n, int prot, int flags, int fd, off_t at)
{
	uint64_t t = now_ns();
	uint8_t *p = mmap(NULL, n, prot, flags, fd, at);

	took(OP_MMAP, t);
	if (p == MAP_FAILED)
		return -errno;
	if (flags & MAP_SHARED && prot & PROT_WRITE && lie(LIE_MAP_FLIP))
		p[0] ^= 0x40;
	return (long)p;
}

long sys_flock(int fd, int how)
{
	uint64_t t = now_ns();
	long r;

	if (!(how & LOCK_UN) && lie(LIE_LOCK_GRANT))
		return 0;
	r = flock(fd, how) ? -errno : 0;
	took(OP_LOCK, t);
	if (!r && how & LOCK_NB && lie(LIE_LOCK_REFUSE)) {
		flock(fd, LOCK_UN);
		return -EWOULDBLOCK;
	}
	return r;
}

long sys_lock(int fd, int command, struct flock *lock)
{
	uint64_t t = now_ns();
	long r;

	if (lock->l_type != F_UNLCK && command != F_GETLK && lie(LIE_LOCK_GRANT))
		return 0;
	r = fcntl(fd, command, lock) < 0 ? -errno : 0;
	took(OP_LOCK, t);
	return r;
}

long sys_vector_add(int fd, struct vexfs_add_vector *arg)
{
	uint64_t t = now_ns();
	long r;

	if (lie(LIE_VECTOR_DROP))
		return 0;
	r = result(ioctl(fd, VEXFS_IOC_ADD_VECTOR, arg));
	took(OP_VECTOR_ADD, t);
	if (!r && lie(LIE_VECTOR_ID))
		arg->first_id++;
	return r;
}

long sys_vector_search(int fd, struct vexfs_search *arg)
{
	struct vexfs_hit *hits = (void *)(uintptr_t)arg->hits, first;
	uint64_t t = now_ns();
	long r = result(ioctl(fd, VEXFS_IOC_SEARCH, arg));

	took(OP_VECTOR_SEARCH, t);
	if (r)
		return r;
	if (arg->found > 1 && lie(LIE_HITS_SWAP)) {
		first = hits[0];
		hits[0] = hits[1];
		hits[1] = first;
	}
	if (arg->found && lie(LIE_HIT_SCORE))
		hits[arg->found - 1].score += 100;
	if (arg->found && lie(LIE_HIT_LOSE))
		arg->found--;
	return 0;
}

long sys_vector_stats(int fd, struct vexfs_stats *stats)
{
	uint64_t t = now_ns();
	long r = result(ioctl(fd, VEXFS_IOC_GET_STATS, stats));

	took(OP_VECTOR_STATS, t);
	if (!r && lie(LIE_VECTOR_COUNT))
		stats->count++;
	return r;
}
