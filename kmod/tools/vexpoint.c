// SPDX-License-Identifier: GPL-2.0
/*
 * vexpoint: one operation whose Nth call into what can fail does, by
 * /proc/thread-self/fail-nth (Documentation/fault-injection/fault-injection.rst).
 *
 *	vexpoint [--dir DIR] [--side DIR] [--fstype NAME] [--source DEVICE] [--options TEXT]
 *		 [--module FILE] [--params TEXT] [--nth N] OPERATION
 *	vexpoint --list
 *
 * Prints one line of JSON: {"op", "nth", "injected", "ret", "errno", "data", "why"}. "data" is "right" when an operation
 * that failed has left everything as it was and one that succeeded has done all it should; "skip" when the
 * operation cannot be tried here. Exit: 0, 1 data are wrong, 2 usage, 3 cannot be tried.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../include/vexfs.h"
#include "vexpoint.h"

enum { EXIT_RIGHT, EXIT_WRONG, EXIT_USAGE, EXIT_SKIP };

static const struct op *const tables[] = { name_ops, file_ops, system_ops };

bool wrong(struct point *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
	return false;
}

void done(struct point *p, long ret)
{
	p->ret = ret;
	p->err = ret < 0 ? errno : 0;
}

uint8_t byte_of(size_t i, int seed)
{
	return i * 131 + (i >> 8) * 7 + seed * 89 + 1;
}

void fill(uint8_t *buf, size_t len, size_t from, int seed)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = byte_of(from + i, seed);
}

/*
 * Data count from the beginning of what was written, so seed 1 counts from OFFSET, and
 * seed 0, of what was there before, from the beginning of the file.
 */
int has_data(int fd, size_t offset, size_t len, int seed)
{
	static uint8_t buf[DATA];
	size_t from = seed ? 0 : offset;

	if (len > sizeof(buf))
		return 0;
	for (size_t have = 0; have < len;) {
		ssize_t n = pread(fd, buf + have, len - have, offset + have);

		if (n < 0)
			return -1;
		if (!n)
			return 0;
		have += n;
	}
	for (size_t i = 0; i < len; i++)
		if (buf[i] != byte_of(from + i, seed))
			return 0;
	return 1;
}

int make_file(const char *name)
{
	static uint8_t buf[DATA];
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return -1;
	fill(buf, DATA, 0, 0);
	if (pwrite(fd, buf, DATA, 0) == DATA)
		return fd;
	close(fd);
	return -1;
}

bool exists(const char *name)
{
	struct stat st;

	return !lstat(name, &st);
}

static const struct op *find(const char *name)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct op *op = tables[t]; op->name; op++)
			if (!strcmp(op->name, name))
				return op;
	return NULL;
}

static void list(void)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct op *op = tables[t]; op->name; op++)
			puts(op->name);
}

/* What the filesystem counts. A filesystem that does not tell counts nothing. */
static void usage_of(int keep, struct point *now)
{
	struct vexfs_stats st;

	memset(&now->before, 0, sizeof(now->before));
	if (keep < 0 || ioctl(keep, VEXFS_IOC_GET_STATS, &st))
		return;
	now->before.inodes = st.fs_inodes;
	now->before.bytes = st.fs_used;
	now->before.vectors = st.fs_vectors;
}

static bool same_usage(int keep, struct point *p, const char *when)
{
	static struct point now;

	usage_of(keep, &now);
	if (!memcmp(&now.before, &p->before, sizeof(now.before)))
		return true;
	return wrong(p, "%s the filesystem counts %+lld inodes, %+lld bytes, %+lld vectors", when,
		     (long long)(now.before.inodes - p->before.inodes),
		     (long long)(now.before.bytes - p->before.bytes),
		     (long long)(now.before.vectors - p->before.vectors));
}

/* Two levels of folders are all that operations make. */
static void clear(const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	char path[512];

	if (!d)
		return;
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (!unlink(path) || errno != EISDIR || !depth)
			continue;
		clear(path, depth - 1);
		rmdir(path);
	}
	closedir(d);
}

static bool arm(int nth_fd, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(nth_fd, text, len, 0) == len;
}

/*
 * How many calls were left, 0: the Nth was made and failed. To ask is a call of its own: a copy to
 * this program, and when that is the one that fails, the operation had been spared.
 */
