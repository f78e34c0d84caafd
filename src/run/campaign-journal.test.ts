import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CampaignEntry, CampaignJournal, type CampaignPlan } from './campaign-journal.ts';
import { campaignRows, campaignText } from './campaign-table.ts';

const plan: CampaignPlan = {
  schema: 'vexfs-trace/campaign/1',
  kernel: 'stock',
  points: ['fail-nth'],
  ops: ['create', 'write'],
  seed: 0,
  maxNth: 3,
};

const entry = (op: string, nth: number, more: Partial<CampaignEntry> = {}): CampaignEntry => ({
  point: 'fail-nth',
  op,
  nth,
  outcome: 'error',
  ms: 1,
  ...more,
});

describe('the journal of a campaign', () => {
  let folder: string;
  const file = () => join(folder, 'campaign.ndjson');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vexfs-campaign-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function written(...entries: readonly CampaignEntry[]): void {
    const journal = CampaignJournal.begin(folder, plan);
    for (const each of entries) journal.add(each);
    journal.close();
  }

  test('goes on behind the last entry', () => {
    written(entry('create', 1), entry('create', 2));
    const journal = CampaignJournal.resume(folder);
    expect(journal.plan).toEqual(plan);
    expect([journal.next('fail-nth', 'create'), journal.next('fail-nth', 'write')]).toEqual([3, 1]);
    journal.add(entry('create', 3, { outcome: 'not-reached' }));
    expect(journal.next('fail-nth', 'create')).toBeUndefined();
    journal.close();
    expect(readFileSync(file(), 'utf8').trim().split('\n').length).toBe(4);
  });

  test.each([1, 20, 60])('a last line torn after %i bytes is done again', (bytes) => {
    written(entry('create', 1));
    const whole = readFileSync(file(), 'utf8');
    appendFileSync(file(), JSON.stringify(entry('create', 2)).slice(0, bytes));
    const journal = CampaignJournal.resume(folder);
    expect(journal.next('fail-nth', 'create')).toBe(2);
    journal.close();
    expect(readFileSync(file(), 'utf8')).toBe(whole);
  });

  test('ends where there are more calls than are to be tried, and where none can be', () => {
    written(entry('create', 1), entry('create', 2), entry('create', 3), entry('write', 1, { outcome: 'skip' }));
    const journal = CampaignJournal.resume(folder);
    expect([journal.next('fail-nth', 'create'), journal.next('fail-nth', 'write')]).toEqual([undefined, undefined]);
    journal.close();
  });

  test('is not begun where another is, and not resumed where none is', () => {
    expect(() => CampaignJournal.resume(folder)).toThrow(/holds no campaign/);
    written();
    expect(() => CampaignJournal.begin(folder, plan)).toThrow(/holds a campaign already/);
    writeFileSync(file(), '{"schema":"of another"}\n');
    expect(() => CampaignJournal.resume(folder)).toThrow(/does not begin as the journal/);
  });
});

describe('the table of a campaign', () => {
  const entries = [
    entry('create', 1, { hit: 'failslab', inModule: true, errno: 'ENOMEM' }),
    entry('create', 2, { outcome: 'handled' }),
    entry('create', 3, { outcome: 'wrong-data', hit: 'failslab', detail: 'a name is there' }),
    entry('write', 1, { outcome: 'skip', detail: 'CONFIG_FAILSLAB is not set' }),
  ];

  test('counts what came of the calls', () => {
    expect(campaignRows(plan, entries)).toMatchObject([
      { op: 'create', failed: 3, inModule: 1, bounded: true, outcomes: { error: 1, handled: 1, 'wrong-data': 1 } },
      { op: 'write', failed: 0, skipped: 'CONFIG_FAILSLAB is not set' },
    ]);
  });

  test('says what has to be looked at, and how it comes again', () => {
    expect(campaignText(plan, entries)).toMatchInlineSnapshot(`
      "point     operation  failed  in module  handled  error  report  hang  wrong data
      fail-nth  create     3       1          1        1      0       0     1           more than 3 calls
      fail-nth  write      0       0          0        0      0       0     0           skip: CONFIG_FAILSLAB is not set

      wrong-data: create, call 3 (failslab): a name is there
        again: fault campaign --points fail-nth --ops create --max-nth 3"
    `);
  });
});
