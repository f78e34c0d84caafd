// SPDX-License-Identifier: Apache-2.0
/*
 * info and what else says which machine this is. info reads in a child: a module that hung while being
 * loaded, for one, can hold the lock that /proc/modules wants.
 */
#include "commands.h"
#include "message.h"
#include "sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MODULES_MAX 256

static struct utsname uts;
static char boot_id[64];

void identity_init(void)
{
	uname(&uts);
	sys_read_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id));
}

void member_identity(struct buf *b)
{
	if (boot_id[0])
		member_str(b, "bootId", boot_id);
	else
		buf_fmt(b, ",\"bootId\":null");
	member_str(b, "kernel", uts.release);
	member_str(b, "arch", uts.machine);
	buf_fmt(b, ",\"uptime\":%.3f", uptime_now());
}

static bool exists(const char *path)
{
	char full[PATH_MAX];

	return access(sys_path(full, path), F_OK) == 0;
}

/* Is the string in the file? Read in pieces that overlap by its length. */
static bool file_has(const char *path, const char *what, size_t len)
{
	static char data[65536];
	char full[PATH_MAX];
	size_t keep = 0;
	bool found = false;
	ssize_t n;
	int fd = open(sys_path(full, path), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (!found && (n = read(fd, data + keep, sizeof(data) - keep)) > 0) {
		size_t have = keep + (size_t)n;

		found = memmem(data, have, what, len) != NULL;
		keep = have < len - 1 ? have : len - 1;
		memmove(data, data + have - keep, keep);
	}
	close(fd);
	return found;
}

/* KASAN leaves no file. The type information names its functions and is read much faster than kallsyms. */
static bool has_kasan(void)
{
	static const char btf[] = "\0kasan_report", sym[] = " kasan_report\n";

	if (exists("/sys/kernel/btf/vmlinux"))
		return file_has("/sys/kernel/btf/vmlinux", btf, sizeof(btf));
	return file_has("/proc/kallsyms", sym, sizeof(sym) - 1);
}

static void member_flag(struct buf *b, const char *name, bool value)
{
	buf_fmt(b, ",\"%s\":%s", name, value ? "true" : "false");
}

static void add_features(struct buf *b)
{
	buf_fmt(b, ",\"features\":{\"kasan\":%s", has_kasan() ? "true" : "false");
	member_flag(b, "kcsan", exists("/sys/kernel/debug/kcsan"));
	member_flag(b, "lockdep", exists("/proc/lockdep"));
	member_flag(b, "kmemleak", exists("/sys/kernel/debug/kmemleak"));
	member_flag(b, "tracefs", exists("/sys/kernel/tracing/trace_pipe") || exists("/sys/kernel/debug/tracing/trace_pipe"));
	member_flag(b, "btf", exists("/sys/kernel/btf/vmlinux"));
	buf_fmt(b, "}");
}

/* "name size references users state address (taints)" */
static void add_modules(struct buf *b)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	int count = 0;
	FILE *f = fopen(sys_path(path, "/proc/modules"), "re");

	buf_fmt(b, ",\"modules\":[");
	while (f && count < MODULES_MAX && getline(&line, &size, f) > 0) {
		char name[64], state[16], taints[16] = "";
		long bytes;
		int refs = 0; /* "-" in kernels that cannot unload */

		if (sscanf(line, "%63s %ld %d %*s %15s %*s (%15[^)])", name, &bytes, &refs, state, taints) < 4)
			continue;
		buf_fmt(b, "%s{\"name\":", count++ ? "," : "");
		buf_json_str(b, name);
		buf_fmt(b, ",\"size\":%ld,\"refs\":%d", bytes, refs);
		member_str(b, "state", state);
		member_str(b, "taints", taints);
		buf_fmt(b, "}");
	}
	buf_fmt(b, "]");
	free(line);
	if (f)
		fclose(f);
}

/* 1 while lockdep is armed, 0 once it gave up, null without lockdep. */
static void add_debug_locks(struct buf *b)
{
	static char text[16384];
	const char *p;

	sys_read("/proc/lockdep_stats", text, sizeof(text));
	p = strstr(text, "debug_locks:");
	if (p)
		buf_fmt(b, ",\"debugLocks\":%d", atoi(p + strlen("debug_locks:")));
	else
		buf_fmt(b, ",\"debugLocks\":null");
}

static void add_memory(struct buf *b)
{
	char text[4096];
	const char *p;
	struct sysinfo si;

	if (sysinfo(&si) == 0)
		buf_fmt(b, ",\"memTotalKiB\":%llu,\"memFreeKiB\":%llu", (unsigned long long)si.totalram * si.mem_unit / 1024,
			(unsigned long long)si.freeram * si.mem_unit / 1024);
	sys_read("/proc/meminfo", text, sizeof(text));
	p = strstr(text, "MemAvailable:");
	if (p)
		buf_fmt(b, ",\"memAvailableKiB\":%lld", atoll(p + strlen("MemAvailable:")));
}

static int child_info(void *arg)
{
	struct buf b = { 0 };
	char text[64];

	(void)arg;
	member_identity(&b);
	member_str(&b, "version", uts.version);
	buf_fmt(&b, ",\"cpus\":%ld", sysconf(_SC_NPROCESSORS_ONLN));
	add_memory(&b);
	sys_read_line("/proc/sys/kernel/tainted", text, sizeof(text));
	buf_fmt(&b, ",\"tainted\":%lld", atoll(text));
	add_debug_locks(&b);
	add_features(&b);
	add_modules(&b);
	if (b.failed)
		return child_fail("info");
	if (write_all(STDOUT_FILENO, b.p, b.len) != 0)
		return child_fail("answer");
	return 0;
}

void cmd_info(struct request *r)
{
	struct job_spec spec = {
		.kind = JOB_COMMAND, .form = FORM_MEMBERS, .run = child_info, .max_output = JOB_OUTPUT_MAX,
	};

	run_command(r, &spec);
}
