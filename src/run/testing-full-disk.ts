import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '../base/text.ts';
import { testEvents } from '../store/testing-events.ts';
import { checkStore } from './store-check.ts';
import { Runs } from './store-runs.ts';
import { bodies, live, record } from './testing-store.ts';

/**
 * What a store does on a disk that gets full, as JSON on standard output: `node testing-full-disk.mjs DISK FOLDER`. `DISK`: a small file
 * system of its own; `FOLDER`: on another one.
 */
const [, , disk = '', folder = ''] = process.argv;
const [RUN, OTHER] = ['01J00000000000000000000001', '01J00000000000000000000002'] as const;
const store = join(disk, 'store.sqlite');
const filler = join(disk, 'filler');
const events = testEvents(RUN, 3000);
const others = testEvents(OTHER, 200);

const before = await live(store, others, undefined);
record(join(folder, RUN), RUN, events).close();
const during = await live(store, events, join(folder, RUN));
const list = () => Runs.use(store, false, (runs) => runs.list({}, true)).then((text) => text.trim().split('\n').length);
const listed = await list();
fill();
const filled = await live(store, events, join(folder, RUN));
const listedFilled = await list();
rmSync(filler);
// What was there from the beginning makes the room that the rest of the run needs.
rmSync(join(disk, 'ballast'));
const whole = await checkStore(store, false);
const after: string[] = [];
await Runs.use(store, false, async (runs) => {
  await runs.import(join(folder, RUN), (text) => after.push(text));
});
const same = async (run: string, written: typeof events) =>
  JSON.stringify(await bodies(store, run)) === JSON.stringify(written.map((event) => toJson(event)));
const result = { before, during, listed, filled, listedFilled, problems: whole.problems, after };
process.stdout.write(JSON.stringify({ ...result, runs: [await same(RUN, events), await same(OTHER, others)] }));

/** To the last byte. */
function fill(): void {
  for (let size = 65_536; size >= 1; size = Math.floor(size / 4))
    for (;;)
      try {
        writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
}
