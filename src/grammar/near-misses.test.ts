import { describe, expect, test } from 'vitest';
import { readLog, stamped } from './testing.ts';

const BOOT = stamped(
  'Linux version 6.12.0\nCommand line: console=ttyS0\nRun /init as init process\nvexfs: loaded\n',
  0,
);

/** What stands on a serial line before and beside a kernel: words of boot loaders and firmware. Constructed. */
const FIRMWARE = [
  'U-Boot SPL 2024.01 (Jan 01 2024 - 00:00:00 +0000)',
  'WARNING: Caches not enabled',
  'WARNING: ENV_IS_NOWHERE, using default environment',
  '*** Warning - bad CRC, using default environment',
  'BUG: failure at drivers/mmc/mmc.c:123/mmc_init()!',
  'BUG at common/malloc.c:12/free()!',
  '"Synchronous Abort" handler, esr 0x96000010, far 0x0',
  'INFO: ARM GICv3 driver initialized',
  'INFO:    BL31: Initializing runtime services',
  'WARNING: BL31: cortex_a53: CPU workaround for 855873 was missing!',
  'ERROR:   Error initializing runtime service opteed_fast',
  'PANIC at PC : 0x00000000bf001234',
  'panic: cannot find the boot partition',
  '### ERROR ### Please RESET the board ###',
  'error: no such device: 1234-5678.',
  'error: out of memory.',
  'Booting the kernel.',
  'Decompressing Linux... Parsing ELF... done.\nBooting the kernel.',
  '!!!! X64 Exception Type - 0E(#PF - Page-Fault)  CPU Apic ID - 00000000 !!!!',
  'ASSERT [DxeCore] /build/MdePkg/Library/BaseLib/String.c(12): String != NULL',
  'InstallProtocolInterface: 5B1B31A1-9562-11D2-8E3F-00A0C969723B 7E8A1B40',
  'sbi_trap_error: hart0: trap handler failed (error -2)',
  'OpenSBI v1.5.1',
  'SeaBIOS (version 1.16.3-debian-1.16.3-2)',
  'iPXE 1.21.1 -- Open Source Network Boot Firmware -- https://ipxe.org',
  'Loading initial ramdisk ...',
] as const;

/** Test harnesses, shells and daemons, on a console. Constructed. */
const PROGRAMS = [
  'INFO: ltp-pan reported some tests FAIL',
  'tst_test.c:1617: TINFO: Timeout per run is 0h 00m 30s',
  'mmap01.c:75: TFAIL: mmap() failed: BUG: the map is gone',
  'TBROK: WARNING: cannot unmount',
  'generic/475       - output mismatch (see results/generic/475.out.bad)',
  '_check_dmesg: something found in dmesg (see results/generic/475.dmesg)',
  'TAP version 13',
  'TAP version 13\n1..2\nnot ok 1 selftests: vexfs: extents # exit=1\nok 2 selftests: vexfs: inodes',
  '# not ok 3 INFO: task hung',
  'not ok 1 - BUG: soft lockup',
  'stress-ng: fail:  [123] WARNING: finished with unmounted',
  'fio: file:filesetup.c:246, func=fstat, error=No space left on device (device vda)',
  './run.sh: line 12: WARNING: nothing to do',
  'BUG: my program has a bug',
  'INFO: task done:1 blocked for more than 120 seconds, said the test',
  'WARNING: apt does not have a stable CLI interface.',
  'fatal error: all goroutines are asleep - deadlock!',
  'panic: runtime error: index out of range',
  'KASAN: none found',
  'WARNING: possible circular locking dependency detected by my linter',
  'unreferenced object found in the bin',
  'mount failed: no such file',
  'I/O error, dev null',
  'Segmentation fault (core dumped)',
  'sh[12]: cannot open x',
] as const;

