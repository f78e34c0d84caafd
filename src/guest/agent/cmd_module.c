// SPDX-License-Identifier: Apache-2.0
/* load and unload: kernel modules by their system calls, in children since init and exit code may oops. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct module_args {
	const char *path, *params;
	bool force;
};

static int child_load(void *arg)
{
	struct module_args *a = arg;
	int fd = open(a->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return child_fail("open %s", a->path);
	if (syscall(SYS_finit_module, fd, a->params, 0) != 0)
		return child_fail("load %s", a->path);
	return 0;
}

void cmd_load(struct request *r)
{
	struct module_args a = { .path = req_path(r, "path"), .params = req_opt_str(r, "params", "") };

	run_builtin(r, child_load, &a);
}

static int child_unload(void *arg)
{
	struct module_args *a = arg;

	/* Without O_NONBLOCK a module in use would be waited for. O_TRUNC is the flag for "force". */
	if (syscall(SYS_delete_module, a->path, O_NONBLOCK | (a->force ? O_TRUNC : 0)) != 0)
		return child_fail("unload %s", a->path);
	return 0;
}

void cmd_unload(struct request *r)
{
	struct module_args a = { .path = req_str(r, "name"), .force = req_flag(r, "force") };

	run_builtin(r, child_unload, &a);
}
