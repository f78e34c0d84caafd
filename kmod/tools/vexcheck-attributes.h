/* SPDX-License-Identifier: GPL-2.0 */
/* An inode and the model of its attributes. */
#ifndef VEXCHECK_ATTRIBUTES_H
#define VEXCHECK_ATTRIBUTES_H

#include "vexcheck.h"

#define MOST_XATTRS	40
#define MOST_VALUE	65536	/* XATTR_SIZE_MAX of linux/limits.h */

struct xattr {
	char name[260];
	uint8_t *value;
	size_t size;
};

struct described {
	const char *path;
	bool directory, lost;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime;
	struct xattr xattrs[MOST_XATTRS];
	size_t count;
	struct rng rng;
	uint8_t *buffer;	/* of MOST_VALUE + 1 bytes */
};

void described_wrong(struct described *d, const char *what, const char *expected, const char *got);
/* True for success. */
bool described_done(struct described *d, const char *call, long result);
/* Everything but times, which are compared where they are set. */
void described_compare(struct described *d, const struct moment *before);

/* vexcheck-attributes-xattr.c */
void xattr_set(struct described *d);
void xattr_get(struct described *d);
void xattr_remove(struct described *d);
void xattr_list(struct described *d);
void xattr_refused(struct described *d);
void xattrs_forget(struct described *d);

#endif
