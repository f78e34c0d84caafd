/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VEXFS_PROGRAM_H
#define VEXFS_PROGRAM_H

#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Everything stays in the kernel below this between two calls of the program. */
#define PINS "/sys/fs/bpf/vexfs-leaks"
/* The module's part of /proc/kallsyms: it is wanted still when the module is gone. */
#define SYMBOLS "/tmp/vexfs-leaks.symbols"

static inline int sys_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

/* Prints {"error":"…"} and gives the exit status. */
int fail(const char *what);

/* Waits until all is freed or nothing changes any longer, at most so long, and prints what is left. */
int sample(long settle_ms);

#endif
