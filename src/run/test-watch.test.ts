import { expect, test } from 'vitest';
import type { Event } from '../model/event.ts';
import { TestWatch } from './test-watch.ts';

const PROGRAM = { body: { kind: 'program', argv: () => [] } } as const;
const found = (more: object) =>
  ({
    event: 'crash',
    ...{ kind: 'oops', title: 'an oops', severity: 'critical', final: true, test: 'files', time: {} },
    ...more,
  }) as unknown as Event;
const dropped = (lost: number | null) => ({ event: 'gap', kind: 'printk-dropped', lost, time: {} }) as unknown as Event;

test('findings are of the test that they name, complete, and not what it brings about', () => {
  const watch = new TestWatch('files', { ...PROGRAM, provokes: ['mount-failure'] });
  expect(watch.event(found({ title: 'mine' }))).toBe(true);
  expect(watch.event(found({ title: 'half', final: false }))).toBe(true);
  expect(watch.event(found({ title: 'meant', kind: 'mount-failure' }))).toBe(true);
  expect(watch.event(found({ title: 'of the one before', test: 'names' }))).toBe(false);
  expect(watch.event(found({ title: 'of none', test: undefined }))).toBe(false);
  expect(watch.findings).toEqual([{ title: 'mine', severity: 'critical' }]);
});

test('of a flood of findings so many are kept, and a grave one behind it is among them', () => {
  const watch = new TestWatch('files', PROGRAM);
  for (let i = 0; i < 5000; i++) watch.event(found({ title: `minor ${i}`, severity: 'minor' }));
  watch.event(found({ title: 'grave' }));
  expect(watch.findings).toHaveLength(1001);
  expect(watch.findings[0]?.title).toBe('grave');
});

test('what was not heard is told, but of a flood that was asked for', () => {
  const watch = new TestWatch('files', PROGRAM);
  expect(watch.unheard(true)).toEqual([]);
  for (const lost of [7, null]) watch.event(dropped(lost));
  expect(watch.unheard(false)).toEqual([
    'the log was not read to the end of the test',
    '8 messages of the log were lost',
  ]);
  const flood = new TestWatch('endure-console-flood', { body: { kind: 'endure', fault: 'console-flood' } });
  flood.event(dropped(100));
  expect(flood.unheard(true)).toEqual([]);
});
