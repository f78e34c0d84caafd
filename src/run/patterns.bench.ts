import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import type { Event } from '../model/event.ts';
import { KIND_NAMES } from '../model/kinds.ts';
import type { PatternMatch } from '../patterns/condition-schema.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import { patternWith } from '../patterns/testing.ts';
import { Pipeline } from './pipeline.ts';
import { matchRecorded, type RecordedStep, recordLog } from './recorded-log.ts';

export interface PatternBench {
  /** Events a second through 200 patterns, one finding in a hundred events, on one core. */
  readonly eventsPerSecond: number;
  /** The same for findings alone, each with the text of its report. */
  readonly findingsPerSecond: number;
  /** Time of a log full of reports with 1,000 patterns, relative to 100: reading and matching, and matching alone. */
  readonly log: number;
  readonly matching: number;
}

/** Measures how much patterns cost: conditions of all sorts on the reports of real guests. */
export function benchPatterns(): PatternBench {
  const logs = guestLogs();
  const findings = logs.flatMap((bytes) =>
    recordLog([{ stream: 'file', bytes }]).filter(({ kind }) => kind === 'finding'),
  );
  const two = createMatcher(synthetic(200));
  const mixed = mix(findings);
  const [hundred, thousand] = [createMatcher(synthetic(100)), createMatcher(synthetic(1000))];
  const reading = paired(
    () => readAll(logs, hundred),
    () => readAll(logs, thousand),
  );
  const matching = paired(
    () => matchRecorded(findings, hundred),
    () => matchRecorded(findings, thousand),
  );
  return {
    eventsPerSecond: rate(mixed, two),
    findingsPerSecond: rate(findings, two),
    log: reading,
    matching,
  };
}

function guestLogs(): Buffer[] {
  const root = join(packageRoot(), 'fixtures/guests');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.console'));
  return names.sort().map((name) => readFileSync(join(root, name)));
}

/** Patterns as people write them: most of a kind and something narrower, some for any kind, some in time, for other events. */
function synthetic(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const kind = KIND_NAMES[i % KIND_NAMES.length] ?? 'bug';
    const shapes: PatternMatch[] = [
      { kind, frame: `fn_${i}` },
      { kind, text: `/message ${i} of [a-z]+ \\d+/` },
      { kind, title: `/vexfs_thing_${i}$/` },
      { kind, stack: { fn: `caller_${i}`, module: 'vexfs' } },
      { text: [`a remark ${i}`, `/another \\w+ ${i}/`] },
      { details: { message: `/words ${i}/` } },
      { event: 'metric', name: `metric_${i}`, details: { p99: { atLeast: 100 } } },
      {
        sequence: [
          { kind, count: 2, within: 10 },
          { event: 'recovery', kind: 'remount' },
        ],
        within: 60,
      },
    ];
    return patternWith(shapes[i % shapes.length] ?? { kind }, { id: `p${i}` });
  });
}

function mix(findings: readonly RecordedStep[]): RecordedStep[] {
  return findings.flatMap((finding, i) => {
    const others = Array.from({ length: 99 }, (_, k): RecordedStep => {
      const event = (['metric', 'guest', 'gap', 'recovery'] as const)[k % 4] ?? 'metric';
      const name = `metric_${(i * 7 + k) % 300}`;
      return { kind: 'other', event: { event, kind: 'hist', name, details: { p99: k } }, at: { seconds: i } };
    });
    return [finding, ...others];
  });
}

function readAll(logs: readonly Buffer[], matcher: Matcher): void {
  const sink = (_event: Event) => {};
  for (const bytes of logs) {
    const pipeline = new Pipeline({ run: 'b', startWall: 0, live: false, matcher, sink, warn: () => {} });
    pipeline.push({ stream: 'file', observed: 0, bytes });
    pipeline.end();
  }
}

/** How many times as long the second takes, in turns, the median of seven. */
function paired(first: () => void, second: () => void): number {
  first();
  second();
  const ratios = Array.from({ length: 7 }, () => {
    const base = milliseconds(first);
    return milliseconds(second) / base;
  });
  return ratios.sort((a, b) => a - b)[3] ?? Number.NaN;
}

function milliseconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function rate(steps: readonly RecordedStep[], matcher: Matcher): number {
  matchRecorded(steps, matcher);
  let done = 0;
  const start = performance.now();
  while (performance.now() - start < 1500) {
    matchRecorded(steps, matcher);
    done += steps.length;
  }
  return Math.round(done / ((performance.now() - start) / 1000));
}
