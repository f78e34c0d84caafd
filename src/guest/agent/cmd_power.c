// SPDX-License-Identifier: Apache-2.0
/* sync, sysrq, reboot, poweroff. */
#include "commands.h"
#include "message.h"
#include "sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYNC_TIMEOUT_MS 5000
#define ANSWER_LEAVES_MS 200

static int child_sync(void *arg)
{
	(void)arg;
	sync();
	return 0;
}

void cmd_sync(struct request *r)
{
	run_builtin(r, child_sync, NULL);
}

static int press(const char *keys)
{
	char path[PATH_MAX];
	int fd = open(sys_path(path, "/proc/sysrq-trigger"), O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return child_fail("open %s", path);
	/* The kernel looks at the first byte of each write only. */
	for (; *keys; keys++)
		if (write(fd, keys, 1) != 1)
			return child_fail("sysrq %c", *keys);
	close(fd);
	return 0;
}

static int child_sysrq(void *arg)
{
	return press(arg);
}

void cmd_sysrq(struct request *r)
{
	const char *keys = req_str(r, "keys");

	if (strlen(keys) > 64)
		req_bad(r, "keys: more than 64");
	for (const char *k = keys; *k; k++)
		if (!isgraph((unsigned char)*k))
			req_bad(r, "keys: not printable");
	run_builtin(r, child_sysrq, (void *)keys);
}

struct power_args {
	char key;
	int how_syscall; /* argument of reboot() */
	bool use_sysrq, sync_first;
	int64_t sync_ms;
};

static void pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* A hung file system must not keep the machine from going down. */
static void sync_for(int64_t ms)
{
	int64_t end = now_ms() + ms;
	pid_t pid = fork();

	if (pid == 0) {
		sync();
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0 && now_ms() < end)
		pause_ms(10);
}

static int child_power(void *arg)
{
	struct power_args *a = arg;
	char keys[2] = { a->key, '\0' };
	int error = 0;

	pause_ms(ANSWER_LEAVES_MS);
	if (a->sync_first)
		sync_for(a->sync_ms);
	if (a->use_sysrq)
		error = press(keys);
	/* sysrq works in more states than the system call, which is the second choice. */
	if (*sys_root())
		return error;
	pause_ms(a->use_sysrq ? 1000 : 0);
	reboot(a->how_syscall);
	return child_fail("reboot");
}

static void go_down(struct request *r, char key, int how_syscall)
{
	const char *how = req_opt_str(r, "how", "sysrq");
	struct power_args a = { .key = key, .how_syscall = how_syscall, .use_sysrq = true };
	struct job_spec spec = { .kind = JOB_BACKGROUND, .run = child_power, .arg = &a };
	struct job *j;

	a.sync_ms = req_timeout(r, SYNC_TIMEOUT_MS);
	a.sync_first = strcmp(how, "sync") == 0;
	if (strcmp(how, "syscall") == 0)
		a.use_sysrq = false;
	else if (!a.sync_first && strcmp(how, "sysrq") != 0)
		req_bad(r, "how: not sysrq, syscall or sync");
	if (r->bad[0]) {
		answer_bad(r->reply, r->bad);
		return;
	}
	j = job_start(r, &spec);
	if (j)
		answer_pid(r->reply, j->pid);
}

void cmd_reboot(struct request *r)
{
	go_down(r, 'b', RB_AUTOBOOT);
}

void cmd_poweroff(struct request *r)
{
	go_down(r, 'o', RB_POWER_OFF);
}
