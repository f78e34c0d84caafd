import { InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../base/text.ts';
import { ACTIONS, type Action, atLeast, SEVERITIES, type Severity } from '../model/classification.ts';
import type { Finding } from '../model/event.ts';
import { LIVE_FORMATS } from './output.ts';

/** Least severity that makes the exit code 1. */
export type FailOn = Severity | 'none';

export function fails({ severity }: Finding, failOn: FailOn): boolean {
  return failOn !== 'none' && atLeast(severity, failOn);
}

/** Options that several commands share, each defined once. */
export const OPTIONS = {
  format: () => new Option('--format <format>', 'how events are written').choices([...LIVE_FORMATS]).default('text'),
  failOn: () =>
    new Option('--fail-on <severity>', 'least severity that makes the exit code 1')
      .choices([...SEVERITIES, 'none'])
      .default('major' satisfies Severity),
  patterns: () =>
    new Option('--patterns <path>', 'more patterns: a folder or file (repeatable)')
      .argParser(collect)
      .default([] as string[], 'none'),
  allowActions: () =>
    new Option(
      '--allow-actions <action,...|all|none>',
      'what patterns may ask for in a guest of ours (default: all but inject-nmi, reset-guest and cold-boot)',
    ).argParser(actions),
  kernel: () =>
    new Option(
      '--kernel <name|path>',
      '`stock`, a Debian release such as 6.12, a folder with bzImage, or an image',
    ).default('stock'),
  cpus: () => new Option('--cpus <n>', 'CPUs of the guest').argParser(positive).default(2),
  memory: () => new Option('--memory <MiB>', 'memory of the guest').argParser(positive),
  accel: () => new Option('--accel <kind>', 'accelerator; chosen by trying when not given').choices(['kvm', 'tcg']),
};

export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number above 0 is needed.');
  return number;
}

function actions(value: string): ReadonlySet<Action> {
  if (value === 'all') return new Set(ACTIONS);
  if (value === 'none') return new Set();
  const named = value.split(',').map((name) => name.trim());
  for (const name of named) {
    if ((ACTIONS as readonly string[]).includes(name)) continue;
    const near = didYouMean(name, ACTIONS);
    throw new InvalidArgumentError(
      `there is no action "${name}". ${near === undefined ? `There are ${ACTIONS.join(', ')}.` : `Did you mean ${near}?`}`,
    );
  }
  return new Set(named as Action[]);
}

/** `90`, `90s`, `15m`, `2h` as milliseconds. */
export function duration(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(value);
  if (match === null) throw new InvalidArgumentError('write a number with s, m or h, such as 90s.');
  const factor = { s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * factor;
}
