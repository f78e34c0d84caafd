import { InvalidArgumentError, Option } from 'commander';
import { atLeast, type Severity } from '../model/classification.ts';
import type { Finding } from '../model/event.ts';
import { configOption, tableOption } from './configured.ts';

export { collect } from './configured.ts';

/** Least severity that makes the exit code 1. */
export type FailOn = Severity | 'none';

export function fails({ severity }: Finding, failOn: FailOn): boolean {
  return failOn !== 'none' && atLeast(severity, failOn);
}

/** Options that several commands share, from the table of all (src/config/table.ts). */
export const OPTIONS = {
  format: () => tableOption('output.format'),
  failOn: () => tableOption('output.failOn'),
  capture: () => tableOption('output.capture'),
  store: () => tableOption('store'),
  noStore: () => new Option('--no-store', 'do not keep the run in the store'),
  patterns: () => tableOption('patterns'),
  allowActions: () => tableOption('allowActions'),
  kernel: () => tableOption('kernel'),
  module: () => tableOption('module.path'),
  fstype: () => tableOption('module.fstype'),
  params: () => tableOption('module.params'),
  cpus: () => tableOption('guest.cpus'),
  memory: () => tableOption('guest.memory'),
  accel: () => tableOption('guest.accel'),
  disk: () => tableOption('guest.disk'),
  diskSize: () => tableOption('guest.diskSize'),
  mkfs: () => tableOption('guest.mkfs').conflicts('disk'),
  network: () => tableOption('guest.network'),
  metricsFile: () => tableOption('metrics.file'),
  metricsInterval: () => tableOption('metrics.interval'),
  alerts: () => tableOption('alerts.rules'),
  alertCommand: () => tableOption('alerts.commands'),
  config: configOption,
};

export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number above 0 is needed.');
  return number;
}

/** `90`, `90s`, `15m`, `2h` as milliseconds. */
export function duration(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(value);
  if (match === null) throw new InvalidArgumentError('write a number with s, m or h, such as 90s.');
  const factor = { s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * factor;
}
