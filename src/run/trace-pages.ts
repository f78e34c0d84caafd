import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { FtraceRecord } from '../grammar/ftrace/record.ts';
import { type DecoderOptions, PageDecoder, pageLayout, parseFormats } from '../grammar/ring-buffer/index.ts';
import type { FindPlace } from '../grammar/ring-buffer/print-format.ts';
import { readBlocks } from '../source/read-blocks.ts';

/**
 * A folder with pages of the ring buffer and what it takes to read them, as they are copied out of tracefs: `cpuN.raw` from
 * `per_cpu/cpuN/trace_pipe_raw`, `header_page`, `formats.txt` with the `format` files of the events behind each other, and, where they
 * are there, `saved_cmdlines` and `symbols` (address, size, name; hexadecimal).
 */
export function isPagesFolder(folder: string): boolean {
  return existsSync(join(folder, 'header_page')) && existsSync(join(folder, 'formats.txt'));
}

/** The CPUs whose pages are in the folder, and what to decode them with. */
export function openPages(folder: string): {
  readonly cpus: ReadonlyMap<number, string>;
  readonly options: DecoderOptions;
} {
  const layout = pageLayout(read(folder, 'header_page'));
  if (layout === null)
    throw new ExpectedError('usage', `${folder}/header_page is none`, 'copy events/header_page of tracefs');
  const comms = new Map(rowsOf(folder, 'saved_cmdlines').map((row): [number, string] => commOf(row)));
  const cpus = readdirSync(folder).flatMap((name): [number, string][] => {
    const [, cpu] = /^cpu(\d{1,5})\.raw$/.exec(name) ?? [];
    return cpu === undefined ? [] : [[Number(cpu), join(folder, name)]];
  });
  const options: DecoderOptions = {
    ...{ formats: parseFormats(read(folder, 'formats.txt')), layout },
    ...{ comm: (pid) => comms.get(pid), place: placesOf(rowsOf(folder, 'symbols')) },
  };
  return { cpus: new Map(cpus.sort(([a], [b]) => a - b)), options };
}

/** All records, in the order of their times; a loss stands before what came behind it on its CPU. Holds a block of each CPU. */
export async function* readPages(folder: string): AsyncGenerator<FtraceRecord> {
  const { cpus, options } = openPages(folder);
  const queues = await Promise.all([...cpus].map(([cpu, file]) => openQueue(cpu, file, options)));
  for (;;) {
    let first: Queue | undefined;
    for (const queue of queues) if (queue.time < (first?.time ?? Number.POSITIVE_INFINITY)) first = queue;
    if (first === undefined) return;
    const record = await first.take();
    if (record !== undefined) yield record;
  }
}

interface Queue {
  /** Of the next record that has one; infinite when there is none. */
  readonly time: number;
  take(): Promise<FtraceRecord | undefined>;
}

async function openQueue(cpu: number, file: string, options: DecoderOptions): Promise<Queue> {
  const decoder = new PageDecoder(options);
  const blocks = readBlocks(file);
  let records: FtraceRecord[] = [];
  let at = 0;
  let time = 0;
  const fill = async () => {
    records = [];
    at = 0;
    while (records.length === 0) {
      const { value, done } = await blocks.next();
      const keep = (record: FtraceRecord) => records.push(record);
      if (!done) decoder.push(cpu, value, keep);
      else {
        decoder.flush(keep);
        break;
      }
    }
  };
  const look = () => {
    const next = records[at];
    if (next === undefined) time = Number.POSITIVE_INFINITY;
    else if (next.kind === 'event') time = next.time ?? time;
    else if (next.kind === 'stack') time = next.event.time ?? time;
  };
  await fill();
  look();
  return {
    get time() {
      return time;
    },
    async take() {
      const record = records[at++];
      if (at >= records.length) await fill();
      look();
      return record;
    },
  };
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'latin1');
  } catch (error) {
    throw new ExpectedError('usage', `${folder}/${name} cannot be read: ${messageOf(error)}`, 'copy it out of tracefs');
  }
}

function rowsOf(folder: string, name: string): string[] {
  return existsSync(join(folder, name))
    ? read(folder, name)
        .split('\n')
        .filter((row) => row !== '')
    : [];
}

function commOf(row: string): [number, string] {
  const blank = row.indexOf(' ');
  return [Number(row.slice(0, blank)), Buffer.from(row.slice(blank + 1), 'latin1').toString('utf8')];
}

/** Looks up addresses, and remembers: the same ones come again and again. */
function placesOf(rows: readonly string[]): FindPlace {
  const symbols = rows
    .flatMap((row) => {
      const [, from = '', size = '', name = ''] = /^([\da-f]{1,16}) ([\da-f]{1,8}) (\S{1,512})$/.exec(row) ?? [];
      return name === '' ? [] : [{ from: BigInt(`0x${from}`), size: Number.parseInt(size, 16), name }];
    })
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const known = new Map<bigint, ReturnType<FindPlace>>();
  return (address) => {
    if (known.has(address)) return known.get(address);
    if (known.size >= MAX_KNOWN) known.clear();
    const place = find(symbols, address);
    known.set(address, place);
    return place;
  };
}

const MAX_KNOWN = 100_000;

function find(
  symbols: readonly { readonly from: bigint; readonly size: number; readonly name: string }[],
  address: bigint,
): ReturnType<FindPlace> {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((symbols[middle]?.from ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  const found = symbols[low - 1];
  if (found === undefined || address >= found.from + BigInt(found.size)) return undefined;
  return { name: found.name, offset: Number(address - found.from), size: found.size };
}
