// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a filesystem from its device: the log is applied from the beginning to
 * the last whole commit, then the names are made a tree. Nothing on the device is
 * trusted: a good checksum says that it is as somebody wrote it.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include "disk.h"

struct vexfs_load {
	struct super_block *sb;
	struct vexfs_log *log;
	struct rb_root names;		/* by directory and name */
	const char *what;		/* is wrong, where it is -EUCLEAN */
	u64 ino;			/* of it */
	u64 next_ino;
	u64 nr_names;
};

static int vexfs_bad(struct vexfs_load *load, u64 ino, const char *what)
{
	load->what = what;
	load->ino = ino;
	return -EUCLEAN;
}

/* Until the mount is through every inode has a reference, of ours or a name's. */
static struct inode *vexfs_load_find(struct vexfs_load *load, u64 ino)
{
	struct inode *inode = NULL;

	if (ino && ino <= ULONG_MAX)
		inode = ilookup(load->sb, ino);
	if (inode)
		iput(inode);
	return inode;
}

static int vexfs_load_target(struct vexfs_load *load, struct inode *inode,
			     const struct vexfs_disk_inode *rec, size_t bytes)
{
	u64 size = le64_to_cpu(rec->size);
	int ret;

	if (!size || size > VEXFS_LINK_MAX || size > bytes - sizeof(*rec) ||
	    memchr(rec->target, '\0', size))
		return vexfs_bad(load, inode->i_ino, "bad symlink");
	if (inode->i_link)
		return inode->i_size == size &&
		       !memcmp(inode->i_link, rec->target, size) ? 0 :
			vexfs_bad(load, inode->i_ino, "symlink that changes");
	ret = vexfs_resize_charge(inode, size);
	if (ret)
		return ret;
	inode->i_link = kmemdup_nul(rec->target, size, GFP_KERNEL_ACCOUNT);
	if (!inode->i_link)
		return -ENOMEM;
	inode->i_size = size;
	return 0;
}

static int vexfs_load_size(struct vexfs_load *load, struct inode *inode,
			   const struct vexfs_disk_inode *rec)
{
	u64 size = le64_to_cpu(rec->size), trim = le64_to_cpu(rec->trim);
	int ret;

	if (!S_ISREG(inode->i_mode))
		return size ? vexfs_bad(load, inode->i_ino, "size without data") : 0;
	if (size > MAX_LFS_FILESIZE || trim > size)
		return vexfs_bad(load, inode->i_ino, "bad size");
	if (trim < i_size_read(inode))
		truncate_setsize(inode, trim);
	ret = vexfs_resize_charge(inode, size);
	if (!ret)
		i_size_write(inode, size);
	return ret;
}

static struct inode *vexfs_load_new(struct vexfs_load *load, u64 ino, umode_t mode,
				    dev_t dev)
{
	struct inode *inode;

	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFLNK:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	default:
		return ERR_PTR(vexfs_bad(load, ino, "bad mode"));
	}
	inode = vexfs_new_inode(load->sb, NULL, mode, dev);
	if (IS_ERR(inode))
		return inode;
	inode->i_ino = ino;
	VEXFS_I(inode)->loose = true;
	vexfs_inode_attach(inode);
	return inode;
}

static int vexfs_load_inode(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_inode *rec = data;
	u64 ino = le64_to_cpu(rec->record.ino);
	u32 mode, nsec = NSEC_PER_SEC;
	struct inode *inode;
	int ret;

	if (bytes < sizeof(*rec))
		return vexfs_bad(load, ino, "short inode");
	mode = le32_to_cpu(rec->mode);
	if (!ino || ino >= load->next_ino || mode > U16_MAX ||
	    le32_to_cpu(rec->atime_nsec) >= nsec ||
	    le32_to_cpu(rec->mtime_nsec) >= nsec ||
	    le32_to_cpu(rec->ctime_nsec) >= nsec)
		return vexfs_bad(load, ino, "bad inode");
	inode = vexfs_load_find(load, ino);
	if (!inode) {
		inode = vexfs_load_new(load, ino, mode,
				       new_decode_dev(le32_to_cpu(rec->rdev)));
		if (IS_ERR(inode))
			return PTR_ERR(inode);
	} else if ((inode->i_mode ^ mode) & S_IFMT) {
		return vexfs_bad(load, ino, "inode that changes its kind");
	}
	inode->i_mode = mode;
	i_uid_write(inode, le32_to_cpu(rec->uid));
	i_gid_write(inode, le32_to_cpu(rec->gid));
	VEXFS_I(inode)->nlink_stored = le32_to_cpu(rec->nlink);
	ret = S_ISLNK(mode) ? vexfs_load_target(load, inode, rec, bytes) :
			      vexfs_load_size(load, inode, rec);
	if (ret)
		return ret;
	vexfs_set_times(inode,
			(struct timespec64){ le64_to_cpu(rec->atime),
					     le32_to_cpu(rec->atime_nsec) },
			(struct timespec64){ le64_to_cpu(rec->mtime),
					     le32_to_cpu(rec->mtime_nsec) },
			(struct timespec64){ le64_to_cpu(rec->ctime),
					     le32_to_cpu(rec->ctime_nsec) });
	if (le16_to_cpu(rec->record.flags) & VEXFS_INODE_XATTRS)
		vexfs_xattr_free_all(inode);
	return 0;
}

