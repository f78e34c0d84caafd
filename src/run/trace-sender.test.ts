import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { FtraceRecord } from '../grammar/ftrace/index.ts';
import { packageRoot } from '../guest/paths.ts';
import { GuestTraceReader } from './guest-trace-reader.ts';

const TRACING = '/sys/kernel/tracing';
const WHY_NOT = existsSync(`${TRACING}/instances`) && process.getuid?.() === 0 ? '' : ' (no tracefs here, or not root)';

/** The guest's program, on the kernel of this machine. */
describe.skipIf(WHY_NOT !== '')(`what sends the trace of a guest${WHY_NOT}`, () => {
  const instance = `${TRACING}/instances/vexfs-sender-${process.pid}`;
  const out = mkdtempSync(join(tmpdir(), 'vexfs-sender-'));
  const trigger = `${instance}/events/sched/sched_process_fork/trigger`;

  afterAll(() => {
    if (existsSync(trigger)) {
      // A trigger keeps its instance in use.
      writeFileSync(trigger, '!stacktrace');
      rmdirSync(instance);
    }
    rmSync(out, { recursive: true });
  });

  test('stacks come with the names of the kernel’s functions', { timeout: 60_000 }, async () => {
    const made = spawnSync('make', ['-s', '-C', join(packageRoot(), 'src/guest/trace-stream'), `OUT=${out}`]);
    expect(made.stderr.toString()).toBe('');
    mkdirSync(instance);
    writeFileSync(`${instance}/trace_clock`, 'mono');
    writeFileSync(trigger, 'stacktrace');
    writeFileSync(`${instance}/events/sched/sched_process_fork/enable`, '1');
    const sender = spawn(join(out, 'vexfs-trace-stream'), [instance], { stdio: ['ignore', 'pipe', 'inherit'] });
    const reader = new GuestTraceReader();
    const records: FtraceRecord[] = [];
    const forks = () => records.filter((record) => record.kind === 'stack' && record.frames.includes('kernel_clone'));
    try {
      for await (const bytes of sender.stdout) {
        reader.push(bytes, (record) => records.push(record));
        // The first bytes say that it runs; what forks from then on is traced.
        spawnSync('true');
        if (forks().length >= 3) sender.kill('SIGINT');
      }
    } finally {
      sender.kill('SIGKILL');
    }
    reader.flush((record) => records.push(record));
    expect(records.some((record) => record.kind === 'event' && record.name === 'sched_process_fork')).toBe(true);
    const frames = records.flatMap((record) => (record.kind === 'stack' ? record.frames : []));
    expect(frames.filter((frame) => /^0xffffffff[89a]/.test(frame))).toEqual([]);
    expect(frames).toContain('do_syscall_64');
  });
});
