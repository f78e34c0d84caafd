import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNdjson } from '../base/ndjson.ts';
import { toJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { openDatabase } from '../store/database.ts';
import { placeOf } from '../store/place.ts';
import { listRuns, type RunSummary } from '../store/queries.ts';
import { testEvent, testEvents } from '../store/testing-events.ts';
import { NO_POSTGRES, startPostgres, type TestServer } from '../store/testing-postgres.ts';
import { type Entry, JOURNAL_SCHEMA, Journal } from '../stress/journal.ts';
import { checkStore } from './store-check.ts';
import { openLiveStore } from './store-live.ts';
import { Runs } from './store-runs.ts';
import { bodies, exported, live, record } from './testing-store.ts';

const RUN = '01J00000000000000000000001';
const GUESTS = ['01J0000000000000000000000A', '01J0000000000000000000000B'] as const;

let dir: string;
let server: TestServer | undefined;
let count = 0;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-store-'));
  if (NO_POSTGRES === '') server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const fresh = (name: string) => join(dir, `${name}-${++count}`);

async function summaries(store: string): Promise<RunSummary[]> {
  const database = await openDatabase(placeOf(store));
  const runs = await listRuns(database);
  await database.close();
  return runs;
}

const KINDS = [
  { name: 'SQLite', why: '', where: () => fresh('store.sqlite') },
  { name: `PostgreSQL${NO_POSTGRES}`, why: NO_POSTGRES, where: () => server?.fresh() ?? '' },
] as const;

describe.each(KINDS)('a run that goes on, in $name', ({ why, where }) => {
  const check = test.skipIf(why !== '');
  check('is there when it has ended, with what its recording says of it', async () => {
    const [store, folder, events] = [where(), fresh('capture'), testEvents(RUN, 1300)];
    record(folder, RUN, events).close();
    expect(await live(store, events, folder)).toEqual([]);
    expect(await bodies(store, 'last')).toEqual(events.map((event) => toJson(event)));
    expect(await summaries(store)).toMatchObject([
      {
        id: RUN,
        kind: 'attach',
        kernel: '6.1.0',
        capture: folder,
        events: 1300,
        missing: 0,
        ended: expect.any(String),
      },
    ]);
  });

  check('what comes faster than the store takes it comes from the recording', async () => {
    const [store, folder, events] = [where(), fresh('capture'), testEvents(RUN, 3000)];
    record(folder, RUN, events).close();
    expect(await live(store, events, folder, { maxItems: 700 })).toEqual([]);
    expect(await bodies(store, RUN)).toEqual(events.map((event) => toJson(event)));
  });

  check('and where there is none it is told how much is missing', async () => {
    const store = where();
    const warnings = await live(store, testEvents(RUN, 3000), undefined, { maxItems: 700 });
    expect(warnings).toEqual([`2300 events of run ${RUN} are not in the store: they came faster than it takes them`]);
    expect(await summaries(store)).toMatchObject([{ events: 700, missing: 2300 }]);
  });

  check('a run of tests: recordings beneath it, attempts, and the same from its folder', async () => {
    const [store, other, folder] = [where(), where(), fresh('run')];
    mkdirSync(folder);
    const header = {
      schema: JOURNAL_SCHEMA,
      run: RUN,
      started: '2026-01-02T03:04:05.000Z',
      tool: 'vexfs-trace 0',
      asked: { command: ['stress'] },
    } as const;
    const journal = Journal.create(join(folder, 'journal.ndjson'), header);
    const run = { kind: 'stress', command: ['stress'], folder, id: RUN, started: header.started } as const;
    const open = await openLiveStore(store, run, (text) => expect.unreachable(text));
    for (const [i, guest] of GUESTS.entries()) {
      const events = testEvents(guest, 40);
      record(join(folder, `guest-${i + 1}`), guest, events).close();
      for (const event of events) open.event(event, `guest-${i + 1}`);
    }
    const entry: Entry = {
      ...{
        id: 'L1-threads',
        test: 'threads',
        domain: 'module',
        attempt: 1,
        final: true,
        verdict: 'PASS',
        reason: '',
      },
      ...{ durationMs: 10, seed: 7, guest: 'guest-1', findings: [], incidents: [], figures: { perSecond: 3 } },
    };
    journal.append(entry);
    open.attempt(entry);
    await open.close();
    journal.close();
    await Runs.use(other, true, async (runs) => {
      expect(await runs.import(folder, (text) => expect.unreachable(text))).toMatchObject({
        runs: [RUN, ...GUESTS],
        events: 80,
        added: 80,
      });
      expect(await runs.import(folder, (text) => expect.unreachable(text))).toMatchObject({ events: 80, added: 0 });
    });
    // When something was last written is not the same, and which program it was.
    const comparable = (text: string) =>
      text
        .replaceAll(/"(seen|ended|tool)":("[^"]*"|null)/g, '"$1":0')
        .replaceAll('"command":["attach"]', '"command":["stress"]');
    expect(comparable(await exported(other))).toBe(comparable(await exported(store)));
    const shown = await Runs.use(store, false, (runs) => runs.show('last', false));
    for (const part of ['guest-1', 'guest-2', 'L1-threads', 'restore-snapshot', '8 times in 1 runs', 'module-crash'])
      expect(shown).toContain(part);
  });

  check('a replay adds a run that is not there, and nothing to one that is', async () => {
    const [store, folder] = [where(), fresh('capture')];
    record(folder, RUN, []).close();
    const replay = async (events: readonly Event[]) => {
      const open = await openLiveStore(store, { kind: 'replay', command: ['replay'], folder }, (text) =>
        expect.unreachable(text),
      );
      for (const event of events) open.event(event);
      await open.close();
    };
    await replay(testEvents(RUN, 30));
    await replay(testEvents(RUN, 90));
    expect(await summaries(store)).toMatchObject([{ kind: 'replay', events: 30 }]);
  });
});

test('--no-store makes none', async () => {
  const open = await openLiveStore(false, { kind: 'attach', command: [] }, () => expect.unreachable());
  open.event(testEvent(RUN, 0));
  await open.close();
});

describe('a store that fails costs a warning', () => {
  test('where nothing can be written, with how to bring the run in later', async () => {
    const folder = fresh('capture');
    const events = testEvents(RUN, 40);
    record(folder, RUN, events).close();
    writeFileSync(join(dir, 'file'), '');
    const warnings = await live(join(dir, 'file', 'store.sqlite'), events, folder);
    expect(warnings).toEqual([
      expect.stringContaining('the run is not stored, and goes on'),
      `bring it into the store later: vexfs-trace runs import ${folder}`,
    ]);
  });

  test('a server that is not there', async () => {
    const warnings = await live(
      `postgresql://nobody@localhost/none?host=${encodeURIComponent(dir)}`,
      testEvents(RUN, 4),
      undefined,
    );
    expect(warnings).toEqual([expect.stringContaining('the run is not stored, and goes on')]);
  });

  test('no room: said once, and the recording has it', async () => {
    const [store, folder, events] = [fresh('full.sqlite'), fresh('capture'), testEvents(RUN, 4000)];
    await live(store, testEvents(GUESTS[0], 10), undefined);
    record(folder, RUN, events).close();
    const warnings = await live(store, events, folder, { maxPages: statSync(store).size / 4096 + 100 });
    expect(warnings[0]).toContain('the run is not stored, and goes on: database or disk is full');
    expect(warnings.at(-1)).toBe(`bring it into the store later: vexfs-trace runs import ${folder}`);
    // Once there is room again.
    await Runs.use(store, false, async (runs) => {
      await runs.import(folder, (text) => expect.unreachable(text));
    });
    expect(await bodies(store, RUN)).toEqual(events.map((event) => toJson(event)));
  });

  test('a damaged file is put aside by name, a new one begun, and the run is whole in it', async () => {
    const [store, folder, events] = [fresh('damaged.sqlite'), fresh('capture'), testEvents(RUN, 600)];
    writeFileSync(store, 'this is a letter\n'.repeat(1000));
    record(folder, RUN, events).close();
    expect(await live(store, events, folder)).toEqual([
      expect.stringMatching(
        /is damaged \(.*\): it was put aside as .*\.damaged-\d{8}-\d{6}-\d{3}, and a new one is begun$/,
      ),
    ]);
    expect(await bodies(store, RUN)).toEqual(events.map((event) => toJson(event)));
    const aside =
      readdirSync(dir).find((name) => name.startsWith(store.slice(dir.length + 1)) && name.includes('.damaged-')) ?? '';
    expect(readFileSync(join(dir, aside), 'utf8')).toContain('this is a letter');
  });
});

test('runs check: finds, and repairs what it can', async () => {
  const store = fresh('check.sqlite');
  const [first, second] = [testEvents(GUESTS[0], 3000), testEvents(GUESTS[1], 3000)];
  await live(store, first, undefined);
  await live(store, second, undefined);
  expect(await checkStore(store, false)).toEqual({ problems: [], done: [], right: true });
  const size = statSync(store).size;
  const fd = openSync(store, 'r+');
  writeSync(fd, Buffer.alloc(8192, 0x5a), 0, 8192, Math.floor(size / 2 / 4096) * 4096);
  closeSync(fd);
  const found = await checkStore(store, false);
  expect(found.right).toBe(false);
  expect(found.problems.length).toBeGreaterThan(0);
  const repaired = await checkStore(store, true);
  expect(repaired.right).toBe(true);
  expect((await checkStore(store, true)).problems).toEqual([]);
  const kept = new Set([...(await bodies(store, GUESTS[0])), ...(await bodies(store, GUESTS[1]))]);
  expect(kept.size).toBeGreaterThan(5000);
  const written = new Set([...first, ...second].map((event) => toJson(event)));
  expect([...kept].every((body) => written.has(body))).toBe(true);
}, 60_000);

test('any events: export and import give them back, byte for byte', async () => {
  const details = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
  const words = fc.string({ unit: 'binary', maxLength: 700 });
  const made = fc.record({
    title: words,
    kind: words,
    test: words,
    fingerprint: words,
    incident: words,
    details,
    severity: fc.constantFrom('fatal', 'minor'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(made, { maxLength: 12 }), fc.boolean(), async (changes, kept) => {
      const [one, two, file] = [fresh('one.sqlite'), fresh('two.sqlite'), fresh('events.ndjson')];
      // Through JSON, as all events go: -0 is no number of it.
      const events = changes.map(
        (change, i) => JSON.parse(JSON.stringify(testEvent(RUN, i * 10 + 3, change))) as Event,
      );
      await live(one, [testEvent(RUN, 0), ...events], undefined);
      if (kept) await Runs.use(one, false, (runs) => runs.keep(RUN, true));
      const text = await exported(one);
      writeFileSync(file, text);
      await Runs.use(two, true, async (runs) => {
        await runs.import(file, (warning) => expect.unreachable(warning));
      });
      expect(await exported(two)).toBe(text);
      expect((await bodies(two, RUN)).slice(1).map((body) => JSON.parse(body))).toEqual(events);
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('what cannot be imported is told, by its line, and the rest is', async () => {
  const [store, file] = [fresh('store.sqlite'), fresh('events.ndjson')];
  const lines = [
    toNdjson(testEvent(RUN, 0)),
    '{"some":"thing"}\n',
    '{"schema":"vexfs-trace/store/1","record":"run"}\n',
    toNdjson(testEvent(RUN, 1)),
    '{"cut',
  ];
  writeFileSync(file, lines.join(''));
  const warnings: string[] = [];
  await Runs.use(store, true, async (runs) => {
    expect(await runs.import(file, (text) => warnings.push(text))).toEqual({ runs: [RUN], events: 2, added: 2 });
    await expect(runs.import(join(dir, 'nowhere'), () => {})).rejects.toMatchObject({ exit: 'usage' });
  });
  expect(warnings).toEqual([
    `${file}:2 is no event; such lines are left out`,
    `${file}:3 does not have the form of its schema; it is left out`,
    expect.stringContaining(`${file}:5 cannot be read, and what follows is left out`),
  ]);
});
