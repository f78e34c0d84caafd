import { EVENT_SCHEMA, type Event } from '../model/event.ts';

/** When runs of tests begin. */
export const STARTED = '2026-01-02T03:04:05.000Z';

/** An event of each kind that has rows of its own, over and over, with what a run would put into them; `seq` from 0 on. */
export function testEvents(run: string, count: number, change: Partial<Record<string, unknown>> = {}): Event[] {
  return Array.from({ length: count }, (_, seq) => testEvent(run, seq, change));
}

export function testEvent(run: string, seq: number, change: Partial<Record<string, unknown>> = {}): Event {
  const body = BODIES[seq % BODIES.length] ?? {};
  const group = Math.floor(seq / BODIES.length);
  return {
    schema: EVENT_SCHEMA,
    id: `${run}-${seq}`,
    seq,
    time: { observed: seq * 1_000_000, wall: new Date(Date.parse(STARTED) + seq).toISOString() },
    run,
    guest: 'g1',
    boot: 1,
    test: `L1-test-${group % 3}`,
    ...body,
    ...('incident' in body && { incident: `incident-${run}-${group}` }),
    evidence: [{ stream: 'console', byte: seq * 100, endByte: seq * 100 + 80, line: seq + 1 }],
    ...change,
  } as unknown as Event;
}

const FINDING = {
  ...{ event: 'crash', kind: 'null-deref', severity: 'critical', final: true, type: 'NULL-POINTER-DEREFERENCE' },
  title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_write',
  source: { stream: 'console', line: 10, endLine: 40 },
  ...{ altTitles: [], frame: 'vexfs_write', guiltyFile: 'fs/vexfs/file.c', corrupted: false, corruptedReason: '' },
  ...{ panicked: false, fingerprint: 'v1:0123456789abcdef', fingerprintInputs: ['null-deref', 'vexfs', 'vexfs_write'] },
  context: { cpu: 1, pid: 144, comm: 'vexload', taint: 'G OE', kernel: '6.1.0' },
  stacks: [
    { role: 'trap', frames: [{ fn: 'vexfs_write', offset: '0x1', size: '0x20', module: 'vexfs', reliable: true }] },
  ],
  details: { address: '0000000000000008' },
  matches: [],
  related: [],
  incident: '',
};

const USAGE = { cpuPercent: 98.5, memoryTotal: 729661440, memoryAvailable: 618348544, diskRead: null, cpus: [1.5, 2] };
const INCIDENT = {
  cause: 'c',
  title: FINDING.title,
  members: ['c'],
  classification: 'module-crash',
  severity: 'critical',
};

const BODIES: readonly Record<string, unknown>[] = [
  { event: 'guest', kind: 'load', detail: { state: 'started', pid: 77 } },
  { event: 'metric', kind: 'resource', name: 'guest', values: USAGE },
  { event: 'metric', kind: 'latency', name: 'write', values: { count: 9, p50: 0.25, p99: 12.5 } },
  FINDING,
  { ...INCIDENT, event: 'incident', kind: 'opened', outcome: 'open', incident: '' },
  {
    ...{ event: 'recovery', kind: 'restore-snapshot', incident: '', result: 'ok', verified: true, durationMs: 465.25 },
    ...{ reason: 'the guest broke', checks: ['boot: 2', 'agent: ok'] },
  },
  { ...INCIDENT, event: 'incident', kind: 'closed', outcome: 'recovered', incident: '' },
  { event: 'gap', kind: 'ftrace-lost', stream: 'ftrace', cpu: 0, lost: 12, unit: 'records', from: null, to: null },
  { event: 'test', kind: 'start', attempt: 1, domain: 'module', about: 'a test' },
  { event: 'test', kind: 'end', attempt: 1, domain: 'module', verdict: 'PASS', reason: '', durationMs: 1200 },
];
