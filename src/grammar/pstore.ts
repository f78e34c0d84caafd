import type { StreamPlace } from '../base/lines.ts';

/** A piece of a kernel's last words, as pstore keeps them. */
export interface PstorePart {
  readonly reason: string;
  readonly count: number;
  /** 1 is the newest: the kernel writes its log backwards, from the end, as far as there is room. */
  readonly part: number;
  readonly file: string;
  readonly at: StreamPlace;
  readonly bytes: Uint8Array;
}

/** The line before the text of a part (fs/pstore/platform.c pstore_dump), and the one that ramoops puts before that in its memory (fs/pstore/ram.c). */
const HEADER = /^([A-Z][a-z]{2,15})#(\d{1,9}) Part(\d{1,9})\r?$/gm;
const START = /^(?:====\d{1,12}\.\d{1,9}-D\r?\n)?[A-Z][a-z]{2,15}#\d{1,9} Part\d{1,9}\r?\n/;

/** More than a kernel log buffer and its headers: what is longer is no dump of pstore. */
export const MAX_PSTORE = 8 * 1024 * 1024;

/** The beginning of a file says whether it holds parts. */
export function isPstore(head: Uint8Array): boolean {
  return START.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 128)).toString('latin1'));
}

/** The parts of one file, in the order in which they stand there. */
export function splitPstore(file: string, bytes: Uint8Array): PstorePart[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const headers = [...text.matchAll(HEADER)];
  let line = 1;
  return headers.map((header, i) => {
    const byte = i === 0 ? 0 : header.index;
    const end = headers[i + 1]?.index ?? bytes.length;
    const at = { byte, line };
    for (let nl = text.indexOf('\n', byte); nl >= 0 && nl < end; nl = text.indexOf('\n', nl + 1)) line += 1;
    const [, reason = '', count, part] = header;
    return { reason, count: Number(count), part: Number(part), file, at, bytes: bytes.subarray(byte, end) };
  });
}

/** Parts that were written on one occasion, each group the oldest first: then they are one log. Takes them as folders list them. */
export function orderPstore(parts: readonly PstorePart[]): PstorePart[][] {
  const groups: PstorePart[][] = [];
  for (const part of parts) {
    const group = groups.at(-1);
    const first = group?.[0];
    const same = first !== undefined && first.reason === part.reason && first.count === part.count;
    if (same && !group?.some((other) => other.part === part.part)) group?.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => group.sort((a, b) => b.part - a.part));
}
