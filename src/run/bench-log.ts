import { closeSync, openSync, writeSync } from 'node:fs';

/** Lines of one boot, and how much is written before it all comes again. */
const BOOT_LINES = 24_000;
const PERIOD = 32 * 1024 * 1024;

/**
 * Writes the console log of a machine that boots again and again and has nothing to report: kernel and systemd lines with CRLF and
 * terminal codes, the same whenever it is written. With `report`, that text stands in it every `every` lines.
 */
export function writeLog(
  file: string,
  bytes: number,
  report?: { readonly text: string; readonly every: number },
): void {
  const fd = openSync(file, 'w');
  try {
    const period = Buffer.from(periodOf(Math.min(bytes, PERIOD), report), 'latin1');
    for (let written = 0; written < bytes; written += period.length) writeSync(fd, period);
  } finally {
    closeSync(fd);
  }
}

function periodOf(bytes: number, report?: { readonly text: string; readonly every: number }): string {
  const random = randomSource(7);
  const parts: string[] = [];
  let size = 0;
  for (let i = 0; size < bytes; i++) {
    if (report !== undefined && i % report.every === report.every - 1) {
      parts.push(report.text);
      size += report.text.length;
    }
    const at = i % BOOT_LINES;
    const time = (at < 900 ? at / 300 : 3 + (at - 900) * 0.37) + random(1000) / 1e6;
    const make = (at < 900 ? BOOT : SERVICE)[random((at < 900 ? BOOT : SERVICE).length)] as Line;
    const rare = at < 900 ? RARE[at - 600] : undefined;
    const text = (rare ?? make)(random);
    const line = text.startsWith('\u001b') ? `${text.slice(1)}\r\n` : `[${time.toFixed(6).padStart(12)}] ${text}\r\n`;
    parts.push(line);
    size += line.length;
  }
  return parts.join('');
}

type Random = (below: number) => number;
type Line = (random: Random) => string;

const hex = (n: number, width: number) => n.toString(16).padStart(width, '0');
const pick = (random: Random, words: readonly string[]) => words[random(words.length)] ?? '';
const UNITS = ['ssh', 'cron', 'rsyslog', 'nginx', 'postgresql', 'docker', 'chrony', 'udisks2', 'polkit', 'getty@tty1'];
const OK = '[\u001b[0;32m  OK  \u001b[0m]';

/** What a kernel says while it boots; formats as in drivers/pci, kernel/, arch/x86/kernel and others. */
const BOOT: readonly Line[] = [
  (r) =>
    `pci 0000:${hex(r(32), 2)}:${hex(r(32), 2)}.${r(8)}: [${hex(r(65536), 4)}:${hex(r(65536), 4)}] type 00 class 0x${hex(r(1 << 24), 6)}`,
  (r) =>
    `pci 0000:00:${hex(r(32), 2)}.0: reg 0x10: [mem 0xfe${hex(r(65536), 4)}00-0xfe${hex(r(65536), 4)}ff 64bit pref]`,
  (r) => `BIOS-e820: [mem 0x${hex(r(1 << 30), 16)}-0x${hex(r(1 << 30), 16)}] usable`,
  (r) => `ACPI: SSDT 0x${hex(r(1 << 30), 16)} ${hex(r(65536), 6)} (v02 BOCHS  BXPC     00000001 BXPC 00000001)`,
  (r) => `NET: Registered PF_INET${r(10)} protocol family`,
  (r) => `rcu: \tRCU event tracing is enabled, calculated value of scheduler-enlistment delay is ${r(100)} jiffies.`,
  (r) => `clocksource: hpet: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: ${r(1 << 30)} ns`,
  (r) =>
    `usb ${r(4)}-${r(9)}: New USB device found, idVendor=${hex(r(65536), 4)}, idProduct=${hex(r(65536), 4)}, bcdDevice= ${r(9)}.00`,
  (r) => `virtio_blk virtio${r(8)}: [vda] ${r(1 << 28)} 512-byte logical blocks (${r(900)} GB/${r(900)} GiB)`,
  (r) => `Memory: ${r(1 << 24)}K/${r(1 << 24)}K available (${r(20000)}K kernel code, ${r(9999)}K rwdata)`,
  (r) => `\u001b${OK} Started \u001b[0;1;39m${pick(r, UNITS)}.service\u001b[0m - ${pick(r, UNITS)} daemon.`,
  (r) =>
    `\u001b         Starting \u001b[0;1;39m${pick(r, UNITS)}.service\u001b[0m - ${pick(r, UNITS)} of run ${r(999)}...`,
  (r) => `systemd[1]: Detected virtualization kvm, architecture x86-64, boot ${hex(r(1 << 30), 8)}.`,
];

/** What comes once a boot and has a word of a headline in it. */
const RARE: readonly Line[] = [
  (r) => `EXT4-fs (vda${r(4)}): mounted filesystem ${hex(r(1 << 30), 8)} with ordered data mode. Quota mode: none.`,
  (r) => `XFS (vda${r(4)}): Mounting V5 Filesystem ${hex(r(1 << 30), 8)}`,
  (r) => `XFS (vda${r(4)}): Ending clean mount`,
  () =>
    'Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible via Spectre v2 BHB attacks!',
];

/** What a machine says in the days after. */
const SERVICE: readonly Line[] = [
  (r) => `systemd[1]: Started session-${r(100000)}.scope - Session ${r(100000)} of User root.`,
  (r) => `systemd[1]: ${pick(r, UNITS)}.service: Consumed ${r(60)}.${r(999)}s CPU time, ${r(900)}M memory peak.`,
  (r) => `systemd[1]: Finished logrotate.service - Rotate log files, run ${r(100000)}.`,
  (r) =>
    `audit: type=1400 audit(1763690000.${r(1000)}:${r(100000)}): apparmor="STATUS" operation="profile_load" name="${pick(r, UNITS)}" pid=${r(65536)} comm="apparmor_parser"`,
  (r) => `kauditd_printk_skb: ${r(900)} callbacks suppressed`,
  (r) =>
    `br0: port ${r(9)}(veth${hex(r(1 << 30), 7)}) entered ${pick(r, ['blocking', 'forwarding', 'disabled'])} state`,
  (r) => `device veth${hex(r(1 << 30), 7)} ${pick(r, ['entered', 'left'])} promiscuous mode`,
  (r) => `IPv6: ADDRCONF(NETDEV_CHANGE): veth${hex(r(1 << 30), 7)}: link becomes ready`,
  (r) => `TCP: request_sock_TCP: Possible SYN flooding on port ${r(65536)}. Sending cookies.  Check SNMP counters.`,
  (r) =>
    `${pick(r, UNITS)}[${r(65536)}]: Accepted publickey for root from 10.${r(255)}.${r(255)}.${r(255)} port ${r(65536)}`,
  (r) => `loop${r(64)}: detected capacity change from 0 to ${r(1 << 24)}`,
  (r) =>
    `perf: interrupt took too long (${r(9000)} > ${r(9000)}), lowering kernel.perf_event_max_sample_rate to ${r(90000)}`,
];

/** xorshift: numbers that are the same in every run. */
function randomSource(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
