// SPDX-License-Identifier: GPL-2.0
/* The table of checks, the command line, and the frame that a check runs in. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vexcheck.h"

struct options opt = { .dir = ".", .seed = 1 };

static const struct check checks[] = {
	{ .name = "files", .domain = "filesystem", .run = check_files, .ops = 5000,
	  .about = "contents, sizes and times of files against a model in memory" },
	{ .name = "names", .domain = "filesystem", .run = check_names, .ops = 5000,
	  .about = "names, links, types and errors against a model of the tree" },
	{ .name = "attributes", .domain = "filesystem", .run = check_attributes, .ops = 5000,
	  .about = "modes, owners, times and extended attributes against a model" },
	{ .name = "permissions", .domain = "safety", .run = check_permissions, .ops = 1728, .needs = "root",
	  .about = "every mode and operation for another user: allowed or refused as it has to be" },
	{ .name = "space", .domain = "safety", .run = check_space, .needs = "less than a gibibyte, or --size",
	  .about = "a filesystem filled and emptied four times: errors, contents and free space" },
	{ .name = "handles", .domain = "filesystem", .run = check_handles, .ops = 500,
	  .about = "open files without a name, many, shared and linked; locks of two processes" },
	{ .name = "threads", .domain = "filesystem", .run = check_threads, .ops = 20000, .workers = 25,
	  .about = "many workers on files of their own and in common: all is there, nothing torn" },
	{ .name = "interrupts", .domain = "safety", .run = check_interrupts, .ops = 300,
	  .about = "signals and kills during calls: EINTR or whole, nothing torn" },
	{ .name = "sync-write", .domain = "safety", .run = check_sync_write, .ops = 500, .folder = FOLDER_FILL,
	  .about = "writes and syncs files, names and vectors, and notes in a journal what is safe", .needs = "--journal" },
	{ .name = "sync-verify", .domain = "safety", .run = check_sync_verify, .folder = FOLDER_LOOK,
	  .about = "looks whether all is there that the journal of sync-write says is safe", .needs = "--journal" },
	{ .name = "calls", .domain = "safety", .run = check_calls, .ops = 8000, .workers = 4,
	  .about = "random calls with hostile arguments: only errors that they may give, and a tree that is whole" },
	{ .name = "speed", .domain = "performance", .run = check_speed, .ops = 10000,
	  .about = "operations in a second and how long each takes, in the same order every time" },
	{ .name = "vectors", .domain = "vector", .run = check_vectors, .ops = 1500, .needs = "vexfs",
	  .about = "vectors added and searched against an exact reference, also by several processes" },
};

/* One sequence, as calls runs many. */
static const struct check replay = { .name = "replay", .run = check_replay };

static const struct check *check_named(const char *name)
{
	for (size_t i = 0; i < COUNT(checks); i++)
		if (!strcmp(checks[i].name, name))
			return &checks[i];
	return NULL;
}

static int usage(void)
{
	fputs("usage: vexcheck list\n"
	      "       vexcheck run NAME [--dir DIR] [--seed N] [--seconds S] [--ops N] [--workers N]\n"
	      "                    [--size BYTES] [--journal FILE|-] [--progress]\n"
	      "       vexcheck calls --print [--seed N] [--ops N] [--workers N]\n"
	      "       vexcheck replay FILE|- [--dir DIR]\n"
	      "       vexcheck pressure [--memory BYTES|PERCENT%] [--cpu N] [--io DIR] [--seconds S]\n", stderr);
	return EXIT_USAGE;
}

static int list_checks(void)
{
	char line[1200];

	for (size_t i = 0; i < COUNT(checks); i++) {
		const struct check *c = &checks[i];
		const char *values[] = { c->name, c->domain, c->about, c->needs ? c->needs : "" };
		static const char * const keys[] = { "name", "domain", "about", "needs" };
		size_t n = 0;

		for (size_t k = 0; k < COUNT(keys); k++) {
			n += snprintf(line + n, sizeof(line) - n, "%c\"%s\":", k ? ',' : '{', keys[k]);
			n += json_string(line + n, 400, values[k]);
		}
		printf("%s}\n", line);
	}
	return ferror(stdout) ? EXIT_WRONG : EXIT_RIGHT;
}

/* A whole number, not less than @least; what follows it is a mistake. */
static bool number(const char *word, uint64_t least, uint64_t most, uint64_t *value)
{
	char *end;

	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	*value = strtoull(word, &end, 0);
	return !errno && !*end && *value >= least && *value <= most;
}

