import { expect, test } from 'vitest';
import { toNdjson } from '../base/ndjson.ts';
import { type Event, isFinding } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import { createMatcher } from '../patterns/match.ts';
import { patternWith } from '../patterns/testing.ts';
import { createHostReader } from './host-stream.ts';
import { Pipeline } from './pipeline.ts';

const matcher = createMatcher([
  patternWith(
    {
      sequence: [
        { kind: 'warning', count: 2, within: 10 },
        { event: 'recovery', kind: 'remount' },
      ],
      within: 60,
    },
    { id: 'mended-in-vain', title: 'Warnings although it was mounted anew', severity: 'major' },
  ),
  patternWith(
    { event: 'incident', kind: 'closed', details: { outcome: 'not-recovered' } },
    { id: 'lost', title: 'An incident that could not be recovered', severity: 'critical' },
  ),
  patternWith({ event: 'trace', name: 'op_end', details: { payload: '/ret=-5/' } }, { id: 'op-failed', title: 'EIO' }),
]);

const WARNING = (at: number) => `[    ${at}.000000] ------------[ cut here ]------------
[    ${at}.000000] WARNING: CPU: 1 PID: 149 at extent.c:61 myfs_insert+0x20/0x30 [myfs]
[    ${at}.000000] CPU: 1 PID: 149 Comm: cp Not tainted 6.1.0 #1
[    ${at}.000000] ---[ end trace 0000000000000000 ]---\n`;
const TRACE = '   sh-149   [001] .....  5.000000: op_end: op=write ret=-5\n';

type Step = readonly [seconds: number, stream: 'console' | 'ftrace' | 'host', text: string];

const host = (record: HostRecord) => toNdjson(record);
const recovery: HostRecord = {
  record: 'recovery',
  incident: 'x',
  action: 'remount',
  result: 'ok',
  verified: false,
  durationMs: 1,
  reason: '',
  checks: [],
};
const STEPS: readonly Step[] = [
  [1, 'console', WARNING(1)],
  [3, 'console', WARNING(3)],
  [6, 'host', host(recovery)],
  [7, 'ftrace', TRACE.repeat(3)],
];

function run(steps: readonly Step[], portion: number): Event[] {
  const events: Event[] = [];
  const options = {
    run: 'r',
    startWall: 0,
    guest: 'g',
    live: true,
    matcher,
    hostReader: createHostReader,
    warn: () => {},
  };
  const pipeline = new Pipeline({ ...options, sink: (event) => events.push(event) });
  for (const [seconds, stream, text] of steps)
    for (let at = 0; at < text.length; at += portion)
      pipeline.push({ stream, observed: seconds * 1e9, bytes: Buffer.from(text.slice(at, at + portion)) });
  const { incident = '' } = events.find(({ event }) => event === 'incident') ?? {};
  const closed = host({ record: 'incident-closed', incident, outcome: 'not-recovered' });
  pipeline.push({ stream: 'host', observed: 9e9, bytes: Buffer.from(closed) });
  pipeline.end();
  return events;
}

test('what patterns make of other events is a finding of its own, behind them, once', () => {
  const events = run(STEPS, 10_000);
  const raised = events.filter((event) => isFinding(event) && event.kind === 'pattern-match');
  expect(raised).toMatchObject([
    {
      title: 'Warnings although it was mounted anew',
      severity: 'major',
      details: {
        pattern: 'mended-in-vain',
        because: '2 × warning in 2.0 s; then after 3.0 s event=recovery, kind=remount',
      },
      matches: [{ pattern: 'mended-in-vain' }],
      incident: events.find(({ event }) => event === 'incident')?.incident,
    },
    { title: 'EIO', matches: [{ pattern: 'op-failed' }], evidence: [{ stream: 'ftrace', byte: 0 }] },
    { title: 'An incident that could not be recovered' },
  ]);
  const before = (id: string | undefined) => events[events.findIndex((event) => event.id === id) - 1];
  expect(before(raised[0]?.id)).toMatchObject({ event: 'recovery', kind: 'remount' });
  expect(before(raised[2]?.id)).toMatchObject({ event: 'incident', kind: 'closed' });
});

test('the same bytes give the same events, in whatever portions', () => {
  expect(JSON.stringify(run(STEPS, 7))).toBe(JSON.stringify(run(STEPS, 10_000)));
});
