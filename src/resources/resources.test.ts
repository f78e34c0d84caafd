import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostCounters, hostProfile } from './host.ts';
import { countersOfProc, PROC_FILES } from './proc.ts';
import { type Counters, usage } from './sample.ts';

const PROC = [
  '125.34 230.11',
  'cpu  100 10 200 1000 50 5 5 0 0 0',
  'cpu0 50 5 100 500 25 2 2 0 0 0',
  'MemTotal:        768000 kB',
  'MemFree:         500000 kB',
  'MemAvailable:    600000 kB',
  ' 254       0 vda 100 0 2000 10 50 0 400 5 0 15 15 0 0 0 0 0 0',
  ' 254       1 vda1 100 0 2000 10 50 0 400 5 0 15 15 0 0 0 0 0 0',
  '   7       0 loop0 100 0 2000 10 50 0 400 5 0 15 15 0 0 0 0 0 0',
  '    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0',
  '  eth0: 5000 1 0 0 0 0 0 0 700 1 0 0 0 0 0 0',
].join('\n');

describe('the texts of /proc', () => {
  test('whole disks and outer interfaces count', () => {
    expect(countersOfProc(PROC)).toEqual({
      atMs: 125_340,
      cpu: { busyMs: 3200, totalMs: 13_700 },
      memory: { total: 768_000 * 1024, available: 600_000 * 1024 },
      disk: { read: 2000 * 512, written: 400 * 512 },
      network: { received: 5000, sent: 700 },
    });
  });

  test.each(['', 'cpu', 'cpu  a b', `cpu  ${'9'.repeat(50)}`, 'MemTotal: x kB', ': '.repeat(1e5), ' '.repeat(1e6)])(
    'nothing is made of what is none (%#)',
    (text) => {
      const { cpu, memory, disk, network } = countersOfProc(text);
      expect([cpu, memory, disk, network]).toEqual([null, null, null, null]);
    },
  );

  test.runIf(process.platform === 'linux')('this machine', () => {
    const text = PROC_FILES.map((file) => readFileSync(file, 'utf8')).join('');
    const { atMs, cpu, memory } = countersOfProc(text);
    expect(atMs).toBeGreaterThan(0);
    expect(cpu?.totalMs).toBeGreaterThan(cpu?.busyMs ?? Number.POSITIVE_INFINITY);
    expect(memory?.total).toBeGreaterThan(memory?.available ?? Number.POSITIVE_INFINITY);
  });
});

describe('usage between two moments', () => {
  const first = countersOfProc(PROC);
  const later: Counters = {
    ...first,
    atMs: first.atMs + 2000,
    cpu: { busyMs: 4200, totalMs: 17_700 },
    disk: { read: 2000 * 512 + 4096, written: 0 },
    network: null,
  };

  test('rates are by second, percent of all CPUs', () => {
    expect(usage(first, later)).toMatchObject({ cpuPercent: 25, memoryPercent: 21.9, diskRead: 2048 });
  });

  test('a counter that went back or is gone gives no rate', () => {
    expect(usage(first, later)).toMatchObject({ diskWritten: null, networkSent: null });
    expect(usage(later, first)).toMatchObject({ cpuPercent: null, diskRead: null });
    expect(usage(undefined, later)).toMatchObject({ cpuPercent: null, diskRead: null, memoryPercent: 21.9 });
  });
});

test('this machine says who it is and what it uses, to ten at once', async () => {
  const samples = await Promise.all(Array.from({ length: 10 }, hostCounters));
  for (const { memory, cpu } of samples) {
    expect(memory?.total).toBeGreaterThan(0);
    expect(cpu?.totalMs).toBeGreaterThan(0);
  }
  expect(await hostProfile()).toMatchObject({
    os: { platform: process.platform },
    memoryBytes: samples[0]?.memory?.total,
  });
});
