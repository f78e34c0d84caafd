import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTrace, TraceReader, type TraceRecord } from './index.ts';

const fixtures = new URL('../../../fixtures/', import.meta.url);
const corpus = new URL('../../../../shared/corpus/traces/', import.meta.url);

function read(...chunks: (Uint8Array | string)[]): TraceRecord[] {
  const reader = new TraceReader();
  const records: TraceRecord[] = [];
  for (const chunk of chunks) reader.push(Buffer.from(chunk), (record) => records.push(record));
  reader.flush((record) => records.push(record));
  return records;
}

/** How many of each kind; headings and empty lines do not count. */
function kinds(records: readonly TraceRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records)
    if (record.kind !== 'header' && !(record.kind === 'text' && record.text.trim() === ''))
      counts[record.kind] = (counts[record.kind] ?? 0) + 1;
  return counts;
}

describe('recordings', () => {
  test.each<[string, Record<string, number>]>([
    ['traces/6.18/text/fields.txt', { event: 39 }],
    ['traces/6.18/text/latency.txt', { event: 49 }],
    ['traces/6.18/text/latency-verbose.txt', { event: 40 }],
    ['traces/6.18/text/latency-verbose-fields.txt', { event: 35 }],
    ['traces/6.18/trace-cmd/report.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-N.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-R.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-V.txt', { event: 20 }],
    ['traces/6.18/trace-cmd/report-l.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-t.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-cpu.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-raw-ts.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-ts-diff.txt', { event: 59 }],
    ['traces/6.18/trace-cmd/report-lost.txt', { event: 7, stack: 7 }],
    ['traces/6.18/perf/script.txt', { event: 8, stack: 8 }],
    ['traces/6.18/perf/script-G.txt', { event: 39 }],
    ['traces/6.18/perf/script-ns.txt', { event: 8, stack: 8 }],
    ['traces/6.18/perf/script-clock.txt', { event: 12, stack: 12 }],
    ['traces/6.18/perf/script-fields.txt', { event: 13, stack: 13 }],
    ['traces/6.18/perf/script-nosym.txt', { event: 12, stack: 12 }],
    ['traces/6.18/perf/lock-script.txt', { event: 5, stack: 5 }],
    ['traces/6.18/perf/lock-contention.txt', { contention: 32 }],
    ['traces/6.18/perf/lock-contention-F.txt', { contention: 18 }],
    ['traces/6.18/perf/lock-contention-t.txt', { contention: 13 }],
    ['traces/6.18/perf/lock-contention-v.txt', { text: 8, contention: 7 }],
    ['traces/6.18/perf/lock-report.txt', { contention: 6 }],
    ['ftrace/6.18/trace.txt', { event: 91 }],
    ['ftrace/6.18/lost.txt', { event: 252, lost: 2 }],
    ['ftrace/6.18/stack.txt', { event: 10, stack: 10 }],
    ['ftrace/6.18/noirq.txt', { event: 14 }],
    ['ftrace/6.1/vexfs.txt', { event: 200 }],
  ])('%s', (name, expected) => {
    const bytes = readFileSync(new URL(name, fixtures));
    expect(kinds(read(bytes))).toEqual(expected);
    expect(isTrace(bytes)).toBe(true);
  });
  test.each(['raw', 'hex'])('%s numbers instead of text are a trace without records', (option) => {
    const bytes = readFileSync(new URL(`traces/6.18/text/${option}-option.txt`, fixtures));
    expect(isTrace(bytes)).toBe(true);
    expect(kinds(read(bytes))).toEqual({ text: expect.any(Number) });
  });
  test('hostile names come out of every form as they went in', () => {
    const names = (name: string) =>
      new Set(
        read(readFileSync(new URL(name, fixtures))).map((record) => (record.kind === 'event' ? record.comm : '')),
      );
    // The latency format cuts names to 8 bytes; trace-cmd learned some too late.
    expect(names('traces/6.18/text/latency.txt')).toContain('npm view');
    expect(names('traces/6.18/text/latency-verbose.txt')).toContain('npm view execa ');
    expect(names('traces/6.18/text/fields.txt')).toContain('a-1 [000] d..1.');
    expect(names('traces/6.18/trace-cmd/report.txt')).toContain('python3');
  });
  test('payloads of trace-cmd begin where their columns end', () => {
    const [, event] = read(readFileSync(new URL('traces/6.18/trace-cmd/report-R.txt', fixtures)));
    expect(event).toMatchObject({ name: 'sched_waking', payload: expect.stringMatching(/^comm=python3 pid=20994 /) });
  });
});

