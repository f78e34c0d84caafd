import { readFileSync } from 'node:fs';
import type { DecoderOptions } from './decoder.ts';
import { parseFormats } from './event-format.ts';
import { pageLayout } from './page-layout.ts';
import type { FindPlace } from './print-format.ts';

/** A recording below fixtures/traces: what `trace_pipe_raw` gave, and what it needs to be read. */
export function readPages(folder: string): { readonly cpus: readonly Buffer[]; readonly options: DecoderOptions } {
  const file = (name: string) => readFileSync(new URL(`../../../fixtures/traces/${folder}/${name}`, import.meta.url));
  const comms = new Map(
    lines(file('saved_cmdlines')).map((line): [number, string] => {
      const blank = line.indexOf(' ');
      return [Number(line.slice(0, blank)), Buffer.from(line.slice(blank + 1), 'latin1').toString('utf8')];
    }),
  );
  const layout = pageLayout(file('header_page').toString());
  if (layout === null) throw new Error(`${folder}/header_page is none`);
  return {
    cpus: [file('cpu0.raw'), file('cpu1.raw')],
    options: {
      formats: parseFormats(file('formats.txt').toString()),
      layout,
      comm: (pid) => comms.get(pid),
      place: placesOf(lines(file('symbols'))),
    },
  };
}

function lines(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}

function placesOf(rows: readonly string[]): FindPlace {
  const symbols = rows.map((row) => {
    const [from = '', size = '', name = ''] = row.split(' ');
    return { from: BigInt(`0x${from}`), size: Number.parseInt(size, 16), name };
  });
  return (address) => {
    const found = symbols.find(({ from, size }) => address >= from && address < from + BigInt(size));
    return found && { name: found.name, offset: Number(address - found.from), size: found.size };
  };
}
