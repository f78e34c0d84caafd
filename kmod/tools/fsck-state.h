/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fsck.vexfs: the state of a filesystem, as the records of its log give it. What a
 * record says that cannot be is told as a problem, and left out.
 */
#ifndef FSCK_STATE_H
#define FSCK_STATE_H

#include "fsck-problem.h"
#include "vexfs-image.h"

#define XATTR_MAX_COUNT		128
#define XATTR_MAX_VALUE		65536

struct page {
	struct page *next, *of;		/* of its bucket, of its inode */
	uint64_t ino, index;
	uint8_t data[VEXFS_DISK_BLOCK];
};

/* A record that is kept as it is: an attribute, or vectors. */
struct kept {
	struct kept *next;
	size_t bytes;
	struct vexfs_disk_record record[];
};

struct node {
	struct node *next;		/* of its bucket */
	struct node *queue;		/* directories yet to be looked at */
	struct vexfs_disk_inode *inode;	/* with a symlink's target */
	uint64_t ino;
	uint32_t mode;
	uint32_t dim, format;
	uint64_t vectors;
	struct page *pages;
	struct kept *xattrs, *vec, *vec_last;
	uint32_t xattr_count;
	uint32_t links;			/* as they are counted in the tree */
	bool seen;
};

struct name {
	struct name *next;		/* of its bucket */
	struct name *of;		/* of its directory, once the tree is looked at */
	uint64_t dir, ino;
	uint8_t len;
	uint8_t text[];
};

#define BUCKETS	(1U << 16)

struct state {
	struct node *nodes[BUCKETS];
	struct name *names[BUCKETS];
	struct page *pages[BUCKETS];
	uint64_t next_ino;
	uint64_t inodes;
	uint64_t pages_left;		/* that there is room for, twice: before a commit and after it */
	bool out_of_memory;
};

/* Of numbers that nobody knows beforehand: an image could have all of its inodes in one bucket. */
static uint32_t hash_of(uint64_t a, const uint8_t *text, size_t len)
{
	static uint64_t start, factor;
	uint64_t h;

	if (!factor) {
		start = random_u64();
		factor = random_u64() | 1;
	}
	h = (a ^ start) * factor;
	while (len--)
		h = ((h ^ h >> 32) + *text++) * factor;
	return (uint32_t)((h ^ h >> 32) * factor >> 48) % BUCKETS;
}

static uint32_t page_hash(uint64_t ino, uint64_t index)
{
	return hash_of(ino, (const uint8_t *)&index, sizeof(index));
}

static struct node *find_node(struct state *s, uint64_t ino)
{
	struct node *n = s->nodes[hash_of(ino, NULL, 0)];

	while (n && n->ino != ino)
		n = n->next;
	return n;
}

static struct name **find_name(struct state *s, uint64_t dir, const uint8_t *text, size_t len)
{
	struct name **p = &s->names[hash_of(dir, text, len)];

	while (*p && ((*p)->dir != dir || (*p)->len != len || memcmp((*p)->text, text, len)))
		p = &(*p)->next;
	return p;
}

static struct page *find_page(struct state *s, struct node *n, uint64_t index, bool make)
{
	uint32_t h = page_hash(n->ino, index);
	struct page *p = s->pages[h];

	while (p && (p->ino != n->ino || p->index != index))
		p = p->next;
	if (p || !make || !s->pages_left)
		return p;
	s->pages_left--;
	p = calloc(1, sizeof(*p));
	if (!p) {
		s->out_of_memory = true;
		return NULL;
	}
	p->ino = n->ino;
	p->index = index;
	p->next = s->pages[h];
	s->pages[h] = p;
	p->of = n->pages;
	n->pages = p;
	return p;
}

static void free_page(struct state *s, struct page *page)
{
	struct page **p = &s->pages[page_hash(page->ino, page->index)];

	while (*p != page)
		p = &(*p)->next;
	*p = page->next;
	free(page);
	s->pages_left++;
}

