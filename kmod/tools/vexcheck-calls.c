// SPDX-License-Identifier: GPL-2.0
/* Sequences of calls: one after the other from a seed, one that is printed, one from a file. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-calls.h"

#define CALLS	1000	/* of a sequence */

int check_calls(void)
{
	int processes = opt.workers < CALL_PROCESSES ? opt.workers : CALL_PROCESSES;

	for (uint64_t n = 0; may_go_on() && (!opt.ops || totals->ops < opt.ops); n++) {
		struct call *calls = calls_make(opt.seed + n, CALLS, processes);
		char whose[60];

		if (!calls)
			return cannot("no memory");
		snprintf(whose, sizeof(whose), "the sequence of seed %" PRIu64, opt.seed + n);
		calls_run(calls, CALLS, whose);
		free(calls);
	}
	return EXIT_RIGHT;
}

int calls_command(void)
{
	int processes = opt.workers < CALL_PROCESSES ? opt.workers : CALL_PROCESSES;
	size_t count = opt.ops ? opt.ops < CALL_MOST ? opt.ops : CALL_MOST : CALLS;
	struct call *calls = calls_make(opt.seed, count, processes);

	if (!calls)
		return EXIT_CANNOT;
	printf("# vexcheck calls --seed %" PRIu64 " --ops %zu --workers %d --print\n", opt.seed, count, processes);
	calls_print(stdout, calls, count);
	free(calls);
	return fflush(stdout) ? EXIT_WRONG : EXIT_RIGHT;
}

int check_replay(void)
{
	FILE *from = strcmp(opt.file, "-") ? fopen(opt.file, "re") : stdin;
	struct call *calls;
	size_t count;

	if (!from)
		return cannot("%s: %s", opt.file, strerror(errno));
	calls = calls_read(from, &count);
	if (!calls)
		return cannot("%s has a line that is no call", opt.file);
	calls_run(calls, count, "the file");
	free(calls);
	return EXIT_RIGHT;
}
