// SPDX-License-Identifier: GPL-2.0
/* Mounting, statfs, mount options. Where the source is a device: disk.h. */
#include <linux/blkdev.h>
#include <linux/crc32.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include "disk.h"
#include "fault.h"

#define VEXFS_VERSION	1

/* What a superblock on a device would hold, in memory; it is checked as one would be. */
struct vexfs_super_record {
	__le32 magic;
	__le32 version;
	__le64 size;
	__le32 block_size;
	__le32 checksum;
};

enum { Opt_size, Opt_mode, Opt_errors };

static const struct constant_table vexfs_errors_names[] = {
	{ "remount-ro", VEXFS_ERRORS_RO },
	{ "continue", VEXFS_ERRORS_CONTINUE },
	{ "panic", VEXFS_ERRORS_PANIC },
	{}
};

static const struct fs_parameter_spec vexfs_params[] = {
	fsparam_string("size", Opt_size),
	fsparam_u32oct("mode", Opt_mode),
	fsparam_enum("errors", Opt_errors, vexfs_errors_names),
	{}
};

/* Half of memory, as tmpfs does. */
static u64 vexfs_default_size(void)
{
	return (u64)(totalram_pages() / 2) << PAGE_SHIFT;
}

static int vexfs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct vexfs_sb_info *sbi = fc->s_fs_info;
	struct fs_parse_result result;
	char *rest;
	u64 size;
	int opt;

	opt = fs_parse(fc, vexfs_params, param, &result);
	if (opt < 0)
		return opt;

	switch (opt) {
	case Opt_size:
		size = memparse(param->string, &rest);
		if (*rest || rest == param->string)
			return invalf(fc, "vexfs: size=%s: a number with k, m or g expected",
				      param->string);
		if (size < 16 * PAGE_SIZE || size > MAX_LFS_FILESIZE)
			return invalf(fc, "vexfs: size=%s: at least 16 pages, at most a file's size",
				      param->string);
		sbi->size = size;
		break;
	case Opt_mode:
		sbi->mode = result.uint_32 & S_IALLUGO;
		break;
	case Opt_errors:
		sbi->errors = result.uint_32;
		break;
	}
	return 0;
}

static u32 vexfs_super_checksum(const struct vexfs_super_record *rec)
{
	return crc32_le(~0, (const u8 *)rec,
			offsetof(struct vexfs_super_record, checksum));
}

static int vexfs_check_super(struct vexfs_sb_info *sbi)
{
	struct vexfs_super_record rec = {
		.magic = cpu_to_le32(VEXFS_MAGIC),
		.version = cpu_to_le32(VEXFS_VERSION),
		.size = cpu_to_le64(sbi->size),
		.block_size = cpu_to_le32(PAGE_SIZE),
	};
	u32 want;

	rec.checksum = cpu_to_le32(vexfs_super_checksum(&rec));
	if (vexfs_fault_take_mount())
		rec.version ^= cpu_to_le32(1 << 7);

	want = vexfs_super_checksum(&rec);
	if (want != le32_to_cpu(rec.checksum)) {
		pr_err("vexfs: mount failed: superblock checksum mismatch (stored 0x%08x, computed 0x%08x) on device %s\n",
		       le32_to_cpu(rec.checksum), want, sbi->sb->s_id);
		return -EBADMSG;
	}
	return 0;
}

/* Of what a device can hold no more than memory can, too. */
static int vexfs_open_device(struct super_block *sb, struct fs_context *fc)
{
	struct vexfs_sb_info *sbi = sb->s_fs_info;
	int ret;

	if (bdev_read_only(sb->s_bdev) && !sb_rdonly(sb)) {
		errorf(fc, "vexfs: the device is read-only");
		return -EACCES;
	}
	/* Access times are not worth a commit. */
	sb->s_flags |= SB_NOATIME;
	ret = vexfs_log_open(sb, fc);
	if (ret)
		return ret;
	sbi->size = min(sbi->size, VEXFS_CAPACITY(sbi->log->area_bytes));
	return vexfs_load(sb);
}