/* A check is elsewhere by the time it opens it. */
static bool from_here(const char *name, const char **to)
{
	static char path[8192];
	char here[4096];

	*to = path;
	if (!*name)
		return false;
	if (*name == '/' || !strcmp(name, "-"))
		return snprintf(path, sizeof(path), "%s", name) < (int)sizeof(path);
	return getcwd(here, sizeof(here)) &&
	       snprintf(path, sizeof(path), "%s/%s", here, name) < (int)sizeof(path);
}

static bool parse(int argc, char **argv, const struct check *check)
{
	static const struct option options[] = {
		{ "dir", 1, NULL, 'd' }, { "seed", 1, NULL, 'r' }, { "seconds", 1, NULL, 's' },
		{ "ops", 1, NULL, 'o' }, { "workers", 1, NULL, 'w' }, { "size", 1, NULL, 'b' },
		{ "journal", 1, NULL, 'j' }, { "progress", 0, NULL, 'p' },
		{ "print", 0, NULL, 'P' }, { "lie", 1, NULL, 'l' },
		{ "slow", 1, NULL, 'S' }, { 0 },
	};
	uint64_t workers = check ? check->workers : 4;	/* as calls has */
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		bool right = true;

		switch (c) {
		case 'd': opt.dir = optarg; break;
		case 'r': right = number(optarg, 0, UINT64_MAX, &opt.seed); break;
		case 's':
			opt.seconds = strtod(optarg, &end);
			right = !*end && opt.seconds > 0 && opt.seconds < 1e9;
			break;
		case 'o': right = number(optarg, 1, UINT64_MAX, &opt.ops); break;
		case 'w': right = number(optarg, 1, MAX_WORKERS, &workers); break;
		case 'b': right = number(optarg, 1, INT64_MAX, &opt.size); break;
		case 'j': right = from_here(optarg, &opt.journal); break;
		case 'p': opt.progress = true; break;
		case 'P': opt.print = true; break;
		case 'l': right = lie_choose(optarg); break;
		case 'S': right = number(optarg, 0, 1000, &opt.slow); break;
		default: return false;
		}
		if (!right) {
			fprintf(stderr, "vexcheck: '%s' is no value for this option\n", optarg);
			return false;
		}
	}
	opt.workers = workers;
	if (check && !opt.ops && !opt.seconds)
		opt.ops = check->ops;
	return optind == argc;
}

/* A fresh folder around the check, unless what it leaves is for another run. */
static int run_check(const struct check *check)
{
	char name[80];
	int ret;

	opt.check = check->name;
	totals_open();
	latencies_open();
	stop_on_signals();
	if (check->folder != FOLDER_FRESH)
		snprintf(name, sizeof(name), "vexcheck-sync-%" PRIu64, opt.seed);
	else
		snprintf(name, sizeof(name), "vexcheck-%d-%" PRIu64, getpid(), opt.seed);
	umask(022);
	ret = folder_enter(name, check->folder != FOLDER_LOOK);
	if (ret)
		return cannot("%s: %s", opt.dir, strerror(-ret));
	ret = traits_find();
	if (ret)
		ret = cannot("no file can be made in %s: %s", opt.dir, strerror(-ret));
	else
		ret = check->run();
	if (check->folder == FOLDER_FRESH || (check->folder == FOLDER_LOOK && ret == EXIT_RIGHT && !totals->wrong)) {
		int left = folder_leave();

		if (left)
			wrong("what a check made can be removed", "success", errno_name(left));
	}
	return print_result(totals->stop);
}

static int run_command(const char *name, int argc, char **argv)
{
	const struct check *check = check_named(name);

	if (!check) {
		fprintf(stderr, "vexcheck: no check named '%s'; vexcheck list shows them\n", name);
		return EXIT_USAGE;
	}
	return parse(argc, argv, check) ? run_check(check) : usage();
}

static int replay_command(const char *file, int argc, char **argv)
{
	if (!from_here(file, &opt.file) || !parse(argc, argv, &replay) || opt.journal)
		return usage();
	return run_check(&replay);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list_checks();
	if (argc >= 3 && !strcmp(argv[1], "run"))
		return run_command(argv[2], argc - 2, argv + 2);
	if (argc >= 3 && !strcmp(argv[1], "replay"))
		return replay_command(argv[2], argc - 2, argv + 2);
	if (argc >= 3 && !strcmp(argv[1], "calls"))
		return parse(argc - 1, argv + 1, NULL) && opt.print ? calls_command() : usage();
	if (argc >= 2 && !strcmp(argv[1], "pressure")) {
		int ret = pressure_command(argc - 1, argv + 1);

		return ret == EXIT_USAGE ? usage() : ret;
	}
	return usage();
}
