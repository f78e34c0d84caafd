import { InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../base/text.ts';
import { KIND_NAMES, KINDS } from '../model/kinds.ts';
import type { Since } from '../sink/selection.ts';
import { FORMATS, type Format } from '../sink/sink.ts';
import type { OutputSpec } from './outputs.ts';

/** How `analyze` writes and what of it. */
export const OUTPUT_OPTIONS = {
  format: () =>
    new Option('--format <format>', 'what is written to standard output').choices([...FORMATS]).default('text'),
  raw: () => new Option('--raw', 'only the reports, byte for byte as they stand in the log').conflicts('format'),
  output: () =>
    new Option('-o, --output <format=path>', 'write a file, too, in any of the formats (repeatable)')
      .argParser(outputSpec)
      .default([] as OutputSpec[], 'none'),
  since: () =>
    new Option(
      '--since <time>',
      'only what was reported from then on: kernel seconds such as 120.5, or 2026-11-21T08:13 where the log has wall time',
    ).argParser(sinceTime),
  kind: () =>
    new Option('--kind <kind,...>', 'only these kinds, such as null-deref, or crash, race, lock, leak').argParser(
      kinds,
    ),
};

function outputSpec(value: string, before: readonly OutputSpec[] | undefined): OutputSpec[] {
  const equals = value.indexOf('=');
  const format = value.slice(0, Math.max(0, equals));
  const path = value.slice(equals + 1);
  if (equals < 0 || path === '') throw new InvalidArgumentError('write a format and a path, such as junit=report.xml.');
  if (!isFormat(format)) throw new InvalidArgumentError(notAmong('format', format, FORMATS));
  return [...(before ?? []), { format, path }];
}

function isFormat(name: string): name is Format {
  return (FORMATS as readonly string[]).includes(name);
}

/** `120`, `120.5s`: the kernel's clock. `2026-11-21`, `2026-11-21T08:13:00Z`: the clock on the wall, local without a zone. */
function sinceTime(value: string): Since {
  const seconds = /^(\d{1,12}(?:\.\d{1,9})?)s?$/.exec(value);
  if (seconds !== null) return { kernel: Number(seconds[1]) };
  const iso = /^(\d{4})-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.exec(value);
  // A day alone would be one of UTC.
  const wall = iso === null ? Number.NaN : Date.parse(value.length === 10 ? `${value}T00:00` : value);
  if (Number.isNaN(wall))
    throw new InvalidArgumentError('write seconds such as 120.5, or a time such as 2026-11-21T08:13.');
  return { wall, year: Number(iso?.[1]) };
}

function kinds(value: string, before: ReadonlySet<string> | undefined): ReadonlySet<string> {
  const known = [...new Set(Object.values(KINDS).map(({ event }) => event)), ...KIND_NAMES];
  const named = value.split(',').map((name) => name.trim());
  for (const name of named)
    if (!(known as readonly string[]).includes(name)) throw new InvalidArgumentError(notAmong('kind', name, known));
  return new Set([...(before ?? []), ...named]);
}

function notAmong(what: string, name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  const hint =
    near === undefined ? (known.length > 10 ? '' : ` There are ${known.join(', ')}.`) : ` Did you mean ${near}?`;
  return `there is no ${what} "${name}".${hint}`;
}