static unsigned int disarm(int nth_fd)
{
	char text[16] = "";
	ssize_t n = pread(nth_fd, text, sizeof(text) - 1, 0);
	unsigned int left = n > 0 ? strtoul(text, NULL, 10) : 1;

	for (int i = 0; i < 3 && !arm(nth_fd, 0); i++)
		;
	return left;
}

static void print(const struct op *op, const struct point *p, unsigned int nth, bool injected,
		  const char *data)
{
	printf("{\"op\":\"%s\",\"nth\":%u,\"injected\":%s,\"ret\":%ld,\"errno\":\"%s\",\"data\":\"%s\",\"why\":\"",
	       op->name, nth, injected ? "true" : "false", p->ret,
	       p->err ? strerrorname_np(p->err) : "", data);
	for (const char *c = p->why; *c; c++)
		putchar(*c == '"' || *c == '\\' || (unsigned char)*c < ' ' ? '\'' : *c);
	puts("\"}");
}

static int skip(const struct op *op, struct point *p, unsigned int nth, const char *what)
{
	wrong(p, "%s: %s", what, strerror(errno));
	print(op, p, nth, false, "skip");
	return EXIT_SKIP;
}

/* In a folder of its own, which is as it was when all is over. */
static int run(const struct op *op, struct point *p, unsigned int nth, const char *dir)
{
	int nth_fd = -1, keep = -1;
	bool right, injected;

	if (nth) {
		nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
		if (nth_fd < 0)
			return skip(op, p, nth, "/proc/thread-self/fail-nth");
	}
	if (dir) {
		char work[256];

		snprintf(work, sizeof(work), "%s/.vexpoint", dir);
		if ((mkdir(work, 0700) && errno != EEXIST) || chdir(work))
			return skip(op, p, nth, work);
		clear(".", 2);
		keep = open("keep", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		usage_of(keep, p);
	}
	if (!op->prepare(p)) {
		skip(op, p, nth, "preparing it");
		right = true;
		goto out;
	}
	if (keep >= 0)
		usage_of(keep, p);
	if (nth && !arm(nth_fd, nth))
		return skip(op, p, nth, "arming fail-nth");
	op->act(p);
	injected = nth && disarm(nth_fd) == 0;
	right = op->verify(p);
	/* Other than mounts and loads, what failed has not changed what is counted. */
	if (right && p->ret < 0 && !op->cleanup)
		right = same_usage(keep, p, "after it failed");
	print(op, p, nth, injected, right ? "right" : "wrong");
out:
	fflush(stdout);
	if (op->cleanup)
		op->cleanup(p);
	if (p->fd >= 0)
		close(p->fd);
	if (dir) {
		clear(".", 2);
		if (keep >= 0)
			close(keep);
	}
	return right ? EXIT_RIGHT : EXIT_WRONG;
}

static int usage(void)
{
	fputs("usage: vexpoint [--dir DIR] [--side DIR] [--fstype NAME] [--source DEVICE] [--options TEXT]\n"
	      "                [--module FILE] [--params TEXT] [--nth N] OPERATION\n"
	      "       vexpoint --list\n", stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", 1, NULL, 'd' }, { "side", 1, NULL, 's' }, { "fstype", 1, NULL, 't' },
		{ "source", 1, NULL, 'S' }, { "options", 1, NULL, 'o' }, { "module", 1, NULL, 'm' },
		{ "params", 1, NULL, 'p' }, { "nth", 1, NULL, 'n' }, { "list", 0, NULL, 'l' }, { 0 },
	};
	static struct point p = {
		.fstype = "vexfs", .source = "none", .options = "", .module = "/module/vexfs.ko",
		.params = "", .side = "/mnt/vexpoint-side", .fd = -1,
	};
	const struct op *op;
	const char *dir = NULL;
	unsigned int nth = 0;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd': dir = optarg; break;
		case 's': p.side = optarg; break;
		case 't': p.fstype = optarg; break;
		case 'S': p.source = optarg; break;
		case 'o': p.options = optarg; break;
		case 'm': p.module = optarg; break;
		case 'p': p.params = optarg; break;
		case 'n': nth = strtoul(optarg, NULL, 10); break;
		case 'l': list(); return EXIT_RIGHT;
		default: return usage();
		}
	}
	op = optind == argc - 1 ? find(argv[optind]) : NULL;
	return op ? run(op, &p, nth, dir) : usage();
}
