import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { attemptRow } from './attempt-row.ts';
import { mend, problemsOf } from './check.ts';
import { type Database, openDatabase, openRaw } from './database.ts';
import { rowsOf } from './event-rows.ts';
import { metricSamples } from './metric-samples.ts';
import { migrate } from './migrations.ts';
import { placeOf } from './place.ts';
import {
  attemptsOf,
  crashStatistics,
  type EventFilter,
  eventsOf,
  findRun,
  incidentsOf,
  listRuns,
  recordingsOf,
  recoveriesOf,
  testsOf,
} from './queries.ts';
import { planPruning, removeRuns, setKept, stateOf } from './retention.ts';
import type { EventRow } from './tables.ts';
import { STARTED, testEvent, testEvents } from './testing-events.ts';
import { NO_POSTGRES, startPostgres, type TestServer } from './testing-postgres.ts';
import { type NewRun, StoreWriter } from './writer.ts';

let dir: string;
let server: TestServer | undefined;
let count = 0;
const opened: Database[] = [];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-store-'));
  if (NO_POSTGRES === '') server = await startPostgres();
}, 60_000);
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const KINDS = [
  { kind: 'sqlite', name: 'SQLite', why: '', fresh: () => join(dir, `store-${++count}.sqlite`) },
  { kind: 'postgres', name: `PostgreSQL${NO_POSTGRES}`, why: NO_POSTGRES, fresh: () => server?.fresh() ?? '' },
] as const;

async function open(where: string): Promise<Database> {
  const database = await openDatabase(placeOf(where));
  opened.push(database);
  return database;
}

const RUN = '01J00000000000000000000001';
const OTHER = '01J00000000000000000000002';

async function filled(where: string, events: readonly Event[] = testEvents(RUN, 40)): Promise<Database> {
  const database = await open(where);
  const writer = new StoreWriter(database);
  await writer.begin({ id: RUN, kind: 'attach', started: STARTED, command: '["attach"]' });
  await writer.add(events.map((event) => rowsOf(event, RUN)));
  return database;
}

async function listed<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

async function all(database: Database, run: string, filter?: EventFilter): Promise<string[]> {
  return listed(eventsOf(database, run, filter));
}

