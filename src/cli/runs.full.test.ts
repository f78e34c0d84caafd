import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { type CliOptions, runCli } from './testing.ts';

/** Recorded runs, and what is in them. */
const RECORDED = join(packageRoot(), 'fixtures/runs');
const FAULTS = '01M7ZSS9D8DRWZ7FYZ7QYNBACH';
const LEVEL_1 = '01M7ZSDTYVG9DBYM8Q8FT2JPAZ';
const GUEST = '01M7ZSSBA065MKA1RPJ6RA1MRK';
const [FAULT_EVENTS, LEVEL_1_EVENTS] = [223, 136] as const;

let dir: string;
let store: string;
const runs = (args: readonly string[], options: CliOptions = {}) =>
  runCli(['runs', ...args], undefined, { cwd: dir, ...options, env: { VEXFS_TRACE_STORE: store, ...options.env } });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-runs-cli-'));
  store = join(dir, 'store.sqlite');
  const all = FAULT_EVENTS + LEVEL_1_EVENTS;
  expect(await runs(['import', RECORDED])).toEqual({
    ...{ code: 0, stdout: '' },
    stderr: `${RECORDED}: 4 runs and recordings, ${all} events, ${all} of them new\n`,
  });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const lines = (text: string) => text.trimEnd().split('\n');
const values = (text: string) => lines(text).map((line) => JSON.parse(line));

describe('asks', () => {
  /** What is asked, and what of the answer is held. */
  const ASKED: readonly (readonly [string, (stdout: string) => unknown, unknown])[] = [
    ['list', (out) => lines(out).map((line) => line.split(/ +/)[0]), ['run', FAULTS, LEVEL_1]],
    ['list --limit 1 --format json', (out) => values(out).map(({ id, findings }) => [id, findings]), [[FAULTS, 12]]],
    ['list --kept', (out) => lines(out).length, 1],
    ['show last', (out) => /events +(\d+)/.exec(out)?.[1], String(FAULT_EVENTS)],
    ['show QYNBACH --format json', (out) => values(out)[0].incidents.length, 9],
    ['show 01M7ZSD', (out) => /events +(\d+)/.exec(out)?.[1], String(LEVEL_1_EVENTS)],
    ['events last --event crash', (out) => new Set(values(out).map(({ event }) => event)), new Set(['crash'])],
    [
      'events last --severity fatal --limit 2',
      (out) => values(out).map(({ severity }) => severity),
      ['fatal', 'fatal'],
    ],
    ['events last --test fault-panic --event test', (out) => values(out).map(({ kind }) => kind), ['start', 'end']],
    ['events last --until 2026-01-01', (out) => out, ''],
    ['events last', (out) => lines(out).length, FAULT_EVENTS],
    ['metrics last --name host --label cpuPercent --format json', (out) => values(out).length, 50],
    ['metrics 01M7ZSD --kind latency', (out) => lines(out)[0]?.split(/ +/)[0], 'kind'],
    ['export', (out) => values(out).filter(({ record }) => record === 'run').length, 4],
    ['export last', (out) => values(out).filter(({ record }) => record === 'summary').length, 1],
    ['trend --days 9999', (out) => out, '2 runs, 2026-11-21T19:30:43.292Z to 2026-11-21T19:36:58.537Z\n'],
    ['trend --days 9999 --format json', (out) => JSON.parse(out).metrics, []],
    ['trend --days 9999 --format markdown', (out) => lines(out)[0], '# Trend'],
    ['failures --days 9999', (out) => lines(out).length, 2],
    ['failures --days 9999 --planted --format json', (out) => JSON.parse(out).length, 13],
    ['failures --days 9999 --format markdown', (out) => lines(out)[2], '1 failure'],
    ['prune --older-than 1m --keep-last 1 --dry-run', (out) => lines(out).length, 3],
  ];
  test.each(ASKED)('%s', async (asked, read, expected) => {
    const { code, stdout, stderr } = await runs(asked.split(' '));
    expect([code, stderr.replace(/^2 runs would be removed\n$/, '')]).toEqual([0, '']);
    expect(read(stdout)).toEqual(expected);
  });
});

