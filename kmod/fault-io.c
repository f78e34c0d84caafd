// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of the filesystem itself: a mount and a write that fail, and an
 * operation that is slow. Without a number they happen on an instance of their
 * own; with one they are left for the next mounts or writes of others.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include "fault.h"
#include "internal.h"

static atomic_t vexfs_fail_mounts;
static struct task_struct *vexfs_fail_mount_task;

bool vexfs_fault_take_mount(void)
{
	if (READ_ONCE(vexfs_fail_mount_task) == current)
		return true;
	return atomic_add_unless(&vexfs_fail_mounts, -1, 0);
}

bool vexfs_fault_take_write(struct vexfs_sb_info *sbi)
{
	return atomic_add_unless(&sbi->fail_writes, -1, 0);
}

static struct vfsmount *vexfs_fault_mount(void)
{
	return vfs_kern_mount(&vexfs_fs_type, SB_KERNMOUNT, "none", NULL);
}

noinline int vexfs_fault_mount_failure(u64 arg)
{
	static DEFINE_MUTEX(one_at_a_time);
	struct vfsmount *mnt;

	if (arg != VEXFS_NO_ARG) {
		atomic_set(&vexfs_fail_mounts, min_t(u64, arg, INT_MAX));
		return 0;
	}
	mutex_lock(&one_at_a_time);
	WRITE_ONCE(vexfs_fail_mount_task, current);
	mnt = vexfs_fault_mount();
	WRITE_ONCE(vexfs_fail_mount_task, NULL);
	mutex_unlock(&one_at_a_time);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	pr_err("vexfs: mount-failure: the mount succeeded\n");
	mntput(mnt);
	return -EIO;
}

static ssize_t vexfs_fault_write_once(struct vfsmount *mnt)
{
	struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };
	struct file *file;
	loff_t pos = 0;
	ssize_t ret;

	file = file_open_root(&root, "data", O_CREAT | O_WRONLY, 0600);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, "0123456789abcdef", 16, &pos);
	if (ret == 16) {
		atomic_set(&VEXFS_SB(mnt->mnt_sb)->fail_writes, 1);
		ret = kernel_write(file, "0123456789abcdef", 16, &pos);
	}
	fput(file);
	return ret;
}

noinline int vexfs_fault_io_error(u64 arg)
{
	struct vexfs_sb_info *sbi;
	struct vfsmount *mnt;
	ssize_t ret;

	if (arg != VEXFS_NO_ARG) {
		vexfs_mutex_lock(&vexfs_instances_lock, "vexfs.instances_lock");
		list_for_each_entry(sbi, &vexfs_instances, link)
			atomic_set(&sbi->fail_writes, min_t(u64, arg, INT_MAX));
		vexfs_mutex_lock_end(&vexfs_instances_lock, "vexfs.instances_lock");
		return 0;
	}
	mnt = vexfs_fault_mount();
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	ret = vexfs_fault_write_once(mnt);
	mntput(mnt);
	return ret < 0 ? ret : 0;
}

noinline int vexfs_fault_slow_op(u64 arg)
{
	u64 ms = min_t(u64, vexfs_fault_arg(arg, 1500), 600000);
	struct vfsmount *mnt = vexfs_fault_mount();
	struct vexfs_op op;

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	vexfs_op_begin(&op, "slow_op", d_inode(mnt->mnt_root));
	msleep(ms);
	vexfs_op_end(&op, 0);
	mntput(mnt);
	return 0;
}
