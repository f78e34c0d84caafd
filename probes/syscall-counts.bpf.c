// SPDX-License-Identifier: GPL-2.0
/*
 * syscall-counts - system calls by task, in milliseconds from start to the first figures
 *
 * needs:  btf
 * needs:  event raw_syscalls:sys_enter
 * map:    syscalls count tid nr comm | system calls by task and number
 * map:    syscalls_lost lost | calls that found no room: 16384 combinations of task and number are kept
 * cost:   medium | one map update a system call
 * set:    core
 */
#include "vmlinux.h"
#include "syscalls.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct call {
	__u32 tid;
	enum syscall nr;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct call);
	__type(value, __u64);
} syscalls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} syscalls_lost SEC(".maps");

SEC("raw_tp/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long nr)
{
	struct call call = { .tid = (__u32)bpf_get_current_pid_tgid(), .nr = nr };
	const __u64 none = 0;
	__u32 zero = 0;
	__u64 *count;

	bpf_get_current_comm(call.comm, sizeof(call.comm));
	count = bpf_map_lookup_elem(&syscalls, &call);
	if (!count) {
		bpf_map_update_elem(&syscalls, &call, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&syscalls, &call);
	}
	if (!count)
		count = bpf_map_lookup_elem(&syscalls_lost, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
