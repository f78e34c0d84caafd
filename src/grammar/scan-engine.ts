/** Bytes compared of each word. */
export const WIDTH = 4;
export const STEP = 16;
/** Memory of the engine: the tables, then room for what is searched, then zeros that a last block may read. */
export const DATA = 1024;
export const ROOM = 256 * 1024;
export const SLACK = 64;
const PAGES = Math.ceil((DATA + ROOM + SLACK) / 65_536);

/**
 * A WebAssembly module that finds blocks of memory which may hold one of some words. Put together here, byte by byte, because it is one
 * loop: a compiler, and a binary in the sources, would be more to look after.
 */
export interface Engine {
  readonly memory: Uint8Array;
  /** The first block from `at` on that may hold a word; `end` or beyond when none does. */
  scan(at: number, end: number): number;
}

/** The part of the WebAssembly interface that is used; the type library of the project has none of it. */
interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly m: { readonly buffer: ArrayBuffer }; readonly s: (at: number, end: number) => number };
  };
  validate(bytes: Uint8Array): boolean;
}

export function instantiate(tables: Uint8Array): Engine | undefined {
  const wasm = (globalThis as { readonly WebAssembly?: WebAssemblyLike }).WebAssembly;
  const code = moduleBytes();
  if (!wasm?.validate(code)) return undefined;
  const { exports } = new wasm.Instance(new wasm.Module(code));
  const memory = new Uint8Array(exports.m.buffer);
  memory.set(tables, 0);
  return { memory, scan: exports.s };
}

/** https://webassembly.github.io/spec/core/binary/: one function, one memory, both exported. */
function moduleBytes(): Uint8Array {
  const body = [1, 11, V128, ...scanBody(), OP.end];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 2, I32, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [2, 1, 0x6d, 2, 0, 1, 0x73, 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

const I32 = 0x7f;
const V128 = 0x7b;
const OP = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  i32: 0x41,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  load: [0xfd, 0x00],
  swizzle: [0xfd, 0x0e],
  splat: [0xfd, 0x0f],
  and: [0xfd, 0x4e],
  anyTrue: [0xfd, 0x53],
  shrU: [0xfd, 0x6d],
} as const;

/** Locals: 0 where to look, 1 where to stop, 2–9 the tables, 10 the nibble mask, 11 the bytes, 12 the groups left. */
function scanBody(): number[] {
  const tables = Array.from({ length: WIDTH * 2 }, (_, i) => [
    OP.i32,
    0,
    ...OP.load,
    4,
    ...unsigned(i * 16),
    OP.set,
    2 + i,
  ]);
  const places = Array.from({ length: WIDTH }, (_, place) => [
    ...[OP.get, 0, ...OP.load, 0, place, OP.set, 11],
    ...[OP.get, 2 + place * 2, OP.get, 11, OP.get, 10, ...OP.and, ...OP.swizzle],
    ...[OP.get, 3 + place * 2, OP.get, 11, OP.i32, 4, ...OP.shrU, ...OP.swizzle, ...OP.and],
    ...(place === 0 ? [] : [OP.get, 12, ...OP.and]),
    ...[OP.set, 12],
  ]);
  return [
    ...tables.flat(),
    ...[OP.i32, 15, ...OP.splat, OP.set, 10],
    ...OP.block,
    ...OP.loop,
    ...[OP.get, 0, OP.get, 1, OP.i32GeU, OP.brIf, 1],
    ...places.flat(),
    ...[OP.get, 12, ...OP.anyTrue, OP.brIf, 1],
    ...[OP.get, 0, OP.i32, STEP, OP.i32Add, OP.set, 0],
    ...[OP.br, 0, OP.end, OP.end],
    ...[OP.get, 0],
  ];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...out, rest];
    out.push((rest & 0x7f) | 0x80);
  }
}
