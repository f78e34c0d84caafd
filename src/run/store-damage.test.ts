import { closeSync, copyFileSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExpectedError } from '../base/errors.ts';
import { seeded } from '../base/random.ts';
import { toJson } from '../base/text.ts';
import { testEvents } from '../store/testing-events.ts';
import { checkStore } from './store-check.ts';
import { Runs } from './store-runs.ts';
import { bodies, live, record } from './testing-store.ts';

const OLD = ['01J0000000000000000000000A', '01J0000000000000000000000B'] as const;
const RUN = '01J00000000000000000000001';
const PAGE = 4096;

let dir: string;
let whole: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-damage-'));
  whole = join(dir, 'whole.sqlite');
  for (const run of OLD) await live(whole, testEvents(run, 600), undefined);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Damage = (fd: number, size: number, random: () => number) => void;

const at = (limit: number, random: () => number) => Math.floor(random() * limit);
const noise = (length: number, random: () => number) => Buffer.from(Array.from({ length }, () => at(256, random)));

/** As disks, memory and people do it. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  'bits that turned over': (fd, size, random) => {
    for (let n = 0; n < 12; n++) writeSync(fd, noise(1, random), 0, 1, at(size, random));
  },
  'a page of zeros': (fd, size, random) => {
    writeSync(fd, Buffer.alloc(PAGE), 0, PAGE, at(size / PAGE, random) * PAGE);
  },
  'pages of something else': (fd, size, random) => {
    const length = PAGE * (1 + at(6, random));
    writeSync(fd, noise(length, random), 0, length, at((size - length) / PAGE, random) * PAGE);
  },
  'half a sector': (fd, size, random) => {
    writeSync(fd, noise(256, random), 0, 256, at(size / 512, random) * 512);
  },
  'an end that is missing': (fd, size, random) => ftruncateSync(fd, at(size, random)),
  'a head of zeros': (fd, _, random) => {
    writeSync(fd, Buffer.alloc(100), 0, 1 + at(99, random), 0);
  },
  'a page where another one was': (fd, size, random) => {
    ftruncateSync(fd, size);
    const page = Buffer.alloc(PAGE, 0x0d);
    writeSync(fd, page, 0, PAGE, (1 + at(size / PAGE - 1, random)) * PAGE);
  },
};

const CASES = Object.entries(DAMAGES).flatMap(([what, damage], kind) =>
  Array.from({ length: 3 }, (_, seed) => ({ what, damage, seed: kind * 100 + seed })),
);

test.each(CASES)(
  '$what ($seed): the run is whole, and a repair leaves a whole store with it',
  async (each) => {
    const random = seeded(each.seed);
    const [store, folder] = [join(dir, `${each.seed}.sqlite`), join(dir, `capture-${each.seed}`)];
    copyFileSync(whole, store);
    const fd = openSync(store, 'r+');
    each.damage(fd, statSync(store).size, random);
    closeSync(fd);

    const events = testEvents(RUN, 700);
    const written = events.map((event) => toJson(event));
    record(folder, RUN, events).close();
    const warnings = await live(store, events, folder);

    // Either it is there, or it was said that it is not and how it comes in later.
    const stored = await bodies(store, RUN).catch(expectedOnly);
    if (!warnings.some((text) => text.includes('runs import'))) expect(stored ?? written).toEqual(written);
    else expect(warnings.at(-1)).toBe(`bring it into the store later: vexfs-trace runs import ${folder}`);

    const found = await checkStore(store, false);
    expect(found.right).toBe(found.problems.length === 0);
    const repaired = await checkStore(store, true);
    expect(repaired).toMatchObject({ right: true });
    expect((await checkStore(store, false)).problems).toEqual([]);
    await Runs.use(store, true, (runs) => runs.import(folder, (text) => expect.unreachable(text)));
    expect(await bodies(store, RUN)).toEqual(written);
    // What is left of the others was not made up.
    const known = new Set(OLD.flatMap((run) => testEvents(run, 600).map((event) => event.id)));
    for (const run of OLD)
      for (const body of (await bodies(store, run).catch(expectedOnly)) ?? [])
        expect(known.has((JSON.parse(body) as { id: string }).id)).toBe(true);
  },
  60_000,
);

/** A damaged store is an error that people can act on, and nothing else. */
function expectedOnly(error: unknown): undefined {
  if (!(error instanceof ExpectedError)) throw error;
  return undefined;
}
