// SPDX-License-Identifier: Apache-2.0
/* Clocks and small files. */
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *root = "";

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

double uptime_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void sys_set_root(const char *dir)
{
	root = dir;
}

const char *sys_root(void)
{
	return root;
}

const char *sys_path(char dst[PATH_MAX], const char *path)
{
	snprintf(dst, PATH_MAX, "%s%s", root, path);
	return dst;
}

ssize_t sys_read(const char *path, char *dst, size_t size)
{
	char full[PATH_MAX];
	size_t have = 0;
	ssize_t n = 0;
	int fd = open(sys_path(full, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	dst[0] = '\0';
	if (fd < 0)
		return -1;
	while (have < size - 1) {
		n = read(fd, dst + have, size - 1 - have);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	dst[have] = '\0';
	close(fd);
	return n < 0 && have == 0 ? -1 : (ssize_t)have;
}

const char *sys_read_line(const char *path, char *dst, size_t size)
{
	ssize_t n = sys_read(path, dst, size);

	if (n > 0 && dst[n - 1] == '\n')
		dst[n - 1] = '\0';
	return dst;
}

int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
