/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_SYS_H
#define VEXFS_AGENT_SYS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int64_t now_ms(void);    /* CLOCK_MONOTONIC */
double uptime_now(void); /* seconds, as in /proc/uptime */

/* Tests put a made-up tree before the kernel's own files: /proc, /sys and /dev below `dir`. */
void sys_set_root(const char *dir);
const char *sys_root(void);
const char *sys_path(char dst[PATH_MAX], const char *path);

/* Up to size-1 bytes of a small file below the root, NUL-terminated; -1 with errno set. */
ssize_t sys_read(const char *path, char *dst, size_t size);

/* The same with trailing newline removed; "" if it cannot be read. */
const char *sys_read_line(const char *path, char *dst, size_t size);

int write_all(int fd, const void *data, size_t len);

#endif
