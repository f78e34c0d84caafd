// SPDX-License-Identifier: GPL-2.0
/* Files through mappings. What a mapping shows and what calls show is one content. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "vexcheck-files.h"
#include "vexcheck-sys.h"

/* Pages around a range within the file; NULL: nothing to map, or no mappings here. */
static uint8_t *map(struct tested *f, size_t at, size_t len, int prot, int flags, size_t *mapped)
{
	size_t start = at - at % PAGE;
	long p;

	*mapped = (at + len - start + PAGE - 1) / PAGE * PAGE;
	p = sys_mmap(*mapped, prot, flags, f->fd, start);
	if (p == -ENODEV || !file_done(f, "mmap", p < 0 && p > -4096 ? p : 0))
		return NULL;
	return (uint8_t *)p;
}

/* A range that is not empty, or false. */
static bool range(struct tested *f, size_t *at, size_t *len)
{
	if (!f->size)
		return false;
	*at = rng_below(&f->rng, f->size);
	*len = file_length(f, *at);
	if (*len > f->size - *at)
		*len = f->size - *at;
	return true;
}

void file_map_read(struct tested *f)
{
	size_t at, len, mapped, start, end;
	uint8_t *p;

	if (!range(f, &at, &len))
		return;
	p = map(f, at, len, PROT_READ, MAP_SHARED, &mapped);
	if (!p)
		return;
	start = at - at % PAGE;
	file_compare(f, "content mapped", p + (at - start), at, len);
	/* The rest of the last page is zeros. */
	end = f->size > start && f->size < start + mapped ? f->size - start : mapped;
	for (; end < mapped && !f->lost; end++)
		if (p[end])
			file_wrong(f, "mapped page beyond the end", "0x00", text("0x%02x", p[end]));
	munmap(p, mapped);
}

void file_map_write(struct tested *f)
{
	size_t at, len, mapped;
	uint8_t *p;

	if (!range(f, &at, &len))
		return;
	rng_fill(&f->rng, f->buffer, len);
	p = map(f, at, len, PROT_READ | PROT_WRITE, MAP_SHARED, &mapped);
	if (!p)
		return;
	memcpy(p + at % PAGE, f->buffer, len);
	memcpy(f->model + at, f->buffer, len);
	if (rng_one_in(&f->rng, 2) && msync(p, mapped, MS_SYNC))
		file_done(f, "msync", -errno);
	/* A call must see it while it is mapped. */
	if (!f->lost && rng_one_in(&f->rng, 2) &&
	    sys_pread(f->fd, f->buffer, len, at) == (long)len)
		file_compare(f, "content read after a store", f->buffer, at, len);
	munmap(p, mapped);
}

void file_map_private(struct tested *f)
{
	size_t at, len, mapped;
	uint8_t *p;

	if (!range(f, &at, &len))
		return;
	p = map(f, at, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, &mapped);
	if (!p)
		return;
	file_compare(f, "content mapped privately", p + at % PAGE, at, len);
	memset(p + at % PAGE, 0xa5, len);
	munmap(p, mapped);
	if (!f->lost && sys_pread(f->fd, f->buffer, len, at) == (long)len)
		file_compare(f, "content after a private store", f->buffer, at, len);
}
