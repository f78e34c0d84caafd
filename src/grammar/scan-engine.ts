/** Places compared of each word by their nibbles; the first four also by their bytes. */
export const WIDTH = 5;
const STEP = 16;
/** Memory of the engine, one page of 64 KiB: tables, then what is searched, then so many zeros that the last step may read. */
const CHECKS = 1024;
export const CHECK_BITS = 12;
export const DATA = 8192;
const SLACK = 64;
const PAGES = 1;

/** Where to look in `checks` for four bytes. */
export function checkOf(four: number): number {
  return Math.imul(four, FACTOR) >>> (32 - CHECK_BITS);
}

const FACTOR = 0x1e3779b1;

/** What is searched for. */
export interface EngineTables {
  /** Two times sixteen bytes for each place: which of eight groups of parts have a byte with this low, this high nibble there. */
  readonly nibbles: Uint8Array;
  /** 1 where four bytes may be a part. */
  readonly checks: Uint8Array;
}

/**
 * A WebAssembly module that finds places in memory where four bytes may be a part of a word, or where a group of parts has a control
 * character, and counts line ends. Put together here, byte by byte, because it is two loops: a compiler, and a binary in the sources,
 * would be more to look after.
 */
export interface Engine {
  /** From `DATA` on what `load` put there. */
  readonly memory: Uint8Array;
  load(bytes: Uint8Array): void;
  /** The first place at or behind `at`; `end` or beyond when there is none. */
  scan(at: number, end: number): number;
  /** Line ends from `at` up to `end`. */
  lines(at: number, end: number): number;
}

/** The part of the WebAssembly interface that is used; the type library of the project has none of it. */
interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly m: { readonly buffer: ArrayBuffer }; readonly s: Loop; readonly l: Loop };
  };
  validate(bytes: Uint8Array): boolean;
}

type Loop = (at: number, end: number) => number;

export function instantiate({ nibbles, checks }: EngineTables): Engine | undefined {
  const wasm = (globalThis as { readonly WebAssembly?: WebAssemblyLike }).WebAssembly;
  const code = moduleBytes();
  if (!wasm?.validate(code)) return undefined;
  const { exports } = new wasm.Instance(new wasm.Module(code));
  const memory = new Uint8Array(exports.m.buffer);
  memory.set(nibbles, 0);
  memory.set(checks, CHECKS);
  return {
    memory,
    load(bytes) {
      memory.set(bytes, DATA);
      memory.fill(0, DATA + bytes.length, DATA + bytes.length + SLACK);
    },
    scan: exports.s,
    lines(at, end) {
      const whole = end - ((end - at) % STEP);
      let count = exports.l(at, whole);
      for (let i = whole; i < end; i++) if (memory[i] === NL) count++;
      return count;
    },
  };
}

/** https://webassembly.github.io/spec/core/binary/: two functions of one type and a memory, exported as `s`, `l` and `m`. */
function moduleBytes(): Uint8Array {
  const bodies = [
    [2, WIDTH * 2 + 3, V128, 2, I32, ...scanBody(), OP.end],
    [2, 1, I32, 1, V128, ...linesBody(), OP.end],
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 2, I32, I32, 1, I32]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [3, 1, 0x6d, 2, 0, 1, 0x73, 0, 0, 1, 0x6c, 0, 1]),
    ...section(10, [bodies.length, ...bodies.flatMap((body) => [...unsigned(body.length), ...body])]),
  ]);
}

const NL = 0x0a;
const I32 = 0x7f;
const V128 = 0x7b;
const OP = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  end: 0x0b,
  return: 0x0f,
  br: 0x0c,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  loadWord: [0x28, 0],
  loadByte: [0x2d, 0],
  i32: 0x41,
  i32LtU: 0x49,
  i32GeU: 0x4f,
  ctz: 0x68,
  popcnt: 0x69,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32ShrU: 0x76,
  load: [0xfd, 0x00],
  swizzle: [0xfd, 0x0e],
  splat: [0xfd, 0x0f],
  eq: [0xfd, 0x23],
  ne: [0xfd, 0x24],
  and: [0xfd, 0x4e],
  anyTrue: [0xfd, 0x53],
  bitmask: [0xfd, 0x64],
  shrU: [0xfd, 0x6d],
} as const;

