import type { FtraceRecord, Place } from '../ftrace/record.ts';
import { PageDecoder } from './decoder.ts';
import { type EventFormat, parseFormats } from './event-format.ts';
import { ModuleSymbols } from './module-symbols.ts';
import { PAGE_4K, type PageLayout, pageLayout } from './page-layout.ts';
import type { Place as FunctionPlace } from './print-format.ts';

/** `enum kind` and `struct frame` of src/guest/trace-stream/trace-stream.c. */
const KINDS = { layout: 1, symbols: 2, tasks: 3, page: 4, ready: 5, round: 6, places: 7, paused: 8 } as const;
const MAGIC = 0x31535456; // VTS1
const HEAD = 32;
/** Senders whose layouts are kept: each time a module is loaded there is another, and a restored guest goes back to a former one. */
const MAX_SENDERS = 32;
const MAX_LENGTH = 1 << 17;
const MAX_TASKS = 65_536;
const MAX_FORMATS = 16_384;
const MAX_PLACES = 65_536;
/** `ffffffff821fb643 schedule+0x23/0xa0` */
const PLACE = /^([0-9a-f]{8,16}) (\S{1,512})\+0x([0-9a-f]{1,8})\/0x([0-9a-f]{1,8})$/;

type Emit = (record: FtraceRecord) => void;
/** All CPUs have been heard up to `time`, trace seconds, but for those that are `unfinished`: of them only what has come. */
type OnRound = (time: number, unfinished: ReadonlySet<number>) => void;

/**
 * Reads what vexfs-trace-stream sends: pages of an ftrace instance, with all that it takes to understand them. In any chunks; what
 * stands between frames (a guest that was restored goes on in the middle of one) is passed over and told as a loss. Records come in the
 * order of each CPU; `onRound` tells up to when there are all of them.
 */
export class FrameReader {
  /** Bytes that are not yet a frame. */
  #held: Uint8Array = new Uint8Array(0);
  #byte = 0;
  #frames = 0;
  /** Who sent the last frame, and its number. */
  #last: { readonly generation: number; readonly sequence: number } | undefined;
  readonly #senders = new Map<number, Sender>();
  readonly #onRound: OnRound;

  constructor(onRound: OnRound = () => {}) {
    this.#onRound = onRound;
  }

  push(chunk: Uint8Array, emit: Emit): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    for (;;) {
      const found = findFrame(bytes, at);
      if (found > at) emit(lost(null, this.#place(at, found)));
      at = found;
      const head = readHead(bytes, at);
      const end = at + HEAD + (head?.length ?? 0);
      if (head === undefined || end > bytes.length) break;
      this.#frames += 1;
      this.#frame(head, bytes.subarray(at + HEAD, end), this.#place(at, end), emit);
      at = end;
    }
    // A copy: the chunk's memory is its owner's.
    this.#held = bytes.slice(at);
    this.#byte += at;
  }

  /** The stream ends, or goes on elsewhere: half a frame is none. */
  flush(emit: Emit): void {
    if (this.#held.length > 0) emit(lost(null, this.#place(0, this.#held.length)));
    this.#byte += this.#held.length;
    this.#held = new Uint8Array(0);
    this.#last = undefined;
  }

  #round(body: Uint8Array): void {
    if (body.length < 8) return;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const unfinished = new Set<number>();
    for (let at = 8; at + 2 <= body.length; at += 2) unfinished.add(view.getUint16(at, true));
    this.#onRound(Number(view.getBigUint64(0, true)) / 1e9, unfinished);
  }

  #place(from: number, to: number): Place {
    return { byte: this.#byte + from, endByte: this.#byte + to, line: this.#frames };
  }

  #frame({ generation, kind, cpu, sequence }: Head, body: Uint8Array, place: Place, emit: Emit): void {
    const { generation: before, sequence: number } = this.#last ?? { generation, sequence: sequence - 1 };
    if (generation === before ? sequence !== (number + 1) >>> 0 : sequence !== 0) emit(lost(null, place));
    this.#last = { generation, sequence };
    let sender = this.#senders.get(generation);
    if (sender === undefined) {
      sender = new Sender();
      this.#senders.set(generation, sender);
      const oldest = this.#senders.keys().next();
      if (this.#senders.size > MAX_SENDERS && !oldest.done) this.#senders.delete(oldest.value);
    }
    if (kind === KINDS.page) sender.page(cpu, body, place, emit);
    else if (kind === KINDS.round) this.#round(body);
    // Tracing was off: the guest made events faster than they could be sent.
    else if (kind === KINDS.paused) emit(lost(null, place));
    else sender.tell(kind, body);
  }
}

/** What one sender said of its pages. */
class Sender {
  readonly #formats: EventFormat[] = [];
  readonly #symbols = new ModuleSymbols();
  readonly #tasks = new Map<number, string>();
  /** Of addresses in the kernel itself. */
  readonly #places = new Map<bigint, FunctionPlace>();
  #layout: PageLayout = PAGE_4K;
  #decoder: PageDecoder | undefined;

