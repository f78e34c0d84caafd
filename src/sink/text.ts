import pc from 'picocolors';
import { escapeTerminal, formatMs } from '../base/text.ts';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import { factsOf } from './facts.ts';

/** Facts that are shown below a finding. */
const MAX_FACTS = 4;
/** Lines of a summary of latencies. */
const MAX_LATENCIES = 4;

type Colors = ReturnType<typeof pc.createColors>;

export interface TextOptions {
  readonly color: boolean;
}

/** Writes each event as one readable line, findings with a second one that says what is made of them. `advice` is lines to put below. Null: not shown. */
export function createTextFormatter(options: TextOptions): (event: Event, advice?: readonly string[]) => string | null {
  const colors = pc.createColors(options.color);
  return (event, advice = []) => {
    const body = isFinding(event) ? finding(event, colors) : OTHERS[event.event](event as never, colors);
    if (body === null) return null;
    const more = advice.map((line) => `\n${''.padStart(20)}${colors.dim(safe(line))}`);
    return `${colors.dim(stamp(event))} ${body}${more.join('')}`;
  };
}

function stamp(event: Event): string {
  const seconds = event.time.observed !== undefined ? event.time.observed / 1e9 : event.time.kernel;
  return seconds === undefined ? `${''.padStart(10)}` : `${seconds.toFixed(3).padStart(9)}s`;
}

function finding(event: Finding, colors: Colors): string | null {
  // What is not complete yet is shown when it is; NDJSON has both.
  if (!event.final) return null;
  const { cpu, pid, comm, taint } = event.context;
  const paint = event.severity === 'fatal' || event.severity === 'critical' ? colors.red : colors.yellow;
  const who = [
    event.context.module === undefined ? '' : `[${event.context.module}]`,
    pid === undefined ? '' : `pid ${pid}${comm === undefined ? '' : ` (${comm})`}`,
    cpu === undefined ? '' : `cpu ${cpu}`,
    taint === undefined ? '' : `taint ${taint}`,
  ].filter((part) => part !== '');
  const match = event.matches[0];
  const place = event.evidence[0];
  const what = [
    event.kind,
    match === undefined ? '' : `${match.classification}, pattern ${match.pattern} (${match.confidence.toFixed(2)})`,
    place === undefined ? '' : `${place.file ?? place.stream}:${place.line ?? 0}-${place.endLine ?? place.line ?? 0}`,
    event.corrupted ? `corrupted: ${event.corruptedReason}` : '',
  ].filter((part) => part !== '');
  // No report of the kernel's tells what a trace showed.
  const facts = event.source.stream === 'ftrace' ? factsOf(event).slice(0, MAX_FACTS) : [];
  return [
    `${paint(colors.bold(event.event.toUpperCase().padEnd(8)))} ${safe(event.title)} ${colors.dim(safe(who.join(' ')))}`,
    `${''.padStart(20)}${colors.dim(`${event.severity}: `)}${safe(what.join(' · '))}`,
    ...facts.map(({ label, text }) => `${''.padStart(20)}${colors.dim(`${label}:`)} ${safe(text)}`),
  ].join('\n');
}

type Format<E> = (event: E, colors: Colors) => string | null;

const OTHERS: { [K in Exclude<Event['event'], Finding['event']>]: Format<EventOf<K>> } = {
  incident: (event, colors) => {
    if (event.kind !== 'closed') return null;
    const paint = event.outcome === 'recovered' ? colors.green : colors.red;
    return `${'INCIDENT'.padEnd(8)} ${safe(event.title)}: ${event.classification}, ${paint(event.outcome)}`;
  },
  gap: (event, colors) =>
    `${colors.yellow('GAP'.padEnd(8))} ${event.lost ?? 'an unknown number of'} ${safe(event.unit)} lost in ${safe(event.stream)}${event.cpu === undefined ? '' : ` on cpu ${event.cpu}`}`,
  guest: (event) => `${'GUEST'.padEnd(8)} ${event.kind} ${safe(fields(event.detail))}`.trimEnd(),
  recovery: (event, colors) => {
    const result = event.result === 'ok' ? colors.green('ok') : colors.red(event.result);
    const checked =
      event.checks.length === 0 ? '' : event.verified ? `, ${colors.green('verified')}` : ', not healthy yet';
    const checks = event.checks.length === 0 ? '' : ` ${colors.dim(safe(event.checks.join(', ')))}`;
    // Behind the purpose stands what was done, or why it could not be.
    const [, said = 'done'] = /: (.*)/s.exec(event.reason) ?? [];
    const words = event.checks.length > 0 || said === 'done' ? '' : ` ${colors.dim(safe(said))}`;
    return `${'RECOVERY'.padEnd(8)} ${event.kind} ${result}${checked} in ${formatMs(event.durationMs)}${words}${checks}`;
  },
  metric: (event) => METRICS[event.kind]?.(Object(event.values), event.name) ?? null,
  trace: () => null,
  test: testLine,
};

