import { rows } from './statement-row.ts';

/**
 * Headlines that no fuzzer counts as crashes but people who test a filesystem want to hear of: mm/oom_kill.c, mm/page_alloc.c,
 * block/blk-core.c, fs/buffer.c, kernel/module/main.c, the error printers of the filesystems, kernel/watchdog_perf.c.
 */
export const EXTRA_STATEMENTS = {
  'oom-invoked': rows([
    'oom-invoked',
    /^(?<comm>.*) invoked oom-killer: gfp_mask=(?<gfp>[^,]*)/,
    'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  ]),
  'oom-killed': rows([
    'oom-killed',
    /(?<scope>Out of memory|[Mm]emory cgroup out of memory)(?: \(.*?\))?: Kill(?:ed)? process (?<pid>\d+) \((?<victim>.*?)\)/,
    'Out of memory: Killed process 1 (a) total-vm:1kB',
  ]),
  'allocation-failure': rows([
    'allocation-failure',
    /^(?<comm>.*): page allocation failure: order:(?<order>\d+)/,
    'a: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL)',
  ]),
  'fs-error': rows([
    'fs-error',
    /^(?<fs>[A-Za-z0-9_-]+?)(?:-fs)? (?:error|critical) \(device (?<device>[^)]*)\)(?: in)?:? ?(?<rest>.*)/,
    'VEXFS error (device vda): vexfs_write: I/O error writing inode 12',
  ]),
  'xfs-error': rows([
    'xfs-error',
    /^(?<fs>XFS) \((?<device>[^)]*)\): (?<rest>(?:Internal error|[Cc]orruption|Metadata (?:corruption|CRC error)|metadata I\/O error|log I\/O error|Filesystem has been shut down|Unmount and run xfs_repair|writeback error).*)/,
    'XFS (vda): Metadata corruption detected at xfs_agf_verify+0x1/0x2, xfs_agf block 0x1',
  ]),
  'mount-failed': rows([
    'mount-failed',
    /^(?<fs>[A-Za-z0-9_-]+): mount failed: (?<rest>.*?)(?: on device (?<device>\S+))?$/,
    'vexfs: mount failed: superblock checksum mismatch (stored 0x00000001, computed 0x00000002) on device vda',
  ]),
  'buffer-error': rows([
    'io-error',
    /^Buffer I\/O error on dev(?:ice)? (?<device>[^,]+), logical block (?<block>\d+)/,
    'Buffer I/O error on dev vda, logical block 0, async page read',
  ]),
  'block-error': rows([
    'io-error',
    /^(?:blk_update_request: |end_request: )?(?:I\/O|critical \w+) error, dev (?<device>\S+), sector (?<sector>\d+)/,
    'I/O error, dev vda, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
  ]),
  'hard-lockup': rows([
    'hard-lockup',
    /Watchdog detected hard LOCKUP on cpu (?<cpu>\d+)/,
    'watchdog: Watchdog detected hard LOCKUP on cpu 1',
  ]),
  slab: rows([
    'slab',
    /^BUG (?<cache>\S+) \((?:Not tainted|Tainted.*?)\): (?<what>.*)/,
    'BUG vexfs_inode (Tainted: G    B      O): Poison overwritten',
  ]),
  leak: rows([
    'leak-object',
    /^unreferenced object (?<address>0x[0-9a-f]+) \(size (?<size>\d+)\):/,
    'unreferenced object 0xffff888000000000 (size 64):',
  ]),
  'module-symbol': rows([
    'module-symbol',
    /^(?<module>[A-Za-z0-9_-]+): (?:Unknown symbol (?<symbol>\S+)|disagrees about version of symbol (?<versioned>\S+)|version magic '(?<magic>[^']*)')/,
    'vexfs: Unknown symbol vexfs_missing (err -2)',
  ]),
  'module-magic': rows([
    'module-symbol',
    /^(?<module>[A-Za-z0-9_-]+): version magic '(?<magic>[^']*)' should be/,
    "vexfs: version magic '6.1.0 SMP' should be '6.12.0 SMP'",
  ]),
  'module-version': rows([
    'module-symbol',
    /^(?<module>[A-Za-z0-9_-]+): disagrees about version of symbol (?<symbol>\S+)/,
    'vexfs: disagrees about version of symbol module_layout',
  ]),
  segfault: rows([
    'segfault',
    /^(?:traps: )?(?<comm>.*)\[(?<pid>\d+)\]:? (?:segfault at (?<address>[0-9a-f]+)|general protection|trap invalid opcode|trap divide error) ip[: ](?<ip>[0-9a-f]+)/,
    'a[1]: segfault at 0 ip 0000000000401000 sp 00007ffc00000000 error 4 in a[401000+1000]',
  ]),
  mce: rows([
    'mce',
    /^(?:mce: )?\[Hardware Error\]: (?<rest>(?:Machine check|CPU \d+).*)/,
    'mce: [Hardware Error]: Machine check events logged',
  ]),
} as const;
