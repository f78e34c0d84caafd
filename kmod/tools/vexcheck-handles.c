// SPDX-License-Identifier: GPL-2.0
/* Open files: without a name, many, shared, and linked while they are open. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vexcheck-handles.h"
#include "vexcheck-sys.h"

#define DATA	3000

static void expect_links(const char *what, int fd, unsigned int links)
{
	struct stat st;

	/* FUSE renames what is removed while it is open. */
	if (traits.fuse || sys_fstat(fd, &st))
		return;
	if (st.st_nlink != links)
		wrong(what, text("%u links", links), text("%u links", (unsigned int)st.st_nlink));
}

static void expect_data(const char *what, int fd, const uint8_t *data, size_t len)
{
	uint8_t back[DATA];
	long got = sys_pread(fd, back, len, 0);

	if (got != (long)len || memcmp(back, data, len))
		wrong(what, text("%zu bytes as written", len),
		      got < 0 ? errno_name(got) : text("%ld bytes%s", got, got == (long)len ? ", others" : ""));
}

static bool put(int fd, const uint8_t *data, size_t len)
{
	long got = sys_pwrite(fd, data, len, 0);

	if (got < 0)
		failed("pwrite", got);
	return got == (long)len;
}

/* Its content lasts as long as a descriptor, and its name is gone. */
static void unlinked(struct rng *r)
{
	uint8_t data[DATA];
	long fd = sys_open("open", O_CREAT | O_EXCL | O_RDWR, 0600), ret;
	struct stat st;

	if (fd < 0) {
		failed("create", fd);
		return;
	}
	rng_fill(r, data, sizeof(data));
	put(fd, data, sizeof(data));
	ret = sys_unlink("open");
	if (ret)
		failed("unlink of an open file", ret);
	else if (sys_lstat("open", &st) != -ENOENT)
		wrong("name of an open file that was unlinked", "ENOENT", "success");
	expect_links("links of an open file that was unlinked", fd, 0);
	expect_data("content of an open file that was unlinked", fd, data, sizeof(data));
	rng_fill(r, data, sizeof(data));
	if (put(fd, data, sizeof(data)))
		expect_data("content written to a file without a name", fd, data, sizeof(data));
	close(fd);
	unlink("open");
}

static void many(struct rng *r)
{
	int fds[400], count = 0, most = 20 + rng_below(r, COUNT(fds) - 20);
	struct rlimit limit;
	long got;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < (rlim_t)most + 16)
		most = limit.rlim_cur > 32 ? limit.rlim_cur - 16 : 1;
	for (; count < most; count++) {
		fds[count] = sys_open(text("many%d", count % 50), O_CREAT | O_RDWR, 0600);
		if (fds[count] < 0) {
			failed("open of many files", fds[count]);
			break;
		}
		got = sys_pwrite(fds[count], &count, sizeof(count), count / 50 * sizeof(count));
		if (got < 0)
			failed("pwrite", got);
	}
	for (int i = 0, back; i < count && may_go_on(); i++) {
		got = sys_pread(fds[i], &back, sizeof(back), i / 50 * sizeof(back));
		if (got != sizeof(back) || back != i)
			wrong("content of one of many open files", text("%d", i), text("%d, %ld bytes", back, got));
	}
	for (int i = 0; i < count; i++)
		close(fds[i]);
	for (int i = 0; i < 50 && i < count; i++)
		unlink(text("many%d", i));
}