static int vexfs_make_root(struct super_block *sb)
{
	struct vexfs_sb_info *sbi = sb->s_fs_info;
	struct inode *root;
	int ret;

	ret = vexfs_check_super(sbi);
	if (ret)
		return ret;
	root = vexfs_new_inode(sb, NULL, S_IFDIR | sbi->mode, 0);
	if (IS_ERR(root))
		return PTR_ERR(root);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int vexfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct vexfs_sb_info *sbi = sb->s_fs_info;
	int ret;

	sbi->sb = sb;
	/* Instances are told apart in the log and in traces by this. */
	if (!sbi->on_device)
		snprintf(sb->s_id, sizeof(sb->s_id), "vexfs-%u:%u",
			 MAJOR(sb->s_dev), MINOR(sb->s_dev));
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = VEXFS_MAGIC;
	sb->s_op = &vexfs_super_ops;
	/* The array's second const came with 6.7. */
	sb->s_xattr = (typeof(sb->s_xattr))vexfs_xattr_handlers;
	sb->s_time_gran = 1;

	ret = sbi->on_device ? vexfs_open_device(sb, fc) : vexfs_make_root(sb);
	if (ret)
		return ret;

	vexfs_mutex_lock(&vexfs_instances_lock, "vexfs.instances_lock");
	list_add_tail(&sbi->link, &vexfs_instances);
	vexfs_mutex_lock_end(&vexfs_instances_lock, "vexfs.instances_lock");
	return 0;
}

/* A path is a device, any other word (none) means memory. */
static int vexfs_get_tree(struct fs_context *fc)
{
	struct vexfs_sb_info *sbi = fc->s_fs_info;

	sbi->on_device = fc->source && fc->source[0] == '/';
	if (sbi->on_device)
		return get_tree_bdev(fc, vexfs_fill_super);
	return get_tree_nodev(fc, vexfs_fill_super);
}

static int vexfs_reconfigure_device(struct fs_context *fc)
{
	struct super_block *sb = fc->root->d_sb;
	struct vexfs_sb_info *new = fc->s_fs_info, *sbi = VEXFS_SB(sb);

	if (vexfs_failed(sb) && !(fc->sb_flags & SB_RDONLY)) {
		errorf(fc, "vexfs: the device has failed: unmount it and run fsck.vexfs");
		return -EROFS;
	}
	if (new->errors >= 0)
		sbi->errors = new->errors;
	if (new->size)
		new->size = min(new->size, VEXFS_CAPACITY(sbi->log->area_bytes));
	/* The log must not end elsewhere than the superblock says. */
	if ((fc->sb_flags & SB_RDONLY) && !sb_rdonly(sb))
		return vexfs_log_close(sb);
	return 0;
}

/* The size may change as long as what is used still fits. */
static int vexfs_reconfigure(struct fs_context *fc)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(fc->root->d_sb);
	struct vexfs_sb_info *new = fc->s_fs_info;
	int ret = 0;

	sync_filesystem(fc->root->d_sb);
	if (sbi->log)
		ret = vexfs_reconfigure_device(fc);
	if (ret || !new->size)
		return ret;
	vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	if (new->size < sbi->used) {
		ret = -EBUSY;
	} else {
		sbi->size = new->size;
		vexfs_mem_write("vexfs_sb_info", sbi, size);
	}
	vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
	if (ret)
		errorf(fc, "vexfs: size= is less than what is in use");
	return ret;
}

static void vexfs_free_fc(struct fs_context *fc)
{
	if (fc->s_fs_info) {
		trace_free("sb_info", vexfs_u64(fc->s_fs_info));
		kfree(fc->s_fs_info);	/* never became a superblock's */
	}
}

static const struct fs_context_operations vexfs_context_ops = {
	.free = vexfs_free_fc,
	.parse_param = vexfs_parse_param,
	.get_tree = vexfs_get_tree,
	.reconfigure = vexfs_reconfigure,
};

