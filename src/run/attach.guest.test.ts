import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import { checkReplay } from './replay.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

const RACE = `==================================================================
BUG: KCSAN: data-race in vexfs_search_one / vexfs_vector_add

write to 0xffff888107f3e040 of 8 bytes by task 151 on cpu 0:
 vexfs_vector_add+0x5c/0x90
 vfs_write+0xc7/0x3f0

read to 0xffff888107f3e040 of 8 bytes by task 152 on cpu 1:
 vexfs_search_one+0x1c/0x90
 vfs_read+0xc7/0x3f0

Reported by Kernel Concurrency Sanitizer on:
CPU: 1 PID: 152 Comm: vexload Not tainted 6.1.0 #1
==================================================================
`;
const LEAK = `unreferenced object 0xffff88810a0e6c00 (size 32):
  comm "insmod", pid 131, jiffies 4294678435 (age 12.080s)
  hex dump (first 32 bytes):
    6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
  backtrace:
    [<00000000a2d5c3e1>] vexfs_fault_memory_leak+0x2c/0x60
    [<00000000b3e6d4f2>] vfs_write+0xc7/0x3f0
`;

/** The way from a booted kernel to a recovered guest, on one real guest, in the order in which a run goes. */
describe('a stock guest under load', () => {
  let guest: TestGuest;
  let mark = 0;
  const since = () => guest.events.slice(mark);
  const finding = () => since().find((event): event is Finding => isFinding(event) && event.final);
  const recoveries = () => since().filter((event): event is EventOf<'recovery'> => event.event === 'recovery');

  async function inject(fault: string) {
    mark = guest.events.length;
    const [result] = await guest.attached.inject([fault]);
    return result?.incident;
  }

  /** Does something to the guest and waits for the incident that it makes. */
  async function incidentOf(act: () => Promise<unknown>) {
    const { session } = guest.attached;
    await session.idle();
    mark = guest.events.length;
    const before = session.lastSeq;
    await act();
    return session.incidentAfter(before, 60_000, new AbortController().signal);
  }

  function shell(script: string, stdin = '') {
    return guest.attached.under.guest.control.request('exec', { argv: ['/bin/sh', '-c', script], stdin });
  }

  const report = (text: string) =>
    incidentOf(() => shell('while IFS= read -r line; do echo "$line" >/dev/kmsg; done', text));
  // The shell outlives its agent, whose death ends all that is in its process groups.
  const killAgent = () =>
    incidentOf(() => shell('setsid sh -c "sleep 0.3; kill -9 $(pidof vexfs-agent)" >/dev/null 2>&1 &'));

  beforeAll(async () => {
    guest = await openTestGuest({ load: { stress: true }, silenceMs: 4000, maxDumps: 1 });
  });
  afterAll(() => guest?.close());

  test('an oops is read whole and the snapshot restored', async () => {
    const incident = await inject('null-deref');
    expect(incident).toMatchObject({ classification: 'module-crash', outcome: 'recovered' });
    const found = finding();
    expect(found).toMatchObject({
      event: 'crash',
      kind: 'null-deref',
      title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref',
      severity: 'critical',
      context: {
        module: 'vexfs',
        pid: expect.any(Number),
        cpu: expect.any(Number),
        comm: 'vexfs-agent',
        taint: expect.stringContaining('O'),
      },
      corrupted: false,
      boot: 1,
    });
    const frames = found?.stacks.flatMap(({ frames }) => frames) ?? [];
    expect(frames.map(({ fn }) => fn)).toEqual(
      expect.arrayContaining(['vexfs_fault_null_deref', 'vfs_write', 'do_syscall_64']),
    );
    expect(frames.find(({ fn }) => fn === 'vexfs_fault_null_deref')?.module).toBe('vexfs');
    // So early, what came through the stream may still wait to be put in order; what the kernel printed itself is always there.
    expect(found?.flight).toMatchObject({ state: expect.any(String), records: expect.any(Array) });
    expect(found?.flight?.records).not.toEqual([]);
    expect(found?.flight).toMatchObject({ dumped: { operations: expect.arrayContaining([expect.anything()]) } });
    expect(recoveries().at(0)).toMatchObject({ kind: 'restore-snapshot', result: 'ok', verified: true });
    expect(recoveries().at(0)?.checks).toContain('write and read back: ok');
  });

  test('a WARNING is mended in place, by a fresh module', async () => {
    expect(await inject('warn-text')).toMatchObject({ classification: 'module-crash', outcome: 'recovered' });
    expect(recoveries().map(({ kind }) => kind)).toEqual([
      'pause-load',
      'unmount',
      'reload-module',
      'remount',
      'resume-load',
    ]);
    expect(since().some((event) => event.event === 'guest' && event.kind === 'restore')).toBe(false);
    expect(recoveries().find(({ verified }) => verified)?.checks).toContain('reloads: 1');
  });

  test('the same WARNING is seen again: what fires once was rearmed', async () => {
    expect(await inject('warn-text')).toMatchObject({ outcome: 'recovered' });
  });

  test('a deadlock is seen in the trace before the kernel says that tasks hang', async () => {
    expect(await inject('abba-deadlock')).toMatchObject({ classification: 'deadlock', outcome: 'recovered' });
    expect(finding()?.kind).toMatch(/^(trace-deadlock|hung-task)$/);
    expect(recoveries().findLast(({ verified }) => verified)?.checks).toContain('stuck tasks: none');
  });

  test('a slow operation is found with what it waits for', async () => {
    await inject('slow-op');
    const found = finding();
    expect(found).toMatchObject({ kind: 'slow-operation', title: 'slow operation: slow_op' });
    const [longest] = (found?.details.waits ?? []) as readonly { readonly stack: readonly string[] }[];
    expect(longest).toMatchObject({ for: 'sleep', name: 'msleep', ms: expect.any(Number) });
    expect(longest?.stack).toContain('vexfs_fault_slow_op [vexfs]');
  });

  test('an unknown fault is a usage error that knows better', async () => {
    await expect(guest.attached.inject(['nul-deref'])).rejects.toMatchObject({
      exit: 'usage',
      message: 'there is no fault "nul-deref", did you mean "null-deref"?',
    });
  });

  test('a panic is kept, in memory and in words, before the snapshot is restored', async () => {
    expect(await inject('panic')).toMatchObject({
      classification: 'kernel-panic',
      outcome: 'recovered',
      recoveryMs: expect.any(Number),
      beyondBootMs: expect.any(Number),
    });
    expect(recoveries().map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      'collect-pstore ok',
      'dump-memory ok',
      'restore-snapshot ok',
      'resume-load ok',
    ]);
    const words = readdirSync(guest.captureDir).find((name) => name.startsWith('last-words'));
    expect(readFileSync(join(guest.captureDir, words ?? ''), 'utf8')).toContain('vexfs: fault on demand');
    const dump = since().find((event) => event.event === 'guest' && event.kind === 'dump');
    expect(dump).toMatchObject({ detail: { command: expect.stringMatching(/^crash \S*vmlinux\S* \S+\.kdump$/) } });
    const { kernel } = guest.attached.under;
    // QEMU writes the flattened form, and in it what the guest told of itself through its vmcoreinfo device.
    const memory = readFileSync(join(guest.captureDir, 'memory-2.kdump'));
    expect(memory.toString('latin1', 0, 12)).toBe('makedumpfile');
    expect(memory.includes(`OSRELEASE=${kernel.release}\n`)).toBe(true);
  });

  test('which detectors still speak is told after an incident, and a test that needs one gets it', async () => {
    const told = guest.events.findLast((event) => event.event === 'guest' && event.kind === 'detectors');
    expect(told).toMatchObject({ detail: { armed: ['hung-task', 'soft-lockup'], disarmed: [] } });
    const { session, under } = guest.attached;
    await under.guest.control.request('sysctl', { values: { 'kernel.hung_task_warnings': 0 } });
    expect((await under.detectors()).of['hung-task']).toEqual({ state: 'disarmed', why: 'its warnings are used up' });
    expect(await session.restoreFor(['hung-task'])).toBe(true);
    expect(await session.restoreFor(['lockdep'])).toBe(false);
  });

  // What stock kernels do not detect is written to their log as a debug kernel does: from there on all is real.
  test.each<[string, () => Promise<unknown>, string, string]>([
    ['memory-corruption', () => inject('list-corruption'), 'restore-snapshot', 'pause-load'],
    ['mount-failure', () => inject('mount-failure'), 'remount', 'remount'],
    ['io-error', () => inject('io-error'), 'remount', 'remount-read-only'],
    ['out-of-memory', () => inject('memory-hog'), 'drop-caches', 'release-load'],
    ['race', () => report(RACE), 'keep-running', 'raise-sampling'],
    ['resource-leak', () => report(LEAK), 'remount', 'pause-load'],
    ['unknown', () => killAgent(), 'restart-agent', 'restart-agent'],
  ])('%s is recovered', async (classification, cause, mends, first) => {
    expect(await cause()).toMatchObject({ classification, outcome: 'recovered' });
    const climbed = recoveries().map(({ kind, result, reason, checks }) => `${kind} ${result}: ${reason}; ${checks}`);
    expect(recoveries().find(({ verified }) => verified)?.kind, climbed.join('\n')).toBe(mends);
    expect(recoveries()[0]?.kind).toBe(first);
  });

  test('a guest whose CPUs are stopped is told apart from a hang, and runs on', async () => {
    mark = guest.events.length;
    const before = guest.attached.session.lastSeq;
    await guest.attached.under.guest.freeze?.();
    const incident = await guest.attached.session.incidentAfter(before, 60_000, new AbortController().signal);
    expect(incident).toMatchObject({
      title: 'guest frozen: its CPUs were stopped from outside',
      classification: 'system-hang',
      outcome: 'recovered',
    });
    expect(recoveries().find(({ verified }) => verified)?.kind).toBe('resume-guest');
  });

  test('a replay gives the same events as the live run did', async () => {
    const live: Event[] = guest.events;
    await guest.attached.close();
    expect(guest.warnings).toEqual([]);
    expect(live.map(({ seq }) => seq)).toEqual(live.map((_, i) => i));
    expect(
      await checkReplay(guest.captureDir, {
        patterns: [],
        signal: new AbortController().signal,
        warn: (text) => expect(text).toBe(''),
      }),
    ).toEqual([]);
  });
});
