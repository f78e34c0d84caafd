import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBacklogFilter } from './backlog.ts';

const LOG = ['6,1,1000000,-;old', ' SUBSYSTEM=x', '6,2,2000000,-;last', '6,3,2000001,-;new', ' P=y', '6,4,1,-;odd', ''];
const END = { uptime: 9, last: '<6>[    2.000000] last' };

function filtered(end: typeof END, log: string, cuts: readonly number[] = []): string {
  const filter = createBacklogFilter(end);
  const bytes = Buffer.from(log);
  const points = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return Buffer.concat(points.slice(1).map((to, i) => filter(bytes.subarray(points[i], to)))).toString();
}

describe('the backlog filter', () => {
  test('begins with the first record behind the last old one, whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500)), (cuts) => {
        expect(filtered(END, LOG.join('\n'), cuts)).toBe(LOG.slice(3).join('\n'));
      }),
    );
  });

  test.each([
    ['dmesg -r', END, '<6>[    1.5] odd\n<6>[    2.000000] a\n<12>[    2.500000] b\n', '<12>[    2.500000] b\n'],
    ['a cleared log: uptime', { uptime: 1.5, last: '' }, '6,1,1000000,-;a\n6,2,1600000,-;b\n', '6,2,1600000,-;b\n'],
    ['nothing new', END, '6,1,1000000,-;a\n', ''],
    ['a record that stands incomplete', END, '6,3,3000000,-;a', ''],
  ])('%s', (_name, end, log, expected) => {
    expect(filtered(end, log)).toBe(expected);
  });

  test('a line without end neither fills the memory nor begins the stream', () => {
    const long = `6,9,9000000,-;${'x'.repeat(100_000)}`;
    expect(filtered(END, `${long}\n6,10,9000001,-;b\n`, [50_000, 70_000])).toBe('6,10,9000001,-;b\n');
  });
});
