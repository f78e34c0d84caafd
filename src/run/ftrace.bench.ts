import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FtraceSplitter } from '../grammar/ftrace/index.ts';
import type { FtraceRecord } from '../grammar/ftrace/record.ts';
import { PageDecoder } from '../grammar/ring-buffer/index.ts';
import { TraceReader, type TraceRecord } from '../grammar/traces/index.ts';
import { packageRoot } from '../guest/paths.ts';
import { median, run } from './bench-command.ts';
import { openPages } from './trace-pages.ts';

/** Events a second of each way to read the same events, the median of the rounds; and of its peers how many times as long they take. */
export interface FtraceBench {
  readonly events: number;
  readonly rows: readonly { readonly name: string; readonly perSecond: number; readonly ratio?: number }[];
  /** What could not be measured here, and why. */
  readonly missing: readonly string[];
}

/** The columns that the splitter finds, as well as a program that goes by columns can. */
const MAWK = `!/^#/ { comm = substr($0, 1, 16); n = split(substr($0, 18), f, " +"); pid = f[1]; cpu = substr(f[2], 2, 3); flags = f[3]
 time = f[4] + 0; name = f[5]; payload = substr($0, index($0, f[5]) + length(f[5]) + 1); sum += time; bytes += length(comm payload) }
END { print NR, sum, bytes }`;
const CHUNK = 512 * 1024;

/**
 * A recording, repeated, as text, as pages and as a file of trace-cmd. Ours run in this process, peers as processes of their own, in
 * turn; a program that takes a second to start would look slow, so the events are many.
 */
export async function benchFtrace(dir: string, rounds: number): Promise<FtraceBench> {
  const folder = join(packageRoot(), 'fixtures/traces/6.18/pages');
  const text = readFileSync(join(folder, 'trace.txt'), 'latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const { cpus, options } = openPages(folder);
  const pages = [...cpus].map(([cpu, file]) => ({ cpu, bytes: readFileSync(file) }));
  const times = Math.ceil(EVENTS / text.length);
  const events = times * text.length;
  const file = join(dir, 'trace.txt');
  repeat(file, Buffer.from(`${text.join('\n')}\n`, 'latin1'), times);
  const missing: string[] = [];
  const recording = makeRecording(dir, pages, times, missing);
  const decode = (look: (record: FtraceRecord) => void) => {
    const decoder = new PageDecoder(options);
    for (let i = 0; i < times; i++) for (const { cpu, bytes } of pages) decoder.push(cpu, bytes, look);
  };
  let sum = 0;
  const count = (record: { readonly kind: string; readonly time?: number | null }) => {
    if (record.kind === 'event') sum += record.time ?? 0;
  };
  const ways: readonly (readonly [string, () => unknown, boolean])[] = [
    ['text of trace_pipe, columns', () => readAll(file, new FtraceSplitter(), count), true],
    ['text of any tool, columns', () => readAll(file, new TraceReader(), count), true],
    ['pages, columns', () => decode(count), true],
    [
      'pages, with payloads as text',
      () =>
        decode((record) => {
          if (record.kind === 'event') sum += record.payload.length;
          count(record);
        }),
      true,
    ],
    ...(installed('mawk', missing)
      ? [['mawk, the same columns of the same text', () => run(['mawk', MAWK, file]), false] as const]
      : []),
    ...(recording === undefined
      ? []
      : [['trace-cmd report of the same events', () => run(['trace-cmd', 'report', '-i', recording]), false] as const]),
  ];
  const seconds = ways.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++)
    for (const [i, [, work]] of ways.entries()) {
      const start = performance.now();
      await work();
      if (round > 0) seconds[i]?.push((performance.now() - start) / 1000);
    }
  if (sum === 0) throw new Error('nothing was read');
  const middle = (of: readonly number[]) => median([...of].sort((a, b) => a - b));
  const rows = ways.map(([name, , own], i) => {
    const taken = seconds[i] ?? [];
    const ratios = taken.map((value, round) => value / (seconds[0]?.[round] ?? Number.NaN));
    return { name, perSecond: Math.round(events / middle(taken)), ...(!own && { ratio: middle(ratios) }) };
  });
  return { events, rows, missing };
}

/** Enough for some seconds of each. */
const EVENTS = Number(process.env.EVENTS ?? 1_000_000);

function readAll(
  file: string,
  reader: { push(chunk: Uint8Array, emit: (record: TraceRecord) => void): void },
  look: (record: TraceRecord) => void,
): void {
  const fd = openSync(file, 'r');
  const chunk = Buffer.alloc(CHUNK);
  for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk))
    reader.push(chunk.subarray(0, length), look);
  closeSync(fd);
}

function repeat(file: string, bytes: Uint8Array, times: number): void {
  const fd = openSync(file, 'w');
  for (let i = 0; i < times; i++) writeSync(fd, bytes);
  closeSync(fd);
}

/** trace-cmd makes a recording of pages where it can read the formats of a kernel; the pages are of one whose numbers must be the same. */
function makeRecording(
  dir: string,
  pages: readonly { readonly cpu: number; readonly bytes: Uint8Array }[],
  times: number,
  missing: string[],
): string | undefined {
  if (!installed('trace-cmd', missing)) return undefined;
  const formats = (of: string) =>
    existsSync(of) &&
    readFileSync(of, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('ID: '));
  const here = '/sys/kernel/tracing/events/sched/sched_switch/format';
  const recorded = readFileSync(join(packageRoot(), 'fixtures/traces/6.18/pages/formats.txt'), 'utf8').split('\n')[1];
  if (formats(here) !== recorded) {
    missing.push('trace-cmd report: this kernel, or who runs this, has not the events of the recording');
    return undefined;
  }
  const head = join(dir, 'head.dat');
  const files = pages.map(({ cpu, bytes }) => {
    const file = join(dir, `cpu${cpu}.raw`);
    repeat(file, bytes, times);
    return file;
  });
  const made = join(dir, 'trace.dat');
  // It gives up when kallsyms grows under its hands, as it does whenever somebody loads a probe.
  const create = ['restore', '-c', '-t', '/sys/kernel/tracing', '-o', head];
  const done = (args: readonly string[]) => spawnSync('trace-cmd', args, { stdio: 'ignore' }).status === 0;
  if ([1, 2, 3, 4, 5].some(() => done(create)) && done(['restore', '-i', head, '-o', made, ...files])) return made;
  missing.push('trace-cmd report: its restore failed');
  return undefined;
}

function installed(program: string, missing: string[]): boolean {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
  if (!found) missing.push(`${program}: not installed`);
  return found;
}
