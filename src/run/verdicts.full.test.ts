import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFault } from './fault-run.ts';
import { FAULT_TABLE, SILENT_FAULTS } from './fault-table.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';
import { VERDICTS } from './verdict-table.ts';

/** What the tables of faults and races do not run of the table of verdicts in docs/trace-analysis.md. */
const WAIT_MS = 90_000;
const SILENT_MS = 20_000;

const onStock = new Set(FAULT_TABLE.filter(({ kernel }) => kernel === 'stock').map(({ fault }) => fault));
const elsewhere: ReadonlySet<string> = new Set(['data-race', 'missing-lock', ...SILENT_FAULTS]);
const ofLocks = VERDICTS.filter(({ fault }) => !elsewhere.has(fault));

describe('verdicts of a stock guest', () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({ load: { stress: true } });
  });
  afterAll(() => guest?.close());

  test.each(ofLocks.filter(({ trace, fault }) => trace === null && !onStock.has(fault)))(
    'of $fault: none',
    { timeout: SILENT_MS + 60_000 },
    async ({ fault }) => {
      const { findings } = await runFault(guest, fault, SILENT_MS);
      expect(findings.map(({ title }) => title)).toEqual([]);
    },
  );
});

describe('verdicts of a stock guest, accesses traced as well', () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({ races: true, load: { stress: true } });
  });
  afterAll(() => guest?.close());

  test.each(ofLocks.filter(({ races }) => races !== null))(
    'of $fault: $races',
    { timeout: WAIT_MS + 60_000 },
    async ({ fault, races }) => {
      const { findings } = await runFault(guest, fault, WAIT_MS);
      expect(findings.map(({ kind }) => kind)).toContain(races);
    },
  );
  test.each(ofLocks.filter(({ races }) => races === null))(
    'of $fault: none',
    { timeout: SILENT_MS + 60_000 },
    async ({ fault }) => {
      const { findings } = await runFault(guest, fault, SILENT_MS);
      expect(findings.map(({ title }) => title)).toEqual([]);
    },
  );
});

const there = isKernelThere('kcsan');
describe.skipIf(!there)(`verdicts of KCSAN${there ? '' : ' (not on this machine)'}`, () => {
  test('of missing-lock', { timeout: WAIT_MS + 120_000 }, async () => {
    const guest = await openTestGuest({ kernel: TEST_KERNELS.kcsan, load: { stress: true } });
    try {
      const { findings } = await runFault(guest, 'missing-lock=0', WAIT_MS);
      const wanted = VERDICTS.find(({ fault }) => fault === 'missing-lock')?.kcsan;
      expect(findings.map(({ kind }) => kind)).toContain(wanted);
    } finally {
      await guest.close();
    }
  });
});
