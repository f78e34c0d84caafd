import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNdjson } from '../base/ndjson.ts';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import type { LeakSample } from '../model/leak-sample.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

const CLEAN_MS = Number(process.env.CLEAN_LOAD_SECONDS ?? 300) * 1000;
/** `UPDATE_FIXTURES=1` keeps what the host noted of the leak. */
const RECORD = process.env.UPDATE_FIXTURES === '1';
const EVERY_MS = 30_000;
const PLENTY = 10_000;

interface Sampled {
  readonly point: string;
  readonly allocations: number;
  readonly outstanding: number;
  readonly missedAllocations: number;
  readonly missedFrees: number | null;
}

describe('leaks, on a stock kernel under load', () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({ leaks: { everyMs: EVERY_MS }, load: { stress: true } });
  });
  afterAll(() => guest?.close());

  const findings = (from: number): Finding[] => guest.events.slice(from).filter(isFinding);
  const sampled = (from: number): Sampled[] =>
    guest.events
      .slice(from)
      .flatMap((event) =>
        event.event === 'metric' && event.kind === 'leaks' ? [{ point: event.name, ...(event.values as object) }] : [],
      ) as Sampled[];

  test('a clean load gives no finding', { timeout: CLEAN_MS + 180_000 }, async () => {
    await guest.attached.run(CLEAN_MS);
    const looks = sampled(0);
    for (const look of looks) console.log(JSON.stringify(look));
    for (const { sample } of notes(guest))
      for (const { count, frames } of sample?.sites ?? [])
        console.log(`${count} ${frames.map(({ fn }) => fn).join(' < ')}`);
    expect(findings(0).map(({ title }) => title)).toEqual([]);
    expect(looks.at(-1)).toMatchObject({ point: 'unloaded', outstanding: 0, missedFrees: expect.any(Number) });
    if (CLEAN_MS >= 300_000) expect(looks.at(-1)?.allocations).toBeGreaterThan(PLENTY);
  });

  test('what a fault leaks is found when the module is gone, with its stack', { timeout: 300_000 }, async () => {
    const mark = guest.events.length;
    const [result] = await guest.attached.inject(['memory-leak']);
    const [leak, ...others] = findings(mark);
    expect(others.map(({ title }) => title)).toEqual([]);
    expect(leak).toMatchObject({
      kind: 'trace-leak',
      title: 'memory leak in vexfs_fault_memory_leak',
      matches: [{ pattern: 'trace-leak', classification: 'resource-leak' }],
      details: { certainty: 'unloaded', objects: 16 },
    });
    expect(leak?.stacks[0]?.frames.map(({ fn }) => fn)).toEqual(
      expect.arrayContaining(['vexfs_fault_memory_leak', 'vexfs_fault_write', 'vfs_write']),
    );
    // The innermost line of the source is an inlined kmalloc.
    expect(leak?.stacks[0]?.frames.find(({ file }) => file?.endsWith('/fault-leak.c'))).toMatchObject({
      module: 'vexfs',
    });
    expect(result?.incident?.outcome).toBe('recovered');
    if (RECORD) keep(guest);
  });

  test('a leak that grows is found while the module lives', { timeout: 300_000 }, async () => {
    const mark = guest.events.length;
    for (let round = 0; round < 4; round++) {
      await guest.attached.under.fault('memory-leak', String(4 + round), 20_000);
      await guest.attached.checkLeaks('unmounted');
    }
    expect(findings(mark).map(({ title, details }) => [title, details.certainty])).toEqual([
      ['memory leak in vexfs_fault_memory_leak', 'growing'],
    ]);
  });
});

interface Note {
  readonly record: string;
  readonly sample?: LeakSample;
}

/** What the host noted so far. */
function notes({ captureDir }: TestGuest): Note[] {
  const lines = readFileSync(join(captureDir, 'host.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function keep(guest: TestGuest): void {
  const dir = join(packageRoot(), 'fixtures/guests/stock');
  const records = notes(guest).filter(({ record }) => record === 'leaks');
  writeFileSync(join(dir, 'memory-leak.host'), records.map((record) => toNdjson(record)).join(''));
}
