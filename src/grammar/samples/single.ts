import type { Kind } from '../../model/kinds.ts';
import type { Sample } from './sample.ts';

type Row = readonly [from: string, line: string, kind: Kind, title: string, details: Readonly<Record<string, unknown>>];

/** What the kernel says in a line or two. */
const ROWS: readonly Row[] = [
  [
    'kmod/',
    'VEXFS error (device vexfs-0:25): vexfs_write_locked: I/O error writing inode 2 at offset 16',
    'fs-error',
    'VEXFS error: vexfs_write_locked: I/O error writing inode NUM at offset NUM',
    { fs: 'VEXFS', device: 'vexfs-0:25', where: 'vexfs_write_locked' },
  ],
  [
    'fs/ext4/super.c __ext4_error_inode',
    'EXT4-fs error (device vda1): ext4_lookup:1855: inode #2: comm ls: deleted inode referenced: 12',
    'fs-error',
    'EXT4 error: ext4_lookup:NUM: inode #NUM: comm ls: deleted inode referenced: NUM',
    { fs: 'EXT4', device: 'vda1', where: 'ext4_lookup:1855', inode: 2 },
  ],
  [
    'fs/ext4/super.c __ext4_std_error',
    'EXT4-fs error (device vda1) in ext4_reserve_inode_write:5764: Journal has aborted',
    'fs-error',
    'EXT4 error: ext4_reserve_inode_write:NUM: Journal has aborted',
    { where: 'ext4_reserve_inode_write:5764' },
  ],
  [
    'fs/btrfs/messages.c __btrfs_handle_fs_error',
    'BTRFS: error (device vda: state A) in btrfs_commit_transaction:2418: errno=-5 IO failure (Error while writing out transaction)',
    'fs-error',
    'BTRFS error: btrfs_commit_transaction:NUM: errno=-NUM IO failure (Error while writing out transaction)',
    { fs: 'BTRFS', device: 'vda', where: 'btrfs_commit_transaction:2418' },
  ],
  [
    'fs/btrfs/tree-checker.c',
    'BTRFS critical (device vda): corrupt leaf: root=5 block=30408704 slot=3, bad key order',
    'fs-error',
    'BTRFS error: corrupt leaf: root=NUM block=ADDR slot=NUM, bad key order',
    { fs: 'BTRFS', device: 'vda' },
  ],
  [
    'fs/fat/misc.c __fat_fs_error',
    'FAT-fs (vda): error, fat_bmap_cluster: request beyond EOF (i_pos 12)',
    'fs-error',
    'FAT error: fat_bmap_cluster: request beyond EOF (i_pos NUM)',
    { fs: 'FAT', device: 'vda' },
  ],
  [
    'fs/jfs/super.c jfs_error',
    'ERROR: (device vda): dbAllocBits: leaf page corrupt',
    'fs-error',
    'JFS error: dbAllocBits: leaf page corrupt',
    { device: 'vda', where: 'dbAllocBits' },
  ],
  [
    'fs/gfs2/util.c gfs2_consist_i',
    'gfs2: fsid=vda.0: fatal: filesystem consistency error - function = gfs2_a, file = fs/gfs2/a.c, line = 12',
    'fs-error',
    'GFS2 error: filesystem consistency error - function = gfs2_a, file = fs/gfs2/a.c, line = NUM',
    { device: 'vda.0' },
  ],
  [
    'fs/squashfs/squashfs.h ERROR',
    'SQUASHFS error: Unable to read inode 0x60',
    'fs-error',
    'SQUASHFS error: Unable to read inode 0x60',
    { fs: 'SQUASHFS' },
  ],
  [
    'fs/jbd2/journal.c',
    'JBD2: Error -5 detected when updating journal superblock for vda-8.',
    'fs-error',
    'JBD2 error: Error -NUM detected when updating journal superblock',
    { fs: 'JBD2', device: 'vda-8' },
  ],
  [
    'fs/xfs/libxfs, fs/xfs/xfs_error.c',
    'XFS (vda): Metadata corruption detected at xfs_agf_read_verify+0x1a/0x40 [xfs], xfs_agf block 0x1',
    'fs-error',
    'XFS error: Metadata corruption detected at xfs_agf_read_verify [xfs], xfs_agf block 0x1',
    { fs: 'XFS', device: 'vda' },
  ],
  [
    'fs/xfs/xfs_fsops.c xfs_do_force_shutdown',
    'XFS (vda): Corruption of in-memory data (0x8) detected at xfs_defer_finish+0x1a/0x40 [xfs] (fs/xfs/libxfs/xfs_defer.c:533).  Shutting down filesystem.',
    'fs-error',
    'XFS error: Corruption of in-memory data (0x8) detected at xfs_defer_finish [xfs] (fs/xfs/libxfs/xfs_defer.c:LINE). Shut',
    { device: 'vda' },
  ],
  [
    'kmod/',
    'vexfs: mount failed: superblock checksum mismatch (stored 0x00000001, computed 0x00000002) on device vda',
    'mount-failure',
    'vexfs: mount failed: superblock checksum mismatch (stored ADDR, computed ADDR)',
    { fs: 'vexfs', device: 'vda' },
  ],
  [
    'fs/ext4/super.c ext4_load_super',
    "EXT4-fs (vda): VFS: Can't find ext4 filesystem",
    'mount-failure',
    "EXT4: mount failed: VFS: Can't find ext4 filesystem",
    { fs: 'EXT4', device: 'vda', message: "VFS: Can't find ext4 filesystem" },
  ],
  [
    'fs/xfs/xfs_mount.c xfs_readsb',
    'XFS (vda): SB validate failed with error -117.',
    'mount-failure',
    'XFS: mount failed: SB validate failed with error -NUM.',
    { fs: 'XFS' },
  ],
  [
    'init/do_mounts.c mount_root_generic',
    'VFS: Cannot open root device "vda1" or unknown-block(0,0): error -6',
    'mount-failure',
    'mount failed: cannot open the root device vda1',
    { device: 'vda1', errno: -6 },
  ],
  [
    'fs/buffer.c buffer_io_error',
    'Buffer I/O error on dev vda, logical block 12, lost async page write',
    'io-error',
    'I/O error on vda',
    { device: 'vda', block: 12, doing: 'lost async page write' },
  ],
  [
    'block/blk-mq.c blk_print_req_error',
    'I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2',
    'io-error',
    'I/O error on vda',
    { device: 'vda', sector: 8, op: 'WRITE', flags: '0x800', what: 'I/O' },
  ],
  [
    'block/blk-core.c blk_status',
    'critical medium error, dev sda, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
    'io-error',
    'I/O error on sda',
    { what: 'critical medium', op: 'READ' },
  ],
  [
    'kernel/module/main.c simplify_symbols',
    'vexfs: Unknown symbol vexfs_missing (err -2)',
    'module-load-failure',
    'module vexfs failed to load: unknown symbol vexfs_missing',
    { module: 'vexfs', symbol: 'vexfs_missing', errno: -2 },
  ],
  [
    'kernel/module/main.c check_modinfo',
    "vexfs: version magic '6.1.0 SMP mod_unload ' should be '6.12.0 SMP preempt mod_unload '",
    'module-load-failure',
    'module vexfs failed to load: built for another kernel',
    { builtFor: '6.1.0 SMP mod_unload ', neededFor: '6.12.0 SMP preempt mod_unload ' },
  ],
  [
    'kernel/module/version.c check_version',
    'vexfs: disagrees about version of symbol module_layout',
    'module-load-failure',
    'module vexfs failed to load: symbol module_layout of another version',
    { symbol: 'module_layout' },
  ],
  [
    'kernel/module/main.c verify_exported_symbols',
    'vexfs: exports duplicate symbol vexfs_lookup (owned by vexfs_old)',
    'module-load-failure',
    'module vexfs failed to load: symbol vexfs_lookup is exported by vexfs_old',
    { symbolOwner: 'vexfs_old' },
  ],
  [
    'kernel/module/signing.c module_sig_check',
    'Loading of unsigned module is rejected',
    'module-load-failure',
    'module failed to load: unsigned module is rejected',
    { what: 'unsigned module' },
  ],
  [
    'kernel/module/main.c elf_validity_ehdr',
    'Invalid ELF header type: 2 != 1',
    'module-load-failure',
    'module failed to load: Invalid ELF header type: NUM != NUM',
    { message: 'Invalid ELF header type: 2 != 1' },
  ],
  [
    'kernel/module/main.c elf_validity_cache_index_mod',
    "module vexfs: .gnu.linkonce.this_module section size must match the kernel's built struct module size at run time",
    'module-load-failure',
    'module vexfs failed to load: not a module of this kernel',
    { module: 'vexfs' },
  ],
  [
    'kernel/module/main.c early_mod_check',
    'Module vexfs is blacklisted',
    'module-load-failure',
    'module vexfs failed to load: it is blacklisted',
    { module: 'vexfs' },
  ],
  [
    'kernel/params.c parse_args',
    "vexfs: `abc' invalid for parameter `limit'",
    'module-load-failure',
    'module vexfs failed to load: invalid value of parameter limit',
    { parameter: 'limit', given: 'abc' },
  ],
  [
    'arch/x86/mm/fault.c show_signal_msg',
    'sh[12]: segfault at 10 ip 0000000000401abc sp 00007ffc00000000 error 4 in sh[401000+9000] likely on CPU 1 (core 1, socket 0)',
    'user-segfault',
    'segfault in sh',
    {
      address: '0x10',
      ip: '0x0000000000401abc',
      sp: '0x00007ffc00000000',
      errorCode: '0x4',
      file: 'sh',
      mapped: '0x401000',
      mappedSize: '0x9000',
    },
  ],
  [
    'arch/x86/kernel/traps.c show_signal',
    'traps: sh[12] general protection fault ip:401abc sp:7ffc00000000 error:0 in sh[401000+9000]',
    'user-segfault',
    'general protection fault in sh',
    { what: 'general protection fault', ip: '0x401abc', file: 'sh' },
  ],
  [
    'arch/x86/kernel/traps.c do_trap',
    'traps: sh[12] trap invalid opcode ip:401abc sp:7ffc00000000 error:0 in sh[401000+9000]',
    'user-segfault',
    'invalid opcode in sh',
    { what: 'invalid opcode' },
  ],
  [
    'arch/riscv/kernel/traps.c do_trap',
    'sh[12]: unhandled signal 11 code 0x1 at 0x0000000000000010 in sh[10000+9000]',
    'user-segfault',
    'unhandled signal in sh',
    { signal: 11, signalCode: '0x1', address: '0x0000000000000010', file: 'sh' },
  ],
  [
    'arch/arm64/kernel/traps.c arm64_show_signal',
    'sh[12]: unhandled exception: DABT (lower EL), ESR 0x0000000092000006, level 2 translation fault in sh[400000+9000]',
    'user-segfault',
    'unhandled signal in sh',
    { what: 'DABT (lower EL)', errorCode: '0x0000000092000006', file: 'sh' },
  ],
  [
    'arch/x86/kernel/nmi.c unknown_nmi_error',
    'Uhhuh. NMI received for unknown reason 20 on CPU 1.',
    'nmi',
    'NMI: NMI received for unknown reason',
    { reasonCode: '0x20' },
  ],
  [
    'arch/x86/kernel/nmi.c pci_serr_error',
    'NMI: PCI system error (SERR) for reason b1 on CPU 0.',
    'nmi',
    'NMI: PCI system error (SERR)',
    { reasonCode: '0xb1' },
  ],
  [
    'net/core/dev.c netdev_wait_allrefs_any',
    'unregister_netdevice: waiting for lo to become free. Usage count = 2',
    'netdevice-unregister',
    'unregister_netdevice: waiting for DEV to become free',
    { device: 'lo', usageCount: 2 },
  ],
  [
    'fs/super.c generic_shutdown_super',
    'VFS: Busy inodes after unmount of vda (vexfs)',
    'vfs-busy-inodes',
    'VFS: Busy inodes after unmount (use-after-free)',
    { device: 'vda', fs: 'vexfs' },
  ],
  [
    'fs/open.c filp_flush',
    'VFS: Close: file count is 0 (f_op=vexfs_file_operations [vexfs])',
    'vfs-file-count',
    'VFS: Close: file count is zero (use-after-free)',
    {},
  ],
];

