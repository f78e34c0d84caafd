// SPDX-License-Identifier: GPL-2.0
/* VexFS: a filesystem with vector search, in memory or on a device. Load and unload. */
#include <linux/debugfs.h>
#include <linux/module.h>
#include "disk.h"
#include "fault.h"

static bool faults;
module_param(faults, bool, 0444);
MODULE_PARM_DESC(faults, "offer /sys/kernel/debug/vexfs/fault, which breaks the kernel on demand");

struct dentry *vexfs_debugfs;

static int __init vexfs_init(void)
{
	int ret;

	vexfs_disk_aops_init();
	vexfs_disk_dir_init();
	ret = vexfs_inode_cache_init();
	if (ret)
		return ret;
	ret = register_filesystem(&vexfs_fs_type);
	if (ret) {
		vexfs_inode_cache_exit();
		return ret;
	}
	vexfs_debugfs_init();
	if (faults)
		vexfs_fault_init();
	pr_info("vexfs: loaded%s\n", faults ? ", faults on demand" : "");
	return 0;
}

static void __exit vexfs_exit(void)
{
	debugfs_remove_recursive(vexfs_debugfs);
	unregister_filesystem(&vexfs_fs_type);
	vexfs_fault_exit();
	vexfs_inode_cache_exit();
	pr_info("vexfs: unloaded\n");
}

module_init(vexfs_init);
module_exit(vexfs_exit);

MODULE_DESCRIPTION("VexFS: filesystem with vector search, in memory or on a device");
MODULE_LICENSE("GPL");
MODULE_ALIAS_FS("vexfs");
