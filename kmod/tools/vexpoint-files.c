// SPDX-License-Identifier: GPL-2.0
/* Operations on the data, attributes and vectors of a file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vexload-vec.h"
#include "vexpoint.h"

#define AT	2048	/* where data are written: neither the beginning nor a page's */
#define LEN	9000	/* so much of it, three pages */
#define CUT	5000
#define VALUE	300	/* bytes of an attribute's value */
#define DIM	4

static bool open_file(struct point *p)
{
	p->fd = make_file("file");
	return p->fd >= 0;
}

static bool size_is(struct point *p, off_t size)
{
	struct stat st;

	if (fstat(p->fd, &st))
		return wrong(p, "stat: %s", strerror(errno));
	return st.st_size == size ||
	       wrong(p, "the file has %lld bytes, not %lld", (long long)st.st_size, (long long)size);
}

static bool is_data(struct point *p, size_t at, size_t len, int seed, const char *what)
{
	int same = has_data(p->fd, at, len, seed);

	if (same < 0)
		return wrong(p, "%s cannot be read: %s", what, strerror(errno));
	return same || wrong(p, "%s is other than it should be", what);
}

static bool untouched(struct point *p)
{
	return size_is(p, DATA) && is_data(p, 0, DATA, 0, "what was there");
}

static void write_act(struct point *p)
{
	done(p, pwrite(p->fd, p->buf, LEN, AT));
}

static bool write_prepare(struct point *p)
{
	fill(p->buf, LEN, 0, 1);
	return open_file(p);
}

/* A short count is a success of so many bytes. */
static bool write_verify(struct point *p)
{
	size_t n = p->ret > 0 ? p->ret : 0;

	if (n > LEN)
		return wrong(p, "%ld bytes written of %d", p->ret, LEN);
	return size_is(p, DATA) && is_data(p, 0, AT, 0, "what is before") &&
	       is_data(p, AT, n, 1, "what was written") &&
	       is_data(p, AT + n, DATA - AT - n, 0, "what is behind");
}

static void append_act(struct point *p)
{
	done(p, pwrite(p->fd, p->buf, LEN, DATA));
}

static bool append_verify(struct point *p)
{
	size_t n = p->ret > 0 ? p->ret : 0;

	return size_is(p, DATA + n) && is_data(p, 0, DATA, 0, "what was there") &&
	       is_data(p, DATA, n, 1, "what was appended");
}

static void read_act(struct point *p)
{
	done(p, pread(p->fd, p->buf, LEN, AT));
}

static bool read_verify(struct point *p)
{
	for (long i = 0; i < p->ret; i++)
		if (p->buf[i] != byte_of(AT + i, 0))
			return wrong(p, "byte %ld of %ld read is other than it should be", i, p->ret);
	return untouched(p);
}

static void fsync_act(struct point *p)
{
	done(p, fsync(p->fd));
}

static void truncate_act(struct point *p)
{
	done(p, ftruncate(p->fd, CUT));
}

