/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kinds of work of the load. Each makes its own files in the current
 * directory, checks what it reads against what it wrote and removes them again.
 */
#ifndef VEXLOAD_WORK_H
#define VEXLOAD_WORK_H

#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vexload-vec.h"

#define MAX_DATA	65536
#define BLOCK		4096
#define SHARED_VECTORS	16

/* One worker. */
struct worker {
	int index;
	uint64_t random;
	const char *fstype;
	const char *side;	/* a directory beside the load's, for mounts */
	char why[160];		/* of the last failure */
};

enum result { OK, NO_SPACE, FAILED, WRONG, UNSUPPORTED };

static uint64_t next_random(struct worker *w)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15ULL;	/* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint64_t below(struct worker *w, uint64_t n)
{
	return next_random(w) % n;
}

static void fill(struct worker *w, void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = next_random(w) >> 56;
}

__attribute__((format(printf, 3, 4)))
static enum result fail(struct worker *w, enum result r, const char *fmt, ...)
{
	int err = errno;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = vsnprintf(w->why, sizeof(w->why), fmt, ap);
	va_end(ap);
	if (r == WRONG)
		return r;
	if (n < sizeof(w->why))
		snprintf(w->why + n, sizeof(w->why) - n, ": %s", strerror(err));
	/* A full filesystem or a short guest is no fault of the filesystem. */
	return err == ENOSPC || err == ENOMEM || err == EDQUOT ? NO_SPACE : r;
}

static enum result work_file(struct worker *w)
{
	static uint8_t out[MAX_DATA], in[MAX_DATA];
	size_t len = 1 + below(w, MAX_DATA), cut;
	off_t at = below(w, 4) ? 0 : below(w, 1 << 20);
	enum result r = OK;
	ssize_t n;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return fail(w, FAILED, "open");
	fill(w, out, len);
	n = pwrite(fd, out, len, at);
	if (n != (ssize_t)len) {
		errno = n < 0 ? errno : ENOSPC;
		r = fail(w, FAILED, "write at %lld", (long long)at);
		goto out;
	}
	if (fsync(fd)) {
		r = fail(w, FAILED, "fsync");
		goto out;
	}
	n = pread(fd, in, len, at);
	if (n != (ssize_t)len || memcmp(in, out, len)) {
		r = n < 0 ? fail(w, FAILED, "read") :
			    fail(w, WRONG, "file: read back %zd of %zu bytes, other than written", n, len);
		goto out;
	}
	/* What lies beyond a cut reads as zeros when the file grows again. */
	cut = below(w, len);
	if (ftruncate(fd, at + cut) || ftruncate(fd, at + len)) {
		r = fail(w, FAILED, "truncate");
		goto out;
	}
	memset(out + cut, 0, len - cut);
	n = pread(fd, in, len, at);
	if (n != (ssize_t)len || memcmp(in, out, len))
		r = n < 0 ? fail(w, FAILED, "read") :
			    fail(w, WRONG, "file: other data after truncating to %zu and growing", cut);
out:
	close(fd);
	if (rename("file", "moved") || unlink("moved"))
		return fail(w, FAILED, "rename, unlink");
	return r;
}

/* Its state and attributes: each worker has a name of its own. */
static enum result shared_attributes(struct worker *w, int fd)
{
	char name[32], value[8], list[XATTR_LIST_MAX];
	uint8_t byte = next_random(w);
	struct statvfs fs;
	struct stat st;

	snprintf(name, sizeof(name), "user.worker%d", w->index);
	if (fstat(fd, &st) || fstatvfs(fd, &fs))
		return fail(w, FAILED, "stat shared");
	if (fsetxattr(fd, name, &byte, 1, 0))
		return errno == EOPNOTSUPP ? OK : fail(w, FAILED, "setxattr shared");
	if (flistxattr(fd, list, sizeof(list)) <= 0)
		return fail(w, WRONG, "shared: no attributes listed");
	if (fgetxattr(fd, name, value, sizeof(value)) != 1 || (uint8_t)value[0] != byte)
		return fail(w, WRONG, "shared: attribute of worker %d is not what was set", w->index);
	return below(w, 4) || !fremovexattr(fd, name) ? OK : fail(w, FAILED, "removexattr shared");
}

/* Its vectors: a search looks at all, so a full file makes room for a new one. */
static enum result shared_vectors(struct worker *w, int fd)
{
	int32_t v[4] = { w->index, below(w, 100), below(w, 100), 1 };
	struct vexfs_hit hit;
	uint64_t first;

