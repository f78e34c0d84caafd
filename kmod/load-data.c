// SPDX-License-Identifier: GPL-2.0
/* What inodes hold, read from the device: attributes, vectors, data. */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "load.h"

int vexfs_load_xattr(struct vexfs_load *load, const void *data, size_t bytes)
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

int vexfs_load_vectors(struct vexfs_load *load, const void *data, size_t bytes)
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

int vexfs_load_data(struct vexfs_load *load, const void *data, size_t bytes)
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
