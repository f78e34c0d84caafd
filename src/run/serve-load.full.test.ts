import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { benchServe } from './serve.bench.ts';

const built = existsSync(join(packageRoot(), 'dist/vexfs-trace.cjs'));

test.skipIf(!built)('fifty clients of a run of 2,000 events a second get the same events, each once', async () => {
  const load = await benchServe({ clients: 50, perSecond: 2000, seconds: 3 });
  expect(load).toMatchObject({ events: 6000, identical: 50 });
  // What all of them got, had it been kept for each, would be above 200 MB.
  const [before, , , most] = load.memory;
  expect(most - before).toBeLessThan(150);
});
