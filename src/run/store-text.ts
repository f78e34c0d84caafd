import { escapeTerminal, formatMs } from '../base/text.ts';
import type { Database } from '../store/database.ts';
import {
  attemptsOf,
  crashStatistics,
  incidentsOf,
  type RunSummary,
  recordingsOf,
  recoveriesOf,
  testsOf,
} from '../store/queries.ts';
import { stateOf } from '../store/retention.ts';
import { commandOf } from '../store/sound-rows.ts';
import type { RunRow } from '../store/tables.ts';

/** Runs as a table for people. */
export function listText(runs: readonly RunSummary[]): string {
  const head = ['run', 'kind', 'began', 'state', 'events', 'findings', 'incidents', 'recovered', 'size', ''];
  const rows = runs.map((run) => [
    ...[run.id, run.kind, run.started.slice(0, 19).replace('T', ' '), stateOf(run), String(run.events)],
    ...[String(run.findings), String(run.incidents), String(run.recovered), size(run.bytes)],
    [
      run.kept === 1 && 'kept',
      run.recordings > 0 && (run.recordings === 1 ? '1 guest' : `${run.recordings} guests`),
      run.missing > 0 && `${run.missing} events missing`,
    ]
      .filter(Boolean)
      .join(', '),
  ]);
  return table([head, ...rows]);
}

/** What is known of one run: what it was, what came of its tests, what broke, how it was mended, and whether that is new. */
export async function runText(database: Database, run: RunRow, json: boolean): Promise<string> {
  const recordings = await recordingsOf(database, run.id);
  const sum = (name: 'events' | 'missing') => [run, ...recordings].reduce((all, each) => all + each[name], 0);
  const ids = [run.id, ...recordings.map(({ id }) => id)];
  const parts = {
    attempts: await attemptsOf(database, run.id),
    tests: await testsOf(database, ids),
    incidents: await incidentsOf(database, ids),
    recoveries: await recoveriesOf(database, ids),
    crashes: await crashStatistics(database, ids),
  };
  if (json) {
    const attempts = parts.attempts.map(({ body }) => JSON.parse(body) as unknown);
    return `${JSON.stringify({ ...run, command: commandOf(run.command), state: stateOf(run), recordings, ...parts, attempts })}\n`;
  }
  const { attempts, tests, incidents, recoveries, crashes } = parts;
  const facts: readonly (readonly [string, string | null])[] = [
    ['run', run.id],
    ['kind', `${run.kind}${run.kept === 1 ? ', kept' : ''}`],
    ['began', run.started],
    ['state', `${stateOf(run)}${run.ended === null ? '' : ` ${run.ended}`}`],
    ['command', commandOf(run.command).join(' ') || null],
    ...[['guest', run.guest] as const, ['kernel', run.kernel] as const, ['module', run.module] as const],
    ['recorded in', run.capture],
    ['events', `${sum('events')}${sum('missing') > 0 ? `, ${sum('missing')} missing` : ''}`],
  ];
  const blocks = [
    facts
      .flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(12)} ${escapeTerminal(value)}\n`]))
      .join(''),
    block(
      'guests',
      recordings.map((each) => [each.name ?? '', each.id, stateOf(each), `${each.events} events`, each.kernel ?? '']),
    ),
    block(
      'tests',
      attempts.length > 0
        ? attempts.map(attemptCells)
        : tests.map(({ test, attempt, verdict }) => [verdict ?? '', test, `attempt ${attempt ?? 1}`]),
    ),
    block(
      'incidents',
      incidents.map((each) => [each.severity, each.classification, each.outcome, each.test ?? '', each.title]),
    ),
    block(
      'recoveries',
      recoveries.map((each) => [
        each.action,
        each.result,
        each.verified === 1 ? 'verified' : '',
        formatMs(each.duration_ms),
        each.reason,
      ]),
    ),
    block(
      'failures',
      crashes.map((each) => [
        `${each.count} times in ${each.runs} runs`,
        `first ${day(each.first_seen)}`,
        `last ${day(each.last_seen)}`,
        each.title,
      ]),
    ),
  ];
  return blocks.filter((text) => text !== '').join('\n');
}

function attemptCells(each: {
  verdict: string;
  id: string;
  attempt: number;
  lane: string | null;
  duration_ms: number;
  reason: string;
}): string[] {
  return [each.verdict, each.id, `attempt ${each.attempt}`, each.lane ?? '', formatMs(each.duration_ms), each.reason];
}

function block(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${title}\n${table(rows).replaceAll(/^/gm, '  ').trimEnd()}\n`;
}

/** Columns as wide as what they hold; the last as it is. What is shown may come from a guest. */
export function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((cell) => escapeTerminal(cell)));
  const widths = (safe[0] ?? []).map((_, i) => Math.min(60, Math.max(...safe.map((row) => row[i]?.length ?? 0))));
  return safe
    .map(
      (row) =>
        `${row
          .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function day(time: string | null): string {
  return time === null ? 'unknown' : time.slice(0, 16).replace('T', ' ');
}

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
