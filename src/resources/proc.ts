import type { Counters } from './sample.ts';

/** The files of a Linux machine that say what it uses. Their texts can stand one behind the other: their lines differ. */
export const PROC_FILES = ['/proc/uptime', '/proc/stat', '/proc/meminfo', '/proc/diskstats', '/proc/net/dev'] as const;

/** Milliseconds of a clock tick as /proc counts them (USER_HZ is 100 on all architectures of guests). */
const TICK_MS = 10;
const SECTOR_BYTES = 512;

const UPTIME = /^(\d{1,12}\.\d\d) \d{1,14}\.\d\d$/m;
const CPU = /^cpu {1,4}(\d{1,20}(?: \d{1,20}){6,9})$/m;
const MEMORY = /^Mem(Total|Available): {1,20}(\d{1,15}) kB$/gm;
/** Documentation/admin-guide/iostats.rst. Whole disks alone: a partition's sectors are counted there, too. */
const DISK = /^ *\d{1,4} +\d{1,7} (\S{1,64}) \d+ \d+ (\d{1,20}) \d+ \d+ \d+ (\d{1,20}) /gm;
const WHOLE_DISK = /^(?:[hsv]d[a-z]{1,3}|xvd[a-z]|nvme\d+n\d+|mmcblk\d+|pmem\d+)$/;
/** fs/proc of net/core: bytes are the first of eight columns each way. */
const INTERFACE = /^ *([^\s:]{1,32}): *(\d{1,20})(?: +\d+){7} +(\d{1,20}) /gm;

/** Reads the texts of PROC_FILES (proc(5)). What is not there, or not as it should be, is null. */
export function countersOfProc(text: string): Counters {
  const uptime = UPTIME.exec(text)?.[1];
  const ticks = CPU.exec(text)?.[1]?.split(' ').map(Number);
  const memory = new Map([...text.matchAll(MEMORY)].map(([, name = '', kib]) => [name, Number(kib) * 1024]));
  const [total, available] = [memory.get('Total'), memory.get('Available')];
  const disks = [...text.matchAll(DISK)].filter(([, name = '']) => WHOLE_DISK.test(name));
  const interfaces = [...text.matchAll(INTERFACE)].filter(([, name]) => name !== 'lo');
  const sum = (rows: readonly RegExpExecArray[], group: number) =>
    rows.reduce((all, row) => all + Number(row[group]), 0);
  return {
    atMs: Number(uptime ?? 0) * 1000,
    cpu: ticks === undefined ? null : cpu(ticks),
    memory: total === undefined || available === undefined ? null : { total, available },
    disk: disks.length === 0 ? null : { read: sum(disks, 2) * SECTOR_BYTES, written: sum(disks, 3) * SECTOR_BYTES },
    network: interfaces.length === 0 ? null : { received: sum(interfaces, 2), sent: sum(interfaces, 3) },
  };
}

/** user nice system idle iowait irq softirq steal; guest time is part of user's (kernel: fs/proc/stat.c). */
function cpu(ticks: readonly number[]): NonNullable<Counters['cpu']> {
  const all = ticks.slice(0, 8).reduce((sum, each) => sum + each, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busyMs: (all - idle) * TICK_MS, totalMs: all * TICK_MS };
}
