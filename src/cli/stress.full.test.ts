import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { seeded } from '../base/random.ts';
import { listRecords, sweep } from '../guest/run-dir.ts';
import type { Event } from '../model/event.ts';
import type { RunReport } from '../model/run-report.ts';
import { BIN } from './testing.ts';

const SEED = Number(process.env.KILL_SEED ?? 1);
const KILLS = Number(process.env.KILLS ?? 30);

/** Short tests of several kinds, with faults between them that have to be recovered from. */
const TESTS = [
  ...['load-unload', 'load-twice', 'interfaces', 'unload-busy', 'files', 'names', 'vectors', 'threads'],
  ...['fault-null-deref', 'fault-warn-text', 'fault-list-corruption', 'fault-panic', 'fault-abba-deadlock'],
];
const ASKED = ['--seed', '7', '--seconds', '2', '--cycles', '2', ...TESTS.flatMap((name) => ['--test', name])];

const dir = mkdtempSync(join(tmpdir(), 'vexfs-kills-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function start(...args: readonly string[]): ChildProcess {
  return spawn(BIN, ['stress', '--format', 'ndjson', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Lets a run go to its end; its verdicts by test. */
async function finish(child: ChildProcess, folder: string): Promise<Record<string, string>> {
  child.stdout?.resume();
  child.stderr?.resume();
  await new Promise((resolve) => child.once('close', resolve));
  const report = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as RunReport;
  return Object.fromEntries(report.tests.map(({ id, verdict }) => [id, verdict]));
}

/** Moments that matter: any, in a recovery, in a write of the journal. */
const MOMENTS = ['any', 'recovery', 'journal'] as const;

/** Ends a run without a word at a moment of chance. False when the run was over before. */
async function kill(child: ChildProcess, folder: string, random: () => number): Promise<boolean> {
  const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'any';
  const end = () => child.kill('SIGKILL');
  child.stderr?.resume();
  const over = new Promise<boolean>((resolve) => child.once('exit', (_, signal) => resolve(signal === 'SIGKILL')));
  const journal = join(folder, 'journal.ndjson');
  let writes = 0;
  const writesBefore = 1 + Math.floor(random() * 3);
  const delayMs = random() * 6000;
  const watcher =
    existsSync(folder) && moment === 'journal' ? watch(journal, () => ++writes >= writesBefore && end()) : undefined;
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
  let armed = false;
  for await (const line of lines) {
    const event = JSON.parse(line) as Event;
    if (event.event === 'recovery' && moment === 'recovery') end();
    // The others too, when what they wait for does not come: somewhere behind the first test that begins.
    if (event.event === 'test' && !armed) {
      armed = true;
      void sleep(moment === 'any' ? delayMs : 30_000).then(end);
    }
  }
  watcher?.close();
  return over;
}

test(`killed at ${KILLS} moments and taken up again, a run comes to the same verdicts`, async () => {
  const whole = join(dir, 'whole');
  const expected = await finish(start(...ASKED, '--folder', whole), whole);
  expect(Object.values(expected)).toEqual(TESTS.map(() => 'PASS'));

  const random = seeded(SEED);
  for (let kills = 0, run = 1; kills < KILLS; run++) {
    const folder = join(dir, `killed-${run}`);
    let child = start(...ASKED, '--folder', folder);
    while (kills < KILLS && (await kill(child, folder, random))) {
      kills += 1;
      child = start('--resume', folder);
    }
    expect(await finish(start('--resume', folder), folder)).toEqual(expected);
  }
  // Nothing of the killed ones is left, once the next start has looked.
  sweep();
  expect(listRecords().filter(({ record }) => record.owner !== undefined)).toEqual([]);
});

test('two guests side by side come to the same verdicts as one', async () => {
  const alone = join(dir, 'alone');
  const both = join(dir, 'both');
  const one = await finish(start(...ASKED, '--folder', alone), alone);
  const two = await finish(start(...ASKED, '--guests', '2', '--folder', both), both);
  expect(two).toEqual(one);
  const report = JSON.parse(readFileSync(join(both, 'summary.json'), 'utf8')) as RunReport;
  expect(new Set(report.tests.map(({ guest }) => guest)).size).toBe(2);
  expect(report.orphans).toEqual([]);
});
