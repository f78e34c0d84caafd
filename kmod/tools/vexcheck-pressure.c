// SPDX-License-Identifier: GPL-2.0
/* Pressure beside a load: memory that is used, processors that are busy, a disk that is written. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vexcheck-workers.h"

#define CHUNK		(4UL << 20)
#define IO_BLOCK	(1UL << 20)
#define IO_BLOCKS	32		/* of the file that is written again and again */
#define MOST_CPUS	256

struct pressure {
	uint64_t memory, cpus;
	const char *io;
	/* what came of it */
	uint64_t touched, most_touched, written;
	long io_error;
};

/* First in line when memory runs out, so that nothing else dies for it. */
static void take_memory(int worker, void *data)
{
	struct pressure *p = data;
	uint64_t chunks = p->memory / CHUNK + 1;
	uint8_t **held = calloc(chunks, sizeof(*held));
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	(void)worker;
	if (fd >= 0) {
		if (write(fd, "1000", 4) < 0)
			perror("vexcheck: oom_score_adj");
		close(fd);
	}
	p->touched = 0;
	while (held && may_go_on()) {
		for (uint64_t i = 0; i < chunks && may_go_on(); i++) {
			if (!held[i]) {
				held[i] = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
				if (held[i] == MAP_FAILED) {
					held[i] = NULL;
					break;
				}
			}
			for (size_t at = 0; at < CHUNK; at += 4096)
				held[i][at]++;
			if ((i + 1) * CHUNK > p->touched)
				p->touched = (i + 1) * CHUNK;
			if (p->touched > p->most_touched)
				p->most_touched = p->touched;
		}
	}
}

static void burn(int worker, void *data)
{
	volatile uint64_t sum = worker;

	(void)data;
	while (may_go_on())
		for (int i = 0; i < 100000; i++)
			sum += i;
}

static void write_disk(int worker, void *data)
{
	struct pressure *p = data;
	uint8_t *block = malloc(IO_BLOCK);
	struct rng r = { worker };
	char name[4200];
	int fd;

	snprintf(name, sizeof(name), "%s/vexcheck-pressure-%d", p->io, getpid());
	fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	p->io_error = fd < 0 ? -errno : 0;
	if (fd >= 0)
		unlink(name);	/* whoever kills us leaves nothing behind */
	for (uint64_t n = 0; fd >= 0 && block && may_go_on(); n++) {
		rng_fill(&r, block, 4096);
		if (pwrite(fd, block, IO_BLOCK, n % IO_BLOCKS * IO_BLOCK) < 0 || fdatasync(fd)) {
			p->io_error = -errno;
			usleep(10000);
			continue;
		}
		p->written += IO_BLOCK;
	}
}

/* Bytes, or percents of the machine's memory. */
static bool parse_memory(const char *word, uint64_t *bytes)
{
	struct sysinfo info;
	char *end;

	errno = 0;
	*bytes = strtoull(word, &end, 10);
	if (errno || end == word || *word == '-')
		return false;
	if (!strcmp(end, "%")) {
		if (*bytes > 200 || sysinfo(&info))
			return false;
		*bytes = (uint64_t)info.totalram * info.mem_unit / 100 * *bytes;
	} else if (*end) {
		return false;
	}
	return *bytes > 0;
}

static bool parse(int argc, char **argv, struct pressure *p)
{
	static const struct option options[] = {
		{ "memory", 1, NULL, 'm' }, { "cpu", 1, NULL, 'c' }, { "io", 1, NULL, 'i' },
		{ "seconds", 1, NULL, 's' }, { "progress", 0, NULL, 'p' }, { 0 },
	};
	char *end = "";
	int c;

	opt.seconds = 10;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			if (!parse_memory(optarg, &p->memory))
				return false;
			break;
		case 'c': p->cpus = strtoull(optarg, &end, 10); break;
		case 'i': p->io = optarg; break;
		case 's': opt.seconds = strtod(optarg, &end); break;
		case 'p': opt.progress = true; break;
		default: return false;
		}
		if (*end)
			return false;
	}
	return optind == argc && p->cpus <= MOST_CPUS && opt.seconds > 0 && (p->memory || p->cpus || p->io);
}

int pressure_command(int argc, char **argv)
{
	struct pressure *p;
	pid_t pids[MOST_CPUS + 1], eater = -1;
	int n = 0, kills = 0, status;

	opt.check = "pressure";
	totals_open();
	p = shared_memory(sizeof(*p));
	if (!parse(argc, argv, p))
		return EXIT_USAGE;
	stop_on_signals();
	for (uint64_t i = 0; i < p->cpus; i++)
		pids[n++] = worker_start(i, burn, p);
	if (p->io)
		pids[n++] = worker_start(0, write_disk, p);
	if (p->memory)
		eater = worker_start(0, take_memory, p);
	/* Who was killed for lack of memory begins again: that is the pressure. */
	while (may_go_on() && !p->io_error) {
		if (eater > 0 && waitpid(eater, &status, WNOHANG) == eater) {
			kills += WIFSIGNALED(status);
			eater = worker_start(0, take_memory, p);
		}
		usleep(50000);
	}
	totals->stop = 1;
	if (eater > 0)
		worker_wait(eater);
	for (int i = 0; i < n; i++)
		if (pids[i] > 0)
			worker_wait(pids[i]);
	if (p->io_error && !p->written)
		return cannot("%s cannot be written: %s", p->io, strerror(-p->io_error));
	printf("{\"check\":\"pressure\",\"result\":\"right\",\"seconds\":%.3f,\"memoryBytes\":%" PRIu64
	       ",\"memoryKills\":%d,\"cpus\":%" PRIu64 ",\"ioBytes\":%" PRIu64 "}\n",
	       (now_ns() - totals->started) / 1e9, p->most_touched, kills, p->cpus, p->written);
	return EXIT_RIGHT;
}
