// SPDX-License-Identifier: Apache-2.0
/*
 * Virtio serial ports by name. A port can be opened only once at a time, so one that children write to is
 * opened by the agent, once, and handed to all of them.
 */
#include "ports.h"
#include "sys.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_LEN 63
#define PORTS_MAX 16

static struct {
	char name[NAME_MAX_LEN + 1];
	int fd;
} ports[PORTS_MAX];
static int port_count;

bool port_name_ok(const char *name)
{
	if (!*name || *name == '.' || strlen(name) > NAME_MAX_LEN)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("._-", *name))
			return false;
	return true;
}

/* A minimal guest has no udev to make the links: ask sysfs. */
static bool find_in_sysfs(char dst[PATH_MAX], const char *name)
{
	char path[PATH_MAX], label[NAME_MAX_LEN + 2];
	bool found = false;
	struct dirent *e;
	DIR *dir = opendir(sys_path(path, "/sys/class/virtio-ports"));

	if (!dir)
		return false;
	while (!found && (e = readdir(dir))) {
		char file[64 + sizeof(e->d_name)];

		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "/sys/class/virtio-ports/%s/name", e->d_name);
		if (strcmp(sys_read_line(file, label, sizeof(label)), name) == 0) {
			snprintf(dst, PATH_MAX, "%s/dev/%s", sys_root(), e->d_name);
			found = true;
		}
	}
	closedir(dir);
	return found;
}

const char *port_device(char dst[PATH_MAX], const char *name)
{
	char link[128];

	snprintf(link, sizeof(link), "/dev/virtio-ports/%s", name);
	sys_path(dst, link);
	if (access(dst, F_OK) != 0 && !find_in_sysfs(dst, name))
		sys_path(dst, link);
	return dst;
}

int port_for_writing(const char *name)
{
	char path[PATH_MAX];
	int fd;

	for (int i = 0; i < port_count; i++)
		if (strcmp(ports[i].name, name) == 0)
			return ports[i].fd;
	if (port_count == PORTS_MAX) {
		errno = EMFILE;
		return -1;
	}
	/* The agent itself must not block in open(); the children's writes should block. */
	fd = open(port_device(path, name), O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, O_WRONLY);
	snprintf(ports[port_count].name, sizeof(ports[0].name), "%s", name);
	ports[port_count++].fd = fd;
	return fd;
}
