import { openDatabase } from './database.ts';
import { rowsOf } from './event-rows.ts';
import { placeOf } from './place.ts';
import { STARTED, testEvents } from './testing-events.ts';
import { StoreWriter } from './writer.ts';

/** Writes batch after batch until it is killed, and says of each that it is there: `node testing-writer.mjs FILE RUN SIZE`. */
const [, , file, run = '', size = '50'] = process.argv;
const writer = new StoreWriter(await openDatabase(placeOf(file)));
await writer.begin({ id: run, kind: 'attach', started: STARTED });
process.stdout.write('open\n');
for (let batch = 0; ; batch++) {
  const first = batch * Number(size);
  const events = testEvents(run, first + Number(size)).slice(first);
  await writer.add(events.map((event) => rowsOf(event, run)));
  process.stdout.write(`${batch}\n`);
}
