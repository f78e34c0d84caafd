import { readFileSync, writeFileSync } from 'node:fs';

/** Where things are: kmod/include/vexfs_disk.h. */
export const PRIMARY = 4096;
export const BACKUP = 65_536;
export const AREA = 131_072;
const BLOCK = 4096;
const HEADER = 64;
const SUPER = 512;
export const DIRECTORY = 0o040755;
export const FILE = 0o100644;

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC32C, as the file system has it. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

function record(type: number, ino: number, flags: number, body: Buffer): Buffer {
  const out = Buffer.alloc(Math.ceil((16 + body.length) / 8) * 8);
  out.writeUInt16LE(type, 0);
  out.writeUInt16LE(flags, 2);
  out.writeUInt32LE(out.length, 4);
  out.writeBigUInt64LE(BigInt(ino), 8);
  body.copy(out, 16);
  return out;
}

/** Records as the module writes them, or as it never would. */
export const RECORDS = {
  inode(ino: number, mode: number, nlink: number, size = 0): Buffer {
    const body = Buffer.alloc(72);
    body.writeUInt32LE(mode, 0);
    body.writeUInt32LE(nlink, 16);
    body.writeBigUInt64LE(BigInt(size), 56);
    body.writeBigUInt64LE(BigInt(size), 64);
    return record(1, ino, 0, body);
  },
  forget: (ino: number): Buffer => record(2, ino, 0, Buffer.alloc(0)),
  name(dir: number, text: string, target: number, type = 3, flags = 0): Buffer {
    const body = Buffer.alloc(16 + text.length);
    body.writeBigUInt64LE(BigInt(target), 0);
    body.writeUInt16LE(text.length, 8);
    body.write(text, 16, 'latin1');
    return record(type, dir, flags, body);
  },
  data(ino: number, offset: number, text: string): Buffer {
    const body = Buffer.alloc(16 + text.length);
    body.writeBigUInt64LE(BigInt(offset), 0);
    body.writeUInt32LE(text.length, 8);
    body.write(text, 16, 'latin1');
    return record(7, ino, 0, body);
  },
  vectors(ino: number, first: number, dim: number, count: number): Buffer {
    const body = Buffer.alloc(24 + 4 * dim * count);
    body.writeUInt32LE(dim, 0);
    body.writeUInt32LE(count, 8);
    body.writeBigUInt64LE(BigInt(first), 16);
    return record(6, ino, 0, body);
  },
  xattr(ino: number, name: string, value: string): Buffer {
    const body = Buffer.alloc(8 + name.length + value.length);
    body.writeUInt32LE(value.length, 0);
    body.writeUInt16LE(name.length, 4);
    body.write(name + value, 8, 'latin1');
    return record(5, ino, 0, body);
  },
  ofType: (type: number): Buffer => record(type, 1, 0, Buffer.alloc(16)),
} as const;

/** A file with a file system whose log one can add to, and whose bytes one can change. */
export class TestImage {
  readonly path: string;
  bytes: Buffer;
  #commits = 1;

  constructor(path: string) {
    this.path = path;
    this.bytes = readFileSync(path);
  }

  /** Behind the log, with the superblock told of it; `clean` false: as after a power cut. */
  commit(records: readonly Buffer[], clean = true, nextIno = 100): this {
    const tail = this.tail;
    const at = AREA + tail;
    const bytes = HEADER + records.reduce((sum, { length }) => sum + length, 0);
    const segment = Buffer.concat([Buffer.alloc(HEADER), ...records]);
    segment.writeUInt32LE(0x53585856, 0);
    segment.writeUInt32LE(bytes, 12);
    this.bytes.copy(segment, 16, PRIMARY + 88, PRIMARY + 96);
    this.bytes.copy(segment, 24, PRIMARY + 112, PRIMARY + 120);
    segment.writeBigUInt64LE(BigInt(this.#commits++), 32);
    segment.writeBigUInt64LE(BigInt(nextIno), 40);
    this.bytes.copy(segment, 48, PRIMARY + 120, PRIMARY + 124);
    segment.writeUInt32LE(3, 52);
    segment.writeUInt32LE(crc32c(segment.subarray(0, HEADER)), 8);
    const chain = crc32c(segment);
    segment.writeUInt32LE(chain, 4);
    segment.copy(this.bytes, at);
    for (const start of [PRIMARY, BACKUP]) {
      this.bytes.writeUInt32LE(clean ? 1 : 0, start + 100);
      this.bytes.writeBigUInt64LE(BigInt(tail + Math.ceil(bytes / BLOCK) * BLOCK), start + 104);
      this.bytes.writeBigUInt64LE(this.bytes.readBigUInt64LE(start + 112) + 1n, start + 112);
      this.bytes.writeUInt32LE(chain, start + 120);
    }
    return this.seal();
  }

  get tail(): number {
    return Number(this.bytes.readBigUInt64LE(PRIMARY + 104));
  }

  /** Both superblocks get the checksums of what they hold. */
  seal(): this {
    for (const start of [PRIMARY, BACKUP]) {
      this.bytes.writeUInt32LE(0, start + 8);
      this.bytes.writeUInt32LE(crc32c(this.bytes.subarray(start, start + SUPER)), start + 8);
    }
    return this;
  }

  flip(offset: number): this {
    this.bytes.writeUInt8(this.bytes.readUInt8(offset) ^ 0x10, offset);
    return this;
  }

  save(): void {
    writeFileSync(this.path, this.bytes);
  }
}