const lineSamples = ROWS.map(
  ([from, line, kind, title, details]): Sample => ({ name: line, from, text: `${line}\n`, kind, title, details }),
);

/** Reports of a few lines: arch/x86/kernel/cpu/mce/core.c, lib/kunit/test.c, lib/fault-inject.c. */
export const SHORT_SAMPLES: readonly Sample[] = [
  ...lineSamples,
  {
    name: 'machine check',
    from: 'arch/x86/kernel/cpu/mce/core.c __print_mce, mce_panic',
    text: `mce: [Hardware Error]: CPU 0: Machine Check Exception: 5 Bank 4: b200000000070f0f
mce: [Hardware Error]: TSC 1234567890 ADDR 12345678 MISC 86
mce: [Hardware Error]: PROCESSOR 0:306a9 TIME 1700000000 SOCKET 0 APIC 0 microcode 21
mce: [Hardware Error]: CPU 0: Machine Check Exception: 5 Bank 5: b200000000070f0f
mce: [Hardware Error]: Machine check: Processor context corrupt
`,
    kind: 'mce',
    title: 'machine check: CPU NUM: Machine Check Exception: NUM Bank NUM: ADDR',
    details: {
      banks: [
        { cpu: 0, bank: 4, mcgStatus: '0x5', status: '0xb200000000070f0f' },
        { cpu: 0, bank: 5 },
      ],
      machineCheck: { address: '0x12345678', misc: '0x86', microcode: '0x21', verdict: 'Processor context corrupt' },
    },
  },
  {
    name: 'KUnit results, one failed',
    from: 'lib/kunit/test.c kunit_print_ok_not_ok, lib/kunit/assert.c',
    text: `KTAP version 1
1..2
    KTAP version 1
    # Subtest: vexfs_extents
    1..3
    ok 1 vexfs_extent_insert
    # vexfs_extent_merge: EXPECTATION FAILED at fs/vexfs/extent_test.c:31
    Expected found == 1, but
        found == 2 (0x2)
    not ok 2 vexfs_extent_merge
    ok 3 vexfs_extent_split # SKIP too small
# vexfs_extents: pass:1 fail:1 skip:1 total:3
# Totals: pass:1 fail:1 skip:1 total:3
not ok 1 vexfs_extents
    KTAP version 1
    # Subtest: vexfs_inodes
    1..1
    ok 1 vexfs_inode_alloc
ok 2 vexfs_inodes
`,
    kind: 'ktap-failure',
    title: 'test failed: vexfs_extent_merge',
    details: {
      planned: 2,
      failures: [
        {
          suite: 'vexfs_extents',
          test: 'vexfs_extent_merge',
          where: 'fs/vexfs/extent_test.c:31',
          expected: 'found == 1, but',
          found: 'found == 2 (0x2)',
        },
        { test: 'vexfs_extents' },
      ],
    },
  },
  {
    name: 'a failure that was asked for, and what came of it',
    from: 'lib/fault-inject.c fail_dump, arch/x86/mm/fault.c',
    text: `FAULT_INJECTION: forcing a failure.
name failslab, interval 1, probability 100, space 0, times -1
CPU: 1 UID: 0 PID: 123 Comm: vexload Tainted: G           O       6.12.0 #1
Call Trace:
 <TASK>
 dump_stack_lvl+0x53/0x70
 should_fail_ex+0x13c/0x160
 __kmalloc_noprof+0x10/0x20
 vexfs_new+0x10/0x20 [vexfs]
 </TASK>
BUG: kernel NULL pointer dereference, address: 0000000000000008
#PF: supervisor write access in kernel mode
#PF: error_code(0x0002) - not-present page
PGD 0 P4D 0
Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI
CPU: 1 UID: 0 PID: 123 Comm: vexload Tainted: G           O       6.12.0 #1
RIP: 0010:vexfs_new+0x1a/0x40 [vexfs]
Call Trace:
 <TASK>
 vexfs_write+0x55/0x80 [vexfs]
 vfs_write+0xf0/0x420
 </TASK>
---[ end trace 0000000000000000 ]---
`,
    kind: 'null-deref',
    title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_new',
    details: { injected: { name: 'failslab', interval: 1, probability: 100, space: 0, times: -1 } },
    roles: ['trap'],
  },
];
