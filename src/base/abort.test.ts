import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { onAbort } from './abort.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

test('waits that overlap all take off their listeners, whatever was collected meanwhile', async () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 12; i++) {
    const offs = [onAbort(signal, () => {}), onAbort(signal, () => {})];
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    for (const off of offs) off();
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('is told once, at once where the signal was aborted before, and no more after it was taken off', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const off = onAbort(controller.signal, () => told.push('off'));
  onAbort(controller.signal, () => told.push('on'));
  off();
  controller.abort();
  onAbort(controller.signal, () => told.push('late'));
  onAbort(undefined, () => told.push('never'));
  expect(told).toEqual(['on', 'late']);
});
