// SPDX-License-Identifier: GPL-2.0
/* Operations begun and ended, the counters of an instance, its size limit. */
#include <linux/ktime.h>
#include "fault.h"
#include "internal.h"

static atomic64_t vexfs_op_id;

/*
 * Every operation of the filesystem stands between begin and end. With the
 * events off, all this costs is the counters.
 */
void vexfs_op_begin(struct vexfs_op *op, const char *name, struct inode *inode)
{
	op->name = name;
	op->sb = inode->i_sb;
	op->ino = inode->i_ino;
	op->id = 0;
	op->slow = vexfs_fault_slow_percent();
	op->start = op->slow ? ktime_get_ns() : 0;
	if (trace_op_begin_enabled() || trace_op_end_enabled()) {
		op->id = atomic64_inc_return(&vexfs_op_id);
		op->start = op->start ?: ktime_get_ns();
		trace_op_begin(op->name, op->sb->s_id, op->ino, op->id);
	}
}

s64 vexfs_op_end(struct vexfs_op *op, s64 ret)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(op->sb);
	bool bare = vexfs_fault_misses(VEXFS_PLACE_OPS);

	if (op->slow)
		vexfs_fault_draw_out(op->start, op->slow);
	if (!bare)
		vexfs_spin_lock(&sbi->stats_lock, "sbi.stats_lock");
	sbi->stats.ops++;
	vexfs_mem_write("vexfs_sb_info", sbi, stats.ops);
	if (ret < 0) {
		sbi->stats.errors++;
		vexfs_mem_write("vexfs_sb_info", sbi, stats.errors);
	}
	if (!bare)
		vexfs_spin_lock_end(&sbi->stats_lock, "sbi.stats_lock");

	/* An operation that began before the events were on has no id. */
	if (op->id)
		trace_op_end(op->name, op->sb->s_id, op->ino, op->id, ret,
			     ktime_get_ns() - op->start);
	return ret;
}

/* Take @bytes of the limit, or -ENOSPC. Nothing is allocated unpaid. */
int vexfs_charge(struct vexfs_sb_info *sbi, u64 bytes)
{
	int ret = 0;

	vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	vexfs_mem_read("vexfs_sb_info", sbi, size);
	if (bytes > sbi->size - min(sbi->used, sbi->size)) {
		ret = -ENOSPC;
	} else {
		sbi->used += bytes;
		vexfs_mem_write("vexfs_sb_info", sbi, used);
	}
	vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
	return ret;
}

void vexfs_uncharge(struct vexfs_sb_info *sbi, u64 bytes)
{
	if (!bytes)
		return;
	vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	if (!WARN_ON_ONCE(bytes > sbi->used))
		sbi->used -= bytes;
	vexfs_mem_write("vexfs_sb_info", sbi, used);
	vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
}

void vexfs_count_objects(struct super_block *sb, s64 inodes, s64 vectors,
			 s64 xattrs)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);
	bool bare = (vectors && vexfs_fault_misses(VEXFS_PLACE_VECTORS)) ||
		    (xattrs && vexfs_fault_misses(VEXFS_PLACE_XATTRS));

	if (!bare)
		vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	if (inodes) {
		sbi->inodes += inodes;
		vexfs_mem_write("vexfs_sb_info", sbi, inodes);
	}
	if (vectors) {
		sbi->vectors += vectors;
		vexfs_mem_write("vexfs_sb_info", sbi, vectors);
	}
	if (xattrs) {
		sbi->xattrs += xattrs;
		vexfs_mem_write("vexfs_sb_info", sbi, xattrs);
	}
	if (!bare)
		vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
}

void vexfs_count_bytes(struct super_block *sb, u64 nread, u64 nwritten)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);
	bool bare = (nread && vexfs_fault_misses(VEXFS_PLACE_BYTES_READ)) ||
		    (nwritten && vexfs_fault_misses(VEXFS_PLACE_BYTES_WRITTEN));

	if (!bare)
		vexfs_spin_lock(&sbi->stats_lock, "sbi.stats_lock");
	if (nread) {
		sbi->stats.bytes_read += nread;
		vexfs_mem_write("vexfs_sb_info", sbi, stats.bytes_read);
	}
	if (nwritten) {
		sbi->stats.bytes_written += nwritten;
		vexfs_mem_write("vexfs_sb_info", sbi, stats.bytes_written);
	}
	if (!bare)
		vexfs_spin_lock_end(&sbi->stats_lock, "sbi.stats_lock");
}

void vexfs_count_search(struct super_block *sb, u64 ns)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);
	bool bare = vexfs_fault_misses(VEXFS_PLACE_SEARCHES);

	if (!bare)
		vexfs_spin_lock(&sbi->stats_lock, "sbi.stats_lock");
	sbi->stats.searches++;
	vexfs_mem_write("vexfs_sb_info", sbi, stats.searches);
	sbi->stats.search_ns += ns;
	vexfs_mem_write("vexfs_sb_info", sbi, stats.search_ns);
	if (!bare)
		vexfs_spin_lock_end(&sbi->stats_lock, "sbi.stats_lock");
}

void vexfs_get_stats(struct inode *inode, struct vexfs_stats *out)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(inode->i_sb);
	struct vexfs_inode *vi = VEXFS_I(inode);
	bool bare = vexfs_fault_misses(VEXFS_PLACE_COUNT);

	memset(out, 0, sizeof(*out));

	if (!bare)
		vexfs_down_read(&vi->vec_sem, "inode.vec_sem");
	vexfs_mem_read("vexfs_inode", vi, vec.count);
	vexfs_mem_read("vexfs_inode", vi, vec.dim);
	out->dim = vi->vec.count ? vi->vec.dim : 0;
	out->format = vi->vec.format;
	out->count = vi->vec.count;
	out->bytes = vi->vec.bytes;
	if (!bare)
		vexfs_down_read_end(&vi->vec_sem, "inode.vec_sem");

	vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	vexfs_mem_read("vexfs_sb_info", sbi, used);
	out->fs_size = sbi->size;
	out->fs_used = sbi->used;
	out->fs_inodes = sbi->inodes;
	out->fs_vectors = sbi->vectors;
	vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");

	vexfs_spin_lock(&sbi->stats_lock, "sbi.stats_lock");
	vexfs_mem_read("vexfs_sb_info", sbi, stats.ops);
	out->ops = sbi->stats.ops;
	out->errors = sbi->stats.errors;
	out->bytes_read = sbi->stats.bytes_read;
	out->bytes_written = sbi->stats.bytes_written;
	out->searches = sbi->stats.searches;
	out->search_ns = sbi->stats.search_ns;
	vexfs_spin_lock_end(&sbi->stats_lock, "sbi.stats_lock");
}
