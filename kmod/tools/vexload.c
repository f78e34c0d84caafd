// SPDX-License-Identifier: GPL-2.0
/*
 * vexload: load, health check and vector commands for VexFS.
 *
 *	gcc -O2 -Wall -Wextra -static -o vexload vexload.c
 *
 * The headers hold functions, so that one call of the compiler builds it.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

#include "vexload-work.h"

#define MAX_WORKERS	64

enum { EXIT_RIGHT, EXIT_WRONG, EXIT_USAGE, EXIT_CALLS, EXIT_FULL };

/* What the workers tell the parent. */
struct shared {
	uint64_t ops[KINDS], errors, wrong, no_space;
};

static struct shared *total;
static volatile sig_atomic_t stop;

static void on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

static void on_signals(void)
{
	struct sigaction sa = { .sa_handler = on_stop };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int usage(void)
{
	fputs("usage: vexload load [--dir DIR] [--seconds N] [--workers N]\n"
	      "               [--mix file,dir,vector,mount,mmap,xattr] [--seed N] [--fstype NAME]\n"
	      "       vexload check DIR\n"
	      "       vexload vector add FILE [--q16] 1,2,3 [4,5,6 ...]\n"
	      "       vexload vector search FILE [--metric l2|cosine|dot] [--k N] 1,2,3\n"
	      "       vexload vector stats FILE\n", stderr);
	return EXIT_USAGE;
}

static void add(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static void account(struct worker *w, int kind, enum result r)
{
	add(&total->ops[kind], 1);
	if (r == NO_SPACE)
		add(&total->no_space, 1);
	if (r != FAILED && r != WRONG)
		return;
	add(r == WRONG ? &total->wrong : &total->errors, 1);
	fprintf(stderr, "vexload: worker %d: %s: %s\n", w->index, kinds[kind].name,
		w->why);
}

/* Leftovers of a work cut short would fail the next. */
static void tidy(void)
{
	static const char * const names[] = {
		"file", "moved", "vector", "map", "xattr", "e/x", "d/y", "d/hard",
		"d/soft", "d/0", "d/1", "d/2", "d/3", "d/4", "d/5", "d/6", "d/7",
		"d/8", "d/9", "d/10", "d/11",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rmdir("d");
	rmdir("e");
}

static void run_worker(struct worker *w, unsigned int mix)
{
	char dir[32];

	snprintf(dir, sizeof(dir), "w%d", w->index);
	if ((mkdir(dir, 0700) && errno != EEXIST) || chdir(dir)) {
		fprintf(stderr, "vexload: worker %d: %s: %s\n", w->index, dir,
			strerror(errno));
		add(&total->errors, 1);
		_exit(1);
	}
	tidy();
	while (!stop) {
		int kind = below(w, KINDS);
		enum result r;

		if (!(mix & 1u << kind))
			continue;
		r = kinds[kind].work(w);
		account(w, kind, r);
		if (r != OK) {
			tidy();
			usleep(10000);
		}
	}
	tidy();
	if (!chdir(".."))
		rmdir(dir);
	_exit(0);
}

static void print_line(double t, const char *more)
{
	printf("{\"t\":%.1f,\"ops\":{", t);
	for (int i = 0; i < KINDS; i++)
		printf("%s\"%s\":%" PRIu64, i ? "," : "", kinds[i].name,
		       __atomic_load_n(&total->ops[i], __ATOMIC_RELAXED));
	printf("},\"errors\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"no_space\":%" PRIu64 "%s}\n",
	       __atomic_load_n(&total->errors, __ATOMIC_RELAXED),
	       __atomic_load_n(&total->wrong, __ATOMIC_RELAXED),
	       __atomic_load_n(&total->no_space, __ATOMIC_RELAXED), more);
	fflush(stdout);
}

/* Each kind is tried once; what the filesystem cannot do is said and left out. */
static unsigned int probe(struct worker *w, unsigned int mix)
{
	for (int i = 0; i < KINDS; i++) {
		if (!(mix & 1u << i) || kinds[i].work == work_file_or_shared)
			continue;
		if (kinds[i].work(w) == UNSUPPORTED) {
			fprintf(stderr, "vexload: %s skipped: %s\n", kinds[i].name, w->why);
			mix &= ~(1u << i);
		}
		tidy();
	}
	return mix;
}

static int parse_mix(const char *list, unsigned int *mix)
{
	char copy[128], *word, *rest = copy;

	if (snprintf(copy, sizeof(copy), "%s", list) >= (int)sizeof(copy))
		return -1;
	*mix = 0;
	while ((word = strsep(&rest, ","))) {
		int i;

		for (i = 0; i < KINDS && strcmp(word, kinds[i].name); i++)
			;
		if (i == KINDS) {
			fprintf(stderr, "vexload: no kind of work named '%s'\n", word);
			return -1;
		}
		*mix |= 1u << i;
	}
	return 0;
}

/* Workers end by themselves; a stuck one is left behind, since nothing helps. */
static void end_workers(pid_t *pids, int n, int *died, int *stuck)
{
	double limit = now() + 10;

	for (int i = 0; i < n; i++)
		if (pids[i])
			kill(pids[i], SIGTERM);
	*stuck = 0;
	for (int i = 0; i < n; i++) {
		int status = 0;
		pid_t got = 0;

		while (pids[i] && !(got = waitpid(pids[i], &status, WNOHANG)) &&
		       now() < limit)
			usleep(20000);
		if (pids[i] && !got) {
			kill(pids[i], SIGKILL);
			++*stuck;
		} else if (got > 0 && status) {
			++*died;
		}
	}
}

static int load(const char *dir, double seconds, int workers, unsigned int mix,
		uint64_t seed, const char *fstype)
{
	struct worker w = { .fstype = fstype };
	pid_t pids[MAX_WORKERS] = { 0 };
	char side[256], more[96];
	int died = 0, stuck;
	double start, t = 0;

	if (chdir(dir) || !getcwd(side, sizeof(side) - 8)) {
		fprintf(stderr, "vexload: %s: %s\n", dir, strerror(errno));
		return EXIT_USAGE;
	}
	strcat(side, ".side");
	w.side = side;
	w.random = seed;
	w.index = workers;
	mix = probe(&w, mix);
	if (!mix) {
		fputs("vexload: nothing left to do\n", stderr);
		return EXIT_USAGE;
	}
	on_signals();
	start = now();
	for (int i = 0; i < workers; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			w.index = i;
			w.random = seed + (uint64_t)(i + 1) * 0x100000001b3ULL;
			run_worker(&w, mix);
		}
	}
	for (int second = 1; !stop && t < seconds; second++) {
		while (!stop && (t = now() - start) < second && t < seconds)
			usleep(20000);
		for (int i = 0; i < workers; i++) {
			int status;

			if (pids[i] <= 0 || waitpid(pids[i], &status, WNOHANG) != pids[i])
				continue;
			pids[i] = 0;
			died++;
		}
		print_line(t, "");
		if (died == workers)
			break;
	}
	end_workers(pids, workers, &died, &stuck);
	unlink("shared");
	snprintf(more, sizeof(more), ",\"done\":true,\"workers\":%d,\"died\":%d,\"stuck\":%d,\"seed\":%" PRIu64,
		 workers, died, stuck, seed);
	print_line(now() - start, more);
	if (total->wrong)
		return EXIT_WRONG;
	return total->errors || died || stuck ? EXIT_CALLS : EXIT_RIGHT;
}

static int load_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", 1, NULL, 'd' }, { "seconds", 1, NULL, 's' },
		{ "workers", 1, NULL, 'w' }, { "mix", 1, NULL, 'm' },
		{ "seed", 1, NULL, 'r' }, { "fstype", 1, NULL, 'f' }, { 0 },
	};
	const char *dir = ".", *fstype = "vexfs";
	unsigned int mix = (1u << KINDS) - 1;
	uint64_t seed = time(NULL);
	double seconds = 1e9;
	int c, workers = 4;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd': dir = optarg; break;
		case 's': seconds = atof(optarg); break;
		case 'w': workers = atoi(optarg); break;
		case 'm':
			if (parse_mix(optarg, &mix))
				return EXIT_USAGE;
			break;
		case 'r': seed = strtoull(optarg, NULL, 0); break;
		case 'f': fstype = optarg; break;
		default: return usage();
		}
	}
	if (optind != argc || workers < 1 || workers > MAX_WORKERS || seconds <= 0)
		return usage();
	return load(dir, seconds, workers, mix, seed, fstype);
}

