// SPDX-License-Identifier: GPL-2.0
/* Runs a sequence: answers are among those allowed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../include/vexfs.h"
#include "vexcheck-calls.h"
#include "vexcheck-workers.h"

#define ARENA	(128 << 10)
#define BEYOND	(4UL << 30)	/* not mapped: no length reaches anything else */
#define BAD	((void *)8)

/* The memory of a process, and its descriptors. */
struct place {
	uint8_t *arena, *readonly;
	struct iovec *iovecs;
	char long_path[5000], long_name[300];
	int slots[CALL_SLOTS];
};

struct job {
	const struct call *calls;
	size_t count;
	const char *whose;
};

static sigjmp_buf beyond_end;

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(beyond_end, 1);
}

static bool place_open(struct place *p)
{
	static struct iovec iovecs[1024];
	struct rng r = { 1 };

	p->arena = mmap(NULL, ARENA + BEYOND, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->arena == MAP_FAILED || mprotect(p->arena, ARENA, PROT_READ | PROT_WRITE))
		return false;
	p->readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->readonly == MAP_FAILED)
		return false;
	rng_fill(&r, p->arena, ARENA);
	iovecs[0] = (struct iovec){ p->arena, 100 };
	iovecs[1] = (struct iovec){ p->arena + 5000, 0 };
	iovecs[2] = (struct iovec){ p->arena + 1, 4096 };
	iovecs[3] = (struct iovec){ BAD, 10 };
	iovecs[4] = (struct iovec){ p->arena, SIZE_MAX };
	p->iovecs = iovecs;
	memset(p->long_path, 'l', sizeof(p->long_path) - 1);
	memset(p->long_name, 'n', 256);
	for (int i = 0; i < CALL_SLOTS; i++)
		p->slots[i] = -1;
	return true;
}

static long string(struct place *p, const char * const *table, int64_t i)
{
	switch (i) {
	case PATH_NULL: return 0;
	case PATH_BAD: return (long)BAD;
	case PATH_EMPTY: return (long)"";
	case PATH_LONG: return (long)p->long_path;
	case PATH_NAME: return (long)p->long_name;
	default: return (long)table[i];
	}
}

static long memory(struct place *p, int64_t i)
{
	switch (i) {
	case MEM_NULL: return 0;
	case MEM_BAD: return (long)BAD;
	case MEM_EDGE: return (long)(p->arena + ARENA - 100);
	case MEM_READONLY: return (long)p->readonly;
	default: return (long)p->arena;
	}
}

static long value(struct place *p, const struct call_arg *a)
{
	switch (a->kind) {
	case 'F': return a->value >= 0 && a->value < CALL_SLOTS ? p->slots[a->value] : a->value;
	case 'P': return string(p, call_paths, a->value);
	case 'X': return string(p, call_names, a->value);
	case 'M': return memory(p, a->value);
	case 'I': return (long)p->iovecs;
	default: return a->value;
	}
}

/* A page of a file, which may end before it: that is told by SIGBUS, and right. */
static long touch(const long *a)
{
	long offset = a[2] >= 0 ? a[2] & ~4095L : a[2];
	volatile uint8_t *at = mmap(NULL, 4096, a[1], MAP_SHARED, a[0], offset);

	if (at == MAP_FAILED)
		return -1;
	if (!sigsetjmp(beyond_end, 1)) {
		if (a[1] & PROT_READ)
			(void)*at;
		if (a[1] & PROT_WRITE)
			*at = 0x55;
	}
	munmap((void *)at, 4096);
	return 0;
}

static long vector_call(const struct call *c, const long *a, const struct place *p)
{
	struct vexfs_add_vector add = { .dim = a[1], .count = a[2], .format = a[3], .data = a[4] };
	struct vexfs_search search = {
		.dim = a[1], .k = a[2], .metric = a[3], .query = a[4], .hits = (uintptr_t)p->arena + 65536,
	};

	if (c->what->number == CALL_VECTOR_ADD)
		return ioctl(a[0], VEXFS_IOC_ADD_VECTOR, &add);
	if (c->what->number == CALL_VECTOR_SEARCH)
		return ioctl(a[0], VEXFS_IOC_SEARCH, &search);
	return ioctl(a[0], VEXFS_IOC_GET_STATS, a[1]);
}

