import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { RawText } from '../model/about.ts';
import { STREAMS, streamFile } from '../model/chunk.ts';
import type { Evidence, Finding } from '../model/event.ts';
import type { Excerpt, LogLine } from '../report/story.ts';

/** Lines shown before a report, and behind it. */
const BEFORE = 12;
const AFTER = 8;
/** Lines of one report; of a longer one its first and last. */
const HEAD = 160;
const TAIL = 40;
/** Lines of a recording in all. */
const MAX_LINES = 6000;
const MAX_COLUMNS = 500;
/** Bytes that are read for one report. */
const MAX_BYTES = 128 * 1024;
const AROUND = 8 * 1024;
/** A report as text, for formats that quote one. */
const MAX_REPORT = 64 * 1024;

type Place = Evidence & { readonly line: number };

/** Lines around findings, as they stand in the raw streams. Overlapping ones are joined. A stream that is not there, or is no text, gives none. */
export function excerptsOf(folder: string, findings: readonly Finding[]): Excerpt[] {
  const byStream = new Map<string, Place[]>();
  for (const { evidence } of findings)
    for (const place of evidence)
      if (hasLine(place)) byStream.set(place.stream, [...(byStream.get(place.stream) ?? []), place]);
  let room = MAX_LINES;
  return [...byStream].flatMap(([stream, places]) => {
    const file = fileOf(stream);
    if (file === undefined) return [];
    return withFile(join(folder, file), (fd) => {
      const lines = new Map<number, LogLine>();
      for (const place of places.sort((a, b) => a.byte - b.byte)) {
        if (room <= 0) break;
        for (const line of linesAround(fd, place)) {
          const before = lines.get(line.number);
          if (before === undefined) room -= 1;
          lines.set(line.number, { ...line, evidence: line.evidence || before?.evidence === true });
        }
      }
      return together([...lines.values()].sort((a, b) => a.number - b.number)).map((own) => ({
        stream,
        file,
        lines: own,
      }));
    });
  });
}

/** Lines that follow each other; where the middle of a report is left out, it says how much. */
function together(lines: readonly LogLine[]): LogLine[][] {
  const groups: LogLine[][] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const gap = last === undefined ? 0 : line.number - last.number - 1;
    if (group === undefined || last === undefined || (gap > 0 && !(last.evidence && line.evidence)))
      groups.push([line]);
    else {
      if (gap > 0) group[group.length - 1] = { ...last, cut: gap };
      group.push(line);
    }
  }
  return groups;
}

/** The text of a report, where it stands in one place. */
export function reportText(folder: string, { evidence }: Finding): RawText | undefined {
  const [place] = evidence;
  const file = place === undefined ? undefined : fileOf(place.stream);
  if (place === undefined || evidence.length !== 1 || file === undefined || place.endByte <= place.byte)
    return undefined;
  const [bytes] = withFile(join(folder, file), (fd) => [
    readAt(fd, place.byte, Math.min(MAX_REPORT, place.endByte - place.byte)),
  ]);
  return bytes === undefined || bytes.length === 0 || isBinary(bytes) ? undefined : { bytes, missing: 0 };
}

function hasLine(place: Evidence): place is Place {
  return place.line !== undefined && place.line > 0 && place.byte >= 0 && place.endByte >= place.byte;
}

/** Names of streams come from a file: only those that exist lead to one. */
function fileOf(name: string): string | undefined {
  const stream = STREAMS.find((known) => known === name);
  return stream === undefined ? undefined : streamFile(stream);
}

function withFile<T>(path: string, work: (fd: number) => T[]): T[] {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    return fstatSync(fd).isFile() ? work(fd) : [];
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, byte: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, byte));
}

function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 4096).filter((byte) => byte === 0).length > 8;
}

function linesAround(fd: number, { byte, endByte, line }: Place): LogLine[] {
  const before = Math.min(byte, AROUND);
  const bytes = readAt(fd, byte - before, before + Math.min(endByte - byte, MAX_BYTES) + AROUND);
  if (isBinary(bytes)) return [];
  const context = splitLines(bytes.subarray(0, before));
  // What ends without a line end is the beginning of the line in which the report starts.
  const partial = context.pop() ?? '';
  const lead = context.slice(-BEFORE);
  const texts = splitLines(bytes.subarray(before));
  texts[0] = partial + (texts[0] ?? '');
  if (texts.at(-1) === '') texts.pop();
  const own = Math.max(
    1,
    splitLines(bytes.subarray(before, before + endByte - byte)).filter(
      (text, i, all) => i + 1 < all.length || text !== '',
    ).length,
  );
  const shown = [
    ...lead.map((text, i) => ({ number: line - lead.length + i, text, evidence: false })),
    ...texts.slice(0, own + AFTER).map((text, i) => ({ number: line + i, text, evidence: i < own })),
  ].filter(({ number }) => number > 0);
  const columns = shown.map((one) => ({ ...one, text: one.text.slice(0, MAX_COLUMNS) }));
  if (columns.length <= HEAD + TAIL) return columns;
  return [...columns.slice(0, HEAD), ...columns.slice(-TAIL)];
}

function splitLines(bytes: Uint8Array): string[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text));
}
