/* SPDX-License-Identifier: GPL-2.0 */
/* Counting in maps, for the compiled probes; behind vmlinux.h and bpf_helpers.h. */
#ifndef VEXFS_PROBES_COUNT_H
#define VEXFS_PROBES_COUNT_H

/* A map of one counter, for what others had no room for. */
#define LOST(name)                                                                                 \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, __u64);                                                              \
	} name SEC(".maps")

static __always_inline void count_lost(void *lost)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(lost, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
}

/* One more of that key, on whatever CPU. */
static __always_inline void count_one(void *map, const void *key, void *lost)
{
	const __u64 none = 0;
	__u64 *count = bpf_map_lookup_elem(map, key);

	if (!count) {
		bpf_map_update_elem(map, key, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(map, key);
	}
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		count_lost(lost);
}

#endif
