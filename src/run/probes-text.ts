import { escapeTerminal } from '../base/text.ts';
import type { Bucket, Int, Message } from '../bpftrace-wrapper/index.ts';
import type { Probe, ProbeMap } from '../probes/index.ts';

/** Rows that are shown of a map; the rest is counted. */
const MAX_ROWS = 40;
const BAR = 32;

/** What people read of a message: a line a record, a table a map. Null: nothing. Maps that are bookkeeping are left out. */
export function probeText(probes: readonly Probe[]): (message: Message) => string | null {
  const declared = new Map(probes.flatMap(({ maps }) => maps.map((map) => [map.name, map] as const)));
  return (message) => {
    switch (message.kind) {
      case 'printf':
        return safe(message.text.trimEnd());
      case 'map':
        return table(
          message.name,
          declared.get(message.name),
          message.entries.map(({ key, value }) => [key, value]),
        );
      case 'stats':
        return table(
          message.name,
          declared.get(message.name),
          message.entries.map(({ key, count, average, total }) => [
            key,
            count === null ? average : `${count} of ${average} on average, ${total} in all`,
          ]),
        );
      case 'hist':
      case 'lhist':
        return histograms(message.name, declared.get(message.name), message.entries);
      case 'lost':
        return `lost ${message.events} events`;
      case 'error':
        return `error: ${safe(message.text)}`;
      default:
        return 'text' in message && message.kind !== 'unread' ? safe(message.text.trimEnd()) : null;
    }
  };
}

type Row = readonly [key: string | null, value: unknown];

function table(name: string, map: ProbeMap | undefined, rows: readonly Row[]): string | null {
  if (isBookkeeping(map)) return null;
  // The largest first, where they have a size.
  const sorted = [...rows].sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
  const shown = sorted.slice(0, MAX_ROWS);
  const values = shown.map(([, value]) => safe(typeof value === 'object' ? JSON.stringify(value) : String(value)));
  const width = Math.max(0, ...values.map((value) => value.length));
  const lines = shown.map(([key], i) => `  ${(values[i] ?? '').padStart(width)}  ${keyText(key, width)}`.trimEnd());
  if (sorted.length > shown.length) lines.push(`  and ${sorted.length - shown.length} more`);
  return [title(name, map), ...(lines.length > 0 ? lines : ['  nothing yet'])].join('\n');
}

function histograms(
  name: string,
  map: ProbeMap | undefined,
  entries: readonly { readonly key: string | null; readonly buckets: readonly Bucket[] }[],
): string | null {
  if (isBookkeeping(map)) return null;
  return [title(name, map), ...entries.flatMap(({ key, buckets }) => histogram(key, buckets))].join('\n');
}

function histogram(key: string | null, buckets: readonly Bucket[]): string[] {
  const most = Math.max(1, ...buckets.map(({ count }) => Number(count)));
  const ranges = buckets.map(({ min, max }) => (min === max ? `${min}` : `${bound(min)}–${bound(max)}`));
  const width = Math.max(...ranges.map((range) => range.length), 0);
  const counts = buckets.map(({ count }) => `${count}`);
  const countWidth = Math.max(...counts.map((count) => count.length), 0);
  return [
    ...(key === null ? [] : [`  ${safe(key)}`]),
    ...buckets.map(({ count }, i) => {
      const bar = '█'.repeat(Math.round((Number(count) / most) * BAR));
      return `    ${(ranges[i] ?? '').padStart(width)}  ${(counts[i] ?? '').padStart(countWidth)}  ${bar}`.trimEnd();
    }),
  ];
}

function bound(value: Int | null): string {
  return value === null ? '…' : `${value}`;
}

function title(name: string, map: ProbeMap | undefined): string {
  return map === undefined
    ? safe(name)
    : `${name} ${map.meaning}${map.key.length > 0 ? ` (${map.key.join(', ')})` : ''}`;
}

/** Stacks are keys of several lines. */
function keyText(key: string | null, indent: number): string {
  if (key === null) return '';
  const lines = key.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && line !== ',')
    .map(safe)
    .join(`\n${''.padStart(indent + 4)}`);
}

function isBookkeeping(map: ProbeMap | undefined): boolean {
  return map?.meaning.startsWith('bookkeeping') ?? false;
}

function sizeOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
}

function safe(text: string): string {
  return text.split('\n').map(escapeTerminal).join('\n');
}
