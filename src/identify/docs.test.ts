import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectMarked } from '../base/testing-marked.ts';
import { SAMPLE_REPORTS } from '../grammar/samples/samples.ts';
import { SAMPLES } from '../grammar/samples.ts';
import { finalReports, stamped } from '../grammar/testing.ts';
import { DETAIL_GROUPS, type DetailGroup, groupsOf } from '../model/details/details.ts';
import { KIND_NAMES, KINDS, type Kind } from '../model/kinds.ts';
import { identify } from './identify.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Kinds that no report of a kernel gives. */
const ELSEWHERE: Readonly<Partial<Record<Kind, string>>> = {
  'guest-hang': 'said by the host',
  'guest-exit': 'said by the host',
  'guest-frozen': 'said by the host',
  'agent-dead': 'said by the host',
  'trace-deadlock': 'found in traces',
  'slow-operation': 'found in traces',
  'trace-data-race': 'found in traces',
  'trace-race-suspect': 'found in traces',
  'trace-lock-rule': 'found in traces',
  'trace-lock-order': 'found in traces',
  'trace-lock-irq': 'found in traces',
  'trace-atomic-sleep': 'found in traces',
  'trace-leak': 'found in what a module allocates',
  'pattern-match': 'said by a pattern',
  'unexpected-reboot': '`--profile syzkaller` only',
  'kernel-info': '`--profile syzkaller` only',
};

const recorded = new Set<string>(
  readdirSync(join(ROOT, 'fixtures/guests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(join(ROOT, 'fixtures/guests', name), 'utf8')).expected ?? [])
    .map(({ kind }: { readonly kind: string }) => kind),
);

const constructed = new Set<string>([
  ...SAMPLE_REPORTS.map(({ kind }) => kind),
  ...Object.values(SAMPLES).flatMap((text) => finalReports(stamped(text)).map((report) => identify(report).kind)),
]);

function testedWith(kind: Kind): string {
  const elsewhere = ELSEWHERE[kind];
  if (elsewhere !== undefined) return elsewhere;
  return [recorded.has(kind) ? 'recording' : '', constructed.has(kind) ? 'constructed sample' : '']
    .filter((word) => word !== '')
    .join(', ');
}

function kindTable(): string {
  const rows = KIND_NAMES.map((kind) => {
    const { event, classification, severity, since } = KINDS[kind];
    const groups = groupsOf(kind).map((group) => `[${group}](events.md#details-${group})`);
    const details = kind in ELSEWHERE ? '' : groups.join(', ');
    return `| \`${kind}\` | ${event} | ${classification} | ${severity} | ${since} | ${details} | ${testedWith(kind)} |`;
  });
  const head = ['kind', 'event', 'classification', 'severity', 'since', 'details', 'tested with'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows].join('\n');
}

interface Described {
  readonly description?: string | undefined;
  readonly def: {
    readonly type: string;
    readonly innerType?: Described;
    readonly element?: Described;
    readonly checks?: readonly unknown[];
  };
  readonly shape?: Readonly<Record<string, Described>>;
}

/** `[{pid, fn}]` of a list of objects. */
function shapeOf(schema: Described): string {
  const { type, innerType, element, checks } = schema.def;
  if (innerType) return `${shapeOf(innerType)}${type === 'nullable' ? ' or null' : ''}`;
  if (element) return `[${shapeOf(element)}]`;
  if (schema.shape) return `{${Object.keys(schema.shape).join(', ')}}`;
  if (type === 'string' && checks?.length) return 'hexadecimal';
  return { string: 'text', union: 'number or text', record: '{name: value}', literal: 'true' }[type] ?? type;
}

function groupTable(group: DetailGroup): string {
  const rows = Object.entries(DETAIL_GROUPS[group] as unknown as Readonly<Record<string, Described>>).map(
    ([name, schema]) => `| \`${name}\` | ${shapeOf(schema)} | ${schema.description ?? ''} |`,
  );
  return [`### Details: ${group}`, '', '| member | holds | |', '|---|---|---|', ...rows].join('\n');
}

const PAGES: readonly (readonly [page: string, text: string])[] = [
  ['docs/kinds.md', kindTable()],
  ['docs/events.md', (Object.keys(DETAIL_GROUPS) as DetailGroup[]).map(groupTable).join('\n\n')],
];

describe('the pages say what the tables say (npm run test:update writes them)', () => {
  test.each(PAGES)('%s', (name, text) => expectMarked(name, 'src/identify/docs.test.ts', text));
});

test('every kind has a report that is read in a test', () => {
  expect(KIND_NAMES.filter((kind) => testedWith(kind) === '')).toEqual([]);
});
