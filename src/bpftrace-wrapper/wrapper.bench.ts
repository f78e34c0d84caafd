import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { bpftoolMaps } from './map-bpftool.ts';
import { buildMapReader, nativeMaps } from './map-native.ts';
import type { MapSource } from './map-source.ts';
import { BpftraceReader } from './reader.ts';
import { startBpftrace } from './run.ts';

export interface WrapperFigures {
  /** Messages a second in one process, and what peers do with the same lines. */
  readonly decoded: readonly (readonly [name: string, perSecond: number])[];
  /** Milliseconds; empty without root or bpftrace. */
  readonly starts: readonly number[];
  readonly reads: readonly {
    readonly name: string;
    readonly entries: number;
    readonly milliseconds: readonly number[];
  }[];
}

const MESSAGES = 400_000;
const CHUNK = 64 * 1024;

export async function benchWrapper(rounds: number): Promise<WrapperFigures> {
  const decoded = await benchDecoding(rounds);
  if (process.getuid?.() !== 0 || spawnSync('bpftrace', ['--version']).error) return { decoded, starts: [], reads: [] };
  return { decoded, starts: await benchStarts(rounds * 4), reads: await benchReads(rounds * 100) };
}

/** What a probe of events prints, a map dump after each thousand. */
function output(): Buffer {
  const lines = Array.from({ length: MESSAGES }, (_, i) =>
    i % 1000 === 999
      ? '{"type": "hist", "data": {"@us": {"read": [{"min": 4, "max": 7, "count": 12}, {"min": 8, "max": 15, "count": 3}]}}}'
      : `{"type": "printf", "data": "lockwait ${123456789012 + i * 1000} ${i % 2} ${1000 + (i % 77)} ${i % 900} kworker/u8:${i % 5}\\n"}`,
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function benchDecoding(rounds: number): Promise<WrapperFigures['decoded']> {
  const bytes = output();
  const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) =>
    bytes.subarray(i * CHUNK, (i + 1) * CHUNK),
  );
  const ways: [string, () => Promise<number> | number][] = [
    [
      'decoded',
      () => {
        const reader = new BpftraceReader();
        return chunks.reduce((count, chunk) => count + reader.push(chunk).length, 0);
      },
    ],
    [
      'JSON.parse of each line, which loses what the defects cost',
      () => {
        let count = 0;
        for (const line of bytes.toString('utf8').split('\n')) if (line !== '' && JSON.parse(line) !== null) count += 1;
        return count;
      },
    ],
  ];
  if (!spawnSync('jq', ['--version']).error) ways.push(['jq -c .type', () => throughJq(bytes)]);
  const best = ways.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, run]] of ways.entries()) {
      const start = performance.now();
      const count = await run();
      best[i] = Math.max(best[i] ?? 0, (count / (performance.now() - start)) * 1000);
    }
  }
  return ways.map(([name], i) => [name, best[i] ?? 0]);
}

async function throughJq(bytes: Buffer): Promise<number> {
  const jq = spawn('jq', ['-c', '.type'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let count = 0;
  jq.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count += 1;
  });
  jq.stdin.end(bytes);
  await once(jq, 'close');
  return count;
}

/** From the call to the first event of the probe, the look at the machine included. */
async function benchStarts(times: number): Promise<number[]> {
  const text = 'tracepoint:sched:sched_switch { printf("%d\\n", args->next_pid); exit(); }';
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    for await (const message of await startBpftrace({ program: { text } })) {
      if (message.kind !== 'printf') continue;
      taken.push(performance.now() - start);
      break;
    }
  }
  return taken;
}

const MAPS = { '@few': 'a histogram', '@many': 'by task' } as const;

async function benchReads(times: number): Promise<WrapperFigures['reads']> {
  const text = `BEGIN { printf("ready\\n"); } tracepoint:raw_syscalls:sys_enter { @few = hist(args->id); @many[comm, args->id, tid] = count(); }`;
  const reader = await buildMapReader();
  const hasBpftool = !spawnSync('bpftool', ['version']).error;
  const sources: [string, MapSource][] = [
    ...(reader === null ? [] : ([['kept reader', nativeMaps(reader)]] as [string, MapSource][])),
    ...(hasBpftool ? ([['bpftool, a process each', bpftoolMaps()]] as [string, MapSource][]) : []),
  ];
  const figures: { name: string; entries: number; milliseconds: number[] }[] = [];
  for (const [source, maps] of sources) {
    const session = await startBpftrace({ program: { text }, maps });
    for await (const message of session) {
      if (message.kind !== 'printf') continue;
      // Let it count what the machine does.
      await sleep(1000);
      for (const [name, what] of Object.entries(MAPS)) {
        await session.readMap(name);
        const milliseconds: number[] = [];
        let entries = 0;
        for (let i = 0; i < times; i++) {
          const start = performance.now();
          const read = await session.readMap(name);
          milliseconds.push(performance.now() - start);
          if ('message' in read) entries = read.message.entries.length;
          await sleep(2);
        }
        figures.push({ name: `${source}: ${what}`, entries, milliseconds });
      }
      void session.stop();
    }
    maps.close();
  }
  return figures;
}
