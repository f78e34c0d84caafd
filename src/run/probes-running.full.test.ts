import { expect, test } from 'vitest';
import { bootGuest } from './guest-command.ts';
import { runProbes } from './probes-run.ts';

test('probes of a guest that runs already', async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const options = { kernel: 'stock', cpus: 2, progress: () => {}, signal: stop.signal };
  const { guest, id } = await bootGuest(options, () => {});
  try {
    await runProbes({
      ...options,
      names: ['slab-bytes'],
      files: [],
      guest: id,
      onMessage: () => {},
      onEvent: (event) => {
        if (event.event === 'metric') seen.push(event.name);
        stop.abort();
      },
    });
  } finally {
    await guest.close();
  }
  expect(seen).toEqual(expect.arrayContaining(['@slab_bytes', '@slab_cache_bytes']));
});
