import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { benchTraceAnalyses } from '../analysis/trace.bench.ts';
import { benchSplitter } from '../grammar/ftrace/splitter.bench.ts';
import { prefilterWords } from '../grammar/prefilter.ts';
import { analyze } from './analyze.ts';
import { benchLatency } from './latency.bench.ts';
import { benchPatterns } from './patterns.bench.ts';

/** Each prints its own lines, with the peer it is compared with where there is one. */
const BENCHES: Readonly<Record<string, () => Promise<void> | void>> = {
  latency: async () => {
    const { crashes, first, last, restore } = await benchLatency(Number(process.env.CRASHES ?? 300), (done) => {
      if (done % 50 === 0) console.error(`latency: ${done} crashes`);
    });
    console.log(
      `latency   ${crashes} crashes of a stock guest under emulation, milliseconds (median / 99th percentile / worst)`,
    );
    console.log(`          first console byte to provisional event  ${quantiles(first)}`);
    console.log(`          last console byte to final event         ${quantiles(last)}`);
    console.log(`          restore of the snapshot                  ${quantiles(restore)}`);
  },
  log: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vexfs-bench-'));
    try {
      const file = join(dir, 'clean.log');
      const line = (i: number) =>
        `[${(i / 1000).toFixed(6).padStart(12)}] systemd[1]: Started Session ${i} of User root.\n`;
      const text = Array.from({ length: 400_000 }, (_, i) => line(i))
        .join('')
        .repeat(4);
      writeFileSync(file, text);
      const mb = text.length / 1e6;
      const ours = await seconds(async () => {
        await analyze([file], Readable.from([]), { patterns: [], onEvent: () => {}, warn: () => {} });
      });
      const words = prefilterWords().map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      const grep = await seconds(
        () => void spawnSync('grep', ['-cE', words.join('|'), file], { env: { LC_ALL: 'C' } }),
      );
      console.log(
        `log       clean log of ${mb.toFixed(0)} MB: analyze ${(mb / ours).toFixed(0)} MB/s, grep -cE with the same words ${(mb / grep).toFixed(0)} MB/s`,
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  ftrace: () => {
    const { linesPerSecond, megabytesPerSecond } = benchSplitter();
    console.log(`ftrace    trace_pipe text: ${linesPerSecond} lines/s, ${megabytesPerSecond} MB/s`);
  },
  analyses: () => {
    console.log(
      `analyses  flight recorder, slow operations and wait cycles together: ${benchTraceAnalyses().recordsPerSecond} records/s`,
    );
  },
  patterns: () => {
    const { eventsPerSecond, findingsPerSecond, log, matching } = benchPatterns();
    console.log(
      `patterns  200 patterns: ${eventsPerSecond} events/s, one in a hundred a finding; ${findingsPerSecond} findings/s with their reports`,
    );
    console.log(
      `          1,000 patterns take ${log.toFixed(2)} times as long as 100 for a log full of reports (matching alone ${matching.toFixed(2)})`,
    );
  },
};

async function seconds(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function quantiles(samples: readonly number[]): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (q: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN).toFixed(1);
  return `${at(0.5)} / ${at(0.99)} / ${at(1)}`;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no benchmark "${unknown.join('", "')}"; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`);
  for (const [name, bench] of Object.entries(BENCHES)) if (wanted.length === 0 || wanted.includes(name)) await bench();
}
