import { expect, test } from 'vitest';
import type { AgentNotice } from '../model/guest.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { LoadWatch, since } from './load-watch.ts';

/** A load that has run for a while, and what the agent hands on of it. */
function watchOf(loadGroup: number) {
  let listener: (notice: AgentNotice) => void = () => {};
  const guest = {
    onNotice: (each: typeof listener) => {
      listener = each;
      return () => {};
    },
  };
  const watch = new LoadWatch({ guest, loadGroup } as unknown as GuestUnderTest);
  const line = (pid: number, file: number, errors: number, noSpace = 0, wrong = 0) =>
    listener({
      event: 'output',
      pid,
      data: `${JSON.stringify({ t: 1, ops: { file, dir: 0 }, errors, wrong, no_space: noSpace })}\n`,
    });
  return { watch, line, say: (data: string) => listener({ event: 'output', pid: loadGroup, data }) };
}

test('what the load had done before it was watched does not count', () => {
  const { watch, line } = watchOf(7);
  line(7, 1000, 5);
  const before = watch.counts;
  line(7, 1100, 6, 2);
  expect(since(watch.counts, before)).toEqual({ operations: 100, errors: 1, wrong: 0, noSpace: 2 });
});

test('a load that is started again counts from nothing, with the same number or another', () => {
  const { watch, line } = watchOf(7);
  line(7, 1000, 0);
  line(7, 1100, 0);
  line(7, 50, 1);
  line(9, 30, 2);
  expect(watch.counts).toEqual({ operations: 180, errors: 3, wrong: 0, noSpace: 0 });
});

test('other words are none of its counts', () => {
  const { watch, line, say } = watchOf(7);
  line(7, 1, 0);
  for (const text of ['vexload: worker 1: file: EIO\n', '{"ops":{"file":1}}\n', '{torn\n', 'null\n']) say(text);
  expect(watch.counts.operations).toBe(0);
});