static int vexfs_load_drop(struct vexfs_load *load, u64 ino)
{
	struct inode *inode = vexfs_load_find(load, ino);

	if (!inode || ino == VEXFS_ROOT_INO)
		return vexfs_bad(load, ino, "no such inode to forget");
	VEXFS_I(inode)->loose = false;
	iput(inode);
	return 0;
}

static int vexfs_load_forget(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_record *rec = data;

	return vexfs_load_drop(load, le64_to_cpu(rec->ino));
}

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

static int vexfs_load_name(struct vexfs_load *load, const void *data, size_t bytes)
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

static int vexfs_load_unname(struct vexfs_load *load, const void *data, size_t bytes)
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

static int vexfs_load_xattr(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_xattr *rec = data;
	u64 ino = le64_to_cpu(rec->record.ino);
	struct inode *inode = vexfs_load_find(load, ino);
	size_t name_len, value_len;
	int ret;

	if (bytes < sizeof(*rec) || !inode)
		return vexfs_bad(load, ino, "bad xattr");
	name_len = le16_to_cpu(rec->name_len);
	value_len = le32_to_cpu(rec->value_len);
	bytes -= sizeof(*rec);
	if (name_len > bytes || value_len > bytes - name_len)
		return vexfs_bad(load, ino, "bad xattr");
	ret = vexfs_xattr_load(inode, rec->name, name_len, rec->name + name_len,
			       value_len);
	return ret == -EUCLEAN ? vexfs_bad(load, ino, "bad xattr") : ret;
}

static int vexfs_load_vectors(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_vectors *rec = data;
	u64 ino = le64_to_cpu(rec->record.ino);
	struct inode *inode = vexfs_load_find(load, ino);
	struct vexfs_add_vector arg = {};
	int ret;

	if (bytes < sizeof(*rec) || !inode || !S_ISREG(inode->i_mode))
		return vexfs_bad(load, ino, "bad vectors");
	arg.dim = le32_to_cpu(rec->dim);
	arg.format = le32_to_cpu(rec->format);
	arg.count = le32_to_cpu(rec->count);
	arg.first_id = le64_to_cpu(rec->first);
	if ((u64)arg.dim * arg.count > (bytes - sizeof(*rec)) / sizeof(__le32))
		return vexfs_bad(load, ino, "bad vectors");
	ret = vexfs_vector_load(inode, &arg, rec->data);
	return ret == -EUCLEAN ? vexfs_bad(load, ino, "bad vectors") : ret;
}