static int vexfs_init_fs_context(struct fs_context *fc)
{
	struct vexfs_sb_info *sbi;

	sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	if (!sbi)
		return -ENOMEM;
	trace_alloc("sb_info", vexfs_u64(sbi), sizeof(*sbi));
	spin_lock_init(&sbi->space_lock);
	spin_lock_init(&sbi->stats_lock);
	INIT_LIST_HEAD(&sbi->link);
	atomic64_set(&sbi->next_ino, 0);
	atomic_set(&sbi->fail_writes, 0);
	sbi->mode = 0755;
	sbi->errors = fc->purpose == FS_CONTEXT_FOR_RECONFIGURE ? -1 : VEXFS_ERRORS_RO;
	if (fc->purpose != FS_CONTEXT_FOR_RECONFIGURE)
		sbi->size = vexfs_default_size();
	fc->s_fs_info = sbi;
	fc->ops = &vexfs_context_ops;
	return 0;
}

static void vexfs_kill_device(struct super_block *sb, struct vexfs_log *log)
{
	/* Not of a mount that has failed or may only read: those change nothing. */
	if (log && (sb->s_flags & SB_ACTIVE) && !sb_rdonly(sb))
		vexfs_log_close(sb);
	if (log)
		vexfs_names_unpin(log);
	kill_block_super(sb);
	if (log)
		vexfs_names_free(log);
	vexfs_log_free(log);
}

static void vexfs_kill_sb(struct super_block *sb)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(sb);

	if (sbi) {
		vexfs_mutex_lock(&vexfs_instances_lock, "vexfs.instances_lock");
		list_del_init(&sbi->link);
		vexfs_mutex_lock_end(&vexfs_instances_lock, "vexfs.instances_lock");
	}
	/* Each drops the reference that a name holds on its dentry as well. */
	if (sbi && sbi->on_device)
		vexfs_kill_device(sb, sbi->log);
	else
		kill_litter_super(sb);
	if (sbi) {
		WARN_ONCE(sbi->used || sbi->inodes,
			  "vexfs: %llu bytes, %llu inodes left after unmount\n",
			  sbi->used, sbi->inodes);
		trace_free("sb_info", vexfs_u64(sbi));
		kfree(sbi);
	}
}

static int vexfs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(dentry->d_sb);
	struct vexfs_op op;
	u64 id = huge_encode_dev(dentry->d_sb->s_dev);
	bool bare = vexfs_fault_misses(VEXFS_PLACE_USED);

	vexfs_op_begin(&op, "statfs", d_inode(dentry));
	if (!bare)
		vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	vexfs_mem_read("vexfs_sb_info", sbi, used);
	buf->f_blocks = sbi->size >> PAGE_SHIFT;
	buf->f_bfree = (sbi->size - sbi->used) >> PAGE_SHIFT;
	vexfs_mem_read("vexfs_sb_info", sbi, inodes);
	buf->f_files = sbi->inodes + (sbi->size - sbi->used) / VEXFS_INODE_BYTES;
	buf->f_ffree = buf->f_files - sbi->inodes;
	if (!bare)
		vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
	buf->f_bavail = buf->f_bfree;
	buf->f_type = VEXFS_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	buf->f_fsid = u64_to_fsid(id);
	return vexfs_op_end(&op, 0);
}

static int vexfs_show_options(struct seq_file *m, struct dentry *root)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(root->d_sb);
	u64 size;

	vexfs_spin_lock(&sbi->space_lock, "sbi.space_lock");
	size = sbi->size;
	vexfs_spin_lock_end(&sbi->space_lock, "sbi.space_lock");
	seq_printf(m, ",size=%lluk", size >> 10);
	if (sbi->mode != 0755)
		seq_printf(m, ",mode=%o", sbi->mode);
	if (sbi->log)
		seq_printf(m, ",errors=%s", vexfs_errors_names[sbi->errors].name);
	return 0;
}

const struct super_operations vexfs_super_ops = {
	.alloc_inode = vexfs_alloc_inode,
	.free_inode = vexfs_free_inode,
	.evict_inode = vexfs_evict_inode,
	.drop_inode = vexfs_drop_inode,
	.statfs = vexfs_statfs,
	.show_options = vexfs_show_options,
	.sync_fs = vexfs_sync_fs,
	.freeze_fs = vexfs_freeze_fs,
	.write_inode = vexfs_write_inode,
};

struct file_system_type vexfs_fs_type = {
	.owner = THIS_MODULE,
	.name = "vexfs",
	.init_fs_context = vexfs_init_fs_context,
	.parameters = vexfs_params,
	.kill_sb = vexfs_kill_sb,
};
