import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { waitFor } from './wait.ts';

test('a wait that is over leaves no listener on the signal', async () => {
  const { signal } = new AbortController();
  await waitFor(1, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a wait without an end is ended by the signal, also by one that was aborted before', async () => {
  const controller = new AbortController();
  const waits = [waitFor(undefined, controller.signal), waitFor(1 << 30, controller.signal)];
  controller.abort();
  await Promise.all([...waits, waitFor(undefined, controller.signal)]);
});
