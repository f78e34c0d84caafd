import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchTraceAnalyses, benchVerdicts } from '../analysis/trace.bench.ts';
import { benchWrapper } from '../bpftrace-wrapper/wrapper.bench.ts';
import { packageRoot } from '../guest/paths.ts';
import { benchSampling } from '../resources/resources.bench.ts';
import { benchStore } from '../store/store.bench.ts';
import { benchCompare, measureHere } from './compare.bench.ts';
import { benchFtrace } from './ftrace.bench.ts';
import { benchLatency } from './latency.bench.ts';
import { benchLive } from './live.bench.ts';
import { benchCleanLog, benchMemory, benchReports } from './log.bench.ts';
import { benchPatterns } from './patterns.bench.ts';
import { benchProbes } from './probes.bench.ts';
import { benchServe } from './serve.bench.ts';
import { benchStart } from './start.bench.ts';
import { NO_NETWORK, NO_OBJECTS } from './testing-probes.ts';

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
  clean: () => inFolder((dir) => benchCleanLog(dir, SIZE_MB, ROUNDS)),
  memory: () => inFolder((dir) => benchMemory(dir, [SIZE_MB / 10, SIZE_MB, SIZE_MB * 4])),
  reports: () => inFolder((dir) => benchReports(dir, ROUNDS)),
  start: () => inFolder((dir) => benchStart(dir, ROUNDS * 4)),
  live: async () => {
    const { clock, processor } = await benchLive(ROUNDS * 2);
    console.log(
      `live      recorded consoles line by line, milliseconds within the process (median / 99th percentile / worst)`,
    );
    for (const [meter, { first, last, cold }] of [
      ['on the clock', clock],
      ['of processor, all threads', processor],
    ] as const) {
      console.log(`          ${meter}`);
      console.log(`          first line of a report to its event, ${first.length} reports   ${quantiles(first)}`);
      console.log(`          the last line, or the quiet behind it, to the final one    ${quantiles(last)}`);
      console.log(`          the first report of all                                    ${cold.toFixed(1)}`);
    }
  },
  ftrace: () =>
    inFolder(async (dir) => {
      const { events, rows, missing } = await benchFtrace(dir, ROUNDS);
      console.log(
        `ftrace    ${events} events of 6.18, one core, events/s; of peers how many times as long as ours of text`,
      );
      for (const { name, perSecond, ratio } of rows)
        console.log(
          `          ${String(perSecond).padStart(9)}  ${name}${ratio === undefined ? '' : `: ${ratio.toFixed(2)}`}`,
        );
      for (const what of missing) console.log(`          ${'-'.padStart(9)}  ${what}`);
    }),
  analyses: () => {
    console.log(
      `analyses  flight recorder, slow operations and wait cycles together: ${benchTraceAnalyses().recordsPerSecond} records/s`,
    );
    const { recordsPerSecond, records, megabytes } = benchVerdicts(2e6);
    console.log(`          locks, races, contexts and rules: ${recordsPerSecond} records/s`);
    console.log(`          ${records} records later they hold ${megabytes.toFixed(1)} MB`);
  },
  resources: async () => {
    const { samples, profileMs, grownBytes } = await benchSampling();
    console.log(`resources a sample of this machine, one alone and ten at once, milliseconds  ${quantiles(samples)}`);
    console.log(
      `          ${samples.length} samples grow memory by ${(grownBytes / 1e6).toFixed(1)} MB; who this machine is takes ${profileMs.toFixed(0)} ms`,
    );
  },
  store: async () => {
    console.log(
      `store     events/s, those of recorded runs, 500 a transaction, with all their rows (median / worst / best)`,
    );
    const words = (rates: readonly number[]) => {
      const sorted = rates.map(Math.round).toSorted((a, b) => a - b);
      return [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map((value) => value ?? '-').join(' / ');
    };
    for (const { name, ofClock, ofProcessor } of await benchStore(join(packageRoot(), 'fixtures/runs'), 20_000, ROUNDS))
      console.log(
        `          ${words(ofClock).padStart(24)} on the clock ${words(ofProcessor).padStart(24)} of a processor  ${name}`,
      );
  },
  serve: async () => {
    const seconds = Number(process.env.SECONDS ?? 15);
    for (const clients of [1, 50]) {
      const { identical, events, written, delivered, lagMs, memory } = await benchServe({
        clients,
        perSecond: 2000,
        seconds,
      });
      const [before, half, end, most] = memory.map((value) => value.toFixed(0));
      console.log(
        `serve     ${clients} clients of a run of ${Math.round(written)} events/s for ${seconds} s: ${identical} have got all ${events} of them in order (by their hash)`,
      );
      console.log(
        `          ${Math.round(delivered)} events/s delivered in all, the last one ${lagMs.toFixed(0)} ms behind; memory of the server ${before} MB before, ${half} at the half, ${end} at the end, ${most} at most`,
      );
    }
  },
  bpftrace: async () => {
    const { decoded, starts, reads } = await benchWrapper(ROUNDS);
    console.log('bpftrace  messages of -f json, a second of one process, the best of the rounds');
    for (const [name, perSecond] of decoded) console.log(`          ${Math.round(perSecond)}  ${name}`);
    if (starts.length === 0) console.log('          no root or no bpftrace here: nothing was started');
    else {
      console.log(
        `          milliseconds (median / 99th percentile / worst): start of a probe to its first event  ${quantiles(starts)}`,
      );
    }
    for (const { name, entries, milliseconds } of reads) {
      console.log(`          map of a running probe, ${name}, ${entries} entries: ${quantiles(milliseconds)}`);
    }
  },
  probes: async () => {
    const cycles = ROUNDS * 20;
    if (NO_OBJECTS || NO_NETWORK) return console.log(`probes    not measured${NO_OBJECTS || NO_NETWORK}`);
    console.log(`probes    ${cycles} cycles of each compiled probe, milliseconds (median / 99th percentile / worst)`);
    for (const { probe, steps, grewKiB } of await benchProbes(cycles)) {
      for (const [step, samples] of Object.entries(steps))
        console.log(`          ${probe.padEnd(18)} ${step.padEnd(7)} ${quantiles(samples, 2)}`);
      console.log(`          ${probe.padEnd(18)} the loader grew by ${grewKiB} kB`);
    }
  },
  compare: () =>
    inFolder(async (dir) => {
      const options = { comparisons: Number(process.env.COMPARISONS ?? 20), repeat: Number(process.env.REPEAT ?? 40) };
      const { found, alarms, comparisons, worse, falsely } = await benchCompare({
        ...{ ...options, slow: 5, gate: 'p<0.01,delta>2%', metric: '*/p50' },
        measure: measureHere(process.env.TARGET ?? dir, 5000),
      });
      console.log(
        `compare   calls drawn out by 5 percent, ${options.repeat} values a side by turns, medians of operations, gate p<0.01,delta>2%: found in ${found} of ${comparisons}`,
      );
      console.log(`          the same against the same: alarms in ${alarms} of ${comparisons} ${falsely.join(' ')}`);
      console.log(`          rows found worse: ${worse.map(({ length }) => length).join(' ')}`);
    }),
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

/** Megabytes of the clean log; the others follow from it. */
const SIZE_MB = Number(process.env.SIZE_MB ?? 1000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-bench-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function quantiles(samples: readonly number[], digits = 1): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (q: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN).toFixed(digits);
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
