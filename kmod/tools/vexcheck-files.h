/* SPDX-License-Identifier: GPL-2.0 */
/* A file and the model of what it holds. */
#ifndef VEXCHECK_FILES_H
#define VEXCHECK_FILES_H

#include "vexcheck.h"

#define FILE_MOST	(256 << 10)	/* bytes a file may have */
#define PAGE		4096

struct tested {
	int fd;
	const char *name;
	size_t size, most;
	uint8_t *model;		/* zeros beyond size */
	uint8_t *buffer;	/* as long, aligned for direct I/O */
	struct rng rng;
	bool lost;		/* model and file have parted */
};

/* A difference or an error that should not be: the file is given up. */
void file_wrong(struct tested *f, const char *what, const char *expected, const char *got);
/* True for success; lack of space leaves everything as it was. */
bool file_done(struct tested *f, const char *call, long result);
/* @got of @len bytes were written to @at: the model follows. */
void file_wrote(struct tested *f, const char *call, long got, size_t len, size_t at);
void file_resized(struct tested *f, size_t size);
/* Are @len bytes in @data what the model has at @at? */
void file_compare(struct tested *f, const char *what, const uint8_t *data, size_t at, size_t len);
/* A place, sometimes beyond the end, and a length from there: often on a border. */
size_t file_place(struct tested *f);
size_t file_length(struct tested *f, size_t at);

/* vexcheck-files-map.c */
void file_map_read(struct tested *f);
void file_map_write(struct tested *f);
void file_map_private(struct tested *f);

/* vexcheck-files-range.c */
void file_allocate(struct tested *f);
void file_direct(struct tested *f);
void file_seek(struct tested *f);
void file_copy(struct tested *f);

#endif
