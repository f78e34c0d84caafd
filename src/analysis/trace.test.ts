import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FtraceRecord, FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { FlightRecorder } from './flight.ts';
import { type SlowOperation, SlowOperations } from './slow-operation.ts';
import { type WaitCycle, WaitCycles } from './wait-cycle.ts';

/** `pid cpu time event` a line, as text of the tracer, through the real splitter. */
function trace(script: string): Buffer {
  const lines = script
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', cpu = '', time = '', ...event] = line.trim().split(' ');
      if (pid === 'lost') return `CPU:${cpu} [LOST EVENTS]`;
      return `${`t${pid}`.padStart(16)}-${pid.padEnd(7)} [00${cpu}] .....  ${Number(time).toFixed(6)}: ${event.join(' ')}`;
    });
  return Buffer.from(`${lines.join('\n')}\n`);
}

const op = (verb: 'begin' | 'end', id: number, rest = '') => `op_${verb}: op=write sb=vexfs ino=7 id=${id}${rest}`;
const lock = (verb: string, name: string, mode = 'X') =>
  `lock_${verb}: class=${name} mode=${mode} lock=0xffff88800000000${name.charCodeAt(0) % 10} ip=vexfs_${name}+0x1/0x2 [vexfs]`;

function readTrace(bytes: Uint8Array): FtraceRecord[] {
  const records: FtraceRecord[] = [];
  const splitter = new FtraceSplitter();
  splitter.push(bytes, (record) => records.push(record));
  splitter.flush((record) => records.push(record));
  return records;
}

function run(bytes: Uint8Array) {
  const flight = new FlightRecorder({ fromStart: true });
  const slow = new SlowOperations();
  const cycles = new WaitCycles();
  const found: { slow: SlowOperation[]; cycles: WaitCycle[] } = { slow: [], cycles: [] };
  for (const record of readTrace(bytes)) {
    if (record.kind === 'lost') for (const analysis of [flight, slow, cycles]) analysis.gap(record);
    if (record.kind !== 'event') continue;
    const module = vexfsEvent(record);
    flight.record(record, module);
    found.slow.push(...slow.record(record, module));
    found.cycles.push(...cycles.record(record, module));
  }
  return { flight, ...found };
}

