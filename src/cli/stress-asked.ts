import { resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import type { Effective } from '../config/effective.ts';
import { KEYS } from '../config/table.ts';
import type { Asked } from '../run/stress.ts';
import type { RunFlags } from './stress-options.ts';

/** What a run is asked for, by flags, environment and file. */
export async function askedOf(flags: RunFlags, options: Effective): Promise<Asked> {
  const { askAgain, testsThere } = await import('../run/stress.ts');
  if (flags.rerun !== undefined) return askAgain(flags.rerun);
  const names = testsThere().map((test) => test.name);
  const levelOptions = Object.fromEntries(
    (['1', '2', '3'] as const).map((level) => [
      level,
      given({
        seconds: options.get(`levels.${level}.seconds`),
        workers: options.get(`levels.${level}.workers`),
        cycles: options.get(`levels.${level}.cycles`),
        tests: options.get(`levels.${level}.tests`)?.slice(),
      }),
    ]),
  );
  for (const name of [...flags.test, ...Object.values(levelOptions).flatMap(({ tests }) => tests ?? [])])
    checkName(name, names);
  const { seconds, workers, cycles } = flags;
  const disk = options.get('guest.disk');
  const diskSize = options.get('guest.diskSize');
  const asked = {
    levels: [...(flags.level ?? (flags.test.length > 0 ? [] : [1 as const]))],
    domains: [...flags.domain],
    tests: [...flags.test],
    durationMs: flags.duration,
    faults: typeof flags.faults === 'object' ? [...flags.faults] : flags.faults,
    seed: flags.seed ?? Math.floor(Math.random() * 2 ** 31),
    ...given({ repeat: flags.repeat }),
    settings: given({ seconds, workers, cycles }),
    levelOptions,
    thresholds: thresholdsOf(options),
    ...{ guests: flags.guests, retries: flags.retries, failFast: flags.failFast ?? false },
    ...(flags.target !== undefined && { target: resolve(flags.target) }),
    attach: {
      ...{ kernel: options.get('kernel'), cpus: options.get('guest.cpus') },
      ...given({
        memoryMiB: options.get('guest.memory'),
        accelerator: options.get('guest.accel'),
        modulePath: options.get('module.path'),
        fstype: options.get('module.fstype'),
        params: options.get('module.params'),
      }),
      ...((disk ?? diskSize) !== undefined && {
        scratch: given({ disk, diskSize, mkfs: options.get('guest.mkfs') }),
        breakable: true,
      }),
      network: options.get('guest.network'),
      patterns: [...(options.get('patterns') ?? [])],
      ...{ probes: flags.probes ?? false, trace: flags.trace, races: flags.races ?? false },
    },
  };
  return asked as Asked;
}

/** Without what is undefined. */
function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Limits that somebody has changed; the others are as the guest allows. */
function thresholdsOf(options: Effective): Record<string, number> {
  const keys = KEYS.filter((key) => key.startsWith('thresholds.') && options.origin(key).kind !== 'default');
  return Object.fromEntries(keys.map((key) => [key.slice('thresholds.'.length), options.get(key) as number]));
}

function checkName(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const near = didYouMean(name, names);
  throw new ExpectedError(
    'usage',
    `there is no test "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    'see: vexfs-trace stress --list',
  );
}
