/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks that say what they do. Each acquisition makes two events, since a task
 * stuck in a cycle has attempted a lock it never acquires; the release event
 * comes before the unlock, so that no other task's acquisition is seen first.
 *
 * The class names a kind of lock ("inode.vec_sem"), the address an instance. The
 * functions are inlined so that _THIS_IP_ lies in the caller.
 */
#ifndef _VEXFS_LOCK_H
#define _VEXFS_LOCK_H

#include <linux/fs.h>
#include <linux/instruction_pointer.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include "vexfs_trace.h"

#define vexfs_u64(ptr)	((u64)(unsigned long)(ptr))

#define VEXFS_LOCK_FN(name, type, take, drop, mode)				\
static __always_inline void vexfs_##name(type *lock, const char *class)	\
{										\
	trace_lock_attempt(class, mode, vexfs_u64(lock), _THIS_IP_);		\
	take(lock);								\
	trace_lock_acquired(class, mode, vexfs_u64(lock), _THIS_IP_);		\
}										\
static __always_inline void vexfs_##name##_end(type *lock, const char *class)	\
{										\
	trace_lock_release(class, mode, vexfs_u64(lock), _THIS_IP_);		\
	drop(lock);								\
}

/* vexfs_mutex_lock() ... vexfs_mutex_lock_end(), and so on. */
VEXFS_LOCK_FN(mutex_lock, struct mutex, mutex_lock, mutex_unlock, "X")
VEXFS_LOCK_FN(spin_lock, spinlock_t, spin_lock, spin_unlock, "X")
VEXFS_LOCK_FN(down_read, struct rw_semaphore, down_read, up_read, "R")
VEXFS_LOCK_FN(down_write, struct rw_semaphore, down_write, up_write, "W")

/* i_rwsem through the VFS's own calls, which know its lockdep subclasses. */
static __always_inline void vexfs_inode_lock(struct inode *inode)
{
	trace_lock_attempt("inode.i_rwsem", "W", vexfs_u64(&inode->i_rwsem), _THIS_IP_);
	inode_lock(inode);
	trace_lock_acquired("inode.i_rwsem", "W", vexfs_u64(&inode->i_rwsem), _THIS_IP_);
}

static __always_inline void vexfs_inode_unlock(struct inode *inode)
{
	trace_lock_release("inode.i_rwsem", "W", vexfs_u64(&inode->i_rwsem), _THIS_IP_);
	inode_unlock(inode);
}

/* Around work for which the VFS has taken i_rwsem before it called us. */
static __always_inline void vexfs_inode_locked_by_vfs(struct inode *inode)
{
	trace_lock_attempt("inode.i_rwsem", "W", vexfs_u64(&inode->i_rwsem), _THIS_IP_);
	trace_lock_acquired("inode.i_rwsem", "W", vexfs_u64(&inode->i_rwsem), _THIS_IP_);
}

static __always_inline void vexfs_inode_locked_by_vfs_end(struct inode *inode)
{
	trace_lock_release("inode.i_rwsem", "W", vexfs_u64(&inode->i_rwsem), _THIS_IP_);
}

/*
 * An access to a member that some lock (or none) guards. Say it where the access
 * is made, under the lock; "marked" is for atomics and READ_ONCE/WRITE_ONCE.
 */
#define vexfs_mem(object, ptr, member, write, marked)				\
	trace_mem_access(object, vexfs_u64(&(ptr)->member), #member,		\
			 sizeof((ptr)->member), write, marked, _THIS_IP_)

#define vexfs_mem_read(object, ptr, member)	vexfs_mem(object, ptr, member, false, false)
#define vexfs_mem_write(object, ptr, member)	vexfs_mem(object, ptr, member, true, false)

#endif /* _VEXFS_LOCK_H */
