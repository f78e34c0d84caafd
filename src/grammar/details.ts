import type { ReportLine } from '../model/report.ts';

/** Kinds of line whose fields are facts about the report, with a prefix where names would collide. */
const FACTS: Readonly<Record<string, string>> = {
  access: '',
  object: '',
  cache: '',
  located: '',
  region: 'region',
  belongs: '',
  'kasan-hint': '',
  'kmsan-created': '',
  'kmsan-bytes': '',
  'kmsan-memory': '',
  'kfence-access': '',
  'kfence-object': '',
  'kcsan-value': '',
  'ubsan-index': '',
  'ubsan-shift': '',
  'fault-code': '',
  oops: 'oops',
  'list-corruption': 'list',
  refcount: 'refcount',
  odebug: 'object',
  usercopy: '',
  'slab-title': '',
  'leak-object': '',
  'leak-comm': '',
  'oom-invoked': '',
  'oom-constraint': '',
  'oom-killed': '',
  atomic: '',
  'preempt-count': 'preempt',
  'spin-lock': 'lock',
  'task-state': '',
  'rcu-detected': '',
  workqueue: '',
  'rcu-misuse': '',
};

/** Who and where stands in the context. */
const ELSEWHERE = new Set(['pid', 'comm', 'cpu', 'by', 'at']);
const NUMBERS = new Set([
  'size',
  'objectSize',
  'distance',
  'seconds',
  'order',
  'adj',
  'jiffies',
  'oopsNumber',
  'sector',
  'block',
  'uid',
]);

/** Facts by name; the first line that states one counts. Two KCSAN accesses become a list. */
export function readDetails(lines: readonly ReportLine[], lead: readonly ReportLine[]): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  const accesses: unknown[] = [];
  const message = lead.filter((line) => line.kind !== 'cut-here' && line.text !== '').map((line) => line.text);
  if (message.length > 0) facts.message = message.join('\n');
  for (const line of lead) {
    const prefix = FACTS[line.kind];
    if (prefix !== undefined) merge(facts, typed(line.fields, prefix));
  }
  for (const [index, line] of lines.entries()) {
    if (line.kind === 'kcsan-access') accesses.push(typed(line.fields, ''));
    const prefix = FACTS[line.kind];
    if (prefix !== undefined) merge(facts, typed(line.fields, prefix));
    if (index === 0) for (const { fields } of line.says) merge(facts, typed(fields, ''));
  }
  if (accesses.length > 0) facts.accesses = accesses;
  return facts;
}

function merge(into: Record<string, unknown>, from: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(from)) into[name] ??= value;
}

function typed(fields: Readonly<Record<string, string>>, prefix: string): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (prefix === '' && ELSEWHERE.has(field) && !('by' in fields)) continue;
    const name = prefix === '' ? field : prefix + field.charAt(0).toUpperCase() + field.slice(1);
    const number = Number(value);
    out[name] = NUMBERS.has(name) && value !== '' && Number.isFinite(number) ? number : value;
  }
  return out;
}
