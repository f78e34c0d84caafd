import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from '../fault/faults.ts';
import type { Outcome } from '../fault/outcome.ts';
import { runCampaign } from './campaign.ts';
import type { CampaignEntry } from './campaign-journal.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';

const there = isKernelThere('kasan');

/** What each fault may come to under the built-in load, which has to be right whatever happens. */
const EXPECTED: Readonly<Record<string, readonly Outcome[]>> = {
  failslab: ['handled', 'error'],
  'fail-page-alloc': ['handled', 'error'],
  'fail-usercopy': ['handled', 'error'],
  'fail-make-request': ['handled', 'error', 'report', 'not-reached'],
  'fail-function': ['handled', 'error', 'not-reached'],
  // Tasks are killed for it where they cannot do with less.
  'memory-pressure': ['handled', 'error', 'report', 'not-reached'],
  'disk-full': ['error', 'handled'],
  signals: ['handled'],
  'killed-writers': ['handled'],
  'cpu-hotplug': ['handled'],
  'clock-jump': ['handled'],
  'console-flood': ['handled'],
  'network-loss': ['skip'],
  'slow-device': ['handled', 'not-reached'],
  'failing-device': ['report', 'error'],
  'failing-writes': ['report', 'error'],
  'lost-writes': ['handled', 'not-reached'],
  'flakey-device': ['report', 'error', 'not-reached'],
  'frozen-guest': ['hang'],
  'killed-guest': ['report'],
  'dead-agent': ['handled', 'report', 'hang'],
  'stopped-agent': ['hang', 'report'],
  'lost-port': ['hang', 'report'],
};

describe.skipIf(!there)(`a kernel with fault injection${there ? '' : ' (not on this machine)'}`, () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({
      kernel: TEST_KERNELS.kasan,
      load: { stress: true },
      trace: false,
      scratch: { diskSize: '64M' },
      breakable: true,
    });
  });
  afterAll(() => guest?.close());

  test.each(FAULTS.map(({ name }) => name))('%s', async (name) => {
    const [result] = await guest.attached.inject([name], 5);
    expect(EXPECTED[name], JSON.stringify(result)).toContain(result?.outcome);
    if (result?.incident !== undefined) expect(result.incident.outcome).toBe('recovered');
    await guest.attached.session.idle();
    const { checks, ok } = await guest.attached.under.health(new AbortController().signal);
    expect({ ok, checks }).toMatchObject({ ok: true });
  });
});

describe.skipIf(!there)('a campaign', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vexfs-campaign-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ports = { onEvent: () => {}, progress: () => {}, warn: () => {} };
  const plan = {
    kernel: TEST_KERNELS.kasan,
    points: ['fail-nth'],
    ops: ['create', 'write', 'rename'],
    seed: 7,
    maxNth: 50,
  };

  test('ends when it is told to, goes on where it ended, and leaves every file as it was', async () => {
    const stop = new AbortController();
    const first: CampaignEntry[] = [];
    const onEntry = (entry: CampaignEntry) => {
      if (first.push(entry) === 5) stop.abort();
    };
    await runCampaign({ folder, plan }, { ...ports, signal: stop.signal, onEntry });
    expect(first.length).toBe(5);
    const { entries } = await runCampaign({ resume: folder }, { ...ports, signal: new AbortController().signal });
    expect(entries.slice(0, 5)).toEqual(first);
    const ended = entries.filter(({ outcome }) => outcome === 'not-reached');
    expect(ended.map(({ op }) => op).sort()).toEqual(['create', 'rename', 'write']);
    expect(new Set(entries.map(({ op, nth }) => `${op} ${nth}`)).size).toBe(entries.length);
    expect(new Set(entries.map(({ outcome }) => outcome))).toEqual(new Set(['error', 'handled', 'not-reached']));
    expect(
      entries
        .filter(({ outcome }) => outcome === 'error')
        .every(({ errno }) => errno === 'ENOMEM' || errno === 'EFAULT'),
    ).toBe(true);
    expect(entries.some(({ op, inModule }) => op === 'write' && inModule)).toBe(true);
  });
});