/** Locals of the scan, behind its two arguments: where to look, and where to stop. */
const TABLES = 2;
const NIBBLE = TABLES + WIDTH * 2;
const BYTES = NIBBLE + 1;
/** For each of sixteen places the groups that are left. */
const GROUPS = NIBBLE + 2;
/** A bit for each place with a group, and such a place. */
const PLACES = NIBBLE + 3;
const PLACE = NIBBLE + 4;

function scanBody(): number[] {
  const tables = Array.from({ length: WIDTH * 2 }, (_, i) => [
    ...[OP.i32, 0, ...OP.load, 4, ...unsigned(i * 16)],
    ...[OP.set, TABLES + i],
  ]);
  const nibbles = Array.from({ length: WIDTH }, (_, place) => [
    ...[OP.get, 0, ...OP.load, 0, place, OP.set, BYTES],
    ...[OP.get, TABLES + place * 2, OP.get, BYTES, OP.get, NIBBLE, ...OP.and, ...OP.swizzle],
    ...[OP.get, TABLES + place * 2 + 1, OP.get, BYTES, OP.i32, 4, ...OP.shrU, ...OP.swizzle, ...OP.and],
    ...(place === 0 ? [] : [OP.get, GROUPS, ...OP.and]),
    ...[OP.set, GROUPS],
  ]);
  const four = [OP.get, PLACE, ...OP.loadWord, 0];
  const check = [...four, OP.i32, ...signed(FACTOR), OP.i32Mul, OP.i32, 32 - CHECK_BITS, OP.i32ShrU];
  const isPart = [...check, ...OP.loadByte, ...unsigned(CHECKS)];
  const isControl = [OP.get, PLACE, ...OP.loadByte, 0, OP.i32, 0x20, OP.i32LtU];
  return [
    ...tables.flat(),
    ...[OP.i32, 15, ...OP.splat, OP.set, NIBBLE],
    ...OP.block,
    ...OP.loop,
    ...[OP.get, 0, OP.get, 1, OP.i32GeU, OP.brIf, 1],
    ...nibbles.flat(),
    ...[OP.get, GROUPS, ...OP.anyTrue, ...OP.if],
    ...[OP.get, GROUPS, OP.i32, 0, ...OP.splat, ...OP.ne, ...OP.bitmask, OP.set, PLACES],
    ...OP.loop,
    ...[OP.get, 0, OP.get, PLACES, OP.ctz, OP.i32Add, OP.set, PLACE],
    ...[...isPart, ...isControl, OP.i32Or, ...OP.if, OP.get, PLACE, OP.return, OP.end],
    ...[OP.get, PLACES, OP.get, PLACES, OP.i32, 1, OP.i32Sub, OP.i32And, OP.tee, PLACES, OP.brIf, 0],
    ...[OP.end, OP.end],
    ...[OP.get, 0, OP.i32, STEP, OP.i32Add, OP.set, 0],
    ...[OP.br, 0, OP.end, OP.end],
    ...[OP.get, 0],
  ];
}

/** Locals: 0 where to look, 1 where to stop, 2 the count, 3 sixteen line ends. */
function linesBody(): number[] {
  return [
    ...[OP.i32, NL, ...OP.splat, OP.set, 3],
    ...OP.block,
    ...OP.loop,
    ...[OP.get, 0, OP.get, 1, OP.i32GeU, OP.brIf, 1],
    ...[OP.get, 0, ...OP.load, 0, 0, OP.get, 3, ...OP.eq, ...OP.bitmask, OP.popcnt],
    ...[OP.get, 2, OP.i32Add, OP.set, 2],
    ...[OP.get, 0, OP.i32, STEP, OP.i32Add, OP.set, 0],
    ...[OP.br, 0, OP.end, OP.end],
    ...[OP.get, 2],
  ];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128 of a number that is not negative, in the signed form. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...out, rest];
    out.push((rest & 0x7f) | 0x80);
  }
}
