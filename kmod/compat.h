/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions, in one place. The rest of the module is
 * written against the newest spelling.
 *
 *	6.2	call_rcu() may be lazy		-> call_rcu_hurry()
 *	6.2	del_timer_sync()		-> timer_delete_sync()
 *	6.3	user_namespace of a mount	-> struct mnt_idmap
 *	6.5	generic_file_splice_read()	-> filemap_splice_read()
 *	6.6	->update_time()			no longer gets the time
 *	6.6	inode->i_ctime			-> inode_set_ctime_current()
 *	6.6	generic_fillattr()		takes the request mask
 *	6.7	inode->i_atime, i_mtime		-> accessors, simple_inode_init_ts()
 *	6.10	__assign_str(dst, src)		-> __assign_str(dst)
 *	6.12	->write_begin(), ->write_end()	take folios
 *	6.14	__crc32c_le()			-> crc32c()
 *	6.15	->mkdir() returns int		-> struct dentry *
 *	6.18	generic_delete_inode()		-> inode_just_drop()
 *
 * Of 6.17 on write_begin/write_end take a kiocb, and a filesystem on a device is
 * not built for that.
 */
#ifndef _VEXFS_COMPAT_H
#define _VEXFS_COMPAT_H

#include <linux/crc32.h>
#include <linux/fs.h>
#include <linux/version.h>

#define VEXFS_SINCE(a, b)	(LINUX_VERSION_CODE >= KERNEL_VERSION(a, b, 0))

#if VEXFS_SINCE(6, 2)
#define vexfs_call_rcu		call_rcu_hurry
#define vexfs_timer_delete	timer_delete_sync
#else
#define vexfs_call_rcu		call_rcu
#define vexfs_timer_delete	del_timer_sync
#endif

#if VEXFS_SINCE(6, 3)
typedef struct mnt_idmap vexfs_idmap;
#define VEXFS_NOP_IDMAP		(&nop_mnt_idmap)
#else
typedef struct user_namespace vexfs_idmap;
#define VEXFS_NOP_IDMAP		(&init_user_ns)
#endif

#if VEXFS_SINCE(6, 5)
#define vexfs_splice_read	filemap_splice_read
#else
#define vexfs_splice_read	generic_file_splice_read
#endif

static inline void vexfs_fillattr(vexfs_idmap *idmap, u32 mask,
				  struct inode *inode, struct kstat *stat)
{
#if VEXFS_SINCE(6, 6)
	generic_fillattr(idmap, mask, inode, stat);
#else
	generic_fillattr(idmap, inode, stat);
#endif
}

static inline void vexfs_touch_ctime(struct inode *inode)
{
#if VEXFS_SINCE(6, 6)
	inode_set_ctime_current(inode);
#else
	inode->i_ctime = current_time(inode);
#endif
}

static inline void vexfs_touch_mctime(struct inode *inode)
{
#if VEXFS_SINCE(6, 7)
	inode_set_mtime_to_ts(inode, inode_set_ctime_current(inode));
#elif VEXFS_SINCE(6, 6)
	inode->i_mtime = inode_set_ctime_current(inode);
#else
	inode->i_mtime = inode->i_ctime = current_time(inode);
#endif
}

static inline void vexfs_init_times(struct inode *inode)
{
#if VEXFS_SINCE(6, 7)
	simple_inode_init_ts(inode);
#elif VEXFS_SINCE(6, 6)
	inode->i_atime = inode->i_mtime = inode_set_ctime_current(inode);
#else
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
#endif
}

static inline void vexfs_get_times(const struct inode *inode,
				   struct timespec64 *atime,
				   struct timespec64 *mtime,
				   struct timespec64 *ctime)
{
#if VEXFS_SINCE(6, 7)
	*atime = inode_get_atime(inode);
	*mtime = inode_get_mtime(inode);
#else
	*atime = inode->i_atime;
	*mtime = inode->i_mtime;
#endif
#if VEXFS_SINCE(6, 6)
	*ctime = inode_get_ctime(inode);
#else
	*ctime = inode->i_ctime;
#endif
}

static inline void vexfs_set_times(struct inode *inode, struct timespec64 atime,
				   struct timespec64 mtime,
				   struct timespec64 ctime)
{
#if VEXFS_SINCE(6, 7)
	inode_set_atime_to_ts(inode, atime);
	inode_set_mtime_to_ts(inode, mtime);
#else
	inode->i_atime = atime;
	inode->i_mtime = mtime;
#endif
#if VEXFS_SINCE(6, 6)
	inode_set_ctime_to_ts(inode, ctime);
#else
	inode->i_ctime = ctime;
#endif
}

#if VEXFS_SINCE(6, 6)
#define VEXFS_UPDATE_TIME_ARGS	struct inode *inode, int flags
#define vexfs_generic_update_time(inode, time, flags) \
	generic_update_time(inode, flags)
#else
#define VEXFS_UPDATE_TIME_ARGS \
	struct inode *inode, struct timespec64 *time, int flags
#define vexfs_generic_update_time(inode, time, flags) \
	generic_update_time(inode, time, flags)
#endif

#if VEXFS_SINCE(6, 12)
#define VEXFS_PAGE		struct folio
#else
#define VEXFS_PAGE		struct page
#endif

static inline u32 vexfs_crc32c(u32 crc, const void *data, size_t len)
{
#if VEXFS_SINCE(6, 14)
	return crc32c(crc, data, len);
#else
	return __crc32c_le(crc, data, len);
#endif
}

#if VEXFS_SINCE(6, 10)
#define vexfs_assign_str(dst, src)	__assign_str(dst)
#else
#define vexfs_assign_str(dst, src)	__assign_str(dst, src)
#endif

#if VEXFS_SINCE(6, 15)
#define VEXFS_MKDIR_RET		struct dentry *
#define vexfs_mkdir_ret(err)	ERR_PTR(err)	/* ERR_PTR(0) is NULL: as given */
#else
#define VEXFS_MKDIR_RET		int
#define vexfs_mkdir_ret(err)	(err)
#endif

#if VEXFS_SINCE(6, 18)
#define vexfs_drop_inode	inode_just_drop
#else
#define vexfs_drop_inode	generic_delete_inode
#endif

#endif /* _VEXFS_COMPAT_H */
