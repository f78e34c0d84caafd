import { inflateRawSync } from 'node:zlib';
import type { LastWords } from '../model/guest.ts';

/** Memory that a guest's kernel leaves alone and its ramoops driver writes to when it dies (Documentation/admin-guide/ramoops.rst). */
export const LAST_WORDS = { address: 0xc00_0000, size: 256 * 1024, record: 64 * 1024, console: 64 * 1024 } as const;

/** A guest must have more memory than lies below it, and have use for what is above. */
const MIN_MEMORY_MIB = 320;

export function keepsLastWords(memoryMiB: number): boolean {
  return memoryMiB >= MIN_MEMORY_MIB;
}

const SETTINGS = [
  ['mem_address', `0x${LAST_WORDS.address.toString(16)}`],
  ['mem_size', `0x${LAST_WORDS.size.toString(16)}`],
  ['record_size', `0x${LAST_WORDS.record.toString(16)}`],
  ['console_size', `0x${LAST_WORDS.console.toString(16)}`],
] as const;

/** For the driver as a module. */
export const LAST_WORDS_MODULE = SETTINGS.map(([name, value]) => `${name}=${value}`).join(' ');

/** For the kernel: the memory is reserved, a driver that is built in finds it, and a record holds more than the usual 10 KiB. */
export const LAST_WORDS_PARAMETERS: readonly string[] = [
  `memmap=${LAST_WORDS.size / 1024}K$0x${LAST_WORDS.address.toString(16)}`,
  ...SETTINGS.map(([name, value]) => `ramoops.${name}=${value}`),
  `pstore.kmsg_bytes=${LAST_WORDS.record - 1024}`,
];

/** `DBGC`, the signature of a zone (fs/pstore/ram_core.c, struct persistent_ram_buffer: signature, start, size, data). */
const SIGNATURE = 0x4347_4244;
const HEADER = 12;
/** Before the text: `====SECONDS.MICROSECONDS-C`, compressed, or `-D` (fs/pstore/ram.c, ramoops_write_kmsg_hdr). */
const STAMP = /^====\d+\.\d+-([CD])\n/;
const TITLE = /^(\w+)#\d+ Part\d+\n/;

/** Reads the reserved memory. Zones that were never written to, or hold something else, are passed over. */
export function parseLastWords(memory: Uint8Array): LastWords[] {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
  const found: LastWords[] = [];
  const { record, console } = LAST_WORDS;
  for (let at = 0; at + record <= bytes.length - console; at += record) {
    const zone = readZone(bytes.subarray(at, at + record));
    const dump = zone && parseDump(zone);
    if (dump !== undefined) found.push(dump);
  }
  const text = readZone(bytes.subarray(Math.max(0, bytes.length - console)))?.toString('utf8');
  if (text) found.push({ reason: 'Console', text });
  return found;
}

/** The content of a zone in the order in which it was written: it may have begun anew at its start. */
function readZone(zone: Buffer): Buffer | undefined {
  if (zone.length < HEADER || zone.readUInt32LE(0) !== SIGNATURE) return undefined;
  const start = zone.readUInt32LE(4);
  const size = zone.readUInt32LE(8);
  if (size === 0 || size > zone.length - HEADER || start > size) return undefined;
  const data = zone.subarray(HEADER, HEADER + size);
  return start === 0 || start === size ? data : Buffer.concat([data.subarray(start), data.subarray(0, start)]);
}

function parseDump(zone: Buffer): LastWords | undefined {
  const [stamp, form] = STAMP.exec(zone.toString('latin1', 0, 64)) ?? [];
  if (stamp === undefined) return undefined;
  const body = zone.subarray(stamp.length);
  const text = form === 'C' ? inflate(body) : body.toString('utf8');
  const [title = '', reason = 'Dump'] = TITLE.exec(text) ?? [];
  return text === '' ? undefined : { reason, text: text.slice(title.length) };
}

/** Hostile like all of a dying guest: what does not unpack, or to too much, is nothing. */
function inflate(bytes: Buffer): string {
  try {
    return inflateRawSync(bytes, { maxOutputLength: 1 << 20 }).toString('utf8');
  } catch {
    return '';
  }
}
