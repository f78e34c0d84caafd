/** Bytes of a file's beginning that say what it is. */
export const HEAD_BYTES = 4096;

/** A way in which a log is packed, and the program that unpacks it. */
export interface Packing {
  readonly name: string;
  readonly program: string;
  /** From standard input to standard output, with bounded memory whatever the file asks for. */
  readonly args: readonly string[];
  /** Debian's package. */
  readonly from: string;
}

export type Content =
  | { readonly kind: 'log' }
  | { readonly kind: 'packed'; readonly packing: Packing }
  | { readonly kind: 'other'; readonly what: string; readonly hint?: string };

interface Magic {
  readonly bytes: string;
  readonly at?: number;
}

/** Formats by their own documents: RFC 1952, the xz file format, RFC 8878, bzip2's source. */
const PACKINGS: readonly (Magic & Packing)[] = [
  { bytes: '\x1f\x8b\x08', name: 'gzip', program: 'gzip', args: ['-dc'], from: 'gzip' },
  {
    bytes: '\xfd7zXZ\0',
    name: 'xz',
    program: 'xz',
    args: ['-dc', '-T1', '--memlimit-decompress=256MiB'],
    from: 'xz-utils',
  },
  { bytes: '\x28\xb5\x2f\xfd', name: 'zstd', program: 'zstd', args: ['-dcq', '-M128MiB'], from: 'zstd' },
  { bytes: '1AY&SY', at: 4, name: 'bzip2', program: 'bzip2', args: ['-dc'], from: 'bzip2' },
];

/** What people name by mistake, and what of it can be read in another way. */
const OTHERS: readonly (Magic & { readonly what: string; readonly hint?: string })[] = [
  { bytes: '\x7fELF', what: 'an ELF file', hint: 'of a dump of memory: vmcore-dmesg FILE | vexfs-trace analyze -' },
  {
    bytes: 'KDUMP   ',
    what: 'a dump of memory',
    hint: 'makedumpfile --dump-dmesg FILE dmesg.txt, then analyze dmesg.txt',
  },
  { bytes: 'LPKSHHRH', what: 'a journal file', hint: 'journalctl --file FILE -o export | vexfs-trace analyze -' },
  { bytes: 'ustar', at: 257, what: 'a tar archive', hint: 'unpack it and name the folder' },
  { bytes: 'PK\x03\x04', what: 'a zip archive', hint: 'unpack it and name the folder' },
  { bytes: '\x17\x08\x44tracing', what: 'a recording of trace-cmd' },
  { bytes: 'PERFILE2', what: 'a recording of perf' },
  { bytes: 'QFI\xfb', what: 'a disk image' },
  { bytes: '\x89PNG\r\n', what: 'a PNG image' },
  { bytes: '\xff\xd8\xff', what: 'a JPEG image' },
  { bytes: 'GIF8', what: 'a GIF image' },
  { bytes: '%PDF-', what: 'a PDF document' },
  { bytes: 'SQLite format 3\0', what: 'a database' },
  { bytes: '!<arch>\n', what: 'an archive of object files or a Debian package' },
];

/** The same, where a few bytes say too little. */
const PATTERNS: readonly { readonly pattern: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    // Noise of a serial line may look like a byte order mark.
    pattern: /^(?:\xff\xfe[^\0]\0|\xfe\xff\0[^\0])/,
    what: 'text in UTF-16',
    hint: 'iconv -f UTF-16 -t UTF-8 FILE | vexfs-trace analyze -',
  },
  {
    // What ramoops puts before a record that it compressed (fs/pstore/ram.c).
    pattern: /^====\d{1,12}\.\d{1,9}-C\n/,
    what: 'a compressed record of ramoops',
    hint: 'read it as /sys/fs/pstore/dmesg-ramoops-N',
  },
];

/** Not so many bytes in a hundred of a log are no text, even when its writer crashed. */
const MAX_STRANGE = 0.3;

/** What a file is, from its first bytes. A log may begin with zeros, where a file system lost its last blocks, or with noise of a serial line. */
export function contentOf(head: Uint8Array): Content {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString('latin1');
  const has = ({ bytes, at = 0 }: Magic) => text.startsWith(bytes, at);
  const packing = PACKINGS.find(has);
  if (packing !== undefined) return { kind: 'packed', packing };
  const other = OTHERS.find(has);
  if (other !== undefined) return { kind: 'other', what: other.what, ...(other.hint && { hint: other.hint }) };
  const like = PATTERNS.find(({ pattern }) => pattern.test(text));
  if (like !== undefined) return { kind: 'other', what: like.what, hint: like.hint };
  return strangeness(head.subarray(0, HEAD_BYTES)) > MAX_STRANGE
    ? { kind: 'other', what: 'binary data' }
    : { kind: 'log' };
}

const ESC = 0x1b;
const DEL = 0x7f;

/** The part of the bytes that text does not have: control characters, and what is no UTF-8. Zeros at the beginning do not count. */
function strangeness(bytes: Uint8Array): number {
  const from = bytes.findIndex((byte) => byte !== 0);
  if (from < 0) return 0;
  const text = Buffer.from(bytes.subarray(from)).toString('utf8');
  let strange = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd || code === DEL || (code < 0x20 && code !== ESC && !(code >= 8 && code <= 13))) strange++;
  }
  return strange / text.length;
}
