/* SPDX-License-Identifier: GPL-2.0 */
/* fsck.vexfs: whether names and inodes make one tree, and writing it anew. */
#ifndef FSCK_TREE_H
#define FSCK_TREE_H

#include "fsck-state.h"

/* Names of each directory in a list: node->queue is free until then, so a table of heads. */
struct heads {
	struct name **of;	/* by hash of the directory */
};

static bool list_names(struct state *s, struct heads *heads)
{
	heads->of = calloc(BUCKETS, sizeof(*heads->of));
	if (!heads->of)
		return false;
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (struct name *name = s->names[i]; name; name = name->next) {
			uint32_t h = hash_of(name->dir, NULL, 0);

			name->of = heads->of[h];
			heads->of[h] = name;
		}
	return true;
}

static void drop_name(struct state *s, struct name *name)
{
	struct name **p = find_name(s, name->dir, name->text, name->len);

	*p = name->next;
	free(name);
}

/* Each name of @dir leads to an inode; a directory has one name. */
static void look_into(struct state *s, struct node *dir, struct name *first,
		      struct node **queue_end)
{
	struct name *next;

	for (struct name *name = first; name; name = next) {
		struct node *n;

		next = name->of;
		if (name->dir != dir->ino)
			continue;
		n = find_node(s, name->ino);
		if (!n) {
			problem(NAME_WITHOUT_INODE, name->ino, 0, "a name leads to it, it is not there");
			drop_name(s, name);
			continue;
		}
		if (S_ISDIR(n->mode) && n->seen) {
			problem(SECOND_NAME, n->ino, 0, "directory with a second name");
			drop_name(s, name);
			continue;
		}
		n->links++;
		if (S_ISDIR(n->mode)) {
			n->links = 2;
			dir->links++;
			(*queue_end)->queue = n;
			*queue_end = n;
		}
		n->seen = true;
	}
}

/* heads->of lists names that look_into() may free: each bucket is cut out of it before. */
static void walk(struct state *s, struct heads *heads, struct node *root)
{
	struct node *end = root;

	root->seen = true;
	root->links = 2;
	for (struct node *dir = root; dir; dir = dir->queue) {
		uint32_t h = hash_of(dir->ino, NULL, 0);
		struct name *mine = NULL, **p = &heads->of[h];

		while (*p) {
			struct name *name = *p;

			if (name->dir != dir->ino) {
				p = &name->of;
				continue;
			}
			*p = name->of;
			name->of = mine;
			mine = name;
		}
		look_into(s, dir, mine, &end);
	}
}

static void check_nodes(struct state *s)
{
	for (uint32_t i = 0; i < BUCKETS; i++) {
		struct node *next;

		for (struct node *n = s->nodes[i]; n; n = next) {
			next = n->next;
			if (!n->seen) {
				problem(UNREACHABLE, n->ino, 0, "no name leads to it");
				drop_node(s, n);
				continue;
			}
			if (n->links != le32toh(n->inode->nlink)) {
				char text[96];

				snprintf(text, sizeof(text), "link count is %u, there are %u",
					 le32toh(n->inode->nlink), n->links);
				problem(LINK_COUNT, n->ino, 0, text);
				n->inode->nlink = htole32(n->links);
			}
		}
	}
}

/* Names of directories that have gone. */
static void drop_lost_names(struct state *s)
{
	for (uint32_t i = 0; i < BUCKETS; i++) {
		struct name **p = &s->names[i];

		while (*p) {
			struct name *name = *p;
			struct node *dir = find_node(s, name->dir);

			if (dir && S_ISDIR(dir->mode)) {
				p = &name->next;
				continue;
			}
			problem(UNREACHABLE, name->dir, 0, "a name is in it, it is no directory");
			*p = name->next;
			free(name);
		}
	}
}

/* False: nothing can be made of it. Afterwards the state is a tree. */
static bool check_tree(struct state *s)
{
	struct node *root = find_node(s, VEXFS_ROOT_INO);
	struct heads heads;

	if (!root || !S_ISDIR(root->mode)) {
		problem(NO_ROOT, VEXFS_ROOT_INO, 0, "there is no root directory");
		return false;
	}
	if (!list_names(s, &heads)) {
		s->out_of_memory = true;
		return false;
	}
	walk(s, &heads, root);
	free(heads.of);
	check_nodes(s);
	drop_lost_names(s);
	return true;
}

static void write_kept(struct writer *w, const struct kept *k)
{
	for (; k; k = k->next)
		memcpy(writer_record(w, le16toh(k->record->type), le16toh(k->record->flags),
				     le64toh(k->record->ino), k->bytes),
		       k->record, k->bytes);
}

static void write_node(struct writer *w, const struct node *n)
{
	size_t bytes = le32toh(n->inode->record.bytes);
	struct vexfs_disk_inode *inode;

	inode = writer_record(w, VEXFS_RECORD_INODE, 0, n->ino, bytes);
	memcpy(inode, n->inode, bytes);
	inode->record.flags = 0;
	inode->trim = inode->size;
	write_kept(w, n->xattrs);
	write_kept(w, n->vec);
	for (const struct page *p = n->pages; p; p = p->of) {
		uint64_t left = le64toh(n->inode->size) - p->index * VEXFS_DISK_BLOCK;
		size_t len = left < VEXFS_DISK_BLOCK ? (size_t)left : VEXFS_DISK_BLOCK;
		struct vexfs_disk_data *data;

		data = writer_record(w, VEXFS_RECORD_DATA, 0, n->ino, sizeof(*data) + len);
		data->offset = htole64(p->index * VEXFS_DISK_BLOCK);
		data->len = htole32((uint32_t)len);
		memcpy(data->data, p->data, len);
	}
}

/* All of it as one commit in the other area, which then is the active one. */
static int write_state(const struct image *img, struct vexfs_disk_super *super,
		       const struct state *s)
{
	uint32_t area = !le32toh(super->active);
	struct writer w;

	if (writer_begin(&w, img, super, area, random_u64(), s->next_ino) < 0)
		return -1;
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (const struct node *n = s->nodes[i]; n; n = n->next)
			write_node(&w, n);
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (const struct name *name = s->names[i]; name; name = name->next) {
			struct vexfs_disk_name *rec;

			rec = writer_record(&w, VEXFS_RECORD_NAME, 0, name->dir,
					    sizeof(*rec) + name->len);
			rec->target = htole64(name->ino);
			rec->name_len = htole16(name->len);
			memcpy(rec->name, name->text, name->len);
		}
	return writer_end(&w, super, area);
}

#endif /* FSCK_TREE_H */