  tell(kind: number, body: Uint8Array): void {
    const said = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    if (kind === KINDS.layout) this.#addLayout(said);
    else if (kind === KINDS.symbols) this.#symbols.add(said);
    else if (kind === KINDS.tasks) this.#addTasks(said);
    else if (kind === KINDS.places) this.#addPlaces(said);
    else if (kind === KINDS.ready) this.#ready();
  }

  page(cpu: number, body: Uint8Array, place: Place, emit: Emit): void {
    if (this.#decoder === undefined || body.length > this.#layout.pageBytes) {
      emit(lost(cpu, place));
      return;
    }
    // Only what is used of a page is sent.
    const page = new Uint8Array(this.#layout.pageBytes);
    page.set(body);
    this.#decoder.page(cpu, page, place, emit);
  }

  /** All formats have come. */
  #ready(): void {
    this.#decoder = new PageDecoder({
      formats: this.#formats,
      layout: this.#layout,
      comm: (pid) => this.#tasks.get(pid),
      place: (address) => this.#places.get(address) ?? this.#symbols.find(address),
    });
  }

  /** The name in the first line, behind it the file of tracefs. */
  #addLayout(body: string): void {
    const end = body.indexOf('\n');
    const file = body.slice(end + 1);
    if (body.slice(0, end) === 'header_page') this.#layout = pageLayout(file) ?? PAGE_4K;
    else if (this.#formats.length < MAX_FORMATS) this.#formats.push(...parseFormats(file));
  }

  #addPlaces(body: string): void {
    for (const line of body.split('\n')) {
      const [, address = '', name = '', offset = '', size = ''] = PLACE.exec(line) ?? [];
      if (name === '' || this.#places.size >= MAX_PLACES) continue;
      const [at, bytes] = [Number.parseInt(offset, 16), Number.parseInt(size, 16)];
      this.#places.set(BigInt(`0x${address}`), { name, offset: at, size: bytes });
    }
  }

  /** `saved_cmdlines`: pid and name. */
  #addTasks(body: string): void {
    for (const line of body.split('\n')) {
      const blank = line.indexOf(' ');
      const pid = Number(line.slice(0, Math.max(0, blank)));
      if (blank > 0 && Number.isInteger(pid) && (this.#tasks.has(pid) || this.#tasks.size < MAX_TASKS))
        this.#tasks.set(pid, line.slice(blank + 1));
    }
  }
}

function lost(cpu: number | null, place: Place): FtraceRecord {
  return { kind: 'lost', cpu, lost: null, ...place };
}

interface Head {
  readonly generation: number;
  readonly sequence: number;
  readonly kind: number;
  readonly cpu: number;
  readonly length: number;
}

/** Undefined when there is not enough of it. */
function readHead(bytes: Uint8Array, at: number): Head | undefined {
  if (bytes.length - at < HEAD) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD);
  return {
    length: view.getUint32(4, true),
    generation: view.getUint32(8, true),
    sequence: view.getUint32(12, true),
    kind: view.getUint16(16, true),
    cpu: view.getUint16(18, true),
  };
}

/** Where the next frame begins, or may begin with what is there. */
function findFrame(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(0x56, at);
    if (at < 0) return bytes.length;
    if (mayBegin(bytes, at)) return at;
  }
}

function mayBegin(bytes: Uint8Array, at: number): boolean {
  const there = Math.min(4, bytes.length - at);
  for (let i = 0; i < there; i++) if (bytes[at + i] !== ((MAGIC >>> (8 * i)) & 0xff)) return false;
  const head = readHead(bytes, at);
  return head === undefined || (head.kind >= KINDS.layout && head.kind <= KINDS.paused && head.length <= MAX_LENGTH);
}
