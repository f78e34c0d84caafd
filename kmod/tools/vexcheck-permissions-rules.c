// SPDX-License-Identifier: GPL-2.0
/* What is tried as another user, on the file f and the directory d with the name in in it. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "vexcheck-permissions.h"
#include "vexcheck-sys.h"

static long closed(long fd)
{
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static long op_read(void) { return closed(sys_open("f", O_RDONLY, 0)); }
static long op_write(void) { return closed(sys_open("f", O_WRONLY, 0)); }
static long op_both(void) { return closed(sys_open("f", O_RDWR, 0)); }
static long op_truncate(void) { return truncate("f", 0) ? -errno : 0; }
static long op_getxattr(void) { return sys_getxattr("f", "user.p", NULL, 0); }
static long op_setxattr(void) { return sys_setxattr("f", "user.p", "y", 1, 0); }
static long op_touch(void) { return sys_utimens("f", NULL); }
static long op_list(void) { return closed(sys_open("d", O_RDONLY | O_DIRECTORY, 0)); }
static long op_create(void) { return closed(sys_open("d/new", O_CREAT | O_EXCL | O_WRONLY, 0600)); }
static long op_mkdir(void) { return sys_mkdir("d/new", 0700); }
static long op_symlink(void) { return sys_symlink("x", "d/new"); }
static long op_unlink(void) { return sys_unlink("d/in"); }
static long op_rename(void) { return sys_rename("d/in", "d/out", 0); }
static long op_chmod(void) { return sys_chmod("f", 0777); }
static long op_chown(void) { return sys_chown("f", 1, -1); }

static long op_look(void)
{
	struct stat st;

	return sys_stat("d/in", &st);
}

static long op_set_times(void)
{
	struct timespec times[2] = { { 1, 1 }, { 2, 2 } };

	return sys_utimens("f", times);
}

/* Empty, so it cannot run: that is said after who may. */
static long op_execute(void)
{
	char *argv[] = { (char *)"f", NULL };

	execve("f", argv, argv + 1);
	return errno == ENOEXEC ? 0 : -errno;
}

const struct rule permission_rules[PERMISSION_RULES] = {
	{ .name = "open for reading", .run = op_read, .needs = MAY_READ },
	{ .name = "open for writing", .run = op_write, .needs = MAY_WRITE },
	{ .name = "open for both", .run = op_both, .needs = MAY_READ | MAY_WRITE },
	{ .name = "truncate", .run = op_truncate, .needs = MAY_WRITE },
	{ .name = "execve", .run = op_execute, .executes = true, .needs = MAY_SEARCH },
	{ .name = "getxattr", .run = op_getxattr, .needs = MAY_READ, .xattr = true },
	{ .name = "setxattr", .run = op_setxattr, .needs = MAY_WRITE, .xattr = true },
	{ .name = "utimensat to now", .run = op_touch, .needs = MAY_WRITE, .owner = true },
	{ .name = "utimensat", .run = op_set_times, .only = -EPERM },
	{ .name = "chmod", .run = op_chmod, .only = -EPERM },
	{ .name = "chown to another", .run = op_chown, .needs = NEEDS_ROOT },
	{ .name = "listing a directory", .run = op_list, .needs = MAY_READ },
	{ .name = "looking up in a directory", .run = op_look, .needs = MAY_SEARCH },
	{ .name = "create in a directory", .run = op_create, .needs = MAY_WRITE | MAY_SEARCH, .makes = true },
	{ .name = "mkdir in a directory", .run = op_mkdir, .needs = MAY_WRITE | MAY_SEARCH, .makes = true },
	{ .name = "symlink in a directory", .run = op_symlink, .needs = MAY_WRITE | MAY_SEARCH, .makes = true },
	{ .name = "unlink in a directory", .run = op_unlink, .needs = MAY_WRITE | MAY_SEARCH },
	{ .name = "rename in a directory", .run = op_rename, .needs = MAY_WRITE | MAY_SEARCH },
};

const struct rule permission_look = { .name = "look", .run = op_look };
