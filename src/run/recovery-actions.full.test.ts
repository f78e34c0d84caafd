import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventOf } from '../model/event.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

/** Asks for what no ladder begins with. */
const WANTS_MEMORY = `
id: wants-memory
title: A warning that more memory helps against
classification: module-crash
severity: critical
match:
  kind: warning
  frame: vexfs_fault_warn_text
advice:
  meaning: This is for a test, which wants to see a guest with more memory than before.
  lookAt: [whether the guest has it]
  docs: [Documentation/filesystems/vfs.rst]
actions: [raise-memory]
samples:
  - constructed: kmod/fault-crash.c
    finding: { event: crash, kind: warning, title: WARNING in vexfs_fault_warn_text, frame: vexfs_fault_warn_text }
counterSamples:
  - constructed: kmod/fault-crash.c
    finding: { event: crash, kind: warning, title: WARNING in other, frame: other }
`;

let dir: string;
let guest: TestGuest;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'actions-'));
  writeFileSync(join(dir, 'wants-memory.yaml'), WANTS_MEMORY);
  guest = await openTestGuest({ patterns: [dir], allowActions: new Set(['raise-memory']), trace: false });
});
afterAll(async () => {
  await guest?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** What is done after a fault, once its incident is closed. */
async function recoveriesOf(fault: string): Promise<readonly EventOf<'recovery'>[]> {
  const { session, under } = guest.attached;
  await session.idle();
  const before = guest.events.length;
  const { lastSeq } = session;
  await under.fault(fault, undefined, 5000);
  const incident = await session.incidentAfter(lastSeq, 60_000, new AbortController().signal);
  expect(incident, guest.warnings.join('\n')).toMatchObject({ outcome: 'recovered' });
  return guest.events.slice(before).filter((event): event is EventOf<'recovery'> => event.event === 'recovery');
}

test('a guest gets twice the memory, and is restored with it from then on', async () => {
  const { under } = guest.attached;
  const before = under.guest.machine?.memoryMiB ?? 0;
  const kibibytes = async () => {
    const { output } = await under.guest.control.request('read', { path: '/proc/meminfo', max: 64 });
    return Number(/MemTotal: +(\d+)/.exec(output)?.[1]);
  };
  const had = await kibibytes();
  expect(await recoveriesOf('warn-text')).toContainEqual(
    expect.objectContaining({ kind: 'raise-memory', result: 'ok', verified: true }),
  );
  expect(under.guest.machine?.memoryMiB).toBe(2 * before);
  expect(await kibibytes()).toBeGreaterThan(1.8 * had);
  expect(await recoveriesOf('bug')).toContainEqual(
    expect.objectContaining({ kind: 'restore-snapshot', verified: true }),
  );
  expect(await kibibytes()).toBeGreaterThan(1.8 * had);
});

test('what came back twice is set apart, unless it is broken on purpose', async () => {
  const { session } = guest.attached;
  const apart = () => session.isolated.map(({ title }) => title);
  session.deliberate = true;
  for (let time = 0; time < 3; time++) await recoveriesOf('bug');
  session.deliberate = false;
  expect(apart()).toEqual([]);
  for (let time = 0; time < 3; time++) await recoveriesOf('null-deref');
  expect(apart()).toEqual([expect.stringContaining('vexfs_fault_null_deref')]);
});
