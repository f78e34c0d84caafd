// SPDX-License-Identifier: GPL-2.0
/* Inodes that are read from the device: made, changed, forgotten. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "load.h"

/* Until the mount is through every inode has a reference, of ours or a name's. */
struct inode *vexfs_load_find(struct vexfs_load *load, u64 ino)
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

int vexfs_load_inode(struct vexfs_load *load, const void *data, size_t bytes)
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

int vexfs_load_drop(struct vexfs_load *load, u64 ino)
{
	struct inode *inode = vexfs_load_find(load, ino);

	if (!inode || ino == VEXFS_ROOT_INO)
		return vexfs_bad(load, ino, "no such inode to forget");
	VEXFS_I(inode)->loose = false;
	iput(inode);
	return 0;
}

int vexfs_load_forget(struct vexfs_load *load, const void *data, size_t bytes)
{
	const struct vexfs_disk_record *rec = data;

	return vexfs_load_drop(load, le64_to_cpu(rec->ino));
}
