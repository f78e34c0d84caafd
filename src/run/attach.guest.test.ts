import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import { checkReplay } from './replay.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

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

  beforeAll(async () => {
    guest = await openTestGuest({ load: { stress: true } });
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

  test('a guest that falls silent is found by its heartbeat and restored', async () => {
    mark = guest.events.length;
    const before = guest.attached.session.lastSeq;
    await guest.attached.under.guest.freeze?.();
    const incident = await guest.attached.session.incidentAfter(before, 60_000, new AbortController().signal);
    expect(incident).toMatchObject({ title: 'guest hang: no heartbeat and no console output', outcome: 'recovered' });
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
