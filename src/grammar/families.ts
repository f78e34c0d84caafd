import type { ReportLine } from '../model/report.ts';
import type { Family } from './report-parser.ts';

/** Families by headline; those with several are told apart by what the first line says. */
const BY_HEADLINE: Readonly<Record<string, Family>> = {
  ubsan: 'memory',
  slub: 'memory',
  slab: 'memory',
  leak: 'memory',
  'hard-lockup': 'stall',
  ktap: 'ktap',
  'oom-invoked': 'oom',
  'oom-killed': 'oom',
  'allocation-failure': 'oom',
  'vmalloc-failure': 'oom',
  'vmalloc-failure-old': 'oom',
};

const BY_STATEMENT: readonly (readonly [prefix: string, family: Family])[] = [
  ['kasan', 'memory'],
  ['kmsan', 'memory'],
  ['kcsan', 'memory'],
  ['kfence', 'memory'],
  ['bad-page', 'memory'],
  ['memory-leak', 'memory'],
  ['slub', 'memory'],
  ['lockdep', 'lock'],
  ['old-', 'lock'],
  ['unlock-balance', 'lock'],
  ['held-lock', 'lock'],
  ['locks-held', 'lock'],
  ['lock-to-user', 'lock'],
  ['nested-lock', 'lock'],
  ['wait-context', 'lock'],
  ['rcu-usage', 'lock'],
  ['non-static-key', 'lock'],
  ['rcu-stall', 'stall'],
  ['soft-lockup', 'stall'],
  ['task-', 'stall'],
  ['workqueue', 'stall'],
  ['spinlock', 'stall'],
];

/** Which rule of the grammar reads a report. */
export function familyOf(headline: string, first: ReportLine | undefined): Family {
  const fixed = BY_HEADLINE[headline];
  if (fixed) return fixed;
  for (const { says } of first?.says ?? []) {
    const row = BY_STATEMENT.find(([prefix]) => says.startsWith(prefix));
    if (row) return row[1];
  }
  return 'oops';
}
