import { formatBytes } from '../base/text.ts';
import type { EventOf } from '../model/event.ts';
import type { LogCount, Loss, Summary } from './tally.ts';

/** Logs that a summary names one by one. */
const MAX_LOGS = 20;

/** A summary in words, a line each, without markup; nothing is escaped. */
export function summaryLines(summary: Summary): readonly string[] {
  const { findings, incidents, bySeverity, byKind, panicked, corrupted, losses, logs } = summary;
  const severities = Object.entries(bySeverity).map(([severity, count]) => `${count} ${severity}`);
  return [
    `${count(findings, 'finding')}${incidents > 0 ? ` in ${count(incidents, 'incident')}` : ''}${severities.length > 0 ? `: ${severities.join(', ')}` : ''}`,
    ...byKind.map(({ kind, severity, count }) => `${String(count).padStart(5)}  ${severity.padEnd(8)}  ${kind}`),
    ...(panicked === 0 ? [] : [`panicked: ${count(panicked, 'finding')}`]),
    ...corrupted.map(({ reason, count: n }) => `damaged: ${count(n, 'report')}, ${reason}`),
    ...losses.map((loss) => `lost: ${lossText(loss)}`),
    ...logLines(logs),
  ];
}

/** `17 messages (printk-dropped)`. */
export function lossText({ kind, unit, lost, times }: Loss): string {
  const often = times === 1 ? '' : `, ${times} times`;
  return `${lost ?? 'an unknown number of'} ${unit} (${kind}${often})`;
}

/** `17 messages (printk-dropped) in console.log:12`. */
export function gapText(gap: EventOf<'gap'>): string {
  const [place] = gap.evidence;
  const line = place?.line === undefined ? '' : `:${place.line}`;
  return `${lossText({ ...gap, times: 1 })} in ${place?.file ?? gap.stream}${line}`;
}

function logLines(logs: readonly LogCount[]): string[] {
  const told = logs.filter(
    ({ findings, problem, records }) =>
      findings > 0 || problem !== undefined || records !== undefined || logs.length === 1,
  );
  const clean = logs.length - told.length;
  return [
    ...told
      .slice(0, MAX_LOGS)
      .map(
        ({ file, bytes, records, findings, problem }) =>
          `log: ${file}, ${formatBytes(bytes)}, ${records === undefined ? '' : `${count(records, 'trace record')}, `}${count(findings, 'finding')}${problem === undefined ? '' : `, ${problem}`}`,
      ),
    ...(told.length > MAX_LOGS ? [`log: ${told.length - MAX_LOGS} more with findings or problems`] : []),
    ...(clean === 0 ? [] : [`clean: ${count(clean, 'log')} more`]),
  ];
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
