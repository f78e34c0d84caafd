import type { Comparison, ComparisonRow, PairComparison } from '../model/comparison.ts';
import { EVENT_SCHEMA, type Event, type EventOf, type Finding } from '../model/event.ts';
import type { RunReport, TestRow } from '../model/run-report.ts';
import { VERDICTS } from '../model/test-run.ts';
import { ABOUT, FINDING } from '../sink/testing.ts';
import { Collector } from './collect.ts';
import type { Recording, Story } from './story.ts';

const SECOND = 1e9;

/** A run of two tests with a recording that says `text` wherever something that is not ours can stand. */
export function storyWith(text: string): Story {
  return {
    name: text,
    tool: 'vexfs-trace 1.2.3',
    run: runWith(text),
    comparison: comparisonWith(text),
    recordings: [recordingWith(text)],
    problems: [text],
  };
}

function comparisonWith(text: string): Comparison {
  const side = { n: 5, median: 2, spread: null };
  const row: Omit<ComparisonRow, 'verdict'> = {
    ...{ metric: text, unit: 'ms', better: 'less', before: side, after: side, delta: 0.1, interval: [0, 0.2] },
    ...{ worse: 0.1, worseAtLeast: 0, pRaw: 0.01, p: 0.01 },
  };
  const change = { what: text, before: text, after: text };
  const pair: PairComparison = {
    ...{ against: text, onlyBefore: [text], onlyAfter: [text], unlike: [change], changes: [change] },
    rows: [
      { ...row, verdict: 'same' },
      { ...row, verdict: 'worse' },
    ],
    verdicts: [change],
    crashes: [{ title: text, status: 'new', flaky: true, before: [0, 1], after: [1, 1] }],
    anomalies: [{ test: text, beforeMs: 100, afterMs: 300 }],
    breaches: [{ metric: text, rule: text }],
    notes: [text],
  };
  return { baseline: text, pairs: [pair] };
}

/** The same without tests. */
export function recordedWith(text: string): Story {
  return { name: text, tool: 'vexfs-trace 1.2.3', recordings: [recordingWith(text)], problems: [] };
}

function runWith(text: string): RunReport {
  const row: TestRow = {
    ...{ id: 'files', domain: 'filesystem', about: text, verdict: 'FAIL', culprit: 'code', reason: text, attempts: 2 },
    ...{ durationMs: 1500, seed: 7, guest: text, findings: [`${text}!`], unexpected: [`${text}!`], figures: {} },
    incidents: [
      {
        ...{ title: text, classification: 'unknown', outcome: 'recovered', durationMs: 1, beyondBootMs: 1 },
        recoveries: [{ action: 'remount', result: 'ok', verified: true, durationMs: 1 }],
      },
    ],
  };
  const tests: TestRow[] = [row, { ...row, id: 'names', verdict: 'PASS', findings: [], unexpected: [], incidents: [] }];
  return {
    ...{ run: '01R', tool: 'vexfs-trace 1', started: '2026-11-21T19:00:00.123Z', durationMs: 65_000, seed: 7 },
    ...{ command: ['stress', text], guests: [text], tests, planned: 2 },
    counts: Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, tests.filter((test) => test.verdict === verdict).length]),
    ) as RunReport['counts'],
    ...{ strays: [`${text}?`], orphans: [text], resumed: 0 },
  };
}

function recordingWith(text: string): Recording {
  const collector = new Collector();
  for (const event of eventsWith(text))
    collector.event(event, { ...ABOUT.advice, pattern: text, meaning: text, lookAt: [text], references: [text] });
  const lines = [
    { number: 1, text, evidence: false },
    { number: 2, text, evidence: true, cut: 3 },
  ];
  return {
    ...collector.collected(),
    name: text,
    info: {
      ...{ schema: 'vexfs-trace/capture/1', run: text, tool: text, startWall: 0, guest: text },
      ...{ kernel: { name: text, release: text }, module: text, command: [text] },
    },
    excerpts: [{ stream: 'console', file: 'console.raw', lines }],
    files: [{ name: text, bytes: 5 }],
  };
}

/** A fault that was put in, two findings of one incident, recovery, measurements. */
function eventsWith(text: string): Event[] {
  const base = (seq: number) => ({
    ...{ schema: EVENT_SCHEMA, id: `01E${seq}`, seq, run: 'r', guest: text, test: 'files' },
    ...{ time: { observed: seq * SECOND, wall: text }, evidence: [] },
  });
  const incident = {
    event: 'incident',
    cause: '01A',
    title: text,
    incident: '01I',
    members: ['01A', '01B'],
  } satisfies Partial<EventOf<'incident'>>;
  const judged = { classification: 'memory-corruption', severity: 'critical' } as const;
  return [
    { ...base(1), event: 'guest', kind: 'fault', detail: { name: text } },
    findingWith(text, '01A', 2),
    { ...base(3), ...incident, ...judged, kind: 'opened', outcome: 'open' },
    findingWith(text, '01B', 4),
    {
      ...{ ...base(5), event: 'recovery', kind: 'remount', incident: '01I', result: 'ok', verified: true },
      ...{ durationMs: 5, reason: text, checks: [text] },
    },
    { ...base(6), ...incident, ...judged, kind: 'closed', outcome: 'recovered', recoveryMs: 4000 },
    ...resources(base(7), text),
    { ...base(9), event: 'gap', kind: 'ftrace-lost', stream: text, lost: null, unit: text, from: null, to: null },
    {
      ...base(10),
      event: 'metric',
      kind: 'latency',
      name: 'operations',
      values: { [text]: { count: 5, median: 10, p99: 90, worst: 1500 } },
    },
    { ...base(11), event: 'test', kind: 'end', verdict: 'FAIL', reason: text },
  ];
}

function resources(base: Omit<Event, 'event' | 'kind'>, text: string): Event[] {
  return [1, 2, 3].map((at) => ({
    ...(base as EventOf<'metric'>),
    ...{ time: { observed: at * SECOND }, event: 'metric', kind: 'resource', name: text },
    values: { cpuPercent: 10 * at, memoryPercent: 30, diskRead: 5000 * at, diskWritten: null },
  }));
}

function findingWith(text: string, id: string, seq: number): Finding {
  return {
    ...{ ...FINDING, id, seq, title: id === '01A' ? text : `${text} again`, kind: text, frame: text, guiltyFile: text },
    ...{
      corruptedReason: text,
      fingerprint: text,
      test: 'files',
      time: { observed: seq * SECOND, kernel: 1, wall: text },
    },
    evidence: [{ stream: 'console', byte: 0, endByte: 10, line: 2, endLine: 2 }],
    context: { pid: 88, comm: text, cpu: 1, taint: text, kernel: text, hardware: text, module: text },
    stacks: [
      {
        ...{ role: text, about: text, comm: text, pid: 1 },
        frames: [
          { fn: text, offset: text, size: text, module: text, reliable: true, file: text, line: 3 },
          { fn: text, reliable: false },
        ],
      },
    ],
    details: { message: text, disassembly: [`>${text}`], maintainers: [{ who: text, role: text }] },
    matches: FINDING.matches.map((match) => ({ ...match, pattern: text, explain: text })),
    flight: {
      ...{ state: 'unknown', operations: [{ op: text, comm: text, pid: 3, ino: text }] },
      ...{ held: [{ class: text, comm: text, certain: false }], waiting: 'no list' },
      records: [{ time: 1, cpu: 0, pid: 3, name: text, payload: text, comm: text }],
    },
  };
}
