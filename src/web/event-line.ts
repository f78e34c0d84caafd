import { shown } from './words.ts';

/** What the list of events shows of one: small, so that very many can be held. */
export interface EventLine {
  readonly seq: number;
  /** Seconds since the start of the recording. */
  readonly at: number;
  readonly event: string;
  readonly kind: string;
  readonly severity: string;
  readonly text: string;
}

type Values = Readonly<Record<string, unknown>>;

const MAX_TEXT = 240;

/** Undefined for what is no event. Kinds that are not known are shown all the same. */
export function lineOf(json: string): EventLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value.seq !== 'number') return undefined;
  const time = isRecord(value.time) ? value.time : {};
  const event = word(value.event);
  return {
    seq: value.seq,
    at: typeof time.observed === 'number' ? time.observed / 1e9 : 0,
    event,
    kind: word(value.kind),
    severity: word(value.severity),
    text: shown((TEXTS[event] ?? rest)(value), MAX_TEXT),
  };
}

const finding = (value: Values) => `${text(value.title)}${value.final === false ? ' …' : ''}`;

/** What is said of an event in a line. */
const TEXTS: Readonly<Record<string, (value: Values) => string>> = {
  ...{ crash: finding, race: finding, lock: finding, leak: finding },
  incident: ({ outcome, title }) => `${text(outcome)}: ${text(title)}`,
  recovery: ({ result, verified, reason }) =>
    `${text(result)}${verified === true ? ', verified' : ''}: ${text(reason)}`,
  guest: ({ detail }) => pairs(detail),
  metric: ({ name, values }) => `${text(name)}  ${Array.isArray(values) ? rows(values) : pairs(values)}`,
  gap: ({ stream, lost, unit }) =>
    `${text(stream)}: ${lost === null ? 'an unknown number of' : text(lost)} ${text(unit)} lost`,
  test: ({ test, verdict, reason }) => [test, verdict, reason].map(text).filter(Boolean).join('  '),
};

function rest({
  event: _event,
  kind: _kind,
  schema: _schema,
  id: _id,
  seq: _seq,
  time: _time,
  evidence: _evidence,
  ...value
}: Values): string {
  return JSON.stringify(value);
}

function pairs(value: unknown): string {
  if (!isRecord(value)) return '';
  return Object.entries(value)
    .filter(([, each]) => each !== null)
    .slice(0, 8)
    .map(([name, each]) => `${name}: ${isRecord(each) ? pairs(each) : text(each)}`)
    .join(', ');
}

function rows(values: readonly unknown[]): string {
  const said = values
    .slice(0, 6)
    .map((row) => (isRecord(row) ? `${text(row.key)}${row.value === undefined ? '' : ` ${text(row.value)}`}` : ''));
  return `${said.filter((each) => each.trim() !== '').join(', ')}${values.length > 6 ? ', …' : ''}`;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** Names of ours, which are short; what is none is cut. */
function word(value: unknown): string {
  return typeof value === 'string' ? shown(value, 40) : '';
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