describe('refuses', () => {
  const REFUSED: readonly (readonly [string, number, string])[] = [
    ['show nothing-like-it', 2, 'there is no run "nothing-like-it" in the store'],
    ['show 01M7ZS', 2, 'several runs'],
    ['events last --severity awful', 2, 'fatal'],
    ['events last --since yesterday', 2, 'write a time such as'],
    ['prune', 2, 'what is to go?'],
    ['prune --older-than 30', 2, 'such as 30d'],
    ['prune --max-size many', 2, 'max-size'],
    [`rm ${GUEST}`, 2, 'name that run'],
    ['import no-such-folder', 2, 'there is no no-such-folder'],
    ['export last -o no/such/folder/file', 2, 'cannot be written'],
    ['list --store elsewhere.sqlite', 4, 'there is no store at elsewhere.sqlite yet'],
    ['list --store postgresql://nobody@localhost/none?host=/no/such/folder', 3, 'cannot be used'],
    ['list --store .', 3, 'cannot be used'],
  ];
  test.each(REFUSED)('%s', async (asked, code, words) => {
    const ended = await runs(asked.split(' '));
    expect([ended.code, ended.stdout, ended.stderr.includes(words) || ended.stderr]).toEqual([code, '', true]);
    expect(existsSync(join(dir, 'elsewhere.sqlite'))).toBe(false);
  });
});

test('a run goes through an export into another store, which exports the same', async () => {
  const other = { env: { VEXFS_TRACE_STORE: join(dir, 'other.sqlite') } };
  expect(await runs(['export', 'last', '-o', 'run.ndjson'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect((await runs(['import', 'run.ndjson'], other)).stderr).toContain(`${FAULT_EVENTS} of them new`);
  expect((await runs(['import', 'run.ndjson'], other)).stderr).toContain(', 0 of them new');
  expect((await runs(['export', FAULTS], other)).stdout).toBe(readFileSync(join(dir, 'run.ndjson'), 'utf8'));
});

test('what is kept stays, the rest goes', async () => {
  const own = { env: { VEXFS_TRACE_STORE: join(dir, 'prune.sqlite') } };
  await runs(['import', RECORDED], own);
  expect((await runs(['keep', LEVEL_1], own)).stderr).toBe(`${LEVEL_1} is kept\n`);
  expect(await runs(['rm', LEVEL_1], own)).toMatchObject({ code: 2, stderr: expect.stringContaining('keep --undo') });
  const pruned = await runs(['prune', '--max-size', '1'], own);
  expect([pruned.code, pruned.stderr, lines(pruned.stdout)[1]?.split(' ')[0]]).toEqual([
    0,
    '1 run was removed\n',
    FAULTS,
  ]);
  await runs(['keep', '--undo', LEVEL_1], own);
  expect((await runs(['rm', 'last'], own)).stderr).toBe(`${LEVEL_1} was removed\n`);
  expect((await runs(['list'], own)).stdout.split('\n')).toHaveLength(2);
});

test('check: whole, damaged, repaired', async () => {
  const own = { env: { VEXFS_TRACE_STORE: join(dir, 'check.sqlite') } };
  await runs(['import', RECORDED], own);
  expect(await runs(['check'], own)).toEqual({ code: 0, stdout: '', stderr: 'the store is whole\n' });
  const text = readFileSync(join(dir, 'check.sqlite'));
  const fd = openSync(join(dir, 'check.sqlite'), 'r+');
  writeSync(fd, Buffer.from('N'), 0, 1, text.indexOf('"event":"incident"') + 1);
  closeSync(fd);
  const found = await runs(['check'], own);
  expect([found.code, found.stdout]).toEqual([
    1,
    expect.stringMatching(/^1 events of run [0-9A-Z]{26} are not as they were written\n$/),
  ]);
  const repaired = await runs(['check', '--repair'], own);
  expect([repaired.code, repaired.stderr]).toEqual([0, expect.stringContaining('was put aside as')]);
  expect(await runs(['check'], own)).toMatchObject({ code: 0 });
  expect(readdirSync(dir).filter((name) => name.includes('check.sqlite.damaged'))).toHaveLength(1);
  await runs(['import', RECORDED], own);
  expect((await runs(['events', 'last'], own)).stdout).toBe((await runs(['events', 'last'])).stdout);
});