	/* Whoever comes first finds none, which is right; the others meet there. */
	if (vec_search(fd, VEXFS_METRIC_L2, 4, v, 1, &hit) < 0 && errno != ENODATA)
		return fail(w, FAILED, "first search shared");
	if (vec_add(fd, 4, 1, VEXFS_FORMAT_INT, v, &first))
		return fail(w, FAILED, "add shared");
	if (vec_search(fd, VEXFS_METRIC_L2, 4, v, 1, &hit) != 1)
		return fail(w, FAILED, "search shared");
	if (hit.score)
		return fail(w, WRONG, "shared: a vector that was added is not found");
	if (first >= SHARED_VECTORS)
		unlink("../shared");
	return vec_supported(fd) ? OK : fail(w, FAILED, "stats shared");
}

/* One file for all workers, a block for each. */
static enum result work_shared(struct worker *w)
{
	static uint8_t out[BLOCK], in[BLOCK];
	off_t at = (off_t)w->index * BLOCK;
	enum result r = OK;
	int fd;

	fd = open("../shared", O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		return fail(w, FAILED, "open shared");
	fill(w, out, BLOCK);
	if (pwrite(fd, out, BLOCK, at) != BLOCK)
		r = fail(w, FAILED, "write shared");
	else if (pread(fd, in, BLOCK, at) != BLOCK || memcmp(in, out, BLOCK))
		r = fail(w, WRONG, "shared: block %d is not what was written", w->index);
	if (!r)
		r = shared_attributes(w, fd);
	if (!r && vec_supported(fd))
		r = shared_vectors(w, fd);
	close(fd);
	return r;
}

static enum result work_file_or_shared(struct worker *w)
{
	return below(w, 4) ? work_file(w) : work_shared(w);
}

static int count_names(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	int n = 0;

	if (!d)
		return -1;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static int make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	return fd < 0 ? -1 : close(fd);
}

static enum result work_dir(struct worker *w)
{
	int i, n = 1 + below(w, 12), seen;
	char name[32], target[8];
	struct stat a, b, c;

	if (mkdir("d", 0700))
		return fail(w, FAILED, "mkdir");
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		if (make(name))
			return fail(w, FAILED, "create %s", name);
	}
	seen = count_names("d");
	if (seen != n)
		return fail(w, WRONG, "dir: %d names listed, %d made", seen, n);
	if (link("d/0", "d/hard") || symlink("0", "d/soft") ||
	    stat("d/0", &a) || stat("d/soft", &b) || mkdir("e", 0700) || make("e/x") ||
	    stat("e/x", &c))
		return fail(w, FAILED, "links");
	if (a.st_nlink != 2 || a.st_ino != b.st_ino)
		return fail(w, WRONG, "dir: links lead elsewhere");
	if (readlink("d/soft", target, sizeof(target)) != 1 || target[0] != '0')
		return fail(w, WRONG, "dir: symlink has another target");
	if (!renameat2(AT_FDCWD, "e/x", AT_FDCWD, "d/0", RENAME_NOREPLACE))
		return fail(w, WRONG, "dir: RENAME_NOREPLACE replaced");
	if (!renameat2(AT_FDCWD, "e/x", AT_FDCWD, "d/0", RENAME_EXCHANGE)) {
		if (stat("d/0", &b) || b.st_ino != c.st_ino || stat("e/x", &b) ||
		    b.st_ino != a.st_ino)
			return fail(w, WRONG, "dir: RENAME_EXCHANGE did not exchange");
	}
	if (rename("e/x", "d/y") || unlink("d/y") || unlink("d/hard") ||
	    unlink("d/soft") || rmdir("e"))
		return fail(w, FAILED, "unlink");
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		if (unlink(name))
			return fail(w, FAILED, "unlink %s", name);
	}
	return rmdir("d") ? fail(w, FAILED, "rmdir") : OK;
}

static enum result work_vector(struct worker *w)
{
	static int32_t data[256 * 32];
	static struct vexfs_hit hits[8];
	uint32_t dim = 1 + below(w, 32), count = 1 + below(w, 256), i;
	uint32_t metric = below(w, 2) ? VEXFS_METRIC_L2 : VEXFS_METRIC_DOT;
	int32_t query[32];
	enum result r = OK;
	uint64_t first;
	int fd, n;

