// SPDX-License-Identifier: Apache-2.0
/*
 * vexfs-agent: carries out the host's commands inside a guest whose kernel may hang, oops or run out of
 * memory at any time. One thread, one poll loop; see protocol.md for what is said on the channel.
 */
#include "channel.h"
#include "commands.h"
#include "message.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define PROTOCOL 1
#define HEARTBEAT_MS 500
#define HEARTBEAT_MAX_MS 3600000
#define JUMP_MS 1000

static struct {
	const char *port;
	long heartbeat_ms; /* 0: none */
	int sigchld;
	int64_t next_beat;
	unsigned long beats;
} agent = { .heartbeat_ms = HEARTBEAT_MS };

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: vexfs-agent --port PATH|- [--heartbeat-ms N] [--root DIR]\n");
	exit(2);
}

static long number(const char *text, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text || n < 0 || n > max)
		usage();
	return n;
}

static void parse_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			usage();
		if (strcmp(argv[i], "--port") == 0)
			agent.port = argv[i + 1];
		else if (strcmp(argv[i], "--heartbeat-ms") == 0)
			agent.heartbeat_ms = number(argv[i + 1], HEARTBEAT_MAX_MS);
		else if (strcmp(argv[i], "--root") == 0)
			sys_set_root(argv[i + 1]);
		else
			usage();
	}
	if (!agent.port)
		usage();
}

/* Descriptors 0 to 2 must be taken, or pipes would get their numbers and be lost in children. */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

static void setup_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN); /* from setting up a terminal as a background job */
	signal(SIGCHLD, SIG_DFL); /* ignored, it would reap children unseen */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	agent.sigchld = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* The agent must outlive a guest that runs out of memory. Without the rights it goes on unprotected. */
static void protect(void)
{
	struct rlimit old, all = { RLIM_INFINITY, RLIM_INFINITY };
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, "-1000", 5) < 0)
			fprintf(stderr, "vexfs-agent: oom_score_adj: %s\n", strerror(errno));
		close(fd);
	}
	/* Under a limit a later allocation could fail for the lock alone. */
	if (getrlimit(RLIMIT_MEMLOCK, &old) != 0 || setrlimit(RLIMIT_MEMLOCK, &all) != 0)
		return;
	child_set_memlock(&old);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		fprintf(stderr, "vexfs-agent: mlockall: %s\n", strerror(errno));
}

static void hello(struct buf *b)
{
	event_begin(b, "hello");
	buf_fmt(b, ",\"protocol\":%d", PROTOCOL);
	member_identity(b);
	buf_fmt(b, ",\"pid\":%d", (int)getpid());
	member_str(b, "epoch", command_epoch());
	buf_fmt(b, "}\n");
}

static void heartbeat(void)
{
	struct buf b = { 0 };
	struct sysinfo si;

	memset(&si, 0, sizeof(si));
	sysinfo(&si); /* a system call, so that no file has to be open or readable */
	event_begin(&b, "heartbeat");
	buf_fmt(&b, ",\"n\":%lu,\"uptime\":%.3f,\"load1\":%.2f,\"memFreeKiB\":%llu,\"abandoned\":%d", ++agent.beats,
		uptime_now(), (double)si.loads[0] / (1 << SI_LOAD_SHIFT),
		(unsigned long long)si.freeram * si.mem_unit / 1024, jobs_abandoned());
	member_str(&b, "epoch", command_epoch());
	event_send(&b, MSG_HEARTBEAT);
}

/* After a stall or a restored snapshot one heartbeat is sent, not all that were missed. */
static void beat(int64_t now)
{
	if (!agent.heartbeat_ms || now < agent.next_beat)
		return;
	agent.next_beat += agent.heartbeat_ms;
	if (agent.next_beat <= now)
		agent.next_beat = now + agent.heartbeat_ms;
	if (channel_up())
		heartbeat();
}

static int64_t earliest(void)
{
	int64_t at = jobs_deadline();

	if (agent.heartbeat_ms && agent.next_beat < at)
		at = agent.next_beat;
	if (channel_deadline() < at)
		at = channel_deadline();
	return at;
}

static void step(void)
{
	static struct pollfd p[3 + 2 * JOBS_MAX];
	struct signalfd_siginfo info;
	int64_t now = now_ms(), at = earliest();
	int64_t wait = at == INT64_MAX ? 60000 : at > now ? at - now : 0;
	int64_t due = now + (wait < 60000 ? wait : 60000);
	int channel, jobs;

	p[0] = (struct pollfd){ .fd = agent.sigchld, .events = POLLIN };
	channel = channel_fill_poll(p + 1);
	jobs = jobs_fill_poll(p + 1 + channel);
	if (poll(p, (nfds_t)(1 + channel + jobs), (int)(due - now)) < 0)
		return;
	now = now_ms();
	/* The clock jumped or nothing ran here: the children had no time either. */
	if (now - due > JUMP_MS)
		jobs_postpone(now - due);
	jobs_read(p + 1 + channel, jobs);
	if (p[0].revents) {
		while (read(agent.sigchld, &info, sizeof(info)) > 0)
			;
		jobs_reap();
	}
	jobs_tick(now);
	channel_handle(p + 1, channel, now);
	beat(now);
	report_dropped();
	channel_flush(now);
}

static bool finished(void)
{
	const char *data;

	return channel_ended() && (!channel_up() || (!jobs_commands_running() && queue_peek(&data) == 0));
}

int main(int argc, char **argv)
{
	fill_standard_fds();
	parse_options(argc, argv);
	if (!queue_init() || !jobs_init()) {
		fprintf(stderr, "vexfs-agent: out of memory\n");
		return 1;
	}
	setup_signals();
	protect();
	identity_init();
	channel_init(agent.port, command_line, hello);
	agent.next_beat = now_ms() + agent.heartbeat_ms;
	while (!finished())
		step();
	return 0;
}
