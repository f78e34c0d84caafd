import { describe, expect, test } from 'vitest';
import { EVENT_SCHEMA, type Event, type Finding } from '../model/event.ts';
import { createTextFormatter } from './text.ts';

const BASE = {
  schema: EVENT_SCHEMA as typeof EVENT_SCHEMA,
  ...{ id: '01K', seq: 1, run: 'r', guest: 'g', boot: 1 },
  ...{ time: { observed: 20_178_000_000, kernel: 13.187745 }, evidence: [] },
} as const;

const FINDING: Finding = {
  ...BASE,
  ...{ event: 'crash', kind: 'null-deref', type: 'NULL-POINTER-DEREFERENCE', frame: 'vexfs_fault_null_deref' },
  title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref',
  evidence: [{ stream: 'console', byte: 10, endByte: 90, line: 375, endLine: 427, role: 'report' }],
  source: { stream: 'console', line: 375, endLine: 427 },
  ...{ severity: 'critical', final: true, altTitles: [], guiltyFile: '', corrupted: false, corruptedReason: '' },
  ...{ panicked: false, fingerprint: 'v1:0', fingerprintInputs: [], stacks: [], details: {}, related: [] },
  context: { module: 'vexfs', pid: 143, comm: 'vexfs-agent', cpu: 0, taint: 'GOE' },
  matches: [
    {
      ...{ pattern: 'null-deref', confidence: 0.46, classification: 'module-crash', severity: 'critical' },
      ...{ actions: ['reload-module', 'restore-snapshot'], explain: 'a pointer that was never set was used' },
    },
  ],
};

/** One event of each type, and those that are not shown. */
const EVENTS: Readonly<Record<string, Event>> = {
  finding: FINDING,
  'finding that is not complete': { ...FINDING, final: false },
  'finding that came cut, of a file, by default of its kind': {
    ...FINDING,
    ...{
      event: 'lock',
      severity: 'major',
      corrupted: true,
      corruptedReason: 'ends in its middle',
      context: {},
      matches: [],
    },
    evidence: [{ stream: 'file', file: 'a/console.log', byte: 0, endByte: 9, line: 3 }],
    time: { kernel: 13.187745 },
  },
  'incident opened': {
    ...{ ...BASE, event: 'incident', kind: 'opened', cause: '01K', title: 'a title', members: ['01K'] },
    ...{ classification: 'deadlock', severity: 'critical', outcome: 'open' },
  },
  'incident closed': {
    ...{ ...BASE, event: 'incident', kind: 'closed', cause: '01K', title: 'a title', members: ['01K'] },
    ...{ classification: 'deadlock', severity: 'critical', outcome: 'recovered' },
  },
  'gap of known size': {
    ...{
      ...BASE,
      event: 'gap',
      kind: 'ftrace-lost',
      stream: 'ftrace',
      cpu: 1,
      lost: 17,
      unit: 'events',
      from: 1,
      to: 2,
    },
  },
  'gap of unknown size': {
    ...{ ...BASE, event: 'gap', kind: 'line-cut', stream: 'console', lost: null, unit: 'bytes', from: null, to: null },
  },
  guest: { ...BASE, event: 'guest', kind: 'ready', detail: { module: 'vexfs', ms: 551, list: ['a'] } },
  'guest without detail, without time': { ...BASE, event: 'guest', kind: 'boot', detail: {}, time: {} },
  recovery: {
    ...{ ...BASE, event: 'recovery', kind: 'restore-snapshot', result: 'ok', verified: true, durationMs: 633 },
    ...{ reason: 'back to a known good state', checks: ['boot: 1', 'agent: ok'] },
  },
  'recovery that failed': {
    ...{ ...BASE, event: 'recovery', kind: 'unmount', result: 'failed', verified: false, durationMs: 61_000 },
    ...{ reason: 'a fresh module: the device is busy', checks: [] },
  },
  metric: { ...BASE, event: 'metric', kind: 'map', name: '@ops', values: {} },
  'trace without accesses': {
    ...{ ...BASE, event: 'metric', kind: 'trace-analysis', name: 'summary' },
    values: { accesses: 0, enough: false, unjudged: 0, lockPairs: 12_345, gaps: 0, lost: 0 },
  },
  'trace with few of them': {
    ...{ ...BASE, event: 'metric', kind: 'trace-analysis', name: 'summary' },
    values: { accesses: 99_999, enough: false, unjudged: 7, lockPairs: 1, gaps: 3, lost: 1200 },
  },
  latencies: {
    ...{ ...BASE, event: 'metric', kind: 'latency', name: 'operations' },
    values: {
      write: { count: 12_345, totalMs: 9, median: 12.3, p99: 999.4, worst: 61_000_000 },
      'a \u001b[2J b': { count: 'x', median: null },
      ...Object.fromEntries(['c', 'd', 'not shown'].map((name) => [name, {}])),
    },
  },
  'trace that says nothing': { ...BASE, event: 'metric', kind: 'trace-analysis', name: 'summary', values: null },
  'objects of a module': {
    ...{ ...BASE, event: 'metric', kind: 'leaks', name: 'unloaded' },
    values: { allocations: 12_345, outstanding: 16, missedAllocations: 0, missedFrees: 3, settledMs: 7000, cut: false },
  },
  'objects, and nobody knows of what was freed': {
    ...{ ...BASE, event: 'metric', kind: 'leaks', name: '\u001b[2Junmounted' },
    values: { allocations: 0, outstanding: 0, missedAllocations: 0, missedFrees: null, unjudged: 'frees unseen' },
  },
  'finding of a trace': {
    ...{ ...FINDING, kind: 'slow-operation', title: 'slow operation: write', matches: [] },
    source: { stream: 'ftrace', line: 1, endLine: 1 },
    details: { waits: [{ for: 'sleep', name: 'msleep', times: 1, ms: 1500.1, stack: ['msleep', '\u001b[2Jf [m]'] }] },
  },
  trace: { ...BASE, event: 'trace', kind: 'op', record: {} },
  'test that begins': { ...BASE, event: 'test', kind: 'start', test: 'files', attempt: 1, about: 'contents of files' },
  'test that has ended': {
    ...{ ...BASE, event: 'test', kind: 'end', test: 'files', attempt: 2, verdict: 'FAIL', culprit: 'code' },
    ...{ domain: 'filesystem', durationMs: 1200, reason: '\u001b[2Jbytes differ' },
  },
};

