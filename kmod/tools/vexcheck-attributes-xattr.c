// SPDX-License-Identifier: GPL-2.0
/* Extended attributes of the user namespace. How many fit is the filesystem's to say. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "vexcheck-attributes.h"
#include "vexcheck-sys.h"

static struct xattr *find(struct described *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->xattrs[i].name, name))
			return &d->xattrs[i];
	return NULL;
}

static void choose_name(struct described *d, char *name)
{
	size_t len = rng_one_in(&d->rng, 20) ? 250 : 0;

	sprintf(name, "user.x%d", (int)rng_below(&d->rng, 30));
	/* The longest: 255 with its prefix. */
	if (len) {
		memset(name + 5, 'y', len);
		name[5 + len] = '\0';
	}
}

/* ext4 and others hold a block of them, so a refusal for lack of space is an answer. */
static bool no_room(long ret)
{
	return ret == -ENOSPC || ret == -E2BIG || ret == -EDQUOT || ret == -ENOMEM || ret == -ERANGE;
}

static void keep(struct described *d, const char *name, size_t size)
{
	struct xattr *x = find(d, name);

	if (!x) {
		x = &d->xattrs[d->count++];
		snprintf(x->name, sizeof(x->name), "%s", name);
		x->value = NULL;
	}
	free(x->value);
	x->value = malloc(size + 1);
	x->size = x->value ? size : 0;
	if (x->value)
		memcpy(x->value, d->buffer, size);
	else
		d->lost = true;
}

void xattr_set(struct described *d)
{
	static const int flags[] = { 0, 0, XATTR_CREATE, XATTR_REPLACE };
	int flag = flags[rng_below(&d->rng, COUNT(flags))];
	size_t size = rng_one_in(&d->rng, 30) ? rng_below(&d->rng, MOST_VALUE + 1) :
		      rng_one_in(&d->rng, 6) ? rng_below(&d->rng, 2000) : rng_below(&d->rng, 64);
	struct moment before = moment_now();
	char name[260];
	long expected, got;
	struct xattr *x;

	choose_name(d, name);
	x = find(d, name);
	if (!x && d->count == MOST_XATTRS)
		return;
	rng_fill(&d->rng, d->buffer, size);
	expected = x && flag == XATTR_CREATE ? -EEXIST : !x && flag == XATTR_REPLACE ? -ENODATA : 0;
	got = sys_setxattr(d->path, name, d->buffer, size, flag);
	if (no_room(got))
		return;
	if (got != expected) {
		described_wrong(d, flag == XATTR_CREATE ? "setxattr with XATTR_CREATE" :
				flag == XATTR_REPLACE ? "setxattr with XATTR_REPLACE" : "setxattr",
				expected ? errno_name(expected) : "success", got ? errno_name(got) : "success");
		return;
	}
	if (got)
		return;
	keep(d, name, size);
	described_compare(d, &before);
}

void xattr_get(struct described *d)
{
	char name[260];
	struct xattr *x;
	long got;

	choose_name(d, name);
	if (d->count && rng_one_in(&d->rng, 2))
		strcpy(name, d->xattrs[rng_below(&d->rng, d->count)].name);
	x = find(d, name);
	got = sys_getxattr(d->path, name, d->buffer, MOST_VALUE);
	if (!x) {
		if (got != -ENODATA)
			described_wrong(d, "getxattr of what is not there", "ENODATA",
					got < 0 ? errno_name(got) : text("%ld bytes", got));
		return;
	}
	if (got != (long)x->size || memcmp(d->buffer, x->value, x->size))
		described_wrong(d, "value of an attribute",
				text("%zu bytes %016llx", x->size, (unsigned long long)hash_bytes(x->value, x->size)),
				got < 0 ? errno_name(got) :
				text("%ld bytes %016llx", got, (unsigned long long)hash_bytes(d->buffer, got)));
	else if (sys_getxattr(d->path, name, NULL, 0) != (long)x->size)
		described_wrong(d, "size of an attribute", text("%zu", x->size), "another");
	else if (x->size > 1 && (got = sys_getxattr(d->path, name, d->buffer, x->size - 1)) != -ERANGE)
		described_wrong(d, "getxattr into too little room", "ERANGE",
				got < 0 ? errno_name(got) : text("%ld bytes", got));
}

void xattr_remove(struct described *d)
{
	char name[260];
	struct xattr *x;
	long got;

	choose_name(d, name);
	x = find(d, name);
	got = sys_removexattr(d->path, name);
	if (got != (x ? 0 : -ENODATA)) {
		described_wrong(d, "removexattr", x ? "success" : "ENODATA", got ? errno_name(got) : "success");
	} else if (x) {
		free(x->value);
		*x = d->xattrs[--d->count];
	}
}

/* Other namespaces may have more: only ours are compared. */
void xattr_list(struct described *d)
{
	long room = sys_listxattr(d->path, NULL, 0), got;
	char *list = (char *)d->buffer;
	size_t ours = 0;

	if (!described_done(d, "listxattr", room))
		return;
	got = sys_listxattr(d->path, list, MOST_VALUE);
	if (!described_done(d, "listxattr", got))
		return;
	for (long at = 0; at < got; at += strlen(list + at) + 1) {
		if (strncmp(list + at, "user.", 5))
			continue;
		ours++;
		if (!find(d, list + at)) {
			described_wrong(d, "an attribute listed", "none of that name", list + at);
			return;
		}
	}
	if (ours != d->count)
		described_wrong(d, "attributes listed", text("%zu", d->count), text("%zu", ours));
	else if (room != got)
		described_wrong(d, "size of a list of attributes", text("%ld", got), text("%ld", room));
	else if (got > 1 && sys_listxattr(d->path, list, 1) != -ERANGE)
		described_wrong(d, "listxattr into too little room", "ERANGE", "another answer");
}

void xattr_refused(struct described *d)
{
	char name[300] = "user.";
	struct {
		const char *what;
		long got, expected;
	} rows[] = {
		{ "setxattr of a name without a namespace", sys_setxattr(d->path, "nothing", "x", 1, 0), -EOPNOTSUPP },
		{ "setxattr of an empty name", sys_setxattr(d->path, "", "x", 1, 0), -ERANGE },
		{ "setxattr with unknown flags", sys_setxattr(d->path, "user.x", "x", 1, 8), -EINVAL },
		{ "setxattr of a value that is too long",
		  sys_setxattr(d->path, "user.long", d->buffer, MOST_VALUE + 1, 0), -E2BIG },
		{ "setxattr of a name that is too long", 0, -ERANGE },
	};

	memset(name + 5, 'z', 251);
	rows[4].got = sys_setxattr(d->path, name, "x", 1, 0);
	for (size_t i = 0; i < COUNT(rows) && !d->lost; i++)
		if (rows[i].got != rows[i].expected)
			described_wrong(d, rows[i].what, errno_name(rows[i].expected),
					rows[i].got < 0 ? errno_name(rows[i].got) : "success");
}

void xattrs_forget(struct described *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->xattrs[i].value);
	d->count = 0;
}