/* Nothing behind @size is left. */
static void trim_pages(struct state *s, struct node *n, uint64_t size)
{
	struct page **p = &n->pages;

	while (*p) {
		struct page *page = *p;
		uint64_t start = page->index * VEXFS_DISK_BLOCK;

		if (start >= size) {
			*p = page->of;
			free_page(s, page);
			continue;
		}
		if (size - start < VEXFS_DISK_BLOCK)
			memset(page->data + (size - start), 0,
			       VEXFS_DISK_BLOCK - (size_t)(size - start));
		p = &page->of;
	}
}

static void free_kept(struct kept **list)
{
	while (*list) {
		struct kept *k = *list;

		*list = k->next;
		free(k);
	}
}

static struct kept *keep(struct state *s, const struct vexfs_disk_record *rec, size_t bytes)
{
	struct kept *k = malloc(sizeof(*k) + bytes);

	if (!k) {
		s->out_of_memory = true;
		return NULL;
	}
	k->next = NULL;
	k->bytes = bytes;
	memcpy(k->record, rec, bytes);
	return k;
}

static void drop_node(struct state *s, struct node *node)
{
	struct node **p = &s->nodes[hash_of(node->ino, NULL, 0)];

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
	trim_pages(s, node, 0);
	free_kept(&node->xattrs);
	free_kept(&node->vec);
	free(node->inode);
	free(node);
	s->inodes--;
}

static const char *inode_fault(const struct state *s, const struct vexfs_disk_inode *rec,
			       size_t bytes)
{
	uint64_t ino = le64toh(rec->record.ino), size;
	uint32_t mode;

	if (bytes < sizeof(*rec))
		return "inode record is too short";
	mode = le32toh(rec->mode);
	size = le64toh(rec->size);
	if (!ino || ino >= s->next_ino || ino > VEXFS_INO_MAX / 2)
		return "inode number out of range";
	if (le32toh(rec->atime_nsec) >= 1000000000 || le32toh(rec->mtime_nsec) >= 1000000000 ||
	    le32toh(rec->ctime_nsec) >= 1000000000)
		return "time makes no sense";
	switch (mode) {
	case S_IFREG ... S_IFREG | 07777:
		return size <= INT64_MAX && le64toh(rec->trim) <= size ? NULL : "size makes no sense";
	case S_IFLNK ... S_IFLNK | 07777:
		return size && size <= VEXFS_LINK_MAX && size <= bytes - sizeof(*rec) &&
		       !memchr(rec->target, 0, size) ? NULL : "symlink makes no sense";
	case S_IFDIR ... S_IFDIR | 07777:
	case S_IFCHR ... S_IFCHR | 07777:
	case S_IFBLK ... S_IFBLK | 07777:
	case S_IFIFO ... S_IFIFO | 07777:
	case S_IFSOCK ... S_IFSOCK | 07777:
		return size ? "size of what has no data" : NULL;
	}
	return "mode makes no sense";
}

static const char *apply_inode(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_inode *rec = data;
	const char *fault = inode_fault(s, rec, bytes);
	struct vexfs_disk_inode *copy;
	struct node *n;

	if (fault)
		return fault;
	n = find_node(s, le64toh(rec->record.ino));
	if (n && ((n->mode ^ le32toh(rec->mode)) & S_IFMT))
		return "inode changes its kind";
	copy = malloc(bytes);
	if (copy && !n)
		n = calloc(1, sizeof(*n));
	if (!copy || !n) {
		free(copy);
		s->out_of_memory = true;
		return NULL;
	}
	memcpy(copy, rec, bytes);
	if (!n->ino) {
		uint32_t h = hash_of(le64toh(rec->record.ino), NULL, 0);

		n->ino = le64toh(rec->record.ino);
		n->next = s->nodes[h];
		s->nodes[h] = n;
		s->inodes++;
	} else if (le64toh(rec->trim) < le64toh(n->inode->size)) {
		trim_pages(s, n, le64toh(rec->trim));
	}
	if (le16toh(rec->record.flags) & VEXFS_INODE_XATTRS) {
		free_kept(&n->xattrs);
		n->xattr_count = 0;
	}
	free(n->inode);
	n->inode = copy;
	n->mode = le32toh(rec->mode);
	return NULL;
}