static int vexfs_load_page(struct inode *inode, u64 pos, const u8 *data, size_t len)
{
	struct folio *folio;
	size_t at = offset_in_page(pos);
	u8 *to;

	folio = __filemap_get_folio(inode->i_mapping, pos >> PAGE_SHIFT,
				    FGP_LOCK | FGP_CREAT,
				    mapping_gfp_mask(inode->i_mapping));
	if (IS_ERR_OR_NULL(folio))
		return -ENOMEM;
	to = kmap_local_folio(folio, 0);
	if (!folio_test_uptodate(folio))
		memset(to, 0, PAGE_SIZE);
	memcpy(to + at, data, len);
	kunmap_local(to);
	flush_dcache_folio(folio);
	folio_mark_uptodate(folio);
	vexfs_pin_folio(folio);
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

static int vexfs_load_data(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_data *rec = data;
	u64 ino = le64_to_cpu(rec->record.ino), pos;
	struct inode *inode = vexfs_load_find(load, ino);
	const u8 *from = rec->data;
	size_t len;
	int ret = 0;

	if (bytes < sizeof(*rec) || !inode || !S_ISREG(inode->i_mode))
		return vexfs_bad(load, ino, "bad data");
	pos = le64_to_cpu(rec->offset);
	len = le32_to_cpu(rec->len);
	if (!len || len > bytes - sizeof(*rec) || pos % VEXFS_DISK_BLOCK ||
	    pos > i_size_read(inode) || len > i_size_read(inode) - pos)
		return vexfs_bad(load, ino, "data outside of the file");
	while (len && !ret) {
		size_t n = min_t(size_t, len, PAGE_SIZE - offset_in_page(pos));

		ret = vexfs_load_page(inode, pos, from, n);
		pos += n;
		from += n;
		len -= n;
	}
	return ret;
}

static int (* const vexfs_loaders[])(struct vexfs_load *load, const void *data,
				     size_t bytes) = {
	[VEXFS_RECORD_INODE] = vexfs_load_inode,
	[VEXFS_RECORD_FORGET] = vexfs_load_forget,
	[VEXFS_RECORD_NAME] = vexfs_load_name,
	[VEXFS_RECORD_UNNAME] = vexfs_load_unname,
	[VEXFS_RECORD_XATTR] = vexfs_load_xattr,
	[VEXFS_RECORD_VECTORS] = vexfs_load_vectors,
	[VEXFS_RECORD_DATA] = vexfs_load_data,
};

static int vexfs_load_segment(struct vexfs_load *load)
{
	const struct vexfs_disk_segment *seg = (void *)load->log->buf;
	size_t at = sizeof(*seg), end = le32_to_cpu(seg->bytes);
	const struct vexfs_disk_record *rec;
	int ret;

	while (at < end) {
		size_t bytes;
		u16 type;

		rec = (void *)(load->log->buf + at);
		if (end - at < sizeof(*rec))
			return vexfs_bad(load, 0, "short record");
		bytes = le32_to_cpu(rec->bytes);
		type = le16_to_cpu(rec->type);
		if (bytes < sizeof(*rec) || bytes % 8 || bytes > end - at ||
		    type >= ARRAY_SIZE(vexfs_loaders) || !vexfs_loaders[type])
			return vexfs_bad(load, le64_to_cpu(rec->ino), "bad record");
		ret = vexfs_loaders[type](load, rec, bytes);
		if (ret)
			return ret;
		at += bytes;
	}
	return 0;
}

static int vexfs_load_log(struct vexfs_load *load)
{
	struct vexfs_log *log = load->log;
	const struct vexfs_disk_segment *seg = (void *)log->buf;
	struct vexfs_position at = {
		.area = log->end.area,
		.area_id = log->end.area_id,
	};
	u32 stored, computed;
	int ret;

	while (at.pos < log->end.pos) {
		ret = vexfs_log_read_segment(log, &at, &stored, &computed);
		/* A moment ago it was good. */
		if (ret <= 0)
			return ret ?: -EIO;
		if (le32_to_cpu(seg->flags) & VEXFS_SEGMENT_LAST)
			at.commit++;
		ret = vexfs_load_segment(load);
		if (ret)
			return ret;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int vexfs_load_entry(struct vexfs_load *load, struct dentry *parent,
			    struct vexfs_name *name, struct list_head *dirs)
{
	struct inode *inode = vexfs_load_find(load, name->ino);
	struct vexfs_inode *vi;
	struct dentry *dentry;
	int ret;

	if (!inode)
		return vexfs_bad(load, name->ino, "name of an inode that is not there");
	vi = VEXFS_I(inode);
	if (S_ISDIR(inode->i_mode) && !vi->loose)
		return vexfs_bad(load, name->ino, "directory with two names");
	dentry = d_alloc_name(parent, name->name);
	if (!dentry)
		return -ENOMEM;
	if (!vi->loose) {
		ret = vexfs_charge(VEXFS_SB(load->sb), VEXFS_NAME_BYTES);
		if (ret) {
			dput(dentry);
			return ret;
		}
		ihold(inode);
		inc_nlink(inode);
	}
	vi->loose = false;
	dentry->d_fsdata = name;
	name->dentry = dentry;
	d_add(dentry, inode);
	if (S_ISDIR(inode->i_mode)) {
		inc_nlink(d_inode(parent));
		list_add_tail(&vi->dirty_link, dirs);
	}
	return 0;
}

/* The names of a directory stand together; its own stands in a queue, not on the stack. */
static int vexfs_load_dir(struct vexfs_load *load, struct inode *dir,
			  struct list_head *dirs)
{
	struct dentry *parent = d_find_any_alias(dir);
	struct rb_node *node = load->names.rb_node, *first = NULL;
	int ret = 0;

	while (node) {
		struct vexfs_name *name = rb_entry(node, struct vexfs_name, node);

		if (name->dir >= dir->i_ino) {
			first = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	for (node = first; node && !ret; node = rb_next(node)) {
		struct vexfs_name *name = rb_entry(node, struct vexfs_name, node);

		if (name->dir != dir->i_ino)
			break;
		ret = vexfs_load_entry(load, parent, name, dirs);
		cond_resched();
	}
	dput(parent);
	return ret;
}

static int vexfs_load_tree(struct vexfs_load *load)
{
	struct inode *root = vexfs_load_find(load, VEXFS_ROOT_INO);
	LIST_HEAD(dirs);
	int ret = 0;

	if (!root || !S_ISDIR(root->i_mode))
		return vexfs_bad(load, VEXFS_ROOT_INO, "no root directory");
	VEXFS_I(root)->loose = false;
	load->sb->s_root = d_make_root(root);
	if (!load->sb->s_root)
		return -ENOMEM;
	list_add(&VEXFS_I(root)->dirty_link, &dirs);
	while (!list_empty(&dirs)) {
		struct vexfs_inode *dir = list_first_entry(&dirs, struct vexfs_inode,
							   dirty_link);

		list_del_init(&dir->dirty_link);
		if (!ret)
			ret = vexfs_load_dir(load, &dir->vfs_inode, &dirs);
	}
	return ret;
}

static int vexfs_load_check(struct vexfs_load *load)
{
	struct vexfs_name *name;
	struct vexfs_inode *vi;

	list_for_each_entry(vi, &load->log->inodes, all_link) {
		u64 ino = vi->vfs_inode.i_ino;

		if (vi->loose)
			return vexfs_bad(load, ino, "inode that cannot be reached");
		if (vi->vfs_inode.i_nlink != vi->nlink_stored)
			return vexfs_bad(load, ino, "wrong link count");
		vi->stored = true;
		vi->vec_stored = vi->vec.count;
	}
	list_for_each_entry(name, &load->log->names, link)
		if (!name->dentry)
			return vexfs_bad(load, name->dir, "name in no directory");
	return 0;
}

/* What was made and has no name. The rest goes with the superblock. */
static void vexfs_load_undo(struct vexfs_load *load)
{
	struct vexfs_inode *vi, *next;

	list_for_each_entry_safe(vi, next, &load->log->inodes, all_link) {
		if (!vi->loose)
			continue;
		vi->loose = false;
		iput(&vi->vfs_inode);
	}
}

int vexfs_load(struct super_block *sb)
{
	struct vexfs_load load = {
		.sb = sb,
		.log = VEXFS_SB(sb)->log,
		.names = RB_ROOT,
	};
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);
	u64 size = sbi->size;
	int ret;

	ret = vexfs_log_find_end(load.log, &load.next_ino);
	if (ret)
		return ret;
	/* New inodes would come to the numbers of others, or to none. */
	if (load.next_ino > VEXFS_INO_MAX || load.next_ino > ULONG_MAX / 2)
		ret = vexfs_bad(&load, load.next_ino, "inode numbers at their end");
	/* Amid a commit there may be what was before it and what is after it. */
	sbi->size = 2 * size;
	if (!ret)
		ret = vexfs_load_log(&load);
	if (!ret)
		ret = vexfs_load_tree(&load);
	if (!ret)
		ret = vexfs_load_check(&load);
	sbi->size = size;
	if (!ret && sbi->used > size)
		ret = -ENOSPC;
	if (!ret) {
		atomic64_set(&sbi->next_ino, load.next_ino - 1);
		if (le32_to_cpu(load.log->super.state) == VEXFS_STATE_DIRTY)
			pr_info("vexfs: device %s was not unmounted, its state is that of commit %llu\n",
				sb->s_id, load.log->end.commit - 1);
		return 0;
	}
	if (ret == -EUCLEAN)
		pr_err("vexfs: mount failed: %s, inode %llu on device %s\n",
		       load.what, load.ino, sb->s_id);
	else
		pr_err("vexfs: mount failed: error %d (%s) on device %s\n", ret,
		       ret == -ENOSPC ? "more data than size= allows" :
		       ret == -ENOMEM ? "no memory" : "reading", sb->s_id);
	vexfs_load_undo(&load);
	return ret;
}
