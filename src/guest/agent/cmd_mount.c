// SPDX-License-Identifier: Apache-2.0
/* mount and umount. */
#include "commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

struct mount_args {
	const char *source, *target, *fstype, *options;
	unsigned long flags;
};

/* Options that are flags of the system call; all others go to the file system. */
static const struct {
	const char *name;
	unsigned long set, clear;
} flag_options[] = {
	{ "defaults", 0, 0 },
	{ "ro", MS_RDONLY, 0 }, { "rw", 0, MS_RDONLY },
	{ "nosuid", MS_NOSUID, 0 }, { "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 }, { "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 }, { "exec", 0, MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS, 0 }, { "async", 0, MS_SYNCHRONOUS }, { "dirsync", MS_DIRSYNC, 0 },
	{ "noatime", MS_NOATIME, 0 }, { "atime", 0, MS_NOATIME }, { "nodiratime", MS_NODIRATIME, 0 },
	{ "relatime", MS_RELATIME, 0 }, { "strictatime", MS_STRICTATIME, 0 }, { "lazytime", MS_LAZYTIME, 0 },
	{ "remount", MS_REMOUNT, 0 }, { "bind", MS_BIND, 0 }, { "rbind", MS_BIND | MS_REC, 0 },
	{ "private", MS_PRIVATE, 0 }, { "rprivate", MS_PRIVATE | MS_REC, 0 }, { "silent", MS_SILENT, 0 },
};

int make_dirs(const char *path, bool last)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && !(i == len && last))
			continue;
		part[i] = '\0';
		/* A read-only directory above may answer EROFS for one that exists. */
		if (mkdir(part, 0755) != 0 && errno != EEXIST && errno != EROFS)
			return -1;
		part[i] = path[i];
	}
	return 0;
}

static bool take_flag(const char *option, size_t len, unsigned long *flags)
{
	for (size_t i = 0; i < sizeof(flag_options) / sizeof(flag_options[0]); i++) {
		if (strlen(flag_options[i].name) != len || memcmp(flag_options[i].name, option, len) != 0)
			continue;
		*flags = (*flags | flag_options[i].set) & ~flag_options[i].clear;
		return true;
	}
	return false;
}

/* Copy the options that are no flags to data. */
static void split_options(const char *options, char *data, unsigned long *flags)
{
	const char *begin = data;

	while (*options) {
		size_t len = strcspn(options, ",");

		if (len > 0 && !take_flag(options, len, flags)) {
			if (data != begin)
				*data++ = ',';
			memcpy(data, options, len);
			data += len;
		}
		options += len + (options[len] == ',');
	}
	*data = '\0';
}

static int child_mount(void *arg)
{
	struct mount_args *a = arg;
	char data[PATH_MAX + 1];

	split_options(a->options, data, &a->flags);
	if (!(a->flags & MS_REMOUNT) && make_dirs(a->target, true) != 0)
		return child_fail("mkdir %s", a->target);
	if (mount(a->source, a->target, *a->fstype ? a->fstype : NULL, a->flags, *data ? data : NULL) != 0)
		return child_fail("mount %s on %s", a->source, a->target);
	return 0;
}

void cmd_mount(struct request *r)
{
	struct mount_args a = {
		.source = req_opt_str(r, "source", "none"),
		.target = req_path(r, "target"),
		.fstype = req_opt_str(r, "fstype", ""),
		.options = req_opt_str(r, "options", ""),
		.flags = (unsigned long)req_int(r, "flags", 0, 0x7fffffff, 0),
	};

	/* The kernel takes one page of data; a longer string is cut there without a word. */
	if (strlen(a.options) >= PATH_MAX)
		req_bad(r, "options: too long");
	run_builtin(r, child_mount, &a);
}

static int child_umount(void *arg)
{
	struct mount_args *a = arg;

	if (umount2(a->target, (int)a->flags) != 0)
		return child_fail("umount %s", a->target);
	return 0;
}

void cmd_umount(struct request *r)
{
	struct mount_args a = { .target = req_path(r, "target") };

	if (req_flag(r, "force"))
		a.flags |= MNT_FORCE;
	if (req_flag(r, "lazy"))
		a.flags |= MNT_DETACH;
	run_builtin(r, child_umount, &a);
}
