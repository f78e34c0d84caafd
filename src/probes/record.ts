import type { Probe, ProbeRecord } from './probe.ts';

/** A printed record taken apart. Integers that a double cannot hold stay text. */
export interface DecodedRecord {
  readonly probe: string;
  readonly tag: string;
  readonly values: Readonly<Record<string, number | string>>;
}

/** Reads the lines that the library's probes print; null for a line that is none of theirs or not whole. */
export function recordDecoder(probes: readonly Probe[]): (text: string) => DecodedRecord | null {
  const known = new Map<string, { probe: string; record: ProbeRecord }>();
  for (const probe of probes) for (const record of probe.records) known.set(record.tag, { probe: probe.name, record });
  return (text) => {
    if (!text.endsWith('\n')) return null;
    const blank = text.indexOf(' ');
    const found = known.get(text.slice(0, blank));
    if (!found) return null;
    const parts = splitInto(text.slice(blank + 1, -1), found.record.fields.length);
    if (!parts) return null;
    const values: Record<string, number | string> = {};
    found.record.fields.forEach((field, i) => {
      values[field] = field === 'comm' ? (parts[i] ?? '') : numberOrText(parts[i] ?? '');
    });
    return { probe: found.probe, tag: found.record.tag, values };
  };
}

/** `count` parts at single blanks; the last takes the rest. */
function splitInto(text: string, count: number): string[] | null {
  const parts: string[] = [];
  let at = 0;
  while (parts.length < count - 1) {
    const end = text.indexOf(' ', at);
    if (end < 0) return null;
    parts.push(text.slice(at, end));
    at = end + 1;
  }
  return [...parts, text.slice(at)];
}

function numberOrText(text: string): number | string {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : text;
}
