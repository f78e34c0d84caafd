import { cpus } from 'node:os';
import si from 'systeminformation';
import type { Counters } from './sample.ts';

/** What this machine counts, on Linux, macOS, BSD and Windows. Parts that a platform does not tell are null. */
export async function hostCounters(): Promise<Counters> {
  const [memory, disk, network] = await Promise.all([or(si.mem()), or(si.fsStats()), or(si.networkStats('*'))]);
  const external = network?.filter(({ iface }) => iface !== 'lo') ?? [];
  const sum = (of: (one: si.Systeminformation.NetworkStatsData) => number) =>
    external.reduce((all, one) => all + of(one), 0);
  return {
    atMs: performance.now(),
    cpu: cpuTime(),
    memory: memory && { total: memory.total, available: memory.available },
    disk: disk && { read: disk.rx, written: disk.wx },
    network: external.length === 0 ? null : { received: sum((one) => one.rx_bytes), sent: sum((one) => one.tx_bytes) },
  };
}

/** Who this machine is, for reports and baselines: what does not change while it runs. */
export async function hostProfile(): Promise<Readonly<Record<string, unknown>>> {
  const [os, cpu, memory, filesystems] = await Promise.all([
    or(si.osInfo()),
    or(si.cpu()),
    or(si.mem()),
    or(si.fsSize()),
  ]);
  return {
    os: os && { platform: os.platform, distro: os.distro, release: os.release, kernel: os.kernel, arch: os.arch },
    cpu: cpu && { brand: cpu.brand, cores: cpu.cores, physicalCores: cpu.physicalCores },
    memoryBytes: memory?.total ?? null,
    filesystems: filesystems?.map(({ mount, type, size, available }) => ({ mount, type, size, available })) ?? null,
  };
}

function cpuTime(): Counters['cpu'] {
  let [busyMs, totalMs] = [0, 0];
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    totalMs += all;
    busyMs += all - times.idle;
  }
  return totalMs === 0 ? null : { busyMs, totalMs };
}

/** One part that cannot be read must not take the others along. */
async function or<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch(() => null);
}