test('each event is one readable line, findings with a second', () => {
  const format = createTextFormatter({ color: false });
  const shown = Object.entries(EVENTS).map(([name, event]) => `${name}:\n${format(event) ?? '(not shown)'}`);
  expect(shown.join('\n')).toMatchInlineSnapshot(`
    "finding:
       20.178s CRASH    BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref [vexfs] pid 143 (vexfs-agent) cpu 0 taint GOE
                        critical: null-deref · module-crash, pattern null-deref (0.46) · console:375-427
    finding that is not complete:
    (not shown)
    finding that came cut, of a file, by default of its kind:
       13.188s LOCK     BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref 
                        major: null-deref · a/console.log:3-3 · corrupted: ends in its middle
    incident opened:
    (not shown)
    incident closed:
       20.178s INCIDENT a title: deadlock, recovered
    gap of known size:
       20.178s GAP      17 events lost in ftrace on cpu 1
    gap of unknown size:
       20.178s GAP      an unknown number of bytes lost in console
    guest:
       20.178s GUEST    ready module=vexfs ms=551 list=["a"]
    guest without detail, without time:
               GUEST    boot
    recovery:
       20.178s RECOVERY restore-snapshot ok, verified in 633ms boot: 1, agent: ok
    recovery that failed:
       20.178s RECOVERY unmount failed in 1m01s the device is busy
    metric:
    (not shown)
    trace without accesses:
       20.178s TRACE    analysed: no accesses, so no word of races (--races), 12,345 lock pairs, no losses
    trace with few of them:
       20.178s TRACE    analysed: 99,999 accesses, 7 of them unjudged, 1 lock pairs, 3 losses of 1,200 events or more, MISS: too few accesses to conclude from silence
    latencies:
       20.178s LATENCY  operations write                    12,345 × 12µs / 999µs / 1m01s
                        operations a \\x1b[2J b                   ? × ? / ? / ?
                        operations c                             ? × ? / ? / ?
                        operations d                             ? × ? / ? / ?
    trace that says nothing:
       20.178s TRACE    analysed: no accesses, so no word of races (--races), 0 lock pairs, no losses
    objects of a module:
       20.178s LEAKS    16 of 12,345 objects there when unloaded; 0 allocations and 3 frees unseen
    objects, and nobody knows of what was freed:
       20.178s LEAKS    0 of 0 objects there when \\x1b[2Junmounted; 0 allocations and an unknown number of frees unseen; not judged: nobody knows how many frees went unseen
    finding of a trace:
       20.178s CRASH    slow operation: write [vexfs] pid 143 (vexfs-agent) cpu 0 taint GOE
                        critical: slow-operation · console:375-427
                        waited: 1500.1 ms asleep in msleep, called by \\x1b[2Jf [m]
    trace:
    (not shown)
    test that begins:
       20.178s TEST     files: contents of files
    test that has ended:
       20.178s TEST     files (attempt 2): FAIL (code) in 1.2s, \\x1b[2Jbytes differ"
  `);
});

test('advice stands below, a line each, but not below what is not shown', () => {
  const format = createTextFormatter({ color: false });
  expect(format(FINDING, ['first', 'second\x1b[2J'])?.split('\n').slice(2)).toEqual([
    `${' '.repeat(20)}first`,
    `${' '.repeat(20)}second\\x1b[2J`,
  ]);
  expect(format({ ...FINDING, final: false }, ['first'])).toBeNull();
});

test('colour changes nothing but the colour', () => {
  const [plain, painted] = [false, true].map((color) => createTextFormatter({ color }));
  for (const event of Object.values(EVENTS)) {
    const text = painted?.(event) ?? null;
    expect(text?.replaceAll(/\x1b\[\d+m/g, '') ?? null).toBe(plain?.(event));
    if (text !== null) expect(text).toMatch(/\x1b\[\d+m/);
  }
});

describe('what a log says cannot move the cursor', () => {
  const EVIL = '\x1b[2J\x1b]0;owned\x07\rfake\nline\u202e\u009b1m\0';
  /** Members that are one of a few words. */
  const CHOSEN = new Set(['schema', 'event', 'kind', 'severity', 'outcome', 'classification', 'result', 'actions']);
  /** Every other string within an event, one after the other, is another. */
  function* withOther(value: unknown, other: string): Generator<unknown> {
    if (typeof value === 'string') yield other;
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (CHOSEN.has(key)) continue;
        for (const bad of withOther(inner, other))
          yield Array.isArray(value) ? value.with(Number(key), bad) : { ...value, [key]: bad };
      }
    }
  }

  test.each(Object.entries(EVENTS))('%s', (_name, event) => {
    const format = createTextFormatter({ color: false });
    let checked = 0;
    const harmless = [...withOther(event, 'harmless')];
    for (const bad of withOther(event, EVIL)) {
      const text = format(bad as Event);
      const plain = format(harmless[checked] as Event);
      checked += 1;
      if (text === null) continue;
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(text.split('\n').length).toBe(plain?.split('\n').length);
    }
    expect(checked).toBeGreaterThan(2);
  });
});
