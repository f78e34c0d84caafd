import { describe, expect, test } from 'vitest';
import type { Kind } from '../model/kinds.ts';
import { createIncidentGrouper, type IncidentFinding } from './incidents.ts';

const finding = (id: string, kind: Kind, time: number, rest: Partial<IncidentFinding> = {}): IncidentFinding => ({
  id,
  kind,
  title: id,
  altTitles: [],
  fingerprint: id,
  boot: 1,
  time,
  ...rest,
});

/** What the grouper makes of findings: ids by incident. */
function group(...findings: readonly IncidentFinding[]): string[][] {
  const grouper = createIncidentGrouper();
  const updates = [...findings.flatMap((f) => grouper.add(f)), ...grouper.flush()];
  return updates
    .filter(({ change }) => change === 'closed')
    .map(({ incident }) => incident.members.map(({ id }) => id));
}

describe('incidents', () => {
  test('a warning, the KASAN report it led to, the oops and the panic are one, the warning first', () => {
    expect(
      group(
        finding('warning', 'warning', 10, { pid: 7 }),
        finding('kasan', 'kasan-use-after-free', 11, { pid: 7 }),
        finding('oops', 'general-protection', 12, { pid: 8 }),
        finding('panic', 'panic', 13),
      ),
    ).toEqual([['warning', 'kasan', 'oops', 'panic']]);
  });

  test('findings of other tasks and times are others', () => {
    expect(
      group(finding('a', 'warning', 10, { pid: 7, cpu: 0 }), finding('b', 'warning', 12, { pid: 8, cpu: 1 })),
    ).toEqual([['a'], ['b']]);
    expect(group(finding('a', 'warning', 10, { pid: 7 }), finding('b', 'warning', 40, { pid: 7 }))).toEqual([
      ['a'],
      ['b'],
    ]);
  });

  test('the same title again joins, by an alternative title too', () => {
    const again = { title: 'x', altTitles: ['a'], fingerprint: '' };
    expect(group(finding('a', 'hung-task', 10), finding('b', 'hung-task', 100, again))).toEqual([['a', 'b']]);
  });

  test('hangs behind the locks of a dead task join', () => {
    expect(group(finding('oops', 'null-deref', 10), finding('hung', 'hung-task', 200))).toEqual([['oops', 'hung']]);
    expect(group(finding('warn', 'fs-error', 10), finding('hung', 'hung-task', 200))).toEqual([['warn'], ['hung']]);
  });

  test('a reboot ends everything', () => {
    expect(group(finding('a', 'warning', 10, { pid: 7 }), finding('b', 'panic', 11, { boot: 2 }))).toEqual([
      ['a'],
      ['b'],
    ]);
  });

  test('each change is told, with its reason', () => {
    const grouper = createIncidentGrouper();
    expect(grouper.add(finding('a', 'warning', 10)).map(({ change }) => change)).toEqual(['opened']);
    expect(grouper.add(finding('b', 'panic', 11))).toMatchObject([
      {
        change: 'updated',
        incident: { cause: 'a', members: [{ id: 'a' }, { id: 'b', why: 'the panic that it led to' }] },
      },
    ]);
    expect(grouper.advance(1, 12)).toEqual([]);
    expect(grouper.advance(1, 1000).map(({ change }) => change)).toEqual(['closed']);
  });

  test('memory is bounded', () => {
    const grouper = createIncidentGrouper();
    const updates = Array.from({ length: 2_000 }, (_, i) => grouper.add(finding('same', 'warning', i / 100))).flat();
    expect(Math.max(...updates.map(({ incident }) => incident.members.length))).toBeLessThanOrEqual(256);
  });
});
