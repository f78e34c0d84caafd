// SPDX-License-Identifier: GPL-2.0
/* Many workers at once: what each wrote is there at the end, and no write tears another. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "vexcheck-threads.h"
#include "vexcheck-workers.h"

static void work(int worker, void *data)
{
	struct party p = {
		.worker = worker, .rng = rng_stream(worker + 1), .common = data,
	};
	struct own *own = own_open(&p);

	while (own && going()) {
		switch (rng_below(&p.rng, 8)) {
		case 0: shared_race(&p); break;
		case 1: shared_name(&p); break;
		case 2: case 3: shared_act(&p); break;
		default: own_act(&p, own); break;
		}
	}
	if (own)
		own_close(&p, own);
}

int check_threads(void)
{
	struct common *common = shared_memory(sizeof(*common));
	int ret = shared_make();

	if (ret < 0) {
		failed("making the files in common", ret);
	} else {
		workers_run(opt.workers, work, common);
		shared_check(common);
	}
	munmap(common, sizeof(*common));
	return EXIT_RIGHT;
}