/* So little is left that a commit of metadata may not find room for itself. */
static int is_full(void)
{
	struct statvfs st;

	if (statvfs(".", &st))
		return 0;
	return st.f_bavail <= st.f_blocks / 16 ||
	       (uint64_t)st.f_bavail * st.f_frsize < 1 << 20 ||
	       (st.f_files && !st.f_favail);
}

static int check(const char *dir)
{
	static const int32_t vectors[] = { 1000, 0, 0, 0, 1000, 0, 700, 700, 10 };
	static const int32_t query[] = { 690, 720, 0 };
	uint8_t out[BLOCK], in[BLOCK];
	struct worker w = { .random = getpid() ^ (uint64_t)time(NULL) << 20 };
	struct vexfs_hit hit;
	int fd, full = 0;
	const char *why = NULL;

	if (chdir(dir)) {
		printf("check failed: %s: %s\n", dir, strerror(errno));
		return EXIT_WRONG;
	}
	fill(&w, out, sizeof(out));
	unlink(".vexload-check");
	fd = open(".vexload-new", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		why = "create";
	else if (write(fd, out, sizeof(out)) != sizeof(out))
		why = "write";
	else if (fsync(fd))
		why = "fsync";
	else if (rename(".vexload-new", ".vexload-check"))
		why = "rename";
	if (!why && (close(fd), fd = open(".vexload-check", O_RDWR)) < 0)
		why = "open after rename";
	if (!why && pread(fd, in, sizeof(in), 0) != sizeof(in))
		why = "read";
	if (why) {
		int err = errno;

		/* A full filesystem that says so does as it should. */
		full = (err == ENOSPC || err == EDQUOT) && is_full();
		printf("check %s: %s: %s\n", full ? "not possible" : "failed",
		       why, strerror(err));
		goto out;
	}
	if (memcmp(in, out, sizeof(in)))
		why = "data read are not those written";
	else if (!vec_supported(fd))
		fputs("vexload: vector skipped: no vector ioctls here\n", stderr);
	else if (vec_add(fd, 3, 3, VEXFS_FORMAT_INT, vectors, NULL))
		why = "vector add refused";
	else if (vec_search(fd, VEXFS_METRIC_L2, 3, query, 1, &hit) != 1)
		why = "vector search refused";
	else if (hit.id != 2 || hit.score != 600)
		why = "vector search found another vector than the nearest";
	if (!why && unlink(".vexload-check"))
		why = "unlink refused";
	if (why)
		printf("check failed: %s\n", why);
	else
		puts("check ok");
out:
	if (fd >= 0)
		close(fd);
	unlink(".vexload-new");
	unlink(".vexload-check");
	if (full)
		return EXIT_FULL;
	return why ? EXIT_WRONG : EXIT_RIGHT;
}

#include "vexload-cli.h"

int main(int argc, char **argv)
{
	total = mmap(NULL, sizeof(*total), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (total == MAP_FAILED)
		return EXIT_CALLS;
	if (argc >= 2 && !strcmp(argv[1], "load"))
		return load_command(argc - 1, argv + 1);
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "vector"))
		return vector_command(argv[2], argv[3], argc - 3, argv + 3);
	return usage();
}
