import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import type { Classification } from '../model/classification.ts';
import { KINDS } from '../model/kinds.ts';
import { FAULT_TABLE } from './fault-table.ts';
import { acceptedOf, acceptedOfType } from './label-types.ts';
import { type RecordedStep, recordLog } from './recorded-log.ts';

/** A log of which it is known what had happened. */
export interface LabelledLog {
  /** Path below its folder, without the ending. */
  readonly name: string;
  /** The log itself, below its folder. */
  readonly file?: string;
  readonly steps: readonly RecordedStep[];
  /** What its first finding may be called; undefined when the label does not decide it. */
  readonly accepted?: readonly Classification[];
  /** The same by the type of the label alone. */
  readonly acceptedByType?: readonly Classification[];
  /** Titles of the bug, so that logs of one bug are kept together, and by which its finding is known among others of the log. */
  readonly titles: readonly string[];
}

/** The finding that the label names, which need not be the first; else the first. */
export function labelled<T extends { readonly step: RecordedStep }>(rows: readonly T[], titles: readonly string[]) {
  const findings = rows.filter(({ step }) => step.kind === 'finding');
  const named = ({ step }: T) =>
    step.kind === 'finding' && [step.finding.title, ...step.finding.altTitles].some((title) => titles.includes(title));
  return findings.find(named) ?? findings[0];
}

/** Fixtures that are no logs, or only parts of one. */
const NO_LOGS = /^(bpftrace|ftrace|captures)\/|\/pstore-folder\//;

/** Recordings of the project: those of guests with the fault that was triggered there, and all other logs. */
export function fixtureLogs(root: string): readonly LabelledLog[] {
  const known = read.get(root) ?? readFixtures(root);
  read.set(root, known);
  return known;
}

/** One command looks at them several times. */
const read = new Map<string, readonly LabelledLog[]>();

function readFixtures(root: string): LabelledLog[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return names.flatMap((name): LabelledLog[] => {
    if (NO_LOGS.test(name)) return [];
    if (/^guests\/.*\.json$/.test(name)) return [guestLog(root, name)];
    const isLog = /\.(log|console)$/.test(name) && !existsSync(join(root, name.replace(/console$/, 'json')));
    return isLog ? [plainLog(root, name)] : [];
  });
}

/**
 * Logs with a header of `KEY: value` lines, as the syzkaller project labels its own: `TITLE`, `ALT`, `TYPE`. One without a title
 * must yield nothing. They are read in the profile for which the labels hold.
 */
export function corpusLogs(folder: string): LabelledLog[] {
  const below = join(folder, 'report');
  const root = existsSync(below) ? below : folder;
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new ExpectedError('usage', `${folder} is no folder of labelled logs`, 'name one with --corpus DIR');
  return readdirSync(root).map((name) => {
    const text = readFileSync(join(root, name), 'latin1').replaceAll('\r', '');
    const [head = '', ...rest] = text.startsWith('\n') ? ['', text.slice(1)] : text.split('\n\n');
    const header = head.split('\n').flatMap((line) => {
      const [, key = '', value = ''] = /^([A-Z]+): ?(.*)$/.exec(line) ?? [];
      return key === '' ? [] : [{ key, value }];
    });
    const values = (key: string) => header.filter((row) => row.key === key).map(({ value }) => value);
    const log = rest.join('\n\n').split('\n\nREPORT:\n')[0] ?? '';
    const label = [values('TYPE')[0] ?? '', values('TITLE')[0] ?? ''] as const;
    const [accepted, byType] = [acceptedOf(...label), acceptedOfType(...label)];
    const steps = recordLog([{ stream: 'file', bytes: Buffer.from(`${log}\n`, 'latin1') }], name, 'syzkaller');
    const titles = [...values('TITLE'), ...values('ALT')];
    return { name, steps, titles, ...(accepted && { accepted }), ...(byType && { acceptedByType: byType }) };
  });
}

function guestLog(root: string, name: string): LabelledLog {
  const about = JSON.parse(readFileSync(join(root, name), 'utf8')) as {
    readonly fault?: string;
    readonly streams?: Readonly<Record<string, unknown>>;
  };
  const file = (ending: string) => join(root, name.replace(/json$/, ending));
  const streams = (
    [
      ['console', 'file'],
      ['ftrace', 'ftrace'],
    ] as const
  ).flatMap(([ending, stream]) => (existsSync(file(ending)) ? [{ stream, bytes: readFileSync(file(ending)) }] : []));
  const steps = recordLog(streams, name);
  const kernel = name.split('/')[1];
  const row = FAULT_TABLE.find(
    (fault) => fault.fault.split('=')[0] === about.fault?.split('=')[0] && fault.kernel === kernel,
  );
  const accepted = row && [KINDS[row.kind].classification];
  const log = name.replace(/json$/, 'console');
  const labels = { titles: titlesOf(steps), ...(accepted && { accepted }) };
  return { name: name.replace(/\.json$/, ''), ...(existsSync(join(root, log)) && { file: log }), steps, ...labels };
}

function plainLog(root: string, name: string): LabelledLog {
  const steps = recordLog([{ stream: 'file', bytes: readFileSync(join(root, name)) }], name);
  return { name: name.replace(/\.\w+$/, ''), file: name, steps, titles: titlesOf(steps) };
}

function titlesOf(steps: readonly RecordedStep[]): string[] {
  const first = steps.find((step) => step.kind === 'finding');
  return first === undefined ? [] : [first.finding.title, ...first.finding.altTitles];
}