function testLine(event: EventOf<'test'>, colors: Colors): string {
  const { kind, verdict = '', culprit, durationMs, attempt = 1, about = 'begins', reason } = event;
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  const name = `${safe(event.test ?? '')}${again}`;
  if (kind === 'start') return `${'TEST'.padEnd(8)} ${name}: ${colors.dim(safe(about))}`;
  const blamed = culprit === undefined ? '' : ` (${safe(culprit)})`;
  const took = durationMs === undefined ? '' : ` in ${formatMs(durationMs)}`;
  return `${'TEST'.padEnd(8)} ${name}: ${PAINTS.get(verdict)?.(colors)(verdict) ?? safe(verdict)}${blamed}${took}${reason === undefined || reason === '' ? '' : `, ${safe(reason)}`}`;
}

/** Verdicts that want to be seen. */
const PAINTS: ReadonlyMap<string, (colors: Colors) => (text: string) => string> = new Map([
  ['PASS', ({ green }) => green],
  ['FAIL', ({ red }) => red],
  ['ERROR', ({ red }) => red],
  ['MISS', ({ yellow }) => yellow],
]);

type Values = Readonly<Record<string, unknown>>;

/** Those that are shown: they say what silence rests on, and how long things took. */
const METRICS: Readonly<Record<string, (values: Values, name: string) => string>> = {
  'trace-analysis': analysed,
  latency: latencies,
  leaks: allocated,
};

function countOf(values: Values, name: string): number {
  const value = values[name];
  return typeof value === 'number' ? value : 0;
}

/** Why nothing is concluded from them. */
const UNJUDGED: Readonly<Record<string, string>> = {
  disturbed: '; not judged: a task may have died with what it had',
  'frees unseen': '; not judged: nobody knows how many frees went unseen',
};

/** What a module allocated, and what of it is there at a point where it rests. */
function allocated(values: Values, point: string): string {
  const many = (name: string) => countOf(values, name).toLocaleString('en');
  const frees = values.missedFrees === null ? 'an unknown number of' : many('missedFrees');
  const there = `${many('outstanding')} of ${many('allocations')} objects there when ${safe(point)}`;
  return `${'LEAKS'.padEnd(8)} ${there}; ${many('missedAllocations')} allocations and ${frees} frees unseen${UNJUDGED[String(values.unjudged)] ?? ''}`;
}

/** Operations, waits or holds that took longest in all, a line each: how many, the median, the 99th of a hundred, the worst. */
function latencies(values: Values, what: string): string {
  const lines = Object.entries(values)
    .slice(0, MAX_LATENCIES)
    .map(([name, value]) => {
      const { count, median, p99, worst } = Object(value) as Values;
      const times = [median, p99, worst].map((time) => (typeof time === 'number' ? formatMicroseconds(time) : '?'));
      return `${safe(`${what} ${name}`).padEnd(32)} ${(typeof count === 'number' ? count.toLocaleString('en') : '?').padStart(9)} × ${times.join(' / ')}`;
    });
  return `${'LATENCY'.padEnd(8)} ${lines.join(`\n${''.padStart(20)}`)}`;
}

function formatMicroseconds(time: number): string {
  return time < 1000 ? `${Math.round(time)}µs` : formatMs(time / 1000);
}

/** On how much the verdicts of a trace rest, and its silence. */
function analysed(values: Values): string {
  const count = (name: string) => countOf(values, name);
  const many = (name: string, what: string) => `${count(name).toLocaleString('en')} ${what}`;
  const parts = [
    count('accesses') === 0 ? 'no accesses, so no word of races (--races)' : many('accesses', 'accesses'),
    count('unjudged') === 0 ? '' : many('unjudged', 'of them unjudged'),
    many('lockPairs', 'lock pairs'),
    count('gaps') === 0 ? 'no losses' : `${many('gaps', 'losses')} of ${many('lost', 'events or more')}`,
    count('accesses') > 0 && values.enough === false ? 'MISS: too few accesses to conclude from silence' : '',
  ];
  return `${'TRACE'.padEnd(8)} analysed: ${parts.filter((part) => part !== '').join(', ')}`;
}

function fields(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function safe(text: string): string {
  return escapeTerminal(text.replaceAll('\n', ' '));
}