/** Samples of other kernels, which are not part of the project. */
const EXPECTED: Readonly<Record<string, Record<string, number> | 'no trace'>> = {
  'guest-dmesg.txt': 'no trace',
  'guest-func_stack.txt': {},
  'guest-function.txt': { event: 6 },
  'guest-graph.txt': {},
  'guest-graph_opts.txt': {},
  'guest-hist_kmalloc.txt': { histogram: 12, 'histogram-totals': 1 },
  'guest-hist_wakeup.txt': { histogram: 18, 'histogram-totals': 1 },
  'guest-kprobe.txt': { event: 32 },
  'guest-kprobe_events.txt': 'no trace',
  'guest-perf_lock_b.txt': 'no trace',
  'guest-perf_lock_contention.txt': { contention: 2 },
  'guest-perf_lock_contention_l.txt': 'no trace',
  'guest-perf_lock_contention_t.txt': { contention: 2 },
  'guest-perf_lock_contention_v.txt': { text: 15, contention: 2 },
  'guest-perf_lock_report.txt': { contention: 1 },
  'guest-perf_lock_script.txt': { event: 2, stack: 2 },
  'guest-perf_script.txt': { event: 6, stack: 5 },
  'guest-perf_script_F.txt': { event: 2, stack: 2 },
  'guest-perf_script_G.txt': { event: 10 },
  'guest-perf_script_ns.txt': { event: 1, stack: 1 },
  'guest-perf_stat_j.txt': 'no trace',
  'guest-printk_marker.txt': { event: 2 },
  // A console: what it dumps of the trace is read, but it is a log.
  'guest-serial-with-ftrace-dump.log': 'no trace',
  'guest-synthetic.txt': { event: 18 },
  'guest-tc_dump.txt': 'no trace',
  'guest-tc_fgraph.txt': { graph: 4 },
  'guest-tc_ls.txt': 'no trace',
  'guest-tc_mem.txt': 'no trace',
  'guest-tc_report.txt': { event: 59 },
  'guest-tc_report_N.txt': { event: 13 },
  'guest-tc_report_Ofgraph:tailprint=1.txt': { event: 13 },
  'guest-tc_report_R.txt': { event: 13 },
  'guest-tc_report_S.txt': { event: 13 },
  'guest-tc_report_T.txt': { event: 13 },
  'guest-tc_report_V.txt': {},
  'guest-tc_report_comm.txt': { text: 1, event: 12 },
  'guest-tc_report_cpu0.txt': { event: 13 },
  'guest-tc_report_l.txt': { event: 13 },
  'guest-tc_report_nodate.txt': { event: 13 },
  'guest-tc_report_rawts.txt': { event: 13 },
  'guest-tc_report_stat.txt': { text: 11 },
  'guest-tc_report_t.txt': { event: 13 },
  'guest-tc_report_ts2secs1000.txt': { event: 13 },
  'guest-tc_report_tsdiff.txt': { event: 13 },
  'guest-tc_report_w.txt': { event: 13 },
  'guest-tc_stack.txt': { event: 4, stack: 4 },
  'guest2-dmesg.txt': 'no trace',
  'guest2-dmesg_x.txt': 'no trace',
  'guest2-error_log.txt': 'no trace',
  'guest2-func_stack.txt': { event: 2, stack: 2 },
  'guest2-graph.txt': { graph: 116 },
  'guest2-graph_latency.txt': { graph: 14 },
  'guest2-graph_opts.txt': { graph: 76 },
  'guest2-hist_kmalloc.txt': { histogram: 57, 'histogram-totals': 1 },
  'guest2-hist_stack.txt': { histogram: 3 },
  'guest2-hist_sys.txt': { histogram: 191, 'histogram-totals': 1 },
  'guest2-kprobe_profile.txt': 'no trace',
  'guest2-kret.txt': { event: 43 },
  'guest2-perf_ftrace.txt': { event: 2, stack: 2 },
  'guest2-perf_ftrace_lat.txt': 'no trace',
  'guest2-perf_sched_lat.txt': 'no trace',
  'guest2-perf_timehist.txt': 'no trace',
  'guest2-perf_trace.txt': 'no trace',
  'guest2-vport.txt': 'no trace',
  'guest3-bench.txt': 'no trace',
  'guest3-stream.txt': 'no trace',
};

