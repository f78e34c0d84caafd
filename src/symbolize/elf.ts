import type { Bytes } from './bytes.ts';

/** A section of an object file that matters here. Addresses are of the file; in a relocatable one each section begins at 0. */
export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly executable: boolean;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly align: number;
  readonly link: number;
}

/** A named place in an executable section. */
export interface ElfSymbol {
  readonly name: string;
  /** Index of its section. */
  readonly section: number;
  /** Bytes from the beginning of the section. */
  readonly at: number;
  /** What the compiler says; 0 for code written in assembly without a size. */
  readonly size: number;
}

export interface Elf {
  /** e_machine (include/uapi/linux/elf-em.h). */
  readonly machine: number;
  /** A `.ko`: its sections have no addresses yet. */
  readonly relocatable: boolean;
  readonly sections: readonly Section[];
  /** Hexadecimal digits of the note that the linker made. */
  readonly buildId?: string;
  readonly hasDebugInfo: boolean;
}

/** Where the fields of a structure are, in 32 and 64 bits (elf(5)). `word` fields are as wide as an address. */
interface Layout {
  readonly word: 4 | 8;
  readonly header: {
    readonly shoff: number;
    readonly shentsize: number;
    readonly shnum: number;
    readonly shstrndx: number;
  };
  readonly section: { readonly flags: number; readonly addr: number; readonly offset: number; readonly size: number };
  readonly sectionTail: { readonly link: number; readonly align: number; readonly bytes: number };
  readonly symbol: { readonly info: number; readonly shndx: number; readonly value: number; readonly size: number };
  readonly symbolBytes: number;
}

const ELF32: Layout = {
  word: 4,
  header: { shoff: 0x20, shentsize: 0x2e, shnum: 0x30, shstrndx: 0x32 },
  section: { flags: 8, addr: 12, offset: 16, size: 20 },
  sectionTail: { link: 24, align: 32, bytes: 40 },
  symbol: { info: 12, shndx: 14, value: 4, size: 8 },
  symbolBytes: 16,
};
const ELF64: Layout = {
  word: 8,
  header: { shoff: 0x28, shentsize: 0x3a, shnum: 0x3c, shstrndx: 0x3e },
  section: { flags: 8, addr: 16, offset: 24, size: 32 },
  sectionTail: { link: 40, align: 48, bytes: 64 },
  symbol: { info: 4, shndx: 6, value: 8, size: 16 },
  symbolBytes: 24,
};

const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;
const SHF_ALLOC_EXEC = 0x2 | 0x4;
const ET_REL = 1;
const NT_GNU_BUILD_ID = 3;
const MAX_BUILD_ID = 64;
/** Sections are counted in 16 bits, or in the first section header when there are more. */
const MAX_SECTIONS = 1 << 20;
/** KSYM_NAME_LEN (include/linux/kallsyms.h). */
const MAX_NAME = 512;

/** Reads headers and build id of an object file. Null: it is none, or its headers point outside of it. */
export function readElf(bytes: Bytes): Elf | null {
  const file = openElf(bytes);
  if (file === null) return null;
  const sections = readSections(file);
  if (sections === null) return null;
  const buildId = readBuildId(file, sections);
  return {
    machine: file.view.getUint16(0x12, file.little),
    relocatable: file.view.getUint16(0x10, file.little) === ET_REL,
    sections,
    ...(buildId !== undefined && { buildId }),
    // A part that objcopy has emptied keeps its header, with no bytes.
    hasDebugInfo: sections.some(({ name, type, size }) => DEBUG_INFO.has(name) && type !== SHT_NOBITS && size > 0),
  };
}

const DEBUG_INFO = new Set(['.debug_info', '.zdebug_info']);

/** Named places in executable sections, in the order of the table. Empty when there is no table, or what it says points outside. */
export function readSymbols(bytes: Bytes, { sections }: Elf): ElfSymbol[] {
  const file = openElf(bytes);
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = table && sections[table.link];
  const rows = file && table && bytes.read(table.offset, table.size);
  const names = strings && bytes.read(strings.offset, strings.size);
  if (!file || !rows || !names) return [];
  const { layout, little } = file;
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  const found: ElfSymbol[] = [];
  for (let row = 0; row + layout.symbolBytes <= rows.length; row += layout.symbolBytes) {
    const type = view.getUint8(row + layout.symbol.info) & 0xf;
    const section = sections[view.getUint16(row + layout.symbol.shndx, little)];
    if (type > STT_FUNC || type === STT_OBJECT || section?.executable !== true) continue;
    const name = readName(names, view.getUint32(row, little));
    const value = readWord(view, row + layout.symbol.value, file);
    const at = Number(value - section.address);
    if (!isPlaceName(name) || at < 0 || at > section.size) continue;
    found.push({ name, section: section.index, at, size: Number(readWord(view, row + layout.symbol.size, file)) });
  }
  return found;
}