/** What a kernel says that is well, and what programs say through /dev/kmsg. Constructed, near to each rule. */
const KERNEL = [
  'Kernel command line: panic=1 oops=panic softlockup_panic=1 hung_task_panic=1',
  'systemd[1]: WARNING: something',
  'systemd[1]: BUG: unable to handle kernel NULL pointer dereference',
  'dracut-initqueue[300]: Warning: INFO: task sh:1 blocked for more than 120 seconds.',
  'cloud-init[400]: Kernel panic - not syncing: no',
  'audit: type=1701 audit(1700000000.123:4): comm="kernel BUG at x" sig=11',
  'vexload (123): drop_caches: 3',
  'kmemleak: Kernel memory leak detector initialized (mem pool available: 15679)',
  'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
  'KASAN init done, KernelAddressSanitizer initialized',
  'kasan: KernelAddressSanitizer initialized (generic)',
  'kcsan: enabled early',
  'kfence: initialized - using 2097152 bytes for 255 objects at 0x(____ptrval____)-0x(____ptrval____)',
  'rcu: RCU lockdep checking is enabled.',
  'rcu: INFO: Stall ended before state dump start',
  'Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar',
  'INFO: lockdep is turned off.',
  'INFO: NMI handler (nmi_cpu_backtrace_handler) took too long to run: 1.512 msecs',
  'INFO: rcu_tasks is well',
  'perf: interrupt took too long (2503 > 2500), lowering kernel.perf_event_max_sample_rate to 79750',
  'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
  'watchdog: Delayed init of the lockup detector failed: -19',
  'mce: CPU supports 10 MCE banks',
  'mce: CPU0: Thermal monitoring enabled (TM1)',
  'RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks, data leaks possible!',
  'Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible via Spectre v2 BHB attacks!',
  'EXT4-fs (vda): mounted filesystem 1234 r/w with ordered data mode. Quota mode: none.',
  'EXT4-fs (vda): error count since last fsck: 3',
  'EXT4-fs (vda): initial error at time 1700000000: ext4_lookup:1855: inode 2',
  'EXT4-fs (vda): warning: mounting fs with errors, running e2fsck is recommended',
  'EXT4-fs warning (device vda): ext4_dirblock_csum_verify:375: no space for directory leaf checksum',
  'EXT4-fs (vda): shut down requested (1)',
  'Aborting journal on device vda-8.',
  'XFS (vda): Mounting V5 Filesystem 1234',
  'XFS (vda): Ending clean mount',
  'XFS (vda): Starting recovery (logdev: internal)',
  'XFS (vda): User initiated shutdown received.',
  'XFS (vda): WARNING: Reset corrupted AGFL on AG 0.',
  'BTRFS info (device vda): using crc32c (crc32c-generic) checksum algorithm',
  'BTRFS warning (device vda): block size 16384 is not supported',
  'FAT-fs (vda1): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.',
  'JBD2: no valid journal superblock found',
  'F2FS-fs (vda): Mounted with checkpoint version = 12',
  'blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0',
  'Buffer I/O error on dev fd0, logical block 0, async page read',
  'I/O error, dev sr0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
  'vexfs: loading out-of-tree module taints kernel.',
  'vexfs: module verification failed: signature and/or required key missing - tainting kernel',
  "vexfs: unknown parameter 'abc' ignored",
  "Booting kernel: `abc' invalid for parameter `limit'",
  'Loading of initrd is complete',
  'Loading compiled-in X.509 certificates',
  'traps: the handlers are set',
  'Out of memory. ODEBUG disabled',
  'Memory cgroup out of memory: OOM victim 12 (sh) is already exiting. Skip killing the task',
  'oom_reaper: reaped process 12 (sh), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
  'OOM killer enabled.',
  'vmalloc: allocation failure was not seen',
  'usb 1-1: device (device 12) error',
  'sda: write cache: BUG workaround',
  'run fstests generic/475 at 2026-11-21 08:13:55',
  'general protection fault ip:401abc sp:7ffc error:0 in sh[401000+9000]',
  '# Subtest: vexfs_extents',
  'not ok 1 vexfs_extents',
  'KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: vexfs_extents\n    1..1\n    ok 1 vexfs_extent_insert\nok 1 vexfs_extents',
  'KTAP version 1\n1..1\nnot ok 1 vexfs_extents # SKIP no disk',
  'KTAP version 1\n1..1\nnot ok 1 vexfs_extents # TODO later',
  'FAULT_INJECTION: forcing a failure.\nname failslab, interval 1, probability 100, space 0, times -1\nCPU: 1 UID: 0 PID: 123 Comm: vexload Not tainted 6.12.0 #1\nCall Trace:\n <TASK>\n dump_stack_lvl+0x53/0x70\n should_fail_ex+0x13c/0x160\n vexfs_new+0x10/0x20 [vexfs]\n </TASK>',
  'sysrq: Show State\ntask:init            state:S stack:0     pid:1     tgid:1     ppid:0      flags:0x00000002\nCall Trace:\n <TASK>\n __schedule+0x3c1/0xaf0\n schedule+0x27/0xd0\n </TASK>',
  'Modules linked in: vexfs(O) loop',
] as const;

describe('no report comes of', () => {
  test.each(FIRMWARE)('firmware: %s', (text) => {
    expect(readLog(`${text}\n${BOOT}`)).toEqual([]);
    expect(readLog(`${BOOT}${text}\n`)).toEqual([]);
  });

  test.each(PROGRAMS)('a program on the console: %s', (text) => {
    expect(readLog(`${BOOT}${text}\n`)).toEqual([]);
  });

  test.each(PROGRAMS)('a program whose words a journal keeps: %s', (text) => {
    const lines = text.split('\n').map((line) => `Nov 21 02:52:42 vm test[77]: ${line}\n`);
    expect(readLog(BOOT + lines.join(''))).toEqual([]);
    const later = text.split('\n').map((line) => `[   12.000000] vm test[77]: ${line}\n`);
    expect(readLog(BOOT + later.join(''))).toEqual([]);
  });

  test.each(KERNEL)('a kernel that is well: %s', (text) => {
    expect(readLog(BOOT + stamped(text, 12))).toEqual([]);
    expect(readLog(BOOT + stamped(text, 12, '[   T77]'))).toEqual([]);
  });
});
