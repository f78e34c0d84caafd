// SPDX-License-Identifier: GPL-2.0
/* Modes, owners, times and extended attributes against a model. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-attributes.h"
#include "vexcheck-sys.h"

void described_wrong(struct described *d, const char *what, const char *expected, const char *got)
{
	wrong(what, expected, got);
	d->lost = true;
}

bool described_done(struct described *d, const char *call, long result)
{
	if (result >= 0)
		return true;
	if (failed(call, result))
		d->lost = true;
	return false;
}

static const char *time_text(const struct timespec *t)
{
	return text("%lld.%09ld", (long long)t->tv_sec, t->tv_nsec);
}

void described_compare(struct described *d, const struct moment *before)
{
	struct stat st;

	if (!described_done(d, "stat", sys_stat(d->path, &st)))
		return;
	if ((st.st_mode & 07777) != d->mode)
		described_wrong(d, "mode", text("0%o", d->mode), text("0%o", st.st_mode & 07777));
	else if (st.st_uid != d->uid || st.st_gid != d->gid)
		described_wrong(d, "owner", text("%u:%u", d->uid, d->gid),
				text("%u:%u", st.st_uid, st.st_gid));
	else if (before && !stamped_since(before, &st.st_ctim))
		described_wrong(d, "ctime after a change", text("%s or later", time_text(&before->at)),
				time_text(&st.st_ctim));
}

static void do_chmod(struct described *d)
{
	struct moment before = moment_now();
	mode_t mode = rng_below(&d->rng, 010000);

	/* Whoever is not root has to be able to go on. */
	if (geteuid())
		mode = (mode & ~07000) | (d->directory ? 0700 : 0600);
	if (!described_done(d, "chmod", sys_chmod(d->path, mode)))
		return;
	d->mode = mode;
	described_compare(d, &before);
}

/* chown_common() of fs/open.c: a change of owner takes S_ISUID, and S_ISGID where it is one. */
static void do_chown(struct described *d)
{
	uid_t uid = rng_one_in(&d->rng, 4) ? (uid_t)-1 : rng_below(&d->rng, 60000);
	gid_t gid = rng_one_in(&d->rng, 4) ? (gid_t)-1 : rng_below(&d->rng, 60000);
	struct moment before = moment_now();
	long ret;

	if (geteuid())
		return;
	ret = sys_chown(d->path, uid, gid);
	/* A user namespace has not all of them. */
	if (ret == -EINVAL || ret == -EPERM || !described_done(d, "chown", ret))
		return;
	d->uid = uid == (uid_t)-1 ? d->uid : uid;
	d->gid = gid == (gid_t)-1 ? d->gid : gid;
	if (!d->directory)
		d->mode &= d->mode & S_IXGRP ? ~(S_ISUID | S_ISGID) : ~S_ISUID;
	described_compare(d, &before);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	long unit = traits.time_unit < 1000000000 ? traits.time_unit : 1000000000;

	if (a->tv_sec / (traits.time_unit > 1000000000 ? 2 : 1) !=
	    b->tv_sec / (traits.time_unit > 1000000000 ? 2 : 1))
		return false;
	return a->tv_nsec / unit == b->tv_nsec / unit;
}

static void do_times(struct described *d)
{
	struct moment before = moment_now();
	struct timespec set[2];
	struct stat st;

	for (int i = 0; i < 2; i++) {
		set[i].tv_sec = rng_below(&d->rng, 1u << 31);
		set[i].tv_nsec = rng_one_in(&d->rng, 5) ? UTIME_OMIT : rng_one_in(&d->rng, 5) ? UTIME_NOW :
				 (long)rng_below(&d->rng, 1000000000);
	}
	if (!described_done(d, "utimensat", sys_utimens(d->path, set)) ||
	    !described_done(d, "stat", sys_stat(d->path, &st)))
		return;
	for (int i = 0; i < 2 && !d->lost; i++) {
		struct timespec *model = i ? &d->mtime : &d->atime, *got = i ? &st.st_mtim : &st.st_atim;

		if (set[i].tv_nsec == UTIME_NOW) {
			if (!stamped_since(&before, got))
				described_wrong(d, i ? "mtime set to now" : "atime set to now",
						text("%s or later", time_text(&before.at)), time_text(got));
		} else {
			if (set[i].tv_nsec != UTIME_OMIT)
				*model = set[i];
			if (!same_time(model, got))
				described_wrong(d, i ? "mtime" : "atime", time_text(model), time_text(got));
		}
		*model = *got;
	}
	if (!d->lost && !(set[0].tv_nsec == UTIME_OMIT && set[1].tv_nsec == UTIME_OMIT) &&
	    !stamped_since(&before, &st.st_ctim))
		described_wrong(d, "ctime after a change", text("%s or later", time_text(&before.at)),
				time_text(&st.st_ctim));
}

static const struct action {
	void (*run)(struct described *d);
	int weight;
	bool xattr;
} actions[] = {
	{ do_chmod, 15, false }, { do_chown, 10, false }, { do_times, 15, false },
	{ xattr_set, 25, true }, { xattr_get, 15, true }, { xattr_remove, 8, true },
	{ xattr_list, 7, true }, { xattr_refused, 5, true },
};

static void act(struct described *d)
{
	int at = rng_below(&d->rng, 100);

	for (size_t i = 0; i < COUNT(actions); i++) {
		at -= actions[i].weight;
		if (at >= 0)
			continue;
		if (traits.xattrs || !actions[i].xattr)
			actions[i].run(d);
		return;
	}
}

static void life(uint64_t number, uint8_t *buffer)
{
	struct described d = { .path = "object", .rng = rng_stream(number), .buffer = buffer };
	int left = 50 + rng_below(&d.rng, 100);
	struct stat st;
	long ret;

	d.directory = rng_one_in(&d.rng, 2);
	ret = d.directory ? sys_mkdir(d.path, 0700) : sys_open(d.path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (!described_done(&d, "create", ret) || stat(d.path, &st))
		return;
	if (!d.directory)
		close(ret);
	d.mode = st.st_mode & 07777;
	d.uid = st.st_uid;
	d.gid = st.st_gid;
	d.atime = st.st_atim;
	d.mtime = st.st_mtim;
	while (left-- && !d.lost && going()) {
		act(&d);
		digest(d.mode ^ d.uid ^ d.gid ^ d.count);
	}
	if (!d.lost)
		described_compare(&d, NULL);
	xattrs_forget(&d);
	remove(d.path);
}

int check_attributes(void)
{
	uint8_t *buffer = malloc(MOST_VALUE + 1);

	if (!buffer)
		return cannot("no memory");
	for (uint64_t number = 0; may_go_on() && (!opt.ops || totals->ops < opt.ops); number++)
		life(number, buffer);
	free(buffer);
	return EXIT_RIGHT;
}
