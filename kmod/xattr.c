// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes of the user. and trusted. namespaces. The kernel's
 * simple_xattr helpers are not exported to modules.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "disk.h"
#include "fault.h"

#define VEXFS_XATTR_MAX_COUNT	128
#define VEXFS_XATTR_MAX_BYTES	(256 << 10)	/* names and values of an inode */

static size_t vexfs_xattr_bytes(size_t name_len, size_t size)
{
	return sizeof(struct vexfs_xattr) + name_len + 1 + size;
}

static struct vexfs_xattr *vexfs_xattr_find(struct vexfs_inode *vi,
					    const char *prefix, const char *name)
{
	struct vexfs_xattr *xa;
	size_t len = strlen(prefix);

	list_for_each_entry(xa, &vi->xattrs, link)
		if (!strncmp(xa->name, prefix, len) && !strcmp(xa->name + len, name))
			return xa;
	return NULL;
}

static void vexfs_xattr_free(struct vexfs_sb_info *sbi, struct vexfs_xattr *xa)
{
	vexfs_uncharge(sbi, vexfs_xattr_bytes(xa->name_len, xa->size));
	trace_free("xattr", vexfs_u64(xa));
	kvfree(xa);
}

static struct vexfs_xattr *vexfs_xattr_new(struct vexfs_sb_info *sbi,
					   const char *prefix, const char *name,
					   const void *value, size_t size)
{
	size_t name_len = strlen(prefix) + strlen(name);
	size_t bytes = vexfs_xattr_bytes(name_len, size);
	struct vexfs_xattr *xa;
	int ret;

	ret = vexfs_charge(sbi, bytes);
	if (ret)
		return ERR_PTR(ret);
	xa = kvmalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!xa) {
		vexfs_uncharge(sbi, bytes);
		return ERR_PTR(-ENOMEM);
	}
	trace_alloc("xattr", vexfs_u64(xa), bytes);
	xa->size = size;
	xa->name_len = name_len;
	snprintf(xa->name, name_len + 1, "%s%s", prefix, name);
	xa->value = xa->name + name_len + 1;
	memcpy(xa->value, value, size);
	return xa;
}

static int vexfs_xattr_get(const struct xattr_handler *handler,
			   struct dentry *dentry, struct inode *inode,
			   const char *name, void *buffer, size_t size)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	struct vexfs_xattr *xa;
	struct vexfs_op op;
	int ret = -ENODATA;

	vexfs_op_begin(&op, "getxattr", inode);
	vexfs_down_read(&vi->xattr_sem, "inode.xattr_sem");
	vexfs_mem_read("vexfs_inode", vi, xattrs);
	xa = vexfs_xattr_find(vi, handler->prefix, name);
	if (xa) {
		ret = xa->size;
		if (buffer && size < xa->size)
			ret = -ERANGE;
		else if (buffer)
			memcpy(buffer, xa->value, xa->size);
	}
	vexfs_down_read_end(&vi->xattr_sem, "inode.xattr_sem");
	return vexfs_op_end(&op, ret);
}

/* Put @xa (NULL: nothing) in the place of the attribute of that name. */
static int vexfs_xattr_replace(struct inode *inode, struct vexfs_xattr *xa,
			       const char *prefix, const char *name, int flags)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	struct vexfs_xattr *old;
	u64 bytes = vi->xattr_bytes;
	u32 count = vi->xattr_count;

	old = vexfs_xattr_find(vi, prefix, name);
	if (old && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!old && ((flags & XATTR_REPLACE) || !xa))
		return -ENODATA;
	if (old) {
		count--;
		bytes -= vexfs_xattr_bytes(old->name_len, old->size);
	}
	if (xa) {
		count++;
		bytes += vexfs_xattr_bytes(xa->name_len, xa->size);
		if (count > VEXFS_XATTR_MAX_COUNT || bytes > VEXFS_XATTR_MAX_BYTES)
			return -ENOSPC;
		list_add_tail(&xa->link, &vi->xattrs);
		vexfs_mem_write("vexfs_inode", vi, xattrs);
	}
	vi->xattr_count = count;
	vexfs_mem_write("vexfs_inode", vi, xattr_count);
	vi->xattr_bytes = bytes;
	vexfs_mem_write("vexfs_inode", vi, xattr_bytes);
	if (old) {
		list_del(&old->link);
		vexfs_xattr_free(VEXFS_SB(inode->i_sb), old);
	}
	vexfs_count_objects(inode->i_sb, 0, 0, !!xa - !!old);
	return 0;
}

