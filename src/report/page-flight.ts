import { count } from '../sink/summary-lines.ts';
import { type Content, html } from './markup.ts';

const MAX_RECORDS = 64;
const MAX_OPEN = 16;

/** The flight recorder of a finding: what the module was doing, and the last records before. It comes from a recording: nothing is sure of its form. */
export function flightPart(flight: unknown): Content {
  if (!isRecord(flight)) return '';
  const records = rows(flight.records).slice(-MAX_RECORDS);
  const open = [
    ...openRows('operation', rows(flight.operations), ['op', 'ino', 'ageMs']),
    ...openRows('lock held', rows(flight.held), ['class', 'mode']),
    ...openRows('waits for lock', rows(flight.waiting), ['class', 'mode']),
  ];
  if (records.length === 0 && open.length === 0) return '';
  const unsure =
    flight.state === 'unknown' ? ' Something of the trace is missing: what is listed happened, more may have.' : '';
  return html`<details class="inner"><summary>Flight recorder: ${count(records.length, 'record')} before it, ${count(open.length, 'thing')} under way</summary>
<p class="dim">Times are those of the trace, seconds.${unsure}</p>
${open.length > 0 && html`<ul>${open.map((text) => html`<li>${text}</li>`)}</ul>`}
<pre>${records.map((record) => html`${lineOf(record)}\n`)}</pre></details>
`;
}

function openRows(what: string, all: readonly Row[], members: readonly string[]): string[] {
  return all.slice(-MAX_OPEN).map((row) => {
    const said = members.flatMap((name) => (word(row[name]) === '' ? [] : [`${name} ${word(row[name])}`]));
    const sure = row.certain === false ? ' (may have ended unseen)' : '';
    return `${what}: ${said.join(', ')} by ${word(row.comm)} ${word(row.pid)}${sure}`;
  });
}

function lineOf({ time, cpu, comm, pid, name, payload }: Row): string {
  const at = typeof time === 'number' ? time.toFixed(6).padStart(13) : ''.padStart(13);
  return `${at} [${word(cpu).padStart(2)}] ${`${word(comm)}-${word(pid)}`.padEnd(22)} ${word(name)}: ${word(payload)}`;
}

type Row = Readonly<Record<string, unknown>>;

function rows(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function word(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 400) : typeof value === 'number' ? String(value) : '';
}
