import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../model/run-report.ts';
import { EVIL } from '../sink/testing-evil.ts';
import { failuresMarkdown, trendMarkdown } from '../sink/trend-markdown.ts';
import { failuresText, trendText } from '../sink/trend-text.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { rowsOf } from '../store/event-rows.ts';
import { placeOf } from '../store/place.ts';
import { testEvent } from '../store/testing-events.ts';
import { NO_POSTGRES, startPostgres, type TestServer } from '../store/testing-postgres.ts';
import { StoreWriter } from '../store/writer.ts';
import { failuresSince, trendSince } from './store-history.ts';

let dir: string;
let server: TestServer | undefined;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-history-'));
  if (NO_POSTGRES === '') server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const DAYS = 12;
const DAY_MS = 86_400_000;
const dayOf = (day: number) => new Date(Date.UTC(2026, 0, 1) + day * DAY_MS).toISOString();
const idOf = (day: number) => `01J00000000000000000000D${String(day).padStart(2, '0')}`;
const guestOf = (day: number) => `01J00000000000000000000G${String(day).padStart(2, '0')}`;

/** Twelve days: from the seventh on, when the module was another one, writing takes half as long again, and there is a crash every other day. */
async function twelveDays(where: string, word = 'files'): Promise<Database> {
  const database = await openDatabase(placeOf(where));
  const writer = new StoreWriter(database);
  for (let day = 0; day < DAYS; day++) {
    const crashed = day >= 6 && day % 2 === 1;
    await writer.begin({ id: idOf(day), kind: 'stress', started: dayOf(day) });
    await writer.begin({ id: guestOf(day), kind: 'attach', started: dayOf(day), parent: idOf(day) });
    const finding = (seq: number, of: object) =>
      testEvent(guestOf(day), seq, { ...of, time: { wall: dayOf(day) }, incident: undefined });
    const events = [
      finding(3, { test: 'fault-panic', title: 'kernel panic: on demand', fingerprint: 'v1:planted' }),
      ...(crashed ? [finding(13, { test: `${word}.2`, title: `BUG in ${word}`, fingerprint: 'v1:own' })] : []),
    ];
    await writer.add(events.map((event) => rowsOf(event, guestOf(day))));
    await writer.summary(idOf(day), JSON.stringify(summaryOf(day, word, crashed)));
    await writer.end(idOf(day), dayOf(day), 0);
  }
  return database;
}

function summaryOf(day: number, word: string, crashed: boolean): Partial<RunReport> {
  const row = {
    domain: 'filesystem',
    about: '',
    reason: '',
    attempts: 1,
    seed: 1,
    incidents: [],
    findings: [],
  } as const;
  const rate = { 'write-ms': (day < 6 ? 10 : 15) + day / 100 };
  return {
    ...{ tool: 'vexfs-trace 1', started: dayOf(day), command: ['stress'], guests: ['g'], strays: [] },
    facts: { cpu: 'A', 'module-digest': day < 6 ? `old ${word}` : `new ${word}` },
    tests: [
      { ...row, id: word, verdict: 'PASS', durationMs: 1000 + day, unexpected: [], figures: rate },
      {
        ...row,
        id: `${word}.2`,
        verdict: 'PASS',
        durationMs: 1000,
        unexpected: crashed ? [`BUG in ${word}`] : [],
        figures: rate,
      },
      { ...row, id: 'fault-panic', verdict: 'PASS', durationMs: 9000, unexpected: [], figures: {} },
    ],
  };
}

const KINDS = [
  { name: 'SQLite', why: '', where: () => join(dir, 'store.sqlite') },
  { name: `PostgreSQL${NO_POSTGRES}`, why: NO_POSTGRES, where: () => server?.fresh() ?? '' },
] as const;

describe.each(KINDS)('many runs in $name', ({ why, where }) => {
  test.skipIf(why !== '')('the trend of a metric, failures, and what had changed when they came', async () => {
    const database = await twelveDays(where());
    const { metrics, runs } = await trendSince(database, dayOf(0), ['files/write']);
    expect(runs).toBe(DAYS);
    expect(metrics).toMatchObject([{ metric: 'files/write', unit: 'ms', verdict: 'worse', points: { length: DAYS } }]);
    const changes = [{ what: 'module-digest', before: 'old files', after: 'new files' }];
    expect(metrics[0]?.step).toEqual({ before: idOf(5), after: idOf(6), ratio: expect.closeTo(0.5, 1), changes });
    expect((await trendSince(database, dayOf(8), [])).runs).toBe(4);
    expect(await failuresSince(database, dayOf(0), false)).toEqual([
      {
        ...{ fingerprint: 'v1:own', title: 'BUG in files', status: 'known', flaky: true, count: 3, hits: 3, times: 5 },
        ...{ strip: '·······x·x·x', firstSeen: dayOf(7), lastSeen: dayOf(11) },
        came: { before: idOf(6), after: idOf(7), changes: [] },
      },
    ]);
    expect((await failuresSince(database, dayOf(0), true)).map(({ title, count }) => [title, count])).toContainEqual([
      'kernel panic: on demand',
      DAYS,
    ]);
    expect(await failuresSince(database, '2030-01-01', false)).toEqual([]);
    await database.close();
  });
});

test('as text and as Markdown', async () => {
  const database = await openDatabase(placeOf(join(dir, 'store.sqlite')));
  const trend = await trendSince(database, dayOf(0), ['files/write']);
  const failures = await failuresSince(database, dayOf(0), false);
  await database.close();
  const between = `between ${idOf(5)} and ${idOf(6)}: module-digest old files → new files`;
  const [head, , columns, row, , steps, step] = trendText(trend).split('\n');
  expect(head).toBe('12 runs, 2026-01-01T00:00:00.000Z to 2026-01-12T00:00:00.000Z');
  expect(columns).toMatch(/^metric +runs +median +a day +p +trend$/);
  expect(row).toMatch(/^files\/write +12 +12\.55ms +\+\d\.\d% +0\.\d{3} +worse +▁▁▁▁▁▁█{6}$/);
  expect([steps, step]).toEqual(['where levels changed:', `  files/write: +50.5% ${between}`]);
  expect(trendMarkdown(trend)).toContain(`\n| \`files/write\` | \`12\` | \`12.55ms\` |`);
  expect(failuresText(failures)).toMatch(
    /^known, flaky {2}3 +3 of 5 +2026-01-08 +2026-01-12 +·······x·x·x +BUG in files$/m,
  );
  expect(failuresMarkdown(failures)).toContain('\n- came:\n  - `BUG in files: between');
  expect([failuresText([]), failuresMarkdown([])]).toEqual(['no failures\n', '# Failures\n\nNo failures.\n\n']);
});

test('hostile words stay words', async () => {
  for (const [name, word] of Object.entries(EVIL).filter(([, text]) => text.trim() !== '')) {
    const database = await twelveDays(join(dir, `${name}.sqlite`), word);
    const trend = await trendSince(database, dayOf(0), []);
    const failures = await failuresSince(database, dayOf(0), false);
    await database.close();
    for (const text of [trendText(trend), failuresText(failures), trendMarkdown(trend), failuresMarkdown(failures)]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(text.split('\n').length).toBeLessThan(40);
    }
  }
}, 60_000);