static long make_call(const struct call *c, const long *a, const struct place *p)
{
	long ret;

	if (c->what->number == CALL_TOUCH)
		ret = touch(a);
	else if (c->what->number < 0)
		ret = vector_call(c, a, p);
	else
		ret = syscall(c->what->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (ret == -1)
		ret = -errno;
	return ret == -EINVAL && lie(LIE_ERRNO) ? -EIO : ret;
}

/* Any call may find a bad argument, no memory or no space. */
static bool allowed(const struct call *c, long error)
{
	static const int any[] = { EINVAL, EFAULT, ENOMEM, EINTR, ENOSPC, EDQUOT };

	for (size_t i = 0; i < COUNT(any); i++)
		if (error == any[i])
			return true;
	if (error == EBADF)
		return strchr(c->what->shape, 'F');
	/* Whoever is not root may have taken rights from a directory. */
	if (error == EACCES && strchr(c->what->shape, 'P'))
		return true;
	for (size_t i = 0; i < COUNT(c->what->errors); i++)
		if (error == c->what->errors[i] && error)
			return true;
	return false;
}

static void run_call(const struct call *c, struct place *p, const char *whose)
{
	long a[7] = { 0 }, ret;
	int to = -1;
	size_t n = 0, arg = 0;

	for (const char *k = c->what->shape; *k; k++) {
		if (*k == 'C')
			a[n++] = AT_FDCWD;
		else if (*k == 'Z')
			a[n++] = 0;
		else if (*k == 'T')
			to = c->args[arg++].value;
		else
			a[n++] = value(p, &c->args[arg++]);
	}
	if (to >= 0 && p->slots[to] >= 0) {
		close(p->slots[to]);
		p->slots[to] = -1;
	}
	ret = make_call(c, a, p);
	if (to >= 0 && ret >= 0)
		p->slots[to] = ret;
	if (c->what->number == SYS_close && c->args[0].value >= 0 && c->args[0].value < CALL_SLOTS)
		p->slots[c->args[0].value] = -1;
	if (ret < 0 && !allowed(c, -ret))
		wrong(text("error of %s", c->what->name), "one that this call may give",
		      text("%s from '%s' in %s", errno_name(ret), call_text(c), whose));
	if (!opt.print && opt.workers == 1)
		digest(ret < 0 ? ret : c->what->number == SYS_openat ? 0 : 1);
}

static void run_process(int worker, void *data)
{
	const struct job *job = data;
	struct rlimit small = { 8 << 20, 8 << 20 };
	static struct place p;

	if (!place_open(&p))
		return;
	signal(SIGBUS, on_bus);
	signal(SIGXFSZ, SIG_IGN);
	if (!traits.sparse)
		setrlimit(RLIMIT_FSIZE, &small);
	for (size_t i = 0; i < job->count && may_go_on(); i++)
		if (job->calls[i].process == worker) {
			__atomic_fetch_add(&totals->ops, 1, __ATOMIC_RELAXED);
			run_call(&job->calls[i], &p, job->whose);
		}
}

void calls_run(const struct call *calls, size_t count, const char *whose)
{
	struct job job = { calls, count, whose };
	int here, processes = 1, ret;

	for (size_t i = 0; i < count; i++)
		if (calls[i].process >= processes)
			processes = calls[i].process + 1;
	workers_run(processes, run_process, &job);
	calls_left(".", 0, whose);
	here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = here < 0 ? -errno : remove_below(here);
	if (ret)
		wrong("the tree that was left", "can be removed", text("%s in %s", errno_name(ret), whose));
	if (here >= 0)
		close(here);
}
