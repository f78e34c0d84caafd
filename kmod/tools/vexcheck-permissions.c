// SPDX-License-Identifier: GPL-2.0
/*
 * What who may do, for a process that is not root: every mode for owner, group
 * and others, and every operation. The bits of the other classes are set to the
 * contrary, so that the wrong class shows.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vexcheck-permissions.h"
#include "vexcheck-sys.h"
#include "vexcheck-workers.h"

#define NOBODY	65534

enum class { OWNER, GROUP, OTHER, CLASSES };

static const char * const class_names[] = { "owner", "group", "other" };

/* One cell of the table. */
struct cell {
	const struct rule *rule;
	enum class class;
	int bits;
	long result;
	bool sticky, ours;
};

static mode_t mode_of(const struct cell *c)
{
	mode_t mode = 0;

	for (int i = 0; i < CLASSES; i++)
		mode |= (mode_t)(i == (int)c->class ? c->bits : ~c->bits & 7) << (6 - 3 * i);
	return mode | (c->sticky ? S_ISVTX : 0);
}

static long expected(const struct cell *c)
{
	const struct rule *r = c->rule;

	if (r->needs == NEEDS_ROOT)
		return -EPERM;
	if (r->only)
		return c->class == OWNER ? 0 : r->only;
	if (r->owner && c->class == OWNER)
		return 0;
	if ((c->bits & r->needs) != r->needs)
		return -EACCES;
	/* may_delete(): in a sticky directory one removes what one owns. */
	return c->sticky && !c->ours && c->class != OWNER && !r->makes && r->needs == (MAY_WRITE | MAY_SEARCH) ? -EPERM : 0;
}

/* Another user's process, which does on request what the cell in shared memory says. */
struct nobody {
	struct cell *cell;
	int ask[2], answer[2];
	pid_t pid;
};

static void serve(int worker, void *data)
{
	struct nobody *n = data;
	struct cell *c = n->cell;
	gid_t none = NOBODY;
	bool other = !setgroups(1, &none) && !setresgid(NOBODY, NOBODY, NOBODY) &&
		     !setresuid(NOBODY, NOBODY, NOBODY);
	char byte;

	(void)worker;
	close(n->ask[1]);
	while (other && read(n->ask[0], &byte, 1) == 1) {
		c->result = c->rule->run();
		if (c->result > 0 || (c->result == -EACCES && lie(LIE_ALLOW)))
			c->result = 0;
		if (write(n->answer[1], &byte, 1) != 1)
			break;
	}
}

static bool nobody_open(struct nobody *n)
{
	n->cell = shared_memory(sizeof(*n->cell));
	if (pipe(n->ask) || pipe(n->answer))
		return false;
	n->pid = worker_start(0, serve, n);
	close(n->ask[0]);
	close(n->answer[1]);
	return n->pid > 0;
}

static void nobody_close(struct nobody *n)
{
	close(n->ask[1]);
	worker_wait(n->pid);
	close(n->answer[0]);
}

/* False: the process is gone, or never became another user's. */
static bool nobody_does(struct nobody *n)
{
	char byte = 0;
	ssize_t got;

	if (write(n->ask[1], &byte, 1) != 1)
		return false;
	do
		got = read(n->answer[0], &byte, 1);
	while (got < 0 && errno == EINTR);
	return got == 1;
}

static long prepare(const struct cell *c)
{
	uid_t uid = c->class == OWNER ? NOBODY : 0;
	gid_t gid = c->class == GROUP ? NOBODY : 0;
	mode_t mode = mode_of(c);
	int fd = open("f", O_CREAT | O_TRUNC | O_WRONLY, 0600), in;

	if (fd < 0 || close(fd) || (mkdir("d", 0700) && errno != EEXIST))
		return -errno;
	in = open("d/in", O_CREAT | O_WRONLY, 0600);
	if (in < 0 || close(in) || chown("d/in", c->ours ? NOBODY : 0, 0))
		return -errno;
	if (traits.xattrs && setxattr("f", "user.p", "x", 1, 0))
		return -errno;
	if (chown("f", uid, gid) || chown("d", uid, gid) || chmod("f", mode) || chmod("d", mode))
		return -errno;
	return 0;
}

static void clean(void)
{
	chmod("d", 0700);
	rmdir("d/new");
	unlink("d/new");
	unlink("d/out");
	unlink("d/in");
}

static const char *result_text(long result)
{
	return result ? errno_name(result) : "success";
}

static bool try_cell(struct nobody *n)
{
	struct cell *c = n->cell;
	long want = expected(c), ret = prepare(c);
	bool answered;

	if (ret)
		return !failed("preparing files of others", ret);
	answered = nobody_does(n);
	clean();
	if (!answered) {
		wrong(c->rule->name, "an answer", "the end of the process");
		return false;
	}
	if (c->result != want)
		wrong(c->rule->name, text("%s as %s, mode 0%o%s", result_text(want), class_names[c->class], mode_of(c),
					  c->ours ? ", own file" : ""),
		      result_text(c->result));
	return true;
}

/* Can a process that is not root come here at all? FUSE lets only its owner in by default. */
static bool lets_in(struct nobody *n)
{
	bool in;

	*n->cell = (struct cell){ .rule = &permission_look, .class = OTHER, .bits = 7 };
	in = !prepare(n->cell) && nobody_does(n) && !n->cell->result;
	clean();
	return in;
}

static void choose(struct cell *c, size_t i)
{
	c->rule = &permission_rules[i % PERMISSION_RULES];
	c->class = i / PERMISSION_RULES % CLASSES;
	c->bits = i / PERMISSION_RULES / CLASSES % 8;
	c->sticky = i / PERMISSION_RULES / CLASSES / 8 % 2;
	c->ours = i / PERMISSION_RULES / CLASSES / 16;
}

/* All cells in an order of the seed's; then again. */
static void try_all(struct nobody *n)
{
	size_t cells = PERMISSION_RULES * CLASSES * 8 * 4;
	struct rng r = rng_stream(0);
	struct statvfs fs = { 0 };

	sys_statvfs(".", &fs);
	for (uint64_t i = 0; may_go_on(); i++) {
		choose(n->cell, (i * 7919 + r.state) % cells);
		if ((n->cell->rule->xattr && !traits.xattrs) ||
		    (n->cell->rule->executes && fs.f_flag & ST_NOEXEC))
			continue;
		if (!going() || !try_cell(n))
			break;
		digest(n->cell->result);
	}
}

int check_permissions(void)
{
	struct nobody n;
	int ret = EXIT_RIGHT;

	if (geteuid())
		return cannot("root is needed, who can become another user");
	if (!nobody_open(&n))
		return cannot("no process can be started");
	if (lets_in(&n))
		try_all(&n);
	else
		ret = cannot("files cannot be given to other users here, or others are not let in");
	nobody_close(&n);
	return ret;
}
