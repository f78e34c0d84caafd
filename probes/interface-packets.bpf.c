// SPDX-License-Identifier: GPL-2.0
/*
 * interface-packets - packets that come in at an interface by protocol, and what the kernel drops of them
 *
 * needs:  btf
 * needs:  interface
 * needs:  event skb:kfree_skb
 * map:    interface_packets sum protocol | packets that arrived, before anything else saw them (XDP)
 * map:    interface_bytes sum protocol | their bytes
 * map:    interface_drops count reason | packets of that interface that the kernel dropped, by its reason
 * map:    interface_drops_lost lost | drops that found no room
 * cost:   low | two counters a packet, without a lock
 * set:    core
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "count.h"

/* Set before it is loaded. */
const volatile __u32 interface_index = 0;

enum protocol { ipv4, ipv6, arp, other };

/* Not arrays: their keys must be plain integers, and these have names. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4);
	__type(key, enum protocol);
	__type(value, __u64);
} interface_packets SEC(".maps"), interface_bytes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, enum skb_drop_reason);
	__type(value, __u64);
} interface_drops SEC(".maps");

LOST(interface_drops_lost);

/* Network order (include/uapi/linux/if_ether.h). */
static __always_inline enum protocol protocol_of(__be16 type)
{
	switch (bpf_ntohs(type)) {
	case 0x0800:
		return ipv4;
	case 0x86dd:
		return ipv6;
	case 0x0806:
		return arp;
	default:
		return other;
	}
}

static __always_inline void add(void *map, enum protocol protocol, __u64 amount)
{
	__u64 *count = bpf_map_lookup_elem(map, &protocol);

	if (count)
		*count += amount;
	else
		bpf_map_update_elem(map, &protocol, &amount, BPF_ANY);
}

SEC("xdp")
int on_packet(struct xdp_md *context)
{
	void *start = (void *)(long)context->data, *end = (void *)(long)context->data_end;
	struct ethhdr *header = start;
	enum protocol protocol = other;

	if ((void *)(header + 1) <= end)
		protocol = protocol_of(header->h_proto);
	add(&interface_packets, protocol, 1);
	add(&interface_bytes, protocol, end - start);
	return XDP_PASS;
}

SEC("raw_tp/kfree_skb")
int BPF_PROG(on_drop, struct sk_buff *skb, void *location, enum skb_drop_reason reason)
{
	struct net_device *device = BPF_CORE_READ(skb, dev);

	if (!device || BPF_CORE_READ(device, ifindex) != interface_index)
		return 0;
	count_one(&interface_drops, &reason, &interface_drops_lost);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
