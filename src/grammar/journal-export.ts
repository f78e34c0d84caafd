import type { StreamPlace } from '../base/lines.ts';
import type { RecordPlace } from './record-line.ts';

/** Longest part of a field that is kept. */
const MAX_FIELD = 64 * 1024;
/** Fields kept of an entry; journald writes some thirty. */
const MAX_FIELDS = 256;
const LENGTH_BYTES = 8;
/** journald's limit of a field is below this (src/libsystemd/sd-journal/journal-importer.h DATA_SIZE_MAX); more is damage. */
const MAX_LENGTH = 1 << 30;
const NL = 0x0a;
const NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;

/**
 * Entries of the journal export format (systemd, docs/JOURNAL_EXPORT_FORMATS.md): lines `NAME=value`, or `NAME`, a line end, the
 * length as 64 bits in little endian, that many bytes, a line end. A blank line ends an entry.
 */
export class JournalExport {
  #fields = new Map<string, Buffer>();
  #part: Buffer[] = [];
  #partBytes = 0;
  /** Name of the binary field that is being read, and the bytes of it that are to come; undefined while its length is read. */
  #binary: { readonly name: string; left: number | undefined } | undefined;
  #byte: number;
  #line: number;
  #start: StreamPlace;

  /** `at` says where the first byte stands. */
  constructor(at: StreamPlace = { byte: 0, line: 1 }) {
    this.#byte = at.byte;
    this.#line = at.line;
    this.#start = at;
  }

  push(chunk: Uint8Array, emit: (fields: ReadonlyMap<string, Buffer>, place: RecordPlace) => void): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = 0;
    while (at < bytes.length) {
      const taken = this.#binary === undefined ? this.#text(bytes.subarray(at), emit) : this.#data(bytes.subarray(at));
      at += taken;
      this.#byte += taken;
    }
  }

  /** The last entry may lack its blank line. */
  flush(emit: (fields: ReadonlyMap<string, Buffer>, place: RecordPlace) => void): void {
    if (this.#partBytes > 0 && this.#binary === undefined) this.#field(this.#take());
    this.#binary = undefined;
    this.#take();
    this.#entry(this.#byte, emit);
  }

  /** A line of text, or as much of it as there is. */
  #text(bytes: Buffer, emit: (fields: ReadonlyMap<string, Buffer>, place: RecordPlace) => void): number {
    const end = bytes.indexOf(NL);
    this.#keep(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return bytes.length;
    this.#line += 1;
    const line = this.#take();
    if (line.length > 0) this.#field(line);
    else this.#entry(this.#byte + end + 1, emit);
    return end + 1;
  }

  #field(line: Buffer): void {
    const equals = line.indexOf('=');
    if (equals > 0) this.#set(line.toString('latin1', 0, equals), line.subarray(equals + 1));
    else if (NAME.test(line.toString('latin1'))) this.#binary = { name: line.toString('latin1'), left: undefined };
  }

  /** The length of a binary field, then its bytes and the line end behind them. */
  #data(bytes: Buffer): number {
    const binary = this.#binary;
    if (binary === undefined) return 0;
    const wanted = binary.left ?? LENGTH_BYTES - this.#partBytes;
    const taken = Math.min(wanted, bytes.length);
    const part = bytes.subarray(0, taken);
    this.#keep(part);
    for (let at = part.indexOf(NL); at >= 0 && binary.left !== undefined; at = part.indexOf(NL, at + 1))
      this.#line += 1;
    if (taken < wanted) {
      if (binary.left !== undefined) binary.left -= taken;
      return taken;
    }
    const value = this.#take();
    if (binary.left === undefined) {
      const length = Number(value.readBigUInt64LE(0));
      if (length < MAX_LENGTH) binary.left = length + 1;
      else this.#binary = undefined;
      return taken;
    }
    this.#set(binary.name, value.at(-1) === NL ? value.subarray(0, -1) : value);
    this.#binary = undefined;
    return taken;
  }

  #set(name: string, value: Buffer): void {
    if (this.#fields.size < MAX_FIELDS && !this.#fields.has(name)) this.#fields.set(name, value);
  }

  #entry(end: number, emit: (fields: ReadonlyMap<string, Buffer>, place: RecordPlace) => void): void {
    const fields = this.#fields;
    const place = { ...this.#start, endByte: end };
    this.#fields = new Map();
    this.#start = { byte: end, line: this.#line };
    if (fields.size > 0) emit(fields, place);
  }

  #keep(part: Buffer): void {
    if (this.#partBytes < MAX_FIELD) this.#part.push(Buffer.from(part.subarray(0, MAX_FIELD - this.#partBytes)));
    this.#partBytes += part.length;
  }

  #take(): Buffer {
    const whole = Buffer.concat(this.#part);
    this.#part = [];
    this.#partBytes = 0;
    return whole;
  }
}
