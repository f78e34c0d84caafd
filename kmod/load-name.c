// SPDX-License-Identifier: GPL-2.0
/* Names that are read from the device, in a tree by directory and name. */
#include "load.h"

static int vexfs_compare_names(const struct vexfs_name *name, u64 dir,
			       const u8 *text, size_t len)
{
	if (dir != name->dir)
		return dir < name->dir ? -1 : 1;
	if (len != name->len)
		return len < name->len ? -1 : 1;
	return memcmp(text, name->name, len);
}

/* The name, or where it would have to be hung. */
static struct vexfs_name *vexfs_find_name(struct vexfs_load *load, u64 dir,
					  const u8 *text, size_t len,
					  struct rb_node ***slot,
					  struct rb_node **parent)
{
	struct rb_node **at = &load->names.rb_node, *above = NULL;

	while (*at) {
		struct vexfs_name *name = rb_entry(*at, struct vexfs_name, node);
		int order = vexfs_compare_names(name, dir, text, len);

		if (!order)
			return name;
		above = *at;
		at = order < 0 ? &above->rb_left : &above->rb_right;
	}
	*slot = at;
	*parent = above;
	return NULL;
}

static int vexfs_check_name(struct vexfs_load *load, const struct vexfs_disk_name *rec,
			    size_t bytes)
{
	u64 dir = le64_to_cpu(rec->record.ino);
	size_t len;

	if (bytes < sizeof(*rec))
		return vexfs_bad(load, dir, "short name");
	len = le16_to_cpu(rec->name_len);
	if (!len || len > VEXFS_NAME_MAX || len > bytes - sizeof(*rec) ||
	    memchr(rec->name, '\0', len) || memchr(rec->name, '/', len) ||
	    (rec->name[0] == '.' && (len == 1 || (len == 2 && rec->name[1] == '.'))))
		return vexfs_bad(load, dir, "bad name");
	return 0;
}

int vexfs_load_name(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_name *rec = data;
	u64 dir = le64_to_cpu(rec->record.ino);
	struct rb_node **slot, *parent;
	struct vexfs_name *name;
	int ret;

	ret = vexfs_check_name(load, rec, bytes);
	if (ret)
		return ret;
	if (vexfs_find_name(load, dir, rec->name, le16_to_cpu(rec->name_len),
			    &slot, &parent))
		return vexfs_bad(load, dir, "name that is there already");
	/* Every name is paid for by its inode, or was charged as much. */
	if (++load->nr_names > VEXFS_SB(load->sb)->size / VEXFS_NAME_BYTES)
		return -ENOSPC;
	name = vexfs_name_new(NULL, le64_to_cpu(rec->target), rec->name,
			      le16_to_cpu(rec->name_len));
	if (!name)
		return -ENOMEM;
	name->dir = dir;
	name->state = VEXFS_NAME_STORED;
	list_add_tail(&name->link, &load->log->names);
	rb_link_node(&name->node, parent, slot);
	rb_insert_color(&name->node, &load->names);
	return 0;
}

int vexfs_load_unname(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_name *rec = data;
	u64 dir = le64_to_cpu(rec->record.ino), ino;
	struct rb_node **slot, *parent;
	struct vexfs_name *name;
	int ret;

	ret = vexfs_check_name(load, rec, bytes);
	if (ret)
		return ret;
	ino = le64_to_cpu(rec->target);
	name = vexfs_find_name(load, dir, rec->name, le16_to_cpu(rec->name_len),
			       &slot, &parent);
	if (!name || name->ino != ino)
		return vexfs_bad(load, dir, "no such name to remove");
	load->nr_names--;
	rb_erase(&name->node, &load->names);
	list_del(&name->link);
	vexfs_name_free(name);
	if (le16_to_cpu(rec->record.flags) & VEXFS_UNNAME_LAST)
		return vexfs_load_drop(load, ino);
	return 0;
}