static const char *forget(struct state *s, uint64_t ino)
{
	struct node *n = find_node(s, ino);

	if (!n || ino == VEXFS_ROOT_INO)
		return "inode that goes is not there";
	drop_node(s, n);
	return NULL;
}

static const char *apply_forget(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_record *rec = data;

	(void)bytes;
	return forget(s, le64toh(rec->ino));
}

static const char *name_fault(const struct vexfs_disk_name *rec, size_t bytes)
{
	size_t len;

	if (bytes < sizeof(*rec))
		return "name record is too short";
	len = le16toh(rec->name_len);
	if (!len || len > VEXFS_NAME_MAX || len > bytes - sizeof(*rec) ||
	    memchr(rec->name, 0, len) || memchr(rec->name, '/', len) ||
	    (rec->name[0] == '.' && (len == 1 || (len == 2 && rec->name[1] == '.'))))
		return "name makes no sense";
	return NULL;
}

static const char *apply_name(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_name *rec = data;
	const char *fault = name_fault(rec, bytes);
	struct name **p, *name;
	size_t len;

	if (fault)
		return fault;
	len = le16toh(rec->name_len);
	p = find_name(s, le64toh(rec->record.ino), rec->name, len);
	if (*p)
		return "name is there already";
	name = calloc(1, sizeof(*name) + len);
	if (!name) {
		s->out_of_memory = true;
		return NULL;
	}
	name->dir = le64toh(rec->record.ino);
	name->ino = le64toh(rec->target);
	name->len = (uint8_t)len;
	memcpy(name->text, rec->name, len);
	*p = name;
	return NULL;
}

static const char *apply_unname(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_name *rec = data;
	const char *fault = name_fault(rec, bytes);
	struct name **p, *name;

	if (fault)
		return fault;
	p = find_name(s, le64toh(rec->record.ino), rec->name, le16toh(rec->name_len));
	if (!*p || (*p)->ino != le64toh(rec->target))
		return "name that goes is not there";
	name = *p;
	*p = name->next;
	free(name);
	if (le16toh(rec->record.flags) & VEXFS_UNNAME_LAST)
		return forget(s, le64toh(rec->target));
	return NULL;
}

static const char *apply_xattr(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_xattr *rec = data;
	struct node *n = find_node(s, le64toh(rec->record.ino));
	size_t name_len, value_len;
	struct kept *k;

	if (!n)
		return "attribute of an inode that is not there";
	if (bytes < sizeof(*rec))
		return "attribute record is too short";
	name_len = le16toh(rec->name_len);
	value_len = le32toh(rec->value_len);
	if (name_len > VEXFS_NAME_MAX || value_len > XATTR_MAX_VALUE ||
	    name_len + value_len > bytes - sizeof(*rec) || memchr(rec->name, 0, name_len) ||
	    !((name_len > 5 && !memcmp(rec->name, "user.", 5)) ||
	      (name_len > 8 && !memcmp(rec->name, "trusted.", 8))))
		return "attribute makes no sense";
	for (k = n->xattrs; k; k = k->next) {
		const struct vexfs_disk_xattr *old = (const void *)k->record;

		if (old->name_len == rec->name_len && !memcmp(old->name, rec->name, name_len))
			return "attribute is there already";
	}
	if (n->xattr_count == XATTR_MAX_COUNT)
		return "too many attributes";
	k = keep(s, &rec->record, bytes);
	if (k) {
		k->next = n->xattrs;
		n->xattrs = k;
		n->xattr_count++;
	}
	return NULL;
}

