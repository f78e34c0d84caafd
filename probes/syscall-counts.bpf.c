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
#include "count.h"

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

LOST(syscalls_lost);

SEC("raw_tp/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long nr)
{
	struct call call = { .tid = (__u32)bpf_get_current_pid_tgid(), .nr = nr };

	bpf_get_current_comm(call.comm, sizeof(call.comm));
	count_one(&syscalls, &call, &syscalls_lost);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
