import { spawn, spawnSync } from 'node:child_process';
import { existsSync, fstatSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FtraceRecord } from '../grammar/ftrace/index.ts';
import { packageRoot } from '../guest/paths.ts';
import { GuestTraceReader } from './guest-trace-reader.ts';

const TRACING = '/sys/kernel/tracing';
const WHY_NOT = existsSync(`${TRACING}/instances`) && process.getuid?.() === 0 ? '' : ' (no tracefs here, or not root)';

/** The guest's program, on the kernel of this machine. */
describe.skipIf(WHY_NOT !== '')(`what sends the trace of a guest${WHY_NOT}`, { timeout: 60_000 }, () => {
  const instance = `${TRACING}/instances/vexfs-sender-${process.pid}`;
  const out = mkdtempSync(join(tmpdir(), 'vexfs-sender-'));
  const set = (file: string, value: string) => writeFileSync(`${instance}/${file}`, value);

  beforeAll(() => {
    const made = spawnSync('make', ['-s', '-C', join(packageRoot(), 'src/guest/trace-stream'), `OUT=${out}`]);
    expect(made.stderr.toString()).toBe('');
  });
  beforeEach(() => {
    mkdirSync(instance);
    set('trace_clock', 'mono');
  });
  afterEach(() => {
    // A trigger keeps its instance in use.
    set('events/sched/sched_process_fork/trigger', '!stacktrace');
    rmdirSync(instance);
  });
  afterAll(() => rmSync(out, { recursive: true }));

  /** Records until `done`; `work` is done at each turn, so that something is traced. */
  async function records(
    args: readonly string[],
    work: () => void,
    done: (records: readonly FtraceRecord[]) => boolean,
  ): Promise<readonly FtraceRecord[]> {
    const sender = spawn(join(out, 'vexfs-trace-stream'), [instance, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const reader = new GuestTraceReader();
    const seen: FtraceRecord[] = [];
    try {
      for await (const bytes of sender.stdout) {
        reader.push(bytes, (record) => seen.push(record));
        work();
        if (done(seen)) sender.kill('SIGINT');
      }
    } finally {
      sender.kill('SIGKILL');
    }
    reader.flush((record) => seen.push(record));
    return seen;
  }

  test('stacks come with the names of the kernel’s functions', async () => {
    set('events/sched/sched_process_fork/trigger', 'stacktrace');
    set('events/sched/sched_process_fork/enable', '1');
    const forks = (all: readonly FtraceRecord[]) =>
      all.filter((record) => record.kind === 'stack' && record.frames.includes('kernel_clone'));
    const seen = await records(
      [],
      () => spawnSync('true'),
      (all) => forks(all).length >= 3,
    );
    expect(seen.some((record) => record.kind === 'event' && record.name === 'sched_process_fork')).toBe(true);
    const frames = seen.flatMap((record) => (record.kind === 'stack' ? record.frames : []));
    expect(frames.filter((frame) => /^0xffffffff[89a]/.test(frame))).toEqual([]);
    expect(frames).toContain('do_syscall_64');
  });

  test('when it cannot keep up it pauses, says so, and goes on', async () => {
    set('buffer_size_kb', '64');
    set('events/raw_syscalls/sys_enter/enable', '1');
    const isPause = (record: FtraceRecord) => record.kind === 'lost' && record.cpu === null;
    const seen = await records(
      ['pause'],
      () => {
        for (let call = 0; call < 5000; call++) fstatSync(0);
      },
      (all) => all.filter(isPause).length >= 3,
    );
    expect(seen.filter(isPause).length).toBeGreaterThanOrEqual(3);
    const own = seen.filter((record) => record.kind === 'event' && record.pid === process.pid);
    const times = own.flatMap((record) => ('time' in record && record.time !== null ? [record.time] : []));
    // Between the pauses is a trace again: calls that lie apart by no more than a call takes.
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(steps.filter((step) => step < 0.001).length).toBeGreaterThan(300);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(readFileSync(`${instance}/tracing_on`, 'utf8')).toBe('1\n');
  });
});