static void temporary(struct rng *r)
{
	bool keep = rng_one_in(r, 2);
	uint8_t data[DATA];
	long fd = sys_open(".", O_TMPFILE | O_RDWR | (keep ? 0 : O_EXCL), 0600), other;
	int ret;

	/* Where there is no such thing the kernel has opened a directory for writing. */
	if (fd == -EOPNOTSUPP || fd == -EISDIR || fd == -EINVAL || fd == -ENOSYS || fd == -ENOENT)
		return;
	if (fd < 0) {
		failed("open with O_TMPFILE", fd);
		return;
	}
	rng_fill(r, data, sizeof(data));
	put(fd, data, sizeof(data));
	expect_links("links of a file without a name", fd, 0);
	ret = linkat(AT_FDCWD, text("/proc/self/fd/%ld", fd), AT_FDCWD, "named", AT_SYMLINK_FOLLOW) ? -errno : 0;
	if (ret != (keep ? 0 : -ENOENT)) {
		wrong(keep ? "link of a file without a name" : "link of a file that is to have none",
		      keep ? "success" : "ENOENT", ret ? errno_name(ret) : "success");
	} else if (keep) {
		other = sys_open("named", O_RDONLY, 0);
		expect_data("content of a file that was given a name", other, data, sizeof(data));
		expect_links("links of a file that was given a name", other, 1);
		close(other);
	}
	close(fd);
	unlink("named");
}

static void linked(struct rng *r)
{
	uint8_t data[DATA];
	long fd = sys_open("one", O_CREAT | O_EXCL | O_RDWR, 0600), other, ret;

	if (fd < 0 || !traits.links || !traits.same_inode) {
		if (fd < 0)
			failed("create", fd);
		goto out;
	}
	ret = sys_link("one", "two");
	if (ret) {
		failed("link of an open file", ret);
		goto out;
	}
	expect_links("links of an open file with two names", fd, 2);
	other = sys_open("two", O_RDWR, 0);
	if (other < 0) {
		failed("open by the second name", other);
		goto out;
	}
	rng_fill(r, data, sizeof(data));
	if (put(fd, data, sizeof(data)))
		expect_data("content by the second name", other, data, sizeof(data));
	ret = sys_unlink("one");
	if (ret)
		failed("unlink of the first name", ret);
	else
		expect_links("links after the first name went", other, 1);
	expect_data("content after the first name went", other, data, sizeof(data));
	close(other);
out:
	if (fd >= 0)
		close(fd);
	unlink("one");
	unlink("two");
}

/* A duplicate shares the position, a second open does not. */
static void duplicated(struct rng *r)
{
	uint8_t data[64], byte;
	long fd = sys_open("dup", O_CREAT | O_EXCL | O_RDWR, 0600), copy, other;
	off_t at = rng_below(r, 40);

	if (fd < 0) {
		failed("create", fd);
		return;
	}
	rng_fill(r, data, sizeof(data));
	put(fd, data, sizeof(data));
	copy = dup(fd);
	other = sys_open("dup", O_RDONLY, 0);
	if (copy >= 0 && other >= 0) {
		lseek(copy, at, SEEK_SET);
		if (lseek(fd, 0, SEEK_CUR) != at)
			wrong("position of a duplicate", text("%lld", (long long)at),
			      text("%lld", (long long)lseek(fd, 0, SEEK_CUR)));
		if (read(fd, &byte, 1) != 1 || byte != data[at] || lseek(copy, 0, SEEK_CUR) != at + 1)
			wrong("byte read at a duplicate's position", text("0x%02x", data[at]), text("0x%02x", byte));
		if (lseek(other, 0, SEEK_CUR) != 0)
			wrong("position of another open", "0", text("%lld", (long long)lseek(other, 0, SEEK_CUR)));
		close(fd);
		expect_data("content after a duplicate was closed", copy, data, sizeof(data));
	} else {
		close(fd);
	}
	if (copy >= 0)
		close(copy);
	if (other >= 0)
		close(other);
	unlink("dup");
}

int check_handles(void)
{
	static void (* const scenes[])(struct rng *r) = {
		unlinked, many, temporary, linked, duplicated, locks_of_files, locks_of_ranges,
	};
	struct rng r = rng_stream(0);

	while (going())
		scenes[rng_below(&r, COUNT(scenes))](&r);
	return EXIT_RIGHT;
}
