// SPDX-License-Identifier: GPL-2.0
/* Files of a worker's own, in a directory of its own: nobody else may change them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "vexcheck-sys.h"
#include "vexcheck-threads.h"

#define FILES	3
#define BLOCKS	16

struct own {
	struct {
		char name[40];
		int fd;			/* -1: not made */
		uint64_t blocks;
		uint64_t sequence[BLOCKS];
	} files[FILES];
	uint8_t buffer[BLOCK];
};

struct own *own_open(struct party *p)
{
	struct own *o = calloc(1, sizeof(*o));
	long ret = sys_mkdir(text("w%d", p->worker), 0755);

	if (ret)
		failed("mkdir of a worker", ret);
	if (ret || !o) {
		free(o);
		return NULL;
	}
	for (int i = 0; i < FILES; i++)
		o->files[i].fd = -1;
	return o;
}

static void make(struct party *p, struct own *o, int i)
{
	long fd;

	snprintf(o->files[i].name, sizeof(o->files[i].name), "w%d/f%d", p->worker, i);
	fd = sys_open(o->files[i].name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		failed("create of a worker's file", fd);
	o->files[i].fd = fd < 0 ? -1 : fd;
	o->files[i].blocks = 0;
}

static void write_block(struct party *p, struct own *o, int i)
{
	uint64_t block = rng_below(&p->rng, o->files[i].blocks + (o->files[i].blocks < BLOCKS));
	struct stamp s = { p->worker, i, block, ++p->sequence };
	long got;

	stamp_write(o->buffer, BLOCK, &s);
	got = sys_pwrite(o->files[i].fd, o->buffer, BLOCK, block * BLOCK);
	if (got < 0) {
		failed("pwrite to a worker's file", got);
	} else if (got != BLOCK) {
		wrong("bytes written to a worker's file", text("%d", BLOCK), text("%ld", got));
	} else {
		o->files[i].sequence[block] = s.sequence;
		if (block == o->files[i].blocks)
			o->files[i].blocks++;
	}
}

static void check_block(struct party *p, struct own *o, int i, uint64_t block)
{
	long got = sys_pread(o->files[i].fd, o->buffer, BLOCK, block * BLOCK);
	struct stamp s;

	if (got < 0)
		failed("pread of a worker's file", got);
	else if (got != BLOCK)
		wrong("bytes of a worker's file", text("%d at block %llu", BLOCK, (unsigned long long)block),
		      text("%ld", got));
	else if (!stamp_read(o->buffer, BLOCK, &s) || s.writer != (uint32_t)p->worker ||
		 s.file != (uint32_t)i || s.block != block || s.sequence != o->files[i].sequence[block])
		wrong("block of a worker's file",
		      text("block %llu of file %d, writer %d, sequence %llu", (unsigned long long)block, i,
			   p->worker, (unsigned long long)o->files[i].sequence[block]),
		      stamp_text(o->buffer, BLOCK));
}

static void check_size(struct own *o, int i)
{
	struct stat st;
	long ret = sys_fstat(o->files[i].fd, &st);

	if (ret)
		failed("fstat of a worker's file", ret);
	else if (st.st_size != (off_t)(o->files[i].blocks * BLOCK))
		wrong("size of a worker's file", text("%llu blocks", (unsigned long long)o->files[i].blocks),
		      text("%lld bytes", (long long)st.st_size));
}

static void cut(struct party *p, struct own *o, int i)
{
	uint64_t blocks = rng_below(&p->rng, o->files[i].blocks + 1);
	long ret = sys_ftruncate(o->files[i].fd, blocks * BLOCK);

	if (ret)
		failed("truncate of a worker's file", ret);
	else
		o->files[i].blocks = blocks;
}

static void move(struct party *p, struct own *o, int i)
{
	char *name = o->files[i].name;
	const char *new = text("w%d/%c%d", p->worker, rng_one_in(&p->rng, 2) ? 'g' : 'f', i);
	long ret = sys_rename(name, new, 0);

	if (ret)
		failed("rename of a worker's file", ret);
	else
		snprintf(name, sizeof(o->files[i].name), "%s", new);
}

static void end_file(struct own *o, int i)
{
	long ret;

	close(o->files[i].fd);
	o->files[i].fd = -1;
	ret = sys_unlink(o->files[i].name);
	if (ret)
		failed("unlink of a worker's file", ret);
}

void own_act(struct party *p, struct own *o)
{
	int i = rng_below(&p->rng, FILES);
	uint64_t blocks = o->files[i].blocks;

	if (o->files[i].fd < 0) {
		make(p, o, i);
		return;
	}
	switch (rng_below(&p->rng, 16)) {
	case 0: cut(p, o, i); break;
	case 1: move(p, o, i); break;
	case 2: end_file(o, i); break;
	case 3: sys_fsync(o->files[i].fd); check_size(o, i); break;
	case 4: case 5: case 6: case 7: case 8:
		if (blocks)
			check_block(p, o, i, rng_below(&p->rng, blocks));
		break;
	default: write_block(p, o, i);
	}
}

void own_close(struct party *p, struct own *o)
{
	for (int i = 0; i < FILES; i++) {
		if (o->files[i].fd < 0)
			continue;
		check_size(o, i);
		for (uint64_t b = 0; b < o->files[i].blocks; b++)
			check_block(p, o, i, b);
		end_file(o, i);
	}
	free(o);
}