static bool truncate_verify(struct point *p)
{
	uint8_t zeros[4096];

	if (p->ret < 0)
		return untouched(p);
	if (!size_is(p, CUT) || !is_data(p, 0, CUT, 0, "what is before the cut"))
		return false;
	/* What was cut off must not come back when the file grows. */
	if (ftruncate(p->fd, DATA) || pread(p->fd, zeros, sizeof(zeros), CUT) != sizeof(zeros))
		return wrong(p, "growing the file again: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(zeros); i++)
		if (zeros[i])
			return wrong(p, "what was cut off has come back");
	return true;
}

static sigjmp_buf on_fault;

static void fault_handler(int sig)
{
	siglongjmp(on_fault, sig);
}

static bool mmap_prepare(struct point *p)
{
	struct sigaction sa = { .sa_handler = fault_handler };

	return open_file(p) && !sigaction(SIGBUS, &sa, NULL) && !sigaction(SIGSEGV, &sa, NULL);
}

static void mmap_act(struct point *p)
{
	uint8_t *map = mmap(NULL, DATA, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);

	if (map == MAP_FAILED) {
		done(p, -1);
		return;
	}
	if (sigsetjmp(on_fault, 0)) {
		errno = EFAULT;
		done(p, -1);
		return;
	}
	*(volatile uint8_t *)(map + AT) = byte_of(0, 1);
	done(p, 1);
}

static bool mmap_verify(struct point *p)
{
	size_t n = p->ret > 0 ? 1 : 0;

	return size_is(p, DATA) && is_data(p, 0, AT, 0, "what is before") &&
	       is_data(p, AT, n, 1, "what was stored") &&
	       is_data(p, AT + n, DATA - AT - n, 0, "what is behind");
}

static bool value_is(struct point *p, const char *name, int seed)
{
	uint8_t value[VALUE];
	ssize_t n = fgetxattr(p->fd, name, value, sizeof(value));

	if (n != VALUE)
		return wrong(p, "%s: %s", name, n < 0 ? strerror(errno) : "of another size");
	for (int i = 0; i < VALUE; i++)
		if (value[i] != byte_of(i, seed))
			return wrong(p, "the value of %s is other than it should be", name);
	return true;
}

static bool set_value(int fd, const char *name, int seed)
{
	uint8_t value[VALUE];

	fill(value, VALUE, 0, seed);
	return !fsetxattr(fd, name, value, VALUE, 0);
}

static bool xattr_prepare(struct point *p)
{
	fill(p->buf, VALUE, 0, 1);
	return open_file(p) && set_value(p->fd, "user.one", 0) && set_value(p->fd, "user.two", 0);
}

static bool names_are(struct point *p, const char *list, size_t len)
{
	static const char one[] = "user.one", two[] = "user.two";

	return (len == sizeof(one) + sizeof(two) && memmem(list, len, one, sizeof(one)) &&
		memmem(list, len, two, sizeof(two))) ||
	       wrong(p, "the list of attributes is other than it should be");
}

static bool xattrs_are(struct point *p, int seed)
{
	char list[256];
	ssize_t n = flistxattr(p->fd, list, sizeof(list));

	if (n < 0)
		return wrong(p, "listing attributes: %s", strerror(errno));
	return names_are(p, list, n) && value_is(p, "user.one", 0) && value_is(p, "user.two", seed);
}

static void setxattr_act(struct point *p)
{
	done(p, fsetxattr(p->fd, "user.two", p->buf, VALUE, 0));
}

static bool setxattr_verify(struct point *p)
{
	return xattrs_are(p, p->ret < 0 ? 0 : 1);
}

static void getxattr_act(struct point *p)
{
	done(p, fgetxattr(p->fd, "user.two", p->buf, VALUE));
}

static bool getxattr_verify(struct point *p)
{
	if (p->ret >= 0 && p->ret != VALUE)
		return wrong(p, "%ld bytes of %d read", p->ret, VALUE);
	for (long i = 0; i < p->ret; i++)
		if (p->buf[i] != byte_of(i, 0))
			return wrong(p, "what was read is other than it should be");
	return xattrs_are(p, 0);
}

static void listxattr_act(struct point *p)
{
	done(p, flistxattr(p->fd, (char *)p->buf, sizeof(p->buf)));
}

static bool listxattr_verify(struct point *p)
{
	return (p->ret < 0 || names_are(p, (char *)p->buf, p->ret)) && xattrs_are(p, 0);
}

static void removexattr_act(struct point *p)
{
	done(p, fremovexattr(p->fd, "user.two"));
}

static bool removexattr_verify(struct point *p)
{
	char byte;

	if (p->ret < 0)
		return xattrs_are(p, 0);
	return (fgetxattr(p->fd, "user.two", &byte, 0) < 0 && errno == ENODATA) ||
	       wrong(p, "the attribute is still there");
}

static const int32_t vectors[3][DIM] = { { 0, 0, 0, 0 }, { 10, 0, 0, 0 }, { 20, 0, 0, 0 } };
static const int32_t query[DIM] = { 11, 0, 0, 0 };

static bool vector_prepare(struct point *p)
{
	return open_file(p) && vec_supported(p->fd) &&
	       !vec_add(p->fd, DIM, 2, VEXFS_FORMAT_INT, vectors[0], NULL);
}

static bool vectors_are(struct point *p, uint32_t count)
{
	struct vexfs_hit hits[4];
	struct vexfs_stats st;
	int n;

	if (ioctl(p->fd, VEXFS_IOC_GET_STATS, &st))
		return wrong(p, "stats: %s", strerror(errno));
	if (st.count != count || st.dim != DIM)
		return wrong(p, "%u vectors of %u components, not %u of %d", (unsigned int)st.count,
			     (unsigned int)st.dim, count, DIM);
	n = vec_search(p->fd, VEXFS_METRIC_L2, DIM, query, 4, hits);
	if (n != (int)count || !vec_right(VEXFS_METRIC_L2, vectors[0], count, DIM, query, hits, n))
		return wrong(p, "a search finds other vectors than it should");
	return true;
}

static void vector_add_act(struct point *p)
{
	done(p, vec_add(p->fd, DIM, 1, VEXFS_FORMAT_INT, vectors[2], &p->id));
}

static bool vector_add_verify(struct point *p)
{
	if (p->ret >= 0 && p->id != 2)
		return wrong(p, "the vector was called %llu", (unsigned long long)p->id);
	return vectors_are(p, p->ret < 0 ? 2 : 3);
}

static void search_act(struct point *p)
{
	done(p, vec_search(p->fd, VEXFS_METRIC_L2, DIM, query, 4, (struct vexfs_hit *)p->buf));
}

static bool search_verify(struct point *p)
{
	if (p->ret >= 0 && (p->ret != 2 || !vec_right(VEXFS_METRIC_L2, vectors[0], 2, DIM, query,
						      (struct vexfs_hit *)p->buf, 2)))
		return wrong(p, "what was found is other than it should be");
	return vectors_are(p, 2);
}

static void stats_act(struct point *p)
{
	done(p, ioctl(p->fd, VEXFS_IOC_GET_STATS, p->buf));
}

static bool stats_verify(struct point *p)
{
	struct vexfs_stats *st = (struct vexfs_stats *)p->buf;

	if (p->ret >= 0 && st->count != 2)
		return wrong(p, "%u vectors counted", (unsigned int)st->count);
	return vectors_are(p, 2);
}

const struct op file_ops[] = {
	{ "write", write_prepare, write_act, write_verify, NULL },
	{ "append", write_prepare, append_act, append_verify, NULL },
	{ "read", open_file, read_act, read_verify, NULL },
	{ "fsync", open_file, fsync_act, untouched, NULL },
	{ "truncate", open_file, truncate_act, truncate_verify, NULL },
	{ "mmap-write", mmap_prepare, mmap_act, mmap_verify, NULL },
	{ "setxattr", xattr_prepare, setxattr_act, setxattr_verify, NULL },
	{ "getxattr", xattr_prepare, getxattr_act, getxattr_verify, NULL },
	{ "listxattr", xattr_prepare, listxattr_act, listxattr_verify, NULL },
	{ "removexattr", xattr_prepare, removexattr_act, removexattr_verify, NULL },
	{ "vector-add", vector_prepare, vector_add_act, vector_add_verify, NULL },
	{ "search", vector_prepare, search_act, search_verify, NULL },
	{ "stats", vector_prepare, stats_act, stats_verify, NULL },
	{ 0 }
};