describe('flight recorder', () => {
  const script = `
    1 0 1.0 ${op('begin', 1)}
    1 0 1.1 ${lock('attempt', 'a')}
    1 0 1.2 ${lock('acquired', 'a')}
    2 1 1.3 ${op('begin', 2)}
    2 1 1.4 ${lock('attempt', 'a')}
    3 1 1.5 ${op('begin', 3)}
    3 1 1.6 ${op('end', 3, ' ret=0 ns=100')}`;

  test('what is in flight, held and waited for', () => {
    expect(run(trace(script)).flight.snapshot({ pid: 2 })).toMatchObject({
      state: 'complete',
      time: 1.6,
      operations: [
        { pid: 2, op: 'write', ino: '7', ageMs: 300, certain: true },
        { pid: 1, ageMs: 600 },
      ],
      held: [{ pid: 1, class: 'a', since: 1.2 }],
      waiting: [{ pid: 2, class: 'a', since: 1.4 }],
      records: [{ name: 'op_begin' }, { name: 'lock_attempt', cpu: 1, comm: 't2' }],
    });
  });
  test.each([
    ['of a task', 2, ['1.3 op_begin', '1.4 lock_attempt', '1.7 lock_acquired']],
    ['of a task that is only among those', 4, ['1.8 op_begin']],
    [
      'of a task that nothing is known of',
      9,
      [
        '1 op_begin',
        '1.1 lock_attempt',
        '1.2 lock_acquired',
        '1.3 op_begin',
        '1.4 lock_attempt',
        '1.5 op_begin',
      ].concat(['1.6 op_end', '1.7 lock_acquired', '1.8 op_begin']),
    ],
  ])('records that are not in order yet are shown: %s', (_name, pid, expected) => {
    const { flight } = run(trace(script));
    const waiting = `4 0 1.8 ${op('begin', 4)}\n2 1 1.7 ${lock('acquired', 'a')}`;
    const ahead = readTrace(trace(waiting)).filter((record) => record.kind === 'event');
    const { records, held } = flight.snapshot({ pid, ahead });
    expect(records.map(({ time, name }) => `${time} ${name}`)).toEqual(expected);
    // What they say is not known before its turn.
    expect(held).toMatchObject([{ pid: 1 }]);
  });
  test('a gap makes it unknown, not clean', () => {
    expect(run(trace(`${script}\nlost 0`)).flight.snapshot()).toMatchObject({
      state: 'unknown',
      gaps: 1,
      lastGap: 1.6,
      operations: [{ certain: false }, { certain: false }],
      held: [{ certain: false }],
    });
  });
  test('a snapshot is small and memory bounded, whatever comes', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${i % 4} ${i / 100} ${op('begin', i)}`);
    const { flight } = run(trace(lines.join('\n')));
    const snapshot = flight.snapshot();
    expect(JSON.stringify(snapshot).length).toBeLessThan(16_000);
    expect(snapshot.state).toBe('unknown');
  });
});

describe('slow operations', () => {
  test('by the measure of op_end', () => {
    const { slow } = run(
      trace(`1 0 1.0 ${op('end', 1, ' ret=-5 ns=2500000000')}\n1 0 1.1 ${op('end', 2, ' ret=0 ns=999999999')}`),
    );
    expect(slow).toMatchObject([
      { op: 'write', ino: '7', durationMs: 2500, thresholdMs: 1000, ret: -5, suppressed: 0 },
    ]);
  });
  test('in flight while time goes on, once', () => {
    const { slow } = run(
      trace(`
        1 0 1.0 ${op('begin', 1)}
        2 0 2.5 sched_wakeup: x=1
        2 0 3.5 sched_wakeup: x=1
        1 0 4.0 ${op('end', 1, ' ret=0 ns=3000000000')}`),
    );
    expect(slow).toMatchObject([{ durationMs: 1500, ret: null }]);
  });
  test('the rest of a minute is counted', () => {
    const lines = [0, 1, 2, 61].map((time, i) => `1 0 ${time} ${op('end', i, ' ret=0 ns=2000000000')}`);
    expect(run(trace(lines.join('\n'))).slow).toMatchObject([{ suppressed: 0 }, { suppressed: 2 }]);
  });
  test('none whose end another CPU may have lost: it says so only with the next event that it kept', () => {
    const lost = `
      1 1 1.0 ${op('begin', 1)}
      2 0 2.5 sched_wakeup: x=1
      2 0 3.5 sched_wakeup: x=1`;
    expect(run(trace(`${lost}\nlost 1\n2 1 3.6 sched_wakeup: x=1`)).slow).toEqual([]);
    expect(run(trace(`${lost}\n2 1 3.6 sched_wakeup: x=1\n2 0 3.9 sched_wakeup: x=1`)).slow).toHaveLength(1);
    // Nothing more comes from a CPU that stands still.
    expect(run(trace(`${lost}\n2 0 6.5 sched_wakeup: x=1`)).slow).toHaveLength(1);
  });
  test('none from a beginning before a gap', () => {
    expect(run(trace(`1 0 1.0 ${op('begin', 1)}\nlost 0\n2 0 9 sched_wakeup: x=1`)).slow).toEqual([]);
  });
});

describe('wait cycles', () => {
  const abba = `
    1 0 1.0 ${lock('attempt', 'a')}
    1 0 1.0 ${lock('acquired', 'a')}
    2 1 1.1 ${lock('attempt', 'b')}
    2 1 1.1 ${lock('acquired', 'b')}
    1 0 1.2 ${lock('attempt', 'b')}
    2 1 1.3 ${lock('attempt', 'a')}`;
  const wait = (...times: number[]) => times.map((time) => `9 0 ${time} sched_wakeup: x=1`).join('\n');

  test('two tasks, told once', () => {
    const { cycles } = run(trace(`${abba}\n${wait(2.0, 2.6, 3.0, 9.0)}`));
    expect(cycles).toHaveLength(1);
    expect(cycles[0]).toMatchObject({ time: 2.6, classes: expect.arrayContaining(['a', 'b']) });
    expect(
      cycles[0]?.tasks.map(({ pid, class: name, holds }) => [pid, name, holds.map((hold) => hold.class)]).sort(),
    ).toEqual([
      [1, 'b', ['a']],
      [2, 'a', ['b']],
    ]);
  });
  test.each([
    ['it has not lasted', `${abba}\n${wait(2.0)}`],
    ['across a gap', `${abba}\nlost 1\n${wait(2.6, 9)}`],
    ['the lock came', `${abba}\n2 1 1.4 ${lock('acquired', 'a')}\n${wait(2.6, 9)}`],
    [
      'long waits in a line',
      `1 0 1.0 ${lock('acquired', 'a')}\n2 0 1.0 ${lock('attempt', 'a')}\n3 0 1 ${lock('attempt', 'a')}\n${wait(9)}`,
    ],
    ['readers share', `1 0 1 ${lock('acquired', 'a', 'R')}\n1 0 1 ${lock('attempt', 'a', 'R')}\n${wait(9)}`],
  ])('none when %s', (_name, script) => {
    expect(run(trace(script)).cycles).toEqual([]);
  });
  test('a task alone', () => {
    const { cycles } = run(trace(`1 0 1.0 ${lock('acquired', 'a')}\n1 0 1.0 ${lock('attempt', 'a')}\n${wait(9)}`));
    expect(cycles).toMatchObject([{ tasks: [{ pid: 1 }], classes: ['a'] }]);
  });
  test('a reader behind a writer that waits for it', () => {
    const script = `1 0 1 ${lock('acquired', 'a', 'R')}\n2 0 1.1 ${lock('attempt', 'a', 'W')}\n1 0 1.2 ${lock('attempt', 'a', 'R')}\n${wait(9)}`;
    expect(run(trace(script)).cycles).toMatchObject([{ tasks: { length: 2 } }]);
  });
});

describe('recordings of a guest', () => {
  const fixture = (name: string) => readFileSync(new URL(`../../fixtures/ftrace/6.1/${name}`, import.meta.url));

  test('the deadlock fault', () => {
    const { cycles, flight } = run(fixture('deadlock.txt'));
    expect(cycles).toHaveLength(1);
    expect(
      cycles[0]?.tasks.map(({ comm, class: name, holds }) => [comm, name, holds.map((hold) => hold.class)]).sort(),
    ).toEqual([
      ['vexfs-abba/0', 'fault.abba_b', ['fault.abba_a']],
      ['vexfs-abba/1', 'fault.abba_a', ['fault.abba_b']],
    ]);
    expect(flight.snapshot({ pid: 105 })).toMatchObject({
      held: [{ pid: 105, class: 'fault.abba_a', lock: '0xffffffffc04a8240' }, { pid: 106 }],
      waiting: [{ pid: 105, class: 'fault.abba_b' }, { pid: 106 }],
    });
  });
  test('a load without faults gives no finding, and every line is read', () => {
    const { cycles, slow, flight } = run(fixture('vexfs.txt'));
    expect([...cycles, ...slow]).toEqual([]);
    expect(flight.snapshot().waiting.length).toBeLessThan(2);
    const splitter = new FtraceSplitter();
    splitter.push(fixture('vexfs.txt'), (record) => {
      expect(record.kind === 'event' && vexfsEvent(record)).toBeTruthy();
    });
  });
});

test('any order of any events neither throws nor stalls', () => {
  const names = ['a', 'b', 'c'].flatMap((name) =>
    ['attempt', 'acquired', 'release'].flatMap((verb) => ['R', 'W', 'X'].map((mode) => lock(verb, name, mode))),
  );
  const event = fc.constantFrom(...names, op('begin', 1), op('end', 1, ' ret=0 ns=1'), op('begin', 2));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(4), fc.nat(3), fc.nat(100), event), { minLength: 1, maxLength: 60 }),
      (list) => {
        const script = list.map(([pid, cpu, time, text]) =>
          time === 50 ? `lost ${cpu}` : `${pid} ${cpu} ${time / 10} ${text}`,
        );
        const { flight, cycles } = run(trace(script.join('\n')));
        JSON.stringify(flight.snapshot({ pid: 1 }));
        for (const cycle of cycles)
          expect(new Set(cycle.tasks.map((task) => `${task.pid} ${task.lock}`)).size).toBe(cycle.tasks.length);
      },
    ),
    { numRuns: 300 },
  );
});