static int vexfs_xattr_set(const struct xattr_handler *handler,
			   vexfs_idmap *idmap, struct dentry *dentry,
			   struct inode *inode, const char *name,
			   const void *value, size_t size, int flags)
{
	struct vexfs_sb_info *sbi = VEXFS_SB(inode->i_sb);
	struct vexfs_inode *vi = VEXFS_I(inode);
	struct vexfs_xattr *xa = NULL;
	struct vexfs_op op;
	int ret;

	vexfs_op_begin(&op, value ? "setxattr" : "removexattr", inode);
	/* The VFS has checked the lengths; the sum is what is ours to bound. */
	if (value) {
		xa = vexfs_xattr_new(sbi, handler->prefix, name, value, size);
		if (IS_ERR(xa))
			return vexfs_op_end(&op, PTR_ERR(xa));
	}
	vexfs_change_begin(inode->i_sb);
	vexfs_down_write(&vi->xattr_sem, "inode.xattr_sem");
	ret = vexfs_xattr_replace(inode, xa, handler->prefix, name, flags);
	vexfs_down_write_end(&vi->xattr_sem, "inode.xattr_sem");
	if (ret && xa)
		vexfs_xattr_free(sbi, xa);
	if (!ret) {
		vexfs_touch_ctime(inode);
		vexfs_dirty(inode, VEXFS_DIRTY_XATTRS);
	}
	vexfs_change_end(inode->i_sb);
	return vexfs_op_end(&op, ret);
}

/* One that a device has, with its prefix. @name and @value are anyone's bytes. */
int vexfs_xattr_load(struct inode *inode, const char *name, size_t name_len,
		     const void *value, size_t size)
{
	static const char * const prefixes[] = {
		XATTR_USER_PREFIX, XATTR_TRUSTED_PREFIX,
	};
	char text[XATTR_NAME_MAX + 1];
	struct vexfs_xattr *xa;
	int i, ret = -EUCLEAN;

	if (name_len > XATTR_NAME_MAX || size > XATTR_SIZE_MAX ||
	    memchr(name, '\0', name_len))
		return -EUCLEAN;
	memcpy(text, name, name_len);
	text[name_len] = '\0';
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (strncmp(text, prefixes[i], len) || !text[len])
			continue;
		xa = vexfs_xattr_new(VEXFS_SB(inode->i_sb), prefixes[i], text + len,
				     value, size);
		if (IS_ERR(xa))
			return PTR_ERR(xa);
		ret = vexfs_xattr_replace(inode, xa, prefixes[i], text + len, 0);
		if (ret) {
			vexfs_xattr_free(VEXFS_SB(inode->i_sb), xa);
			ret = -EUCLEAN;
		}
		break;
	}
	return ret;
}

ssize_t vexfs_listxattr(struct dentry *dentry, char *buffer, size_t size)
{
	struct vexfs_inode *vi = VEXFS_I(d_inode(dentry));
	bool trusted = capable(CAP_SYS_ADMIN);
	struct vexfs_xattr *xa;
	size_t used = 0;
	ssize_t ret = 0;

	if (vexfs_fault_misses(VEXFS_PLACE_XATTR_COUNT)) {
		vexfs_mem_read("vexfs_inode", vi, xattr_count);
		if (!vi->xattr_count)
			return 0;
		vexfs_fault_dawdle();
	}
	vexfs_down_read(&vi->xattr_sem, "inode.xattr_sem");
	vexfs_mem_read("vexfs_inode", vi, xattrs);
	list_for_each_entry(xa, &vi->xattrs, link) {
		if (!trusted && !strncmp(xa->name, XATTR_TRUSTED_PREFIX,
					 XATTR_TRUSTED_PREFIX_LEN))
			continue;
		if (buffer) {
			if (size - used < xa->name_len + 1) {
				ret = -ERANGE;
				break;
			}
			memcpy(buffer + used, xa->name, xa->name_len + 1);
		}
		used += xa->name_len + 1;
	}
	vexfs_down_read_end(&vi->xattr_sem, "inode.xattr_sem");
	return ret ?: used;
}

/* On eviction or while the device is read: nobody else can see the inode any more. */
void vexfs_xattr_free_all(struct inode *inode)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	struct vexfs_xattr *xa, *next;

	if (vi->xattr_count)
		vexfs_count_objects(inode->i_sb, 0, 0, -(s64)vi->xattr_count);
	list_for_each_entry_safe(xa, next, &vi->xattrs, link)
		vexfs_xattr_free(VEXFS_SB(inode->i_sb), xa);
	INIT_LIST_HEAD(&vi->xattrs);
	vi->xattr_count = 0;
	vi->xattr_bytes = 0;
}

static const struct xattr_handler vexfs_xattr_user = {
	.prefix = XATTR_USER_PREFIX,
	.get = vexfs_xattr_get,
	.set = vexfs_xattr_set,
};

static const struct xattr_handler vexfs_xattr_trusted = {
	.prefix = XATTR_TRUSTED_PREFIX,
	.get = vexfs_xattr_get,
	.set = vexfs_xattr_set,
};

const struct xattr_handler * const vexfs_xattr_handlers[] = {
	&vexfs_xattr_user,
	&vexfs_xattr_trusted,
	NULL
};
