// SPDX-License-Identifier: GPL-2.0
/*
 * vexfs-leaks: watches what a module allocates.
 *
 *   vexfs-leaks start MODULE      {"start":"0x…","end":"0x…","bulk":true}: from here on; what was watched before is forgotten
 *   vexfs-leaks sample SETTLE_MS  {"allocations":…,"frees":…,"missedAllocations":…,"missedFrees":…,"settledMs":…,"sites":[…],"cut":false}
 *   vexfs-leaks stop              {}
 *   what fails                    {"error":"words"}, exit 1
 *
 * Programs and maps are pinned, so that no process has to live for them; a snapshot of the machine has them all.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "leaks.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "leaks.skel.h"
#pragma GCC diagnostic pop

#include "program.h"
#include "symbols.h"

int fail(const char *what)
{
	printf("{\"error\":\"%s: %s\"}\n", what, strerror(errno));
	return 1;
}

/* With its pin an object goes when nobody else holds it. */
static void stop(void)
{
	DIR *dir = opendir(PINS);
	struct dirent *entry;
	char path[384];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", PINS, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(PINS);
}

static bool pin(const char *name, int fd)
{
	char path[128];
	union bpf_attr attr = { .pathname = (uintptr_t)path, .bpf_fd = (uint32_t)fd };

	snprintf(path, sizeof(path), "%s/%s", PINS, name);
	return sys_bpf(BPF_OBJ_PIN, &attr) == 0;
}

#define PROGRAMS(each)                                                                                                 \
	each(on_kmalloc) each(on_cache_alloc) each(on_bulk_free) each(on_kfree_1) each(on_kfree_2) each(on_kfree_3)     \
	each(on_kmem_cache_free_1) each(on_kmem_cache_free_2) each(on_kmem_cache_free_3)

static bool pin_all(const struct leaks *skel)
{
#define ROW(name) { #name, skel->progs.name.prog_fd, skel->links.name##_fd },
	const struct {
		const char *name;
		int program, link;
	} programs[] = { PROGRAMS(ROW) };
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (programs[i].link <= 0)
			continue;
		snprintf(name, sizeof(name), "%s_link", programs[i].name);
		if (!pin(programs[i].name, programs[i].program) || !pin(name, programs[i].link))
			return false;
	}
	return pin("sites", skel->maps.sites.map_fd) && pin("counters", skel->maps.counters.map_fd);
}

/* A link, or -1: there are kernels without kprobes. */
static int attach_kprobe(int program, const char *function)
{
	struct perf_event_attr event = { .size = sizeof(event), .config1 = (uintptr_t)function };
	FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int fd = -1;

	if (file && fscanf(file, "%u", &event.type) == 1)
		fd = (int)syscall(__NR_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (file)
		fclose(file);
	return fd < 0 ? -1 : skel_link_create(program, fd, BPF_PERF_EVENT);
}

/* Frees first: an allocation whose free is not seen looks like a leak. */
static bool attach(struct leaks *skel)
{
	skel->links.on_bulk_free_fd = attach_kprobe(skel->progs.on_bulk_free.prog_fd, "kmem_cache_free_bulk");
	return leaks__on_kfree_1__attach(skel) > 0 && leaks__on_kfree_2__attach(skel) > 0 && leaks__on_kfree_3__attach(skel) > 0 &&
	       leaks__on_kmem_cache_free_1__attach(skel) > 0 && leaks__on_kmem_cache_free_2__attach(skel) > 0 &&
	       leaks__on_kmem_cache_free_3__attach(skel) > 0 && leaks__on_kmalloc__attach(skel) > 0 &&
	       leaks__on_cache_alloc__attach(skel) > 0;
}

static int start(const char *module)
{
	struct leak_range text, wrappers[LEAK_WRAPPERS];
	struct leaks *skel;

	stop();
	errno = ENOENT;
	if (!symbols_save(module, &text, wrappers))
		return fail("functions of the module");
	if (access("/sys/kernel/tracing/events/kmem/kmalloc_node", F_OK) == 0) {
		errno = EOPNOTSUPP;
		return fail("the kernel is older than 6.1");
	}
	if (mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL) != 0 && errno != EBUSY)
		return fail("mounting bpffs");
	if (mkdir(PINS, 0700) != 0)
		return fail(PINS);
	skel = leaks__open();
	if (!skel)
		return fail("making room");
	memcpy(&skel->rodata->module, &text, sizeof(text));
	memcpy(&skel->rodata->wrappers, wrappers, sizeof(wrappers));
	errno = 0;
	if (leaks__load(skel) < 0)
		return fail("loading the program");
	if (!attach(skel))
		return fail("attaching the program");
	if (!pin_all(skel)) {
		int error = errno;

		stop();
		errno = error;
		return fail("pinning the program");
	}
	printf("{\"start\":\"0x%" PRIx64 "\",\"end\":\"0x%" PRIx64 "\",\"bulk\":%s}\n", (uint64_t)text.start, (uint64_t)text.end,
	       skel->links.on_bulk_free_fd > 0 ? "true" : "false");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "start") == 0)
		return start(argv[2]);
	if (argc == 3 && strcmp(argv[1], "sample") == 0)
		return sample(strtol(argv[2], NULL, 10));
	if (argc == 2 && strcmp(argv[1], "stop") == 0) {
		stop();
		puts("{}");
		return 0;
	}
	fputs("usage: vexfs-leaks start MODULE | sample SETTLE_MS | stop\n", stderr);
	return 2;
}
