// SPDX-License-Identifier: GPL-2.0
/* Is everything there that a journal says was synced? What came after it may be there or not. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck-stamp.h"
#include "vexcheck-sync.h"
#include "vexcheck-sys.h"

static struct synced files[SYNC_FILES];

/* The number of a member; the lines are our own, so nothing but digits is meant. */
static bool member(const char *line, const char *name, uint64_t *value)
{
	char key[40];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(line, key);
	return at && sscanf(at + strlen(key), "%" SCNu64, value) == 1;
}

static bool is(const char *line, const char *kind)
{
	char start[40];

	snprintf(start, sizeof(start), "{\"sync\":\"%s\"", kind);
	return !strncmp(line, start, strlen(start));
}

/* A line that is cut off was never acted on: it ends the journal. */
static bool learn(const char *line, bool *right_seed)
{
	uint64_t file, a = 0, b = 0;
	struct synced *s;

	if (is(line, "begin")) {
		*right_seed = member(line, "seed", &a) && a == opt.seed;
		return *right_seed;
	}
	if (!member(line, "file", &file) || file >= SYNC_FILES)
		return !strchr(line, '}') || is(line, "end") || strncmp(line, "{\"sync\"", 7);
	s = &files[file];
	if (is(line, "data") && member(line, "generation", &a) && member(line, "blocks", &b)) {
		s->data = true;
		s->generation = a;
		s->blocks = b;
	} else if (is(line, "name") && member(line, "renamed", &a)) {
		s->name = true;
		s->renamed = a;
		s->may_rename = false;
	} else if (is(line, "vectors") && member(line, "count", &a)) {
		s->vectors = a;
	} else if (is(line, "gone")) {
		s->gone = true;
	} else if (is(line, "will") && member(line, "what", &a)) {
		s->may_rename |= a == WILL_RENAME;
		s->may_unlink |= a == WILL_UNLINK;
	}
	return true;
}

/* Of each sector, the generation that is safe or a later one. */
static void check_data(const char *name, int fd, uint64_t file, const struct synced *s)
{
	uint8_t sector[SYNC_SECTOR];
	struct stamp stamp;

	for (uint64_t b = 0; b < s->blocks; b++) {
		long got = sys_pread(fd, sector, sizeof(sector), b * SYNC_SECTOR);

		if (got == SYNC_SECTOR && stamp_read(sector, SYNC_SECTOR, &stamp) && stamp.file == file &&
		    stamp.block == b && stamp.sequence >= s->generation)
			continue;
		wrong("synced content",
		      text("%s: sector %" PRIu64 " of %" PRIu64 ", generation %" PRIu64 " or later", name, b,
			   s->blocks, s->generation),
		      got == SYNC_SECTOR ? stamp_text(sector, SYNC_SECTOR) : text("%ld bytes", got));
		return;
	}
}

static void check_vectors_of(const char *name, int fd, uint64_t file, const struct synced *s)
{
	struct vexfs_stats stats;
	long ret = sys_vector_stats(fd, &stats);

	if (ret || stats.count < s->vectors) {
		wrong("synced vectors", text("%s: at least %" PRIu64, name, s->vectors),
		      ret ? errno_name(ret) : text("%llu", stats.count));
		return;
	}
	for (uint64_t id = 0; id < s->vectors; id++) {
		int32_t v[SYNC_DIM];
		struct vexfs_hit hit = { 0 };
		struct vexfs_search q = {
			.metric = VEXFS_METRIC_L2, .dim = SYNC_DIM, .k = 1, .query = (uintptr_t)v,
			.hits = (uintptr_t)&hit,
		};

		sync_vector(v, file, id);
		ret = sys_vector_search(fd, &q);
		if (!ret && q.found == 1 && hit.id == id && !hit.score)
			continue;
		wrong("synced vector", text("%s: id %" PRIu64 " at distance 0", name, id),
		      ret ? errno_name(ret) : text("id %llu at distance %llu", hit.id, hit.score));
		return;
	}
}

static void check_file(uint64_t file, const struct synced *s)
{
	bool renamed = s->renamed;
	char name[40];
	long fd;

	sync_name(name, file, renamed);
	fd = sys_open(name, O_RDWR, 0);
	if (fd == -ENOENT && s->may_rename) {
		renamed = !renamed;
		sync_name(name, file, renamed);
		fd = sys_open(name, O_RDWR, 0);
	}
	if (s->gone) {
		if (fd != -ENOENT)
			wrong("a file whose removal was synced", text("%s: ENOENT", name),
			      fd < 0 ? errno_name(fd) : "a file");
	} else if (fd < 0) {
		if (fd != -ENOENT || !s->may_unlink)
			wrong("a synced name", text("%s: a file", name), errno_name(fd));
	} else {
		if (s->data)
			check_data(name, fd, file, s);
		if (s->vectors)
			check_vectors_of(name, fd, file, s);
	}
	if (fd >= 0)
		close(fd);
}

int check_sync_verify(void)
{
	bool right_seed = false;
	char line[1024];
	FILE *journal;

	if (!opt.journal)
		return cannot("--journal says where it was noted what is safe");
	journal = strcmp(opt.journal, "-") ? fopen(opt.journal, "re") : stdin;
	if (!journal)
		return cannot("%s: %s", opt.journal, strerror(errno));
	while (fgets(line, sizeof(line), journal) && learn(line, &right_seed))
		;
	if (!right_seed)
		return cannot("%s is no journal of seed %" PRIu64, opt.journal, opt.seed);
	for (uint64_t file = 0; file < SYNC_FILES && may_go_on(); file++) {
		const struct synced *s = &files[file];

		if (!s->name && !s->gone)
			continue;
		__atomic_fetch_add(&totals->ops, 1, __ATOMIC_RELAXED);
		check_file(file, s);
	}
	if (journal != stdin)
		fclose(journal);
	return EXIT_RIGHT;
}
