// SPDX-License-Identifier: GPL-2.0
/*
 * run-delay - how long tasks that could run wait for a CPU, in milliseconds from start to the first figures
 *
 * needs:  btf
 * needs:  event sched:sched_wakeup
 * needs:  event sched:sched_wakeup_new
 * needs:  event sched:sched_switch
 * map:    run_delay_us hist | microseconds of each wait
 * map:    run_delay_worst max tid comm | the longest wait of each task, in microseconds
 * map:    run_delay_lost lost | waits that found no room: 16384 tasks are kept
 * cost:   medium | two map updates a switch
 * set:    core
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "count.h"

#define TASK_RUNNING 0
#define BUCKETS 32

/* The member's name before 5.14. */
struct task_struct___old {
	long state;
} __attribute__((preserve_access_index));

struct waiter {
	__u32 tid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} run_delay_since SEC(".maps");

/* Bucket n counts what is below 2^n and not below 2^(n-1). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[BUCKETS]);
} run_delay_us SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct waiter);
	__type(value, __u64);
} run_delay_worst SEC(".maps");

LOST(run_delay_lost);

static __always_inline void began(struct task_struct *task)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 tid = BPF_CORE_READ(task, pid);

	/* The idle task waits for nothing. */
	if (tid != 0 && bpf_map_update_elem(&run_delay_since, &tid, &now, BPF_ANY) != 0)
		count_lost(&run_delay_lost);
}

/* The number of bits that it takes; without a loop, which the verifier would walk through for each state. */
static __always_inline __u32 bucket_of(__u64 us)
{
	__u32 value = us > 0x7fffffff ? 0x7fffffff : us, bits, shift;

	bits = (value > 0xffff) << 4;
	value >>= bits;
	shift = (value > 0xff) << 3;
	value >>= shift;
	bits |= shift;
	shift = (value > 0xf) << 2;
	value >>= shift;
	bits |= shift;
	shift = (value > 0x3) << 1;
	value >>= shift;
	bits |= shift;
	return us == 0 ? 0 : (bits | (value >> 1)) + 1;
}

static __always_inline void ended(struct task_struct *task)
{
	struct waiter waiter = { .tid = BPF_CORE_READ(task, pid) };
	__u64 *since = bpf_map_lookup_elem(&run_delay_since, &waiter.tid), *buckets, *worst, us;
	__u32 zero = 0, bucket;

	if (!since)
		return;
	us = (bpf_ktime_get_ns() - *since) / 1000;
	bpf_map_delete_elem(&run_delay_since, &waiter.tid);
	buckets = bpf_map_lookup_elem(&run_delay_us, &zero);
	bucket = bucket_of(us);
	if (buckets && bucket < BUCKETS)
		buckets[bucket]++;
	BPF_CORE_READ_STR_INTO(&waiter.comm, task, comm);
	worst = bpf_map_lookup_elem(&run_delay_worst, &waiter);
	if (!worst || *worst < us)
		bpf_map_update_elem(&run_delay_worst, &waiter, &us, BPF_ANY);
}

static __always_inline bool is_running(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(task, __state) == TASK_RUNNING;
	return BPF_CORE_READ((struct task_struct___old *)task, state) == TASK_RUNNING;
}

SEC("raw_tp/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	began(task);
	return 0;
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *task)
{
	began(task);
	return 0;
}

SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	/* It was sent away and could go on. */
	if (is_running(prev))
		began(prev);
	ended(next);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
