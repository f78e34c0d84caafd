/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vexpoint: one operation with its Nth failing call, and what came of it.
 */
#ifndef VEXPOINT_H
#define VEXPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATA	16384		/* bytes of the file that operations work on */

/* One operation. */
struct point {
	/* What the program was told. */
	const char *fstype, *source, *options, *module, *params;
	const char *side;	/* a directory outside the filesystem, for mounts */
	/* What the operation has made so far. */
	int fd;
	struct { int64_t inodes, bytes, vectors; } before;
	/* What it returned: -1 and an errno, or 0 or more. */
	long ret;
	int err;
	/* What else it gave. */
	uint8_t buf[DATA];
	uint64_t id;
	char why[200];		/* what is other than it should be */
};

struct op {
	const char *name;
	/* Brings about what the operation needs. False with errno: it cannot be. */
	bool (*prepare)(struct point *p);
	/* The operation, nothing else: what it calls is counted. Sets ret and err. */
	void (*act)(struct point *p);
	/* Is all as it should be, after success (ret >= 0) or failure? */
	bool (*verify)(struct point *p);
	/* Takes back what is not below the working directory; may be NULL. */
	void (*cleanup)(struct point *p);
};

extern const struct op file_ops[], name_ops[], system_ops[];

/* Says what is wrong; returns false. */
__attribute__((format(printf, 2, 3)))
bool wrong(struct point *p, const char *fmt, ...);

/* Puts down what a call returned. */
void done(struct point *p, long ret);

/* Byte I of the data that is known as SEED. */
uint8_t byte_of(size_t i, int seed);
void fill(uint8_t *buf, size_t len, size_t from, int seed);
/* Are the LEN bytes at OFFSET of FILE the data known as SEED? -1: cannot be read. */
int has_data(int fd, size_t offset, size_t len, int seed);

/* A file of DATA bytes, seed 0. Returns an open descriptor or -1. */
int make_file(const char *name);
bool exists(const char *name);

#endif
