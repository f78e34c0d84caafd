// SPDX-License-Identifier: GPL-2.0
/* Operations on the filesystem as a whole, and on its module. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vexpoint.h"

/* Is something mounted on the directory beside the filesystem? */
static bool is_mounted(struct point *p)
{
	char up[256];
	struct stat here, there;

	snprintf(up, sizeof(up), "%s/..", p->side);
	return !stat(p->side, &here) && !stat(up, &there) && here.st_dev != there.st_dev;
}

static bool mount_prepare(struct point *p)
{
	if (mkdir(p->side, 0700) && errno != EEXIST)
		return false;
	errno = EBUSY;
	return !is_mounted(p);
}

static void mount_act(struct point *p)
{
	done(p, mount(p->source, p->side, p->fstype, 0, p->options));
}

/* What is mounted works: a file can be made in it. */
static bool works(struct point *p)
{
	char name[256];
	int fd, same;

	snprintf(name, sizeof(name), "%s/file", p->side);
	unlink(name);
	fd = make_file(name);
	if (fd < 0)
		return wrong(p, "a file in it: %s", strerror(errno));
	same = has_data(fd, 0, DATA, 0);
	close(fd);
	return same > 0 || wrong(p, "a file in it has other data than written");
}

static bool mount_verify(struct point *p)
{
	if (is_mounted(p) != (p->ret >= 0))
		return wrong(p, p->ret < 0 ? "it is mounted all the same" : "nothing is mounted");
	if (p->ret >= 0)
		return works(p);
	/* A mount that failed must not stand in the way of the next. */
	if (mount(p->source, p->side, p->fstype, 0, p->options))
		return wrong(p, "the next mount: %s", strerror(errno));
	return works(p);
}

static void unmount_side(struct point *p)
{
	if (is_mounted(p))
		umount2(p->side, 0);
	rmdir(p->side);
}

static bool unmount_prepare(struct point *p)
{
	if (!mount_prepare(p) || mount(p->source, p->side, p->fstype, 0, p->options))
		return false;
	return works(p);
}

static void unmount_act(struct point *p)
{
	done(p, umount2(p->side, 0));
}

static bool unmount_verify(struct point *p)
{
	if (is_mounted(p) != (p->ret < 0))
		return wrong(p, p->ret < 0 ? "it is not mounted any more" : "it is still mounted");
	return p->ret >= 0 || works(p);
}

/* The name of a module is that of its file. */
static void module_name(struct point *p, char *name, size_t size)
{
	const char *base = strrchr(p->module, '/');
	char *dot;

	snprintf(name, size, "%s", base ? base + 1 : p->module);
	dot = strchr(name, '.');
	if (dot)
		*dot = '\0';
}

static bool is_loaded(struct point *p)
{
	char name[64], path[128];

	module_name(p, name, sizeof(name));
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	return exists(path);
}

static bool load_prepare(struct point *p)
{
	errno = EEXIST;
	if (is_loaded(p))
		return false;
	p->fd = open(p->module, O_RDONLY | O_CLOEXEC);
	return p->fd >= 0;
}

static void load_act(struct point *p)
{
	done(p, syscall(SYS_finit_module, p->fd, p->params, 0));
}

/* The module is not told by its file system alone: it must be possible to load and to unload it after all. */
static bool load_verify(struct point *p)
{
	char name[64];

	module_name(p, name, sizeof(name));
	if (is_loaded(p) != (p->ret >= 0))
		return wrong(p, p->ret < 0 ? "it is loaded all the same" : "it is not loaded");
	if (p->ret < 0 && syscall(SYS_finit_module, p->fd, p->params, 0))
		return wrong(p, "loading it again: %s", strerror(errno));
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		return wrong(p, "unloading it: %s", strerror(errno));
	return !is_loaded(p) || wrong(p, "it is still there after it was unloaded");
}

const struct op system_ops[] = {
	{ "mount", mount_prepare, mount_act, mount_verify, unmount_side },
	{ "unmount", unmount_prepare, unmount_act, unmount_verify, unmount_side },
	{ "load", load_prepare, load_act, load_verify, NULL },
	{ 0 }
};
