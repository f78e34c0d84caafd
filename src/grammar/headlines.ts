/**
 * What the first line of a report contains. A line without any of these texts starts no report: this list is the prefilter of
 * the whole reader, and the anchor words of its speed test.
 */
export interface HeadlineRow {
  readonly id: string;
  readonly text: string;
  /** Lines that contain the text and are no report. */
  readonly not?: readonly RegExp[];
  /** Only the reader of the default profile knows it: syzkaller does not count such a line as a crash. */
  readonly extra?: true;
  /** A user program writes it; the default profile reads the kernel only. */
  readonly user?: true;
  /** A text with no row in the statement table is a report all the same. */
  readonly open?: true;
  /** The line goes on with the story of an earlier report and does not end its title window. */
  readonly continues?: true;
  /** What begins here is a finding only if it turns out to be one: nothing is said of it before it has ended. */
  readonly quiet?: true;
}

const ODEBUG = /O?DEBUG:/;

/** In the order in which syzkaller asks; the first row that a line satisfies names its group. */
export const HEADLINES: readonly HeadlineRow[] = [
  {
    id: 'BUG',
    text: 'BUG:',
    open: true,
    not: [/Boot_DEBUG:/, /xlog_status:/, ODEBUG, /BUG: no syscalls can create resource/],
  },
  {
    id: 'WARNING',
    text: 'WARNING:',
    not: [
      /\/etc\/ssh\/moduli does not exist, using fixed modulus/,
      /workqueue cpumask: online intersect > possible intersect/,
      /[Tt]he mand mount option/,
      /Unsupported flag value\(s\) of 0x%x in DT_FLAGS_1/,
      /Unprivileged eBPF is enabled with eIBRS/,
      /fbcon: Driver '.*' missed to adjust virtual screen size \(\d+x\d+ vs\. \d+x\d+\)/,
      /See https?\S+ for mitigation options\./,
      /kernel not compiled with CPU_SRSO/,
      /EXT4-(?:fs|FS)(?: \([^)]*\))?:/,
      /warning: .* (?:uses deprecated v2 capabilities|uses wireless extensions)/i,
      /XFS \([^)]*\): WARNING/,
    ],
  },
  {
    id: 'INFO',
    text: 'INFO:',
    not: [
      /lockdep is turned off/,
      /Stall ended before state dump start/,
      /NMI handler/,
      /recovery required on readonly filesystem/,
      /(?:handler|interrupt) .*took too long/,
      /sys_\S* is not present in \/proc\/kallsyms/,
      /no syscalls can create resource/,
      /rmt_storage:INFO:/,
      /_INFO:/,
    ],
  },
  { id: 'unable', text: 'Unable to handle kernel' },
  { id: 'gpf', text: 'general protection fault', not: [/general protection fault .*error:\d+ in /] },
  { id: 'stack-segment', text: 'stack segment: ' },
  { id: 'panic', text: 'Kernel panic', continues: true },
  { id: 'double-fault', text: 'PANIC: double fault', continues: true },
  { id: 'rust', text: 'rust_kernel: panicked' },
  { id: 'kernel-bug', text: 'kernel BUG' },
  { id: 'Kernel-BUG', text: 'Kernel BUG' },
  { id: 'slub', text: 'BUG kmalloc-' },
  { id: 'divide', text: 'divide error:' },
  { id: 'divide-old', text: 'divide_error:' },
  { id: 'invalid-opcode', text: 'invalid opcode:' },
  { id: 'int3', text: 'int3:' },
  { id: 'ubsan', text: 'UBSAN:' },
  {
    id: 'booting',
    text: 'Booting the kernel.',
    not: [/Parsing ELF/, /Decompressing Linux/, /Unknown parameter '/],
  },
  { id: 'netdevice', text: 'unregister_netdevice: waiting for', continues: true },
  { id: 'vfs-close', text: 'VFS: Close: file count is 0' },
  { id: 'vfs-inodes', text: 'VFS: Busy inodes after unmount' },
  { id: 'internal-error', text: 'Internal error:', continues: true },
  { id: 'unhandled-fault', text: 'Unhandled fault:' },
  { id: 'alignment', text: 'Alignment trap:' },
  { id: 'trusty', text: 'trusty: panic' },
  { id: 'go-fatal', user: true, text: 'fatal error:', not: [/ALSA/, /fatal error: cannot create timer/] },
  { id: 'syzfail', user: true, text: 'SYZFAIL:' },
  { id: 'syzfatal', user: true, text: 'SYZFATAL:' },
  { id: 'go-panic', user: true, text: 'panic:', not: [/_panic:/, /xlog_status:/, /ddb\.onpanic:/, /evtlog_status:/] },
  { id: 'oom-invoked', text: ' invoked oom-killer: ', extra: true },
  { id: 'oom-killed', text: 'ut of memory', extra: true, continues: true },
  { id: 'allocation-failure', text: ': page allocation failure: ', extra: true },
  { id: 'vmalloc-failure', text: ': vmalloc error: ', extra: true },
  { id: 'vmalloc-failure-old', text: ': vmalloc: allocation failure', extra: true },
  { id: 'slub-failure', text: 'SLUB: Unable to allocate', extra: true },
  { id: 'fs-error', text: ' (device ', extra: true },
  { id: 'fs-error-bare', text: '): error', extra: true },
  { id: 'fs-error-bare', text: 'SQUASHFS error', extra: true },
  { id: 'jfs-error', text: 'ERROR: (device ', extra: true },
  { id: 'gfs2-error', text: ': fatal: ', extra: true },
  { id: 'journal-error', text: 'JBD2: ', extra: true },
  { id: 'xfs-error', text: 'XFS (', extra: true },
  { id: 'mount-failed', text: ': mount failed: ', extra: true },
  { id: 'mount-refused', text: '-fs (', extra: true },
  { id: 'mount-refused', text: 'XFS (', extra: true },
  { id: 'root-mount', text: 'VFS: Cannot open root', extra: true },
  { id: 'buffer-error', text: 'Buffer I/O error on dev', extra: true },
  { id: 'block-error', text: ' error, dev ', extra: true },
  { id: 'hard-lockup', text: 'hard LOCKUP', extra: true },
  { id: 'slab', text: 'ainted', extra: true },
  { id: 'leak', text: 'unreferenced object 0x', extra: true },
  { id: 'module-symbol', text: ': Unknown symbol ', extra: true },
  { id: 'module-magic', text: ": version magic '", extra: true },
  { id: 'module-version', text: ': disagrees about version of symbol ', extra: true },
  { id: 'module-duplicate', text: ': exports duplicate symbol ', extra: true },
  { id: 'module-rejected', text: 'Loading of ', extra: true },
  { id: 'module-format', text: 'Invalid ELF ', extra: true },
  { id: 'module-format', text: 'ELF Spec violation', extra: true },
  { id: 'module-section', text: '.gnu.linkonce.this_module ', extra: true },
  { id: 'module-blacklisted', text: ' is blacklisted', extra: true },
  { id: 'module-parameter', text: "' invalid for parameter ", extra: true },
  { id: 'die', text: 'Oops', extra: true, continues: true },
  { id: 'die', text: ' ilc:', extra: true, continues: true },
  { id: 'die', text: 'Kernel bug detected', extra: true, continues: true },
  { id: 'die', text: 'kernel stack overflow (', extra: true, continues: true },
  { id: 'stack-space', text: 'Insufficient stack space', extra: true },
  { id: 'segfault', text: ']: segfault at ', extra: true },
  { id: 'user-trap', text: 'traps: ', extra: true },
  { id: 'user-signal', text: ']: unhandled ', extra: true },
  { id: 'mce', text: '[Hardware Error]: ', extra: true },
  { id: 'nmi', text: 'NMI: ', extra: true },
  { id: 'nmi-unknown', text: 'NMI received for unknown', extra: true },
  { id: 'injection', text: 'FAULT_INJECTION: ', extra: true, quiet: true },
  { id: 'ktap', text: 'TAP version ', extra: true, quiet: true },
];

/** Texts in a headline that belong to the event before it: they do not start a second report. */
export const CONTINUATIONS = [
  'invalid opcode: 0000',
  'Kernel panic - not syncing',
  'unregister_netdevice: waiting for',
  'PANIC: double fault',
  'Internal error:',
];

/** Lines of other kinds that end the title window of a report (mm/vmalloc.c, lib/fault-inject.c, mm/userfaultfd). */
export const INTRUDERS = [
  'vmalloc: allocation failure:',
  'FAULT_INJECTION: forcing a failure',
  'FAULT_FLAG_ALLOW_RETRY missing',
];
