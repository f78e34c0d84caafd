// SPDX-License-Identifier: GPL-2.0
/* Pages of files on a device: what is dirty is written by commits alone. */
#include <linux/backing-dev.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/writeback.h>
#include "disk.h"

/*
 * Clean pages are dropped on demand (drop_caches, posix_fadvise()), and there is no
 * place to read these from again: what has private data asks us first.
 */
void vexfs_pin_folio(struct folio *folio)
{
	if (!folio_has_private(folio))
		folio_attach_private(folio, (void *)1UL);
}

static bool vexfs_release_folio(struct folio *folio, gfp_t gfp)
{
	return false;
}

static void vexfs_invalidate_folio(struct folio *folio, size_t offset, size_t len)
{
	if (!offset && len == folio_size(folio))
		folio_detach_private(folio);
}

/* Of these no commit takes any more. Dirty for ever, they would hold up all who write. */
static void vexfs_clean_data(struct address_space *mapping)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	unsigned int i, n;

	folio_batch_init(&batch);
	for (;;) {
		n = filemap_get_folios(mapping, &index, (pgoff_t)-1, &batch);
		if (!n)
			break;
		for (i = 0; i < n; i++) {
			struct folio *folio = batch.folios[i];
			bool cleaned;

			folio_lock(folio);
			cleaned = folio->mapping == mapping &&
				  folio_clear_dirty_for_io(folio);
			if (cleaned) {
				vexfs_pin_folio(folio);
				folio_start_writeback(folio);
			}
			folio_unlock(folio);
			if (cleaned)
				folio_end_writeback(folio);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
}

/*
 * Writing one inode is writing all: a commit is the state of the whole. Of the
 * thousands that the flusher comes for, the first has left nothing to the others,
 * and a commit for each would keep a sync(2) busy for minutes.
 */
static bool vexfs_is_written(struct inode *inode)
{
	struct vexfs_log *log = VEXFS_SB(inode->i_sb)->log;

	return log && !READ_ONCE(log->rewrite) &&
	       list_empty_careful(&VEXFS_I(inode)->dirty_link) &&
	       !mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY);
}

int vexfs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return vexfs_is_written(inode) ? 0 : vexfs_commit(inode->i_sb);
}

static int vexfs_writepages(struct address_space *mapping,
			    struct writeback_control *wbc)
{
	struct inode *inode = mapping->host;
	int ret;

	if (vexfs_is_written(inode))
		return 0;
	ret = vexfs_commit(inode->i_sb);
	if (!inode->i_nlink || vexfs_failed(inode->i_sb))
		vexfs_clean_data(mapping);
	return ret;
}

/* The state of the data and of the rest changes under log->sem, as one. */
static int vexfs_write_begin(struct file *file, struct address_space *mapping,
			     loff_t pos, unsigned int len, VEXFS_PAGE **page,
			     void **fsdata)
{
	int ret;

	vexfs_change_begin(mapping->host->i_sb);
	ret = ram_aops.write_begin(file, mapping, pos, len, page, fsdata);
	if (ret)
		vexfs_change_end(mapping->host->i_sb);
	return ret;
}

static int vexfs_write_end(struct file *file, struct address_space *mapping,
			   loff_t pos, unsigned int len, unsigned int copied,
			   VEXFS_PAGE *page, void *fsdata)
{
	int ret = ram_aops.write_end(file, mapping, pos, len, copied, page, fsdata);

	vexfs_dirty(mapping->host, VEXFS_DIRTY_DATA);
	vexfs_change_end(mapping->host->i_sb);
	return ret;
}

struct address_space_operations vexfs_disk_aops __ro_after_init;

void __init vexfs_disk_aops_init(void)
{
	/* As in memory, but for these. */
	vexfs_disk_aops = ram_aops;
	vexfs_disk_aops.write_begin = vexfs_write_begin;
	vexfs_disk_aops.write_end = vexfs_write_end;
	vexfs_disk_aops.writepages = vexfs_writepages;
	vexfs_disk_aops.dirty_folio = filemap_dirty_folio;
	vexfs_disk_aops.migrate_folio = filemap_migrate_folio;
	vexfs_disk_aops.release_folio = vexfs_release_folio;
	vexfs_disk_aops.invalidate_folio = vexfs_invalidate_folio;
}
