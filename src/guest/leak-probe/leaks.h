/* SPDX-License-Identifier: GPL-2.0 */
/* What the program in the kernel and the one that reads its maps both know. */
#ifndef VEXFS_LEAKS_H
#define VEXFS_LEAKS_H

#include <linux/types.h>

#define LEAK_FRAMES 24
#define LEAK_WRAPPERS 24

/* Code, from its first byte to the one behind its last. */
struct leak_range {
	__u64 start;
	__u64 end;
};

/* A stack that allocated, or a call of which no stack was taken, with all that it allocated so far and what of that was freed, by whomever. */
struct leak_site {
	__u64 frames[LEAK_FRAMES]; /* return addresses, the innermost first; 0 behind the last */
	__u64 call_site;	   /* who called the allocator */
	__u64 allocations;
	__u64 frees;
	__u64 bytes_allocated;
	__u64 bytes_freed;
	__u64 asked; /* of the sites that are a call alone: how often it was made */
};

enum leak_counter {
	LEAK_NO_ROOM,  /* allocations that found no room in a map, and are not watched */
	LEAK_REUSED,   /* objects whose memory was handed out again: their free was not seen */
	LEAK_BULK_CUT, /* objects that were freed together with too many others to look at all */
	LEAK_COUNTERS,
};

#endif