describe.skipIf(!existsSync(corpus))('samples of other kernels, where they are present', () => {
  const files = existsSync(corpus) ? readdirSync(corpus) : [];
  // What bpftrace wrote is read by its own reader.
  const own = files.filter((name) => !/^host-|bpf_\w+\.json$/.test(name));
  test('each is expected to be something', () => {
    expect(own.sort()).toEqual(Object.keys(EXPECTED).sort());
  });
  test.each(files)('%s', (name) => {
    const bytes = readFileSync(new URL(encodeURIComponent(name), corpus));
    const expected = EXPECTED[name] ?? 'no trace';
    expect(isTrace(bytes)).toBe(expected !== 'no trace');
    if (expected !== 'no trace') expect(kinds(read(bytes))).toEqual(expected);
  });
  test.each(['guest-serial-with-ftrace-dump.log', 'guest2-dmesg.txt'])('%s has a dump of the trace in it', (name) => {
    const events = read(readFileSync(new URL(name, corpus))).filter((record) => record.kind === 'event');
    expect(events).toHaveLength(32);
    expect(events[0]).toMatchObject({ flags: expect.stringMatching(/^\S{5}$/), name: 'sched_switch' });
  });
});

describe('any input', () => {
  const mixed = [
    'traces/6.18/trace-cmd/report-lost.txt',
    'traces/6.18/perf/script.txt',
    'traces/6.18/perf/lock-contention-v.txt',
    'traces/6.18/text/latency.txt',
    'ftrace/6.18/stack.txt',
  ].map((name) => readFileSync(new URL(name, fixtures)).subarray(0, 3000));
  const bytes = new Uint8Array(Buffer.concat(mixed));

  test('forms behind one another, in any chunks', () => {
    const whole = read(bytes);
    expect(kinds(whole)).toMatchObject({
      event: expect.any(Number),
      stack: expect.any(Number),
      contention: expect.any(Number),
    });
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const points = [0, ...cuts, bytes.length].sort((a, b) => a - b);
        expect(read(...points.slice(1).map((end, i) => bytes.slice(points[i], end)))).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });
  test('changed bytes never throw, and records come in the order of their places', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 60 }),
        (length, changes) => {
          const changed = bytes.slice(0, length);
          for (const [at, value] of changed.length > 0 ? changes : []) changed[at % changed.length] = value;
          let last = 0;
          for (const { byte, endByte } of read(changed)) {
            expect(byte).toBeGreaterThanOrEqual(last);
            expect(endByte).toBeLessThanOrEqual(changed.length);
            last = byte;
          }
        },
      ),
      { numRuns: 200 },
    );
  });
  test('a name of any 15 bytes is read back from perf script and the verbose latency format', () => {
    const byte = fc.integer({ min: 1, max: 255 }).filter((code) => code !== 10 && code !== 13);
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 15 }), fc.nat(4194304), (raw, pid) => {
        const padded = Buffer.concat([Buffer.alloc(16 - raw.length, ' '), Buffer.from(raw)]);
        const comm = Buffer.from(raw).toString('utf8').replace(/^ +/, '');
        for (const tail of [
          ` ${String(pid).padStart(7)}   0 1 00000002 00000009 [2e21ed699] 75.592ms (+0.721ms): sched_switch: a=1\n`,
          ` ${String(pid).padStart(5)} [001]  12.000001:    sched:sched_switch: a=1\n`,
        ])
          expect(read(Buffer.concat([padded, Buffer.from(tail)]))).toMatchObject([
            { kind: 'event', pid, comm, name: 'sched_switch' },
          ]);
      }),
    );
  });
  test.each([
    ['an endless line', 'a'.repeat(1 << 20)],
    ['an endless block', `# event histogram\n{ stacktrace:\n${'         f+0x1/0x2\n'.repeat(100_000)}`],
    [
      'endless columns',
      ` contended   total wait     max wait     avg wait         type   caller\n${' 1'.repeat(100_000)}\n`,
    ],
    ['endless blanks', `${' '.repeat(16_000)}x\n`.repeat(50)],
    ['endless dashes', `${'-1 '.repeat(5000)}\n`.repeat(50)],
    ['endless bars', ` 1) ${' |'.repeat(8000)}\n`.repeat(50)],
  ])('%s takes no time', (_, text) => {
    const start = performance.now();
    const records = read(text);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(JSON.stringify(records).length).toBeLessThan(20 * text.length + 20_000);
  });
});