	fd = open("vector", O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return fail(w, FAILED, "open");
	if (!vec_supported(fd)) {
		r = fail(w, UNSUPPORTED, "vector ioctls");
		goto out;
	}
	for (i = 0; i < dim * count; i++)
		data[i] = (int32_t)below(w, 20001) - 10000;
	for (i = 0; i < dim; i++)
		query[i] = (int32_t)below(w, 20001) - 10000;
	for (i = 0; i < count; i += n) {
		n = 1 + below(w, count - i);
		if (vec_add(fd, dim, n, VEXFS_FORMAT_INT, data + i * dim, &first)) {
			r = fail(w, FAILED, "add");
			goto out;
		}
		if (first != i) {
			r = fail(w, WRONG, "vector: id %llu, not %u",
				 (unsigned long long)first, i);
			goto out;
		}
	}
	n = vec_search(fd, metric, dim, query, 8, hits);
	if (n < 0)
		r = fail(w, FAILED, "search");
	else if (n != (int)(count < 8 ? count : 8) ||
		 !vec_right(metric, data, count, dim, query, hits, n))
		r = fail(w, WRONG, "vector: wrong nearest of %u with %u components", count, dim);
	/* A vector is most similar to itself, unless it is zero. */
	else if (vec_search(fd, VEXFS_METRIC_COSINE, dim, data, 1, hits) == 1 &&
		 vec_dot(data, data, dim) &&
		 (int64_t)hits[0].score < (1 << 30) - 64)
		r = fail(w, WRONG, "vector: cosine with itself is %lld",
			 (long long)hits[0].score);
out:
	close(fd);
	unlink("vector");
	return r;
}

static enum result work_mmap(struct worker *w)
{
	size_t len = BLOCK * (1 + below(w, 16)), at = below(w, len);
	uint8_t *map, byte = next_random(w), got;
	enum result r = OK;
	int fd;

	fd = open("map", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return fail(w, FAILED, "open");
	map = ftruncate(fd, len) ? MAP_FAILED :
	      mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		r = fail(w, FAILED, "mmap");
		goto out;
	}
	map[at] = byte;
	if (msync(map, len, MS_SYNC))
		r = fail(w, FAILED, "msync");
	else if (pread(fd, &got, 1, at) != 1 || got != byte)
		r = fail(w, WRONG, "mmap: a store is not read back");
	byte = ~byte;
	if (!r && pwrite(fd, &byte, 1, at) != 1)
		r = fail(w, FAILED, "write");
	else if (!r && *(volatile uint8_t *)(map + at) != byte)
		r = fail(w, WRONG, "mmap: a write is not seen");
	munmap(map, len);
out:
	close(fd);
	unlink("map");
	return r;
}

static enum result work_xattr(struct worker *w)
{
	static uint8_t out[4096], in[4096];
	size_t len = 1 + below(w, below(w, 2) ? 64 : sizeof(out));
	enum result r = OK;
	char list[256];

	if (make("xattr"))
		return fail(w, FAILED, "create");
	fill(w, out, len);
	if (setxattr("xattr", "user.load", out, len, XATTR_CREATE))
		r = fail(w, errno == EOPNOTSUPP ? UNSUPPORTED : FAILED, "setxattr");
	else if (getxattr("xattr", "user.load", in, sizeof(in)) != (ssize_t)len ||
		 memcmp(in, out, len))
		r = fail(w, WRONG, "xattr: another value than was set");
	else if (!setxattr("xattr", "user.load", "x", 1, XATTR_CREATE))
		r = fail(w, WRONG, "xattr: XATTR_CREATE replaced");
	else if (setxattr("xattr", "user.load", "new", 3, XATTR_REPLACE) ||
		 getxattr("xattr", "user.load", in, sizeof(in)) != 3)
		r = fail(w, FAILED, "replace");
	else if (!memmem(list, listxattr("xattr", list, sizeof(list)), "user.load", 10))
		r = fail(w, WRONG, "xattr: not listed");
	else if (removexattr("xattr", "user.load"))
		r = fail(w, FAILED, "removexattr");
	else if (getxattr("xattr", "user.load", in, sizeof(in)) >= 0)
		r = fail(w, WRONG, "xattr: there after its removal");
	unlink("xattr");
	return r;
}

static enum result work_mount(struct worker *w)
{
	uint64_t out = next_random(w), in = 0;
	char name[300], file[320];
	enum result r = OK;
	int fd;

	snprintf(name, sizeof(name), "%s.%d", w->side, w->index);
	snprintf(file, sizeof(file), "%s/data", name);
	if (mkdir(name, 0700) && errno != EEXIST)
		return fail(w, FAILED, "mkdir %s", name);
	if (mount("none", name, w->fstype, 0, "size=1m")) {
		r = fail(w, errno == EPERM || errno == ENOTBLK || errno == EINVAL ||
			 errno == ENODEV ? UNSUPPORTED : FAILED, "mount %s", w->fstype);
		goto out;
	}
	fd = open(file, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, &out, 8) != 8)
		r = fail(w, FAILED, "write %s", file);
	else if (pread(fd, &in, 8, 0) != 8 || in != out)
		r = fail(w, WRONG, "mount: other data than written");
	if (fd >= 0)
		close(fd);
	if (umount(name))
		r = fail(w, FAILED, "umount %s", name);
out:
	rmdir(name);
	return r;
}

static const struct kind {
	const char *name;
	enum result (*work)(struct worker *w);
} kinds[] = {
	{ "file", work_file_or_shared },
	{ "dir", work_dir },
	{ "vector", work_vector },
	{ "mount", work_mount },
	{ "mmap", work_mmap },
	{ "xattr", work_xattr },
};

#define KINDS	((int)(sizeof(kinds) / sizeof(kinds[0])))

#endif