static const char *apply_vectors(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_vectors *rec = data;
	struct node *n = find_node(s, le64toh(rec->record.ino));
	uint32_t dim, count;
	struct kept *k;

	if (!n || !S_ISREG(n->mode))
		return "vectors of what is no file";
	if (bytes < sizeof(*rec))
		return "vectors record is too short";
	dim = le32toh(rec->dim);
	count = le32toh(rec->count);
	if (!dim || dim > VEXFS_MAX_DIM || !count || count > VEXFS_MAX_BATCH ||
	    le32toh(rec->format) > VEXFS_FORMAT_Q16_16 ||
	    (uint64_t)dim * count * sizeof(__le32) > bytes - sizeof(*rec))
		return "vectors make no sense";
	if (le64toh(rec->first) != n->vectors || n->vectors + count > VEXFS_MAX_VECTORS ||
	    (n->vectors && (dim != n->dim || le32toh(rec->format) != n->format)))
		return "vectors do not go on where others end";
	k = keep(s, &rec->record, bytes);
	if (!k)
		return NULL;
	if (n->vec)
		n->vec_last->next = k;
	else
		n->vec = k;
	n->vec_last = k;
	n->dim = dim;
	n->format = le32toh(rec->format);
	n->vectors += count;
	return NULL;
}

static const char *apply_data(struct state *s, const void *data, size_t bytes)
{
	const struct vexfs_disk_data *rec = data;
	struct node *n = find_node(s, le64toh(rec->record.ino));
	uint64_t offset, len, at;

	if (!n || !S_ISREG(n->mode))
		return "data of what is no file";
	if (bytes < sizeof(*rec))
		return "data record is too short";
	offset = le64toh(rec->offset);
	len = le32toh(rec->len);
	if (!len || len > bytes - sizeof(*rec) || offset % VEXFS_DISK_BLOCK)
		return "data make no sense";
	if (offset > le64toh(n->inode->size) || len > le64toh(n->inode->size) - offset)
		return "data outside of the file";
	for (at = 0; at < len; at += VEXFS_DISK_BLOCK) {
		struct page *p = find_page(s, n, (offset + at) / VEXFS_DISK_BLOCK, true);
		uint64_t n_bytes = len - at < VEXFS_DISK_BLOCK ? len - at : VEXFS_DISK_BLOCK;

		if (!p)
			return s->out_of_memory ? NULL : "more data than there is room for";
		memcpy(p->data, rec->data + at, n_bytes);
	}
	return NULL;
}

static const char *(*const appliers[])(struct state *s, const void *data, size_t bytes) = {
	[VEXFS_RECORD_INODE] = apply_inode,
	[VEXFS_RECORD_FORGET] = apply_forget,
	[VEXFS_RECORD_NAME] = apply_name,
	[VEXFS_RECORD_UNNAME] = apply_unname,
	[VEXFS_RECORD_XATTR] = apply_xattr,
	[VEXFS_RECORD_VECTORS] = apply_vectors,
	[VEXFS_RECORD_DATA] = apply_data,
};

/* @offset is that of the segment in the image, for the problems. */
static void apply_segment(struct state *s, const uint8_t *buf, uint64_t offset)
{
	const struct vexfs_disk_segment *seg = (const void *)buf;
	size_t at = sizeof(*seg), end = le32toh(seg->bytes);

	while (at < end && !s->out_of_memory) {
		const struct vexfs_disk_record *rec = (const void *)(buf + at);
		size_t bytes = end - at < sizeof(*rec) ? 0 : le32toh(rec->bytes);
		uint16_t type;
		const char *fault;

		if (bytes < sizeof(*rec) || bytes % 8 || bytes > end - at) {
			problem(BAD_RECORD, 0, offset + at, "record has no sensible length; the rest of its segment is left out");
			return;
		}
		type = le16toh(rec->type);
		fault = type < sizeof(appliers) / sizeof(*appliers) && appliers[type] ?
			appliers[type](s, rec, bytes) : "record of unknown type";
		if (fault)
			problem(BAD_RECORD, le64toh(rec->ino), offset + at, fault);
		at += bytes;
	}
}

#endif /* FSCK_STATE_H */
