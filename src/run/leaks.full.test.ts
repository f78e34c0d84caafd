import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNdjson } from '../base/ndjson.ts';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import type { LeakSample } from '../model/leak-sample.ts';
import { startLeakWatch } from './leak-watch.ts';
import { GUEST_PATHS } from './prepare.ts';
import { checkReplay } from './replay.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { TOOL } from './version.ts';

const CLEAN_MS = Number(process.env.CLEAN_LOAD_SECONDS ?? 300) * 1000;
/** RECORD_FIXTURES=1 keeps what the host noted of the clean load and of the leak. */
const RECORD = process.env.RECORD_FIXTURES === '1';
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

  test('a replay gives the same events', async () => {
    await guest.attached.close();
    expect(guest.warnings).toEqual([]);
    const signal = new AbortController().signal;
    const warn = (text: string) => expect(text).toBe('');
    expect(await checkReplay(guest.captureDir, { patterns: [], signal, warn })).toEqual([]);
  });
});

test('what the watch costs', { timeout: 300_000 }, async () => {
  const guest = await openTestGuest({ leaks: { everyMs: 3_600_000 }, trace: false });
  try {
    const { on, off } = await compare(guest);
    // The best of each: what else this machine does only takes away.
    const share = Math.max(...on) / Math.max(...off);
    console.log(`operations in 10 s: with ${on.join(' ')}, without ${off.join(' ')}: ${Math.round(share * 100)} %`);
    expect(share).toBeGreaterThan(0.6);
  } finally {
    await guest.close();
  }
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
  const file = join(packageRoot(), 'fixtures/guests/stock/memory-leak');
  const records = notes(guest).filter(({ record }) => record === 'leaks');
  const bytes = records.map((record) => toNdjson(record)).join('');
  writeFileSync(`${file}.host`, bytes);
  const about = {
    tool: TOOL,
    kernel: guest.attached.under.guest.describe,
    configuration: 'stock',
    command: `vexfs-trace attach --kernel stock --stress --leaks ${EVERY_MS / 1000}s --inject memory-leak`,
    fault: 'memory-leak',
    streams: { host: { bytes: bytes.length, cut: 0 } },
    expected: [],
  };
  writeFileSync(`${file}.json`, `${JSON.stringify(about, null, 2)}\n`);
}

/** Rounds of the load in the guest, with the watch and without, in turn. */
async function compare({ attached: { under } }: TestGuest): Promise<{ readonly on: number[]; readonly off: number[] }> {
  const { control } = under.guest;
  const rounds = { on: [] as number[], off: [] as number[] };
  const argv = ['/bin/vexload', 'load', '--dir', GUEST_PATHS.mount, '--seconds', '10', '--seed', '1'];
  for (const watch of ['on', 'off', 'off', 'on', 'on', 'off', 'off', 'on'] as const) {
    if (watch === 'on') await startLeakWatch(control, under.module);
    else await control.request('exec', { argv: ['/bin/vexfs-leaks', 'stop'] });
    const { output } = await control.request('exec', { argv, timeoutMs: 60_000 }, { timeoutMs: 70_000 });
    const last = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { readonly ops: Record<string, number> };
    rounds[watch].push(Object.values(last.ops).reduce((sum, ops) => sum + ops, 0));
  }
  return rounds;
}