describe.each(KINDS)('a store in $name', ({ kind, why, fresh }) => {
  const check = test.skipIf(why !== '');

  check('events come back as they were, in their order, over pages', async () => {
    const events = testEvents(RUN, 1234);
    const database = await filled(fresh(), events.toReversed());
    expect(await all(database, RUN)).toEqual(events.map((event) => toJson(event)));
  });

  check('what is written twice is there once, and the sums are right', async () => {
    const database = await filled(fresh());
    const writer = new StoreWriter(database);
    const more = testEvents(RUN, 60).map((event) => rowsOf(event, RUN));
    expect(await writer.add(more)).toBe(20);
    expect(await writer.add(more)).toBe(0);
    const bytes = more.reduce((sum, { event }) => sum + Buffer.byteLength(event.body), 0);
    expect(await findRun(database, RUN)).toMatchObject({ events: 60, bytes });
    expect(await problemsOf(database)).toEqual([]);
  });

  check('a batch with one row that cannot be written leaves nothing', async () => {
    const database = await filled(fresh());
    const rows = testEvents(RUN, 90).slice(40);
    const stray = rowsOf(testEvent('no-such-run', 0), 'no-such-run');
    await expect(new StoreWriter(database).add([...rows.map((event) => rowsOf(event, RUN)), stray])).rejects.toThrow();
    expect(await all(database, RUN)).toHaveLength(40);
    expect(await findRun(database, RUN)).toMatchObject({ events: 40 });
  });

  const FILTERS: readonly [EventFilter, number][] = [
    [{ event: ['crash'] }, 4],
    [{ event: ['crash', 'gap'] }, 8],
    [{ kind: ['latency'] }, 4],
    [{ severity: ['critical'] }, 12],
    [{ test: 'L1-test-1' }, 10],
    [{ test: 'L1-test-1', event: ['recovery'] }, 1],
    [{ incident: `incident-${RUN}-2` }, 4],
    [{ fingerprint: 'v1:0123456789abcdef' }, 4],
    [{ since: '2026-01-02T03:04:05.030Z' }, 10],
    [{ since: '2026-01-02T03:04:05.010Z', until: '2026-01-02T03:04:05.015Z' }, 5],
    [{ test: "'; drop table events; --" }, 0],
  ];
  check('events by what people ask for', async () => {
    const database = await filled(fresh());
    for (const [filter, expected] of FILTERS)
      expect([filter, (await all(database, RUN, filter)).length]).toEqual([filter, expected]);
  });

  check('incidents as they ended, whatever came first, and recoveries', async () => {
    const events = testEvents(RUN, 40);
    const expected = Array.from({ length: 4 }, (_, i) => ({
      ...{
        run: RUN,
        incident: `incident-${RUN}-${i}`,
        cause: 'c',
        classification: 'module-crash',
        severity: 'critical',
      },
      title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_write',
      ...{ outcome: 'recovered', test: `L1-test-${i % 3}`, last_seq: i * 10 + 6 },
      ...{ opened: events[i * 10 + 4]?.time.wall, closed: events[i * 10 + 6]?.time.wall },
    }));
    for (const order of [events, events.toReversed()]) {
      const database = await filled(fresh(), order);
      expect(await incidentsOf(database, [RUN])).toEqual(expected);
      const [recovery, ...others] = await recoveriesOf(database, [RUN]);
      expect(others).toHaveLength(3);
      expect(recovery).toEqual({
        ...{ run: RUN, seq: 5, incident: `incident-${RUN}-0`, test: 'L1-test-0', action: 'restore-snapshot' },
        ...{ result: 'ok', verified: 1, duration_ms: 465.25, reason: 'the guest broke' },
      });
    }
  });

  check('numbers of metrics, each with its name and time', async () => {
    const database = await filled(fresh());
    const samples = await listed(metricSamples(database, RUN));
    expect(samples.filter(({ seq }) => seq < 10).map(({ run: _, kind: __, ...sample }) => sample)).toEqual([
      ...[
        ['cpuPercent', 98.5] as const,
        ['memoryTotal', 729661440] as const,
        ['memoryAvailable', 618348544] as const,
      ].map(([label, value]) => ({ seq: 1, name: 'guest', label, t: 0.001, value })),
      { seq: 1, name: 'guest', label: 'cpus.0', t: 0.001, value: 1.5 },
      { seq: 1, name: 'guest', label: 'cpus.1', t: 0.001, value: 2 },
      { seq: 2, name: 'write', label: 'count', t: 0.002, value: 9 },
      { seq: 2, name: 'write', label: 'p50', t: 0.002, value: 0.25 },
      { seq: 2, name: 'write', label: 'p99', t: 0.002, value: 12.5 },
    ]);
    const p99 = await listed(metricSamples(database, RUN, { kind: 'latency', name: 'write', label: 'p99' }));
    expect(p99.map(({ seq, value }) => [seq, value])).toEqual([2, 12, 22, 32].map((seq) => [seq, 12.5]));
    expect(await listed(metricSamples(database, RUN, { name: 'no such' }))).toEqual([]);
  });

  check('a run of tests with its recordings, attempts, and the crashes of all runs', async () => {
    const database = await open(fresh());
    const writer = new StoreWriter(database);
    const guests = ['01J0000000000000000000000A', '01J0000000000000000000000B'];
    await writer.begin({ id: RUN, kind: 'stress', started: STARTED });
    for (const [i, id] of guests.entries()) {
      await writer.begin({ id, kind: 'attach', started: STARTED, parent: RUN, name: `guest-${i + 1}` });
      await writer.add(testEvents(id, 20).map((event) => rowsOf(event, id)));
    }
    const later = '2026-02-01T00:00:00.000Z';
    await writer.begin({ id: OTHER, kind: 'attach', started: later });
    await writer.add([
      rowsOf(testEvent(OTHER, 3, { time: { wall: later } }), OTHER),
      rowsOf(testEvent(OTHER, 13, { final: false }), OTHER),
    ]);
    const entry = {
      ...{ id: 'L1-test-0', test: 'test-0', domain: 'module', attempt: 1, final: true, verdict: 'PASS', reason: '' },
      ...{ guest: 'guest-1', durationMs: 1200, seed: 7, findings: [], incidents: [], figures: { perSecond: 12 } },
    };
    await writer.add([], [attemptRow(RUN, entry), attemptRow(RUN, { ...entry, attempt: 2 })]);
    expect(
      (await listRuns(database)).map(({ id, recordings, events, findings, incidents, recovered }) => [
        id,
        recordings,
        events,
        findings,
        incidents,
        recovered,
      ]),
    ).toEqual([
      [OTHER, 0, 2, 1, 0, 0],
      [RUN, 2, 40, 4, 4, 4],
    ]);
    expect((await recordingsOf(database, RUN)).map(({ id, name }) => [id, name])).toEqual([
      [guests[0], 'guest-1'],
      [guests[1], 'guest-2'],
    ]);
    expect(
      (await attemptsOf(database, RUN)).map(({ attempt, lane, body }) => [attempt, lane, JSON.parse(body)]),
    ).toEqual([
      [1, 'guest-1', entry],
      [2, 'guest-1', { ...entry, attempt: 2 }],
    ]);
    expect(await testsOf(database, guests)).toEqual(
      guests.flatMap((run) => [
        { run, seq: 9, test: 'L1-test-0', attempt: 1, verdict: 'PASS' },
        { run, seq: 19, test: 'L1-test-1', attempt: 1, verdict: 'PASS' },
      ]),
    );
    expect(await crashStatistics(database, [OTHER])).toEqual([
      {
        ...{ fingerprint: 'v1:0123456789abcdef', runs: 2, count: 5, last_seen: later },
        title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_write',
        first_seen: '2026-01-02T03:04:05.003Z',
      },
    ]);
    expect(await crashStatistics(database, ['none'])).toEqual([]);
  });

  const HOSTILE: readonly [string, string, string][] = [
    ['NUL', 'a\0b', 'a\ufffdb'],
    ['half a pair, high', 'a\ud83d', 'a\ufffd'],
    ['half a pair, low', '\ude00b', '\ufffdb'],
    ['a whole pair', '\u{1f600}', '\u{1f600}'],
    ['quotes and SQL', `'"; drop table runs; -- \\`, `'"; drop table runs; -- \\`],
    ['controls and overrides', '\u001b[2J\u202e\u0085', '\u001b[2J\u202e\u0085'],
    ['not a character', '\ufffe\uffff', '\ufffe\uffff'],
    ['long', 'x'.repeat(100_000), 'x'.repeat(600)],
    ['long, cut within a pair', `${'x'.repeat(599)}\u{1f600}y`, 'x'.repeat(599)],
    ['long, of three bytes each', '\u20ac'.repeat(5000), '\u20ac'.repeat(600)],
  ];
  check('hostile text: the event as it was, the columns as documented', async () => {
    const events = HOSTILE.map(([, text], i) =>
      testEvent(RUN, i * 10 + 3, {
        title: text,
        kind: text,
        test: text,
        fingerprint: text,
        incident: text,
        id: text,
        details: { text },
      }),
    );
    const database = await filled(fresh(), events);
    expect((await all(database, RUN)).map((body) => JSON.parse(body))).toEqual(events);
    const rows = await database.db
      .selectFrom('events')
      .select(['title', 'kind', 'test', 'fingerprint'])
      .orderBy('seq')
      .execute();
    expect(rows).toEqual(HOSTILE.map(([, , text]) => ({ title: text, kind: text, test: text, fingerprint: text })));
  });

  check('an event of several megabytes, and numbers beyond 64 bits', async () => {
    const events = [
      testEvent(RUN, 0, { detail: { text: 'y'.repeat(5_000_000) } }),
      testEvent(RUN, 1, { boot: 1e300, values: { big: 1e300, minus: -1e-300 } }),
    ];
    const database = await filled(fresh(), events);
    expect((await all(database, RUN)).map((body) => JSON.parse(body))).toEqual(events);
    expect((await listed(metricSamples(database, RUN))).map(({ value }) => value)).toEqual([1e300, -1e-300]);
  });

  check('two that open it at once, and two writers at once', async () => {
    const where = fresh();
    const [one, two] = await Promise.all([open(where), open(where)]);
    await Promise.all(
      [one, two].map(async (database, i) => {
        const id = i === 0 ? RUN : OTHER;
        const writer = new StoreWriter(database as Database);
        await writer.begin({ id, kind: 'attach', started: STARTED });
        for (let at = 0; at < 20; at++)
          await writer.add(
            testEvents(id, 1000)
              .slice(at * 50, at * 50 + 50)
              .map((event) => rowsOf(event, id)),
          );
      }),
    );
    expect((await listRuns(one)).map(({ events }) => events)).toEqual([1000, 1000]);
    expect(await problemsOf(one)).toEqual([]);
  });

  check('a store of a newer program is refused', async () => {
    const where = fresh();
    const database = await open(where);
    await database.db.updateTable('store_meta').set({ value: '999' }).where('name', '=', 'schema').execute();
    await expect(openDatabase(placeOf(where))).rejects.toMatchObject({
      exit: 'usage',
      message: expect.stringContaining('newer version'),
    });
  });

  check('a store of an older program is brought on, with all that it has', async () => {
    const where = fresh();
    const older = await openRaw(placeOf(where));
    await migrate({ ...older, place: where }, 1);
    await new StoreWriter(older).begin({ id: RUN, kind: 'attach', started: STARTED, events: 40 } as NewRun);
    for (const event of testEvents(RUN, 40)) {
      const { crc: _, ...row } = rowsOf(event, RUN).event;
      await older.db
        .insertInto('events')
        .values(row as EventRow)
        .execute();
    }
    const { sql } = older.kysely;
    await sql`insert into metrics (run, seq, n, kind, name, label, t, value) values (${RUN}, 1, 0, 'k', 'n', 'l', 0, 1)`.execute(
      older.db,
    );
    await older.close();
    const database = await open(where);
    expect(await all(database, RUN)).toEqual(testEvents(RUN, 40).map((event) => toJson(event)));
    expect(await problemsOf(database)).toEqual([]);
    await expect(sql`select * from metrics`.execute(database.db)).rejects.toThrow('metrics');
  });

  describe('pruning', () => {
    const runs = [
      '01J0000000000000000000000A',
      '01J0000000000000000000000B',
      '01J0000000000000000000000C',
      '01J0000000000000000000000D',
    ];
    /** A month apart; the second is kept, the last is under way. */
    async function months(where: string): Promise<Database> {
      const database = await open(where);
      const writer = new StoreWriter(database, true);
      for (const [i, id] of runs.entries()) {
        const started = `2026-0${i + 1}-01T00:00:00.000Z`;
        await writer.begin({ id, kind: 'attach', started });
        await writer.add(testEvents(id, 10).map((event) => rowsOf(event, id)));
        if (i < 3) await writer.end(id, started, 0);
      }
      await setKept(database, runs[1] ?? '', true);
      return database;
    }
    const LIMITS = [
      [{ before: '2026-03-15T00:00:00.000Z' }, [2, 0]],
      [{ before: '2026-02-15T00:00:00.000Z' }, [0]],
      [{ before: '2030-01-01T00:00:00.000Z' }, [2, 0]],
      [{ number: 0 }, [2, 0]],
      [{ number: 2 }, [0]],
      [{ number: 9 }, []],
      [{ bytes: 0 }, [2, 0]],
      [{ bytes: 1e9 }, []],
      [{ bytes: 'three' as const }, [0]],
      [{ number: 3, before: '2026-01-15T00:00:00.000Z' }, [0]],
    ] as const;
    check('goes by age, number and size, and never over what is kept or under way', async () => {
      const database = await months(fresh());
      const { bytes } = await findRun(database, runs[0] ?? '');
      for (const [limits, expected] of LIMITS) {
        const real = { ...limits, ...('bytes' in limits && limits.bytes === 'three' ? { bytes: bytes * 3 + 10 } : {}) };
        const going = await planPruning(database, real as never);
        expect([limits, going.map(({ id }) => runs.indexOf(id))]).toEqual([limits, expected]);
      }
    });
    check('takes all that belongs to a run, and no more', async () => {
      const where = fresh();
      const database = await months(where);
      await removeRuns(database, [runs[0] ?? '', runs[2] ?? '']);
      expect((await listRuns(database)).map(({ id }) => id)).toEqual([runs[3], runs[1]]);
      for (const table of ['events', 'tests', 'incidents', 'recoveries'] as const) {
        const left = await database.db.selectFrom(table).select('run').distinct().orderBy('run').execute();
        expect([table, left.map(({ run }) => run)]).toEqual([table, [runs[1], runs[3]]]);
      }
    });
  });

  check('a run by its id, a part of it, or as the last', async () => {
    const database = await filled(fresh());
    await new StoreWriter(database).begin({
      id: '01J1ABCDEF0000000000000XYZ',
      kind: 'attach',
      started: '2025-01-01T00:00:00.000Z',
    });
    expect((await findRun(database, 'last')).id).toBe(RUN);
    expect((await findRun(database, '0000001')).id).toBe(RUN);
    expect((await findRun(database, '01j1')).id).toBe('01J1ABCDEF0000000000000XYZ');
    for (const text of ['01J', '%', '____', 'nothing-of-it', "' or 1=1 --"])
      await expect(findRun(database, text)).rejects.toMatchObject({ exit: 'usage' });
    await new StoreWriter(database).begin({ id: OTHER, kind: 'attach', started: STARTED });
    await expect(findRun(database, '01J0')).rejects.toThrow('several runs');
  });

  check('wrong sums are found and mended', async () => {
    const database = await filled(fresh());
    await database.db.updateTable('runs').set({ events: 7 }).execute();
    expect(await problemsOf(database)).toEqual([`run ${RUN} says that it has 7 events, and has 40`]);
    await mend(database);
    expect(await problemsOf(database)).toEqual([]);
  });

  check('a letter that has changed in the text of an event is found', async () => {
    const database = await filled(fresh());
    const { sql } = database.kysely;
    await sql`update events set body = replace(body, 'vexfs_write', 'vexfs_wrote') where seq = 3`.execute(database.db);
    expect(await problemsOf(database)).toEqual([`1 events of run ${RUN} are not as they were written`]);
  });

  test.runIf(kind === 'sqlite')('room in the file is given back', async () => {
    const where = fresh();
    const database = await filled(where, testEvents(RUN, 5000));
    database.connection?.pragma('wal_checkpoint(truncate)');
    const before = statSync(where).size;
    await removeRuns(database, [RUN]);
    expect(statSync(where).size).toBeLessThan(before / 10);
  });

  test('states', () => {
    const row = { ended: null, seen: STARTED } as Parameters<typeof stateOf>[0];
    expect(stateOf(row, Date.parse(STARTED) + 1000)).toBe('running');
    expect(stateOf(row, Date.parse(STARTED) + 1e6)).toBe('cut off');
    expect(stateOf({ ...row, ended: STARTED })).toBe('ended');
  });
});