/** Symbol types: nothing said (assembly), data, function; what follows names sections and files. */
const STT_OBJECT = 1;
const STT_FUNC = 2;

/** The kernel leaves out marks of the assembler: kernel/module/kallsyms.c, is_mapping_symbol in include/linux/module_symbol.h. */
function isPlaceName(name: string): boolean {
  return name !== '' && !name.startsWith('$') && !name.startsWith('.L') && !name.startsWith('L0\u0001');
}

interface OpenElf {
  readonly bytes: Bytes;
  readonly view: DataView;
  readonly layout: Layout;
  readonly little: boolean;
}

function openElf(bytes: Bytes): OpenElf | null {
  const header = bytes.read(0, Math.min(64, bytes.size));
  if (header === undefined || header.length < 52 || Buffer.from(header.subarray(0, 4)).toString('latin1') !== '\x7fELF')
    return null;
  const layout = header[4] === 1 ? ELF32 : header[4] === 2 && header.length === 64 ? ELF64 : undefined;
  if (layout === undefined || (header[5] !== 1 && header[5] !== 2)) return null;
  return {
    bytes,
    view: new DataView(header.buffer, header.byteOffset, header.length),
    layout,
    little: header[5] === 1,
  };
}

function readSections(file: OpenElf): Section[] | null {
  const { bytes, view, layout, little } = file;
  const start = Number(readWord(view, layout.header.shoff, file));
  const step = view.getUint16(layout.header.shentsize, little);
  if (step < layout.sectionTail.bytes) return null;
  const first = bytes.read(start, step);
  if (first === undefined) return null;
  const extended = new DataView(first.buffer, first.byteOffset, first.length);
  const count = view.getUint16(layout.header.shnum, little) || Number(readWord(extended, layout.section.size, file));
  const rows = count > MAX_SECTIONS ? undefined : bytes.read(start, count * step);
  if (rows === undefined) return null;
  const table = new DataView(rows.buffer, rows.byteOffset, rows.length);
  const at16 = view.getUint16(layout.header.shstrndx, little);
  const raw = Array.from({ length: count }, (_, index) => readSection(file, table, index, index * step));
  const strings = raw[at16 === SHN_XINDEX ? (raw[0]?.link ?? 0) : at16];
  const names = strings && bytes.read(strings.offset, strings.size);
  if (names === undefined) return null;
  return raw.map(({ nameAt, ...section }) => ({ ...section, name: readName(names, nameAt) }));
}

const SHN_XINDEX = 0xffff;

function readSection(
  file: OpenElf,
  table: DataView,
  index: number,
  row: number,
): Omit<Section, 'name'> & { nameAt: number } {
  const { layout, little } = file;
  const flags = Number(readWord(table, row + layout.section.flags, file) & 0xffn);
  return {
    index,
    nameAt: table.getUint32(row, little),
    type: table.getUint32(row + 4, little),
    executable: (flags & SHF_ALLOC_EXEC) === SHF_ALLOC_EXEC,
    address: readWord(table, row + layout.section.addr, file),
    offset: Number(readWord(table, row + layout.section.offset, file)),
    size: Number(readWord(table, row + layout.section.size, file)),
    align: Number(readWord(table, row + layout.sectionTail.align, file)),
    link: table.getUint32(row + layout.sectionTail.link, little),
  };
}

function readBuildId({ bytes, little }: OpenElf, sections: readonly Section[]): string | undefined {
  for (const { type, offset, size } of sections) {
    const notes = type === SHT_NOTE ? bytes.read(offset, size) : undefined;
    const found = notes && buildIdOfNotes(notes, little);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Notes: lengths of owner and content, type, owner, content, both filled up to four bytes (elf(5)). Undefined: none is a build id. */
export function buildIdOfNotes(notes: Uint8Array, little: boolean): string | undefined {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.length);
  for (let at = 0; at + 12 <= notes.length; ) {
    const owner = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    const content = at + 12 + filled(owner);
    const isBuildId = view.getUint32(at + 8, little) === NT_GNU_BUILD_ID && readName(notes, at + 12) === 'GNU';
    if (isBuildId && content + length <= notes.length && length <= MAX_BUILD_ID)
      return Buffer.from(notes.subarray(content, content + length)).toString('hex');
    at = content + filled(length);
  }
  return undefined;
}

function filled(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function readWord(view: DataView, at: number, { layout, little }: Pick<OpenElf, 'layout' | 'little'>): bigint {
  return layout.word === 8 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little));
}

function readName(names: Uint8Array, at: number): string {
  const part = names.subarray(at, at + MAX_NAME);
  const end = part.indexOf(0);
  return Buffer.from(end < 0 ? part : part.subarray(0, end)).toString('latin1');
}
