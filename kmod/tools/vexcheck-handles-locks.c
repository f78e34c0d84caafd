// SPDX-License-Identifier: GPL-2.0
/* Locks between two processes: one asks in our name, the other on request. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vexcheck-handles.h"
#include "vexcheck-sys.h"
#include "vexcheck-workers.h"

#define BYTES	48	/* that are locked in ranges */

/* flock() when @range is empty, else fcntl(). */
struct request {
	int how;
	struct flock range;
};

struct answer {
	long result;
	struct flock range;
};

struct two {
	int fds[2];		/* ours and the peer's end */
	pid_t peer;
	int file;		/* our descriptor */
};

static struct answer answer(int file, struct request *q)
{
	struct answer a = { .range = q->range };

	if (q->range.l_len)
		a.result = sys_lock(file, q->how, &a.range);
	else
		a.result = sys_flock(file, q->how);
	return a;
}

/* A descriptor of its own: those that are inherited share their locks. */
static void serve(int worker, void *data)
{
	struct two *t = data;
	int file = open("locked", O_RDWR);
	struct request q;

	(void)worker;
	close(t->fds[0]);
	while (file >= 0 && read(t->fds[1], &q, sizeof(q)) == sizeof(q)) {
		struct answer a = answer(file, &q);

		if (write(t->fds[1], &a, sizeof(a)) != sizeof(a))
			break;
	}
}

static bool two_open(struct two *t)
{
	t->file = sys_open("locked", O_CREAT | O_RDWR, 0600);
	if (t->file < 0) {
		failed("create", t->file);
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, t->fds)) {
		close(t->file);
		return false;
	}
	t->peer = worker_start(1, serve, t);
	close(t->fds[1]);
	return true;
}

static void two_close(struct two *t)
{
	close(t->fds[0]);
	if (t->peer > 0)
		worker_wait(t->peer);
	close(t->file);
	unlink("locked");
}

static bool ask(struct two *t, int who, struct request *q, struct answer *a)
{
	if (!who) {
		*a = answer(t->file, q);
		return true;
	}
	return write(t->fds[0], q, sizeof(*q)) == sizeof(*q) && read(t->fds[0], a, sizeof(*a)) == sizeof(*a);
}

static const char *who_text(int who)
{
	return who ? "the other process" : "this process";
}

void locks_of_files(struct rng *r)
{
	static const int hows[] = { LOCK_SH | LOCK_NB, LOCK_EX | LOCK_NB, LOCK_UN };
	int held[2] = { LOCK_UN, LOCK_UN };
	struct answer a;
	struct two t;

	if (!two_open(&t))
		return;
	for (int i = 0; i < 20 && may_go_on(); i++) {
		int who = rng_below(r, 2), how = hows[rng_below(r, COUNT(hows))], want = how & ~LOCK_NB;
		bool conflict = held[who] != want && ((want == LOCK_EX && held[!who] != LOCK_UN) ||
						      (want == LOCK_SH && held[!who] == LOCK_EX));
		struct request q = { .how = how };

		if (!ask(&t, who, &q, &a))
			break;
		if (a.result == -ENOSYS || a.result == -EOPNOTSUPP)
			break;
		if (a.result != (conflict ? -EWOULDBLOCK : 0)) {
			wrong(text("flock by %s", who_text(who)), conflict ? "EWOULDBLOCK" : "success",
			      a.result ? errno_name(a.result) : "success");
			break;
		}
		/* A change that is refused has let go of what was held: flock(2). */
		held[who] = conflict ? LOCK_UN : want;
	}
	two_close(&t);
}

struct ranges {
	short held[2][BYTES];	/* F_UNLCK, F_RDLCK, F_WRLCK */
};

static bool conflicts(const struct ranges *m, int who, const struct flock *range)
{
	for (off_t i = range->l_start; i < range->l_start + range->l_len; i++) {
		short other = m->held[!who][i];

		if ((range->l_type == F_WRLCK && other != F_UNLCK) || (range->l_type == F_RDLCK && other == F_WRLCK))
			return true;
	}
	return false;
}

/* What F_GETLK names is held by the other process, there and so. */
static bool right_owner(const struct two *t, const struct ranges *m, int who, const struct flock *got)
{
	pid_t other = who ? getpid() : t->peer;

	return got->l_pid == other && got->l_start >= 0 && got->l_start < BYTES &&
	       m->held[!who][got->l_start] == got->l_type;
}

static bool ask_range(struct two *t, struct ranges *m, struct rng *r)
{
	static const short types[] = { F_RDLCK, F_WRLCK, F_UNLCK };
	int who = rng_below(r, 2);
	struct request q = { .how = rng_one_in(r, 4) ? F_GETLK : F_SETLK };
	struct answer a;
	bool conflict;

	q.range.l_type = types[rng_below(r, q.how == F_GETLK ? 2 : 3)];
	q.range.l_whence = SEEK_SET;
	q.range.l_start = rng_below(r, BYTES - 1);
	q.range.l_len = 1 + rng_below(r, BYTES - q.range.l_start);
	conflict = conflicts(m, who, &q.range);
	if (!ask(t, who, &q, &a) || a.result == -ENOSYS || a.result == -EOPNOTSUPP)
		return false;
	if (q.how == F_GETLK) {
		if (a.result || (conflict ? !right_owner(t, m, who, &a.range) : a.range.l_type != F_UNLCK)) {
			wrong(text("F_GETLK by %s", who_text(who)), conflict ? "the other's lock" : "no lock",
			      text("type %d, process %d, from %lld", a.range.l_type, a.range.l_pid,
				   (long long)a.range.l_start));
			return false;
		}
		return true;
	}
	if (conflict ? a.result != -EAGAIN && a.result != -EACCES : a.result != 0) {
		wrong(text("F_SETLK by %s", who_text(who)), conflict ? "EAGAIN" : "success",
		      a.result ? errno_name(a.result) : "success");
		return false;
	}
	for (off_t i = 0; !conflict && i < q.range.l_len; i++)
		m->held[who][q.range.l_start + i] = q.range.l_type;
	return true;
}

void locks_of_ranges(struct rng *r)
{
	struct ranges m;
	struct two t;

	for (int i = 0; i < BYTES; i++)
		m.held[0][i] = m.held[1][i] = F_UNLCK;
	if (!two_open(&t))
		return;
	for (int i = 0; i < 40 && may_go_on(); i++)
		if (!ask_range(&t, &m, r))
			break;
	two_close(&t);
}
