import { rows } from './statement-row.ts';

/**
 * Filesystems and block devices: the error printers of fs/, fs/buffer.c buffer_io_error, block/blk-core.c, and of the vexfs module.
 * Drives without a medium (fd0, sr0) fail whenever somebody looks for one.
 */
export const STORAGE_STATEMENTS = {
  'fs-error': rows([
    'fs-error',
    /^(?<fs>[A-Za-z0-9_]+)(?:-fs)?:? (?<level>error|critical|ERROR) \(device (?<device>[^)]*?)(?:: state \w+)?\)(?: in)?:? ?(?<message>(?:(?<where>[A-Za-z_][A-Za-z0-9_]*(?::\d+)?): )?(?:inode #(?<inode>\d+): )?(?:block (?<block>\d+): )?(?:comm (?<comm>[^:]*): )?.*)/,
    'VEXFS error (device vda): vexfs_write: I/O error writing inode 12',
  ]),
  'fs-error-bare': rows([
    'fs-error',
    /^(?<fs>FAT|EXT2|NILFS|SQUASHFS|UBIFS|AFFS|HFS|hfsplus|exFAT|ntfs3)(?:-fs)? ?(?:\((?<device>[^):]*)[^)]*\): (?<level>error)|error(?: \((?<volume>[^)]*)\))?)[:,] (?<message>.*)/,
    'FAT-fs (vda): error, fat_bmap_cluster: request beyond EOF (i_pos 12)',
  ]),
  // fs/jfs/super.c jfs_error
  'jfs-error': rows([
    'jfs-error',
    /^ERROR: \(device (?<device>[^)]*)\): (?<message>(?:(?<where>[A-Za-z_]\w*): )?.*)/,
    'ERROR: (device vda): dbAlloc: the hint is outside the map',
  ]),
  // fs/gfs2/util.c gfs2_consist_i and its relatives; `GFS2: ` before 4.15
  'gfs2-error': rows([
    'gfs2-error',
    /^(?:gfs2|GFS2): fsid=(?<device>\S+): fatal: (?<message>.*)/,
    'gfs2: fsid=vda.0: fatal: filesystem consistency error - function = gfs2_dinode_in, file = fs/gfs2/glops.c, line = 464',
  ]),
  'journal-error': rows([
    'fs-error',
    /^(?<fs>JBD2): (?<message>(?:Error -?\d+ detected when|Detected IO errors|I\/O error|error -?\d+|Failed to|corrupted|Invalid checksum|journal checksum error).*?)(?: (?:on|for) (?<device>\S+?)\.?)?$/,
    'JBD2: Error -5 detected when updating journal superblock for vda-8.',
  ]),
  'xfs-error': rows([
    'xfs-error',
    /^(?<fs>XFS) \((?<device>[^)]*)\): (?<message>(?:Internal error|[Cc]orruption|Metadata (?:corruption|CRC error|I\/O [Ee]rror)|metadata I\/O error|log I\/O error|Log I\/O Error|Filesystem has been shut down|Unmount and run xfs_repair|writeback error|xfs_do_force_shutdown|[Ll]og (?:recovery failed|mount(?:\/recovery)? failed|mount\/recovery failed)).*)/,
    'XFS (vda): Metadata corruption detected at xfs_agf_verify+0x1/0x2, xfs_agf block 0x1',
  ]),
  'mount-failed': rows([
    'mount-failed',
    /^(?<fs>[A-Za-z0-9_-]+): mount failed: (?<message>.*?)(?: on device (?<device>\S+))?$/,
    'vexfs: mount failed: superblock checksum mismatch (stored 0x00000001, computed 0x00000002) on device vda',
  ]),
  'mount-refused': rows([
    'mount-refused',
    /^(?<fs>EXT[234]|XFS|F2FS|FAT|EROFS|BTRFS|NILFS)(?:-fs)? \((?<device>[^)]*)\): (?<message>VFS: Can't find \w+ filesystem|VFS: Found \w+ filesystem with invalid superblock checksum.*|unable to read superblock|mount failed|Invalid superblock magic number|SB validate failed with error.*|bogus number of .*|Can't find valid \w+ filesystem.*|failed to initialize system zone.*|no journal found|error loading journal|bad geometry.*|group descriptors corrupted!?|[Cc]ouldn't mount (?:RDWR )?because of unsupported optional features.*)$/,
    "EXT4-fs (vda): VFS: Can't find ext4 filesystem",
  ]),
  'root-mount': rows([
    'root-mount',
    /^VFS: Cannot open root device "?(?<device>[^" ]*)"?(?: or unknown-block\([^)]*\))?: error (?<errno>-?\d+)/,
    'VFS: Cannot open root device "vda1" or unknown-block(0,0): error -6',
  ]),
  'buffer-error': rows([
    'io-error',
    /^Buffer I\/O error on dev(?:ice)? (?!fd\d|sr\d)(?<device>[^,]+), logical block (?<block>\d+)(?:, (?<doing>.*))?/,
    'Buffer I/O error on dev vda, logical block 0, async page read',
  ]),
  'block-error': rows([
    'io-error',
    /^(?:blk_update_request: |end_request: |print_req_error: )?(?<what>I\/O|critical \w+|[a-z]+ [a-z ]{1,24}?|[a-z]+) error, dev (?!fd\d|sr\d)(?<device>[^\s,]+), sector (?<sector>\d+)(?: op 0x[0-9a-f]+:\((?<op>[A-Z_]+)\))?(?: flags (?<flags>0x[0-9a-f]+))?/,
    'I/O error, dev vda, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
  ]),
} as const;
