import { describe, expect, test } from 'vitest';
import type { Event, EventOf } from '../model/event.ts';
import { createSelection, type SelectionOptions } from './selection.ts';
import { FINDING } from './testing.ts';

const finding = (id: string, kind: string, kernel?: number, wall?: string): Event => ({
  ...FINDING,
  ...{ id, kind, title: `title of ${id}`, related: ['a', 'b'].filter((other) => other < id) },
  event: kind.startsWith('lockdep') ? 'lock' : 'crash',
  time: { ...(kernel !== undefined && { kernel }), ...(wall !== undefined && { wall }) },
});

const incident = (kind: EventOf<'incident'>['kind'], members: readonly string[]): Event => ({
  ...{ schema: FINDING.schema, id: 'i', seq: 0, time: {}, evidence: [], incident: '01I' },
  ...{ event: 'incident', kind, cause: 'a', title: 'title of a', members: [...members] },
  ...{ classification: 'deadlock', severity: 'major', outcome: 'open' },
});

/** An oops, and a lock that it left held. */
const STORY: readonly Event[] = [
  finding('a', 'null-deref', 10),
  incident('opened', ['a']),
  finding('b', 'lockdep-circular', 20),
  incident('updated', ['a', 'b']),
  finding('c', 'warning', 30),
  incident('updated', ['a', 'b', 'c']),
  incident('closed', ['a', 'b', 'c']),
];

const told = (options: SelectionOptions) => {
  const selection = createSelection(options);
  return STORY.flatMap((event) => {
    const shown = selection.pick(event);
    if (shown === null) return [];
    return shown.event === 'incident'
      ? [`${shown.kind} ${shown.cause} ${shown.title}: ${shown.members.join(' ')}`]
      : [`${shown.id} after ${'related' in shown ? shown.related.join(' ') : ''}`];
  });
};

describe('selection', () => {
  test('without a wish shows everything as it is', () => {
    const { pick } = createSelection({});
    expect(STORY.map((event) => pick(event))).toEqual(STORY);
  });

  test.each([
    ['a kind', { kinds: new Set(['null-deref']) }],
    ['an event', { kinds: new Set(['crash']) }],
    ['kinds without the cause', { kinds: new Set(['warning', 'lock']) }],
    ['nothing', { kinds: new Set(['leak']) }],
    ['seconds of the kernel', { since: { kernel: 20 } }],
    ['both', { kinds: new Set(['crash']), since: { kernel: 20 } }],
  ])('by %s', (name, options) => {
    expect(told(options)).toMatchSnapshot(name);
  });

  test.each([
    ['2026-11-21T08:00:00Z', true],
    ['2026-11-21T07:59:59+00:00', false],
    ['2026-11-21T10:00:00.5+0200', true],
    ['--11-21T09:30:00', true],
    ['--11-20T09:30:00', false],
  ])('by wall time: %s', (wall, shown) => {
    // RFC 3164 has no zone: it is local time.
    const at = Date.parse(wall.startsWith('--') ? '2026-11-21T08:00:00' : '2026-11-21T08:00:00Z');
    const { pick } = createSelection({ since: { wall: at, year: 2026 } });
    expect(pick(finding('a', 'warning', 1, wall)) !== null).toBe(shown);
  });

  test('what has no such clock is shown and counted', () => {
    const selection = createSelection({ since: { wall: 0, year: 1970 } });
    expect(selection.pick(finding('a', 'warning', 5))).not.toBeNull();
    expect(selection.undated).toBe(1);
  });

  test('losses before the time are left out', () => {
    const gap: Event = {
      ...{ schema: FINDING.schema, id: 'g', seq: 0, time: { kernel: 5 }, evidence: [] },
      ...{ event: 'gap', kind: 'printk-dropped', stream: 'file', lost: 1, unit: 'messages', from: null, to: 5 },
    };
    expect(createSelection({ since: { kernel: 10 } }).pick(gap)).toBeNull();
    expect(createSelection({ since: { kernel: 5 } }).pick(gap)).toBe(gap);
    expect(createSelection({ kinds: new Set(['warning']) }).pick(gap)).toBe(gap);
  });
});
