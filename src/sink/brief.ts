import type { About } from '../model/about.ts';
import type { Severity } from '../model/classification.ts';
import type { Finding } from '../model/event.ts';
import { type Fact, factsOf, instructionsOf } from './facts.ts';
import { blamedFrame, codePlace, type LogPlace, logPlace } from './places.ts';
import { frameText, type StackRows, stackRows } from './stack-rows.ts';
import { taintText } from './taint.ts';

/**
 * A finding as a person reads it, in words and without markup: what the formats for people are made of. It holds little,
 * so that many can wait for their incident to be complete. Its texts are as they stand in the log, nothing is escaped.
 */
export interface Brief {
  readonly id: string;
  readonly title: string;
  readonly event: Finding['event'];
  readonly kind: string;
  readonly severity: Severity;
  readonly place: LogPlace;
  /** `52.350s`, wall time where the log has it; empty when the log has neither. */
  readonly when: string;
  /** Label and text: where, what, who, on what machine, why. */
  readonly rows: readonly Fact[];
  readonly meaning: string;
  readonly lookAt: readonly string[];
  readonly references: readonly string[];
  readonly stacks: readonly StackRows[];
  /** Instructions around the trap, where the code bytes were read. */
  readonly code: readonly string[];
  /** First lines of the report. */
  readonly excerpt: readonly string[];
  /** Lines of the report behind the excerpt. */
  readonly more: number;
}

const MAX_COLUMNS = 400;

/** `lines` of the report itself are kept as an excerpt. */
export function briefOf(finding: Finding, { advice, raw }: About, lines: number): Brief {
  const { id, title, event, kind, severity } = finding;
  const text = raw === undefined ? [] : reportLines(raw.bytes, lines);
  const place = logPlace(finding);
  const next = advice?.next;
  return {
    ...{ id, title, event, kind, severity, place },
    when: whenText(finding),
    rows: [
      ...where(finding),
      ...factsOf(finding),
      ...who(finding),
      ...why(finding, advice?.pattern ?? ''),
      ...(next === undefined ? [] : [{ label: 'recovery', text: `${next.actions.join(', ')} (${next.reason})` }]),
      ...(finding.corrupted ? [{ label: 'damaged', text: finding.corruptedReason }] : []),
    ],
    meaning: advice?.meaning ?? '',
    lookAt: advice?.lookAt ?? [],
    references: advice?.references ?? [],
    stacks: stackRows(finding),
    code: instructionsOf(finding),
    excerpt: text,
    more: text.length === 0 ? 0 : Math.max(0, place.endLine - place.line + 1 - text.length),
  };
}

function where(finding: Finding): Fact[] {
  const frame = blamedFrame(finding);
  const code = codePlace(finding);
  const named = frame === undefined ? finding.frame : frameText(frame);
  const { module } = finding.context;
  const file = code === undefined ? '' : `${code.file}${code.line === undefined ? '' : `:${code.line}`}`;
  return [
    { label: 'where', text: named === '' && module !== undefined ? `module ${module}` : named },
    // A symbolized frame ends with it.
    { label: 'file', text: named.endsWith(file) ? '' : file },
  ].filter(({ text }) => text !== '');
}

function who({ context }: Finding): Fact[] {
  const { comm, pid, cpu, kernel, hardware, taint } = context;
  const task = [comm ?? '', pid === undefined ? '' : `pid ${pid}`, cpu === undefined ? '' : `CPU ${cpu}`].filter(
    (part) => part !== '',
  );
  return [
    { label: 'who', text: task.join(', ') },
    {
      label: 'kernel',
      text: [kernel ?? '', taint === undefined ? '' : `tainted ${taintText(taint)}`]
        .filter((part) => part !== '')
        .join(', '),
    },
    { label: 'machine', text: hardware ?? '' },
  ].filter(({ text }) => text !== '');
}

function why({ matches: [best] }: Finding, patternTitle: string): Fact[] {
  if (best === undefined) return [];
  const { classification, pattern, confidence, explain } = best;
  // `kind:` and `nearest:` stand in for a pattern where there is none (src/patterns/unknown.ts).
  const known = pattern.includes(':')
    ? explain
    : `${patternTitle === '' ? '' : `${patternTitle}, `}pattern ${pattern} (${confidence.toFixed(2)})`;
  return [{ label: 'why', text: `${classification}: ${known}` }];
}

function whenText({ time: { kernel, wall } }: Finding): string {
  return [kernel === undefined ? '' : `${kernel.toFixed(3)}s`, wall ?? ''].filter((part) => part !== '').join(', ');
}

/** The first lines that say something, as text. */
function reportLines(bytes: Uint8Array, count: number): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length && lines.length < count; ) {
    const end = bytes.indexOf(0x0a, from);
    const line = bytes.subarray(from, end < 0 ? bytes.length : end);
    from = end < 0 ? bytes.length : end + 1;
    const text = Buffer.from(line.subarray(0, MAX_COLUMNS)).toString('utf8').trimEnd();
    if (!BLANK.test(text)) lines.push(text);
  }
  return lines;
}

/** Nothing but printk prefixes. */
const BLANK = /^(?:<\d{1,4}>)?(?:\[[^\]]{0,64}\] {0,8}){0,4}$/;
