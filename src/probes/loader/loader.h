/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_PROBE_LOADER_H
#define VEXFS_PROBE_LOADER_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "buf.h"

#define MAX_OBJECTS 64
#define MAX_LINKS 32
#define MAX_ENTRIES 65536

/* A loaded BPF object and what attaches it. Closing its descriptors is all that it takes to remove it: nothing is pinned. */
struct loaded {
	struct bpf_object *object;
	struct bpf_link *links[MAX_LINKS];
	int link_count;
	int interface;
};

/* Why a step failed: an errno, and words of our own where libbpf has none. */
struct failure {
	int code;
	char words[256];
};

/* `btf`: types of the kernel for the relocations, if not all of /sys/kernel/btf/vmlinux, which takes tens of milliseconds to read. */
bool load_object(struct loaded *slot, const char *file, const char *btf, const char *interface, struct failure *why);
bool attach_object(struct loaded *slot, struct failure *why);
void unload_object(struct loaded *slot);

/* `"maps":[{"name","entries":[{"key","values":[one, or one a CPU]}]}]` */
bool read_maps(const struct loaded *slot, struct buf *out, struct failure *why);

void fail(struct failure *why, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
