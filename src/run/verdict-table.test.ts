import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectMarked } from '../base/testing-marked.ts';
import { packageRoot } from '../guest/paths.ts';
import { FAULT_TABLE, type KernelName, SILENT_FAULTS } from './fault-table.ts';
import { VERDICTS, type VerdictRow } from './verdict-table.ts';

const kindsOf = (fault: string, kernel: KernelName) =>
  FAULT_TABLE.filter((row) => row.fault === fault && row.kernel === kernel).map(({ kind }) => kind);

describe('what guests are tested with says the same', () => {
  test.each(VERDICTS.filter(({ fault }) => kindsOf(fault, 'stock').length > 0))(
    '$fault on stock',
    ({ fault, trace }) => {
      expect(kindsOf(fault, 'stock')).toEqual([trace]);
    },
  );
  test.each(VERDICTS.filter(({ fault }) => kindsOf(fault, 'kasan').length > 0))('$fault under lockdep', (row) => {
    expect(kindsOf(row.fault, 'kasan')).toEqual([row.lockdep]);
  });
  test.each(VERDICTS.filter(({ fault }) => kindsOf(fault, 'kcsan').length > 0))('$fault under KCSAN', (row) => {
    expect(kindsOf(row.fault, 'kcsan')).toEqual([row.kcsan]);
  });
  test.each(SILENT_FAULTS)('nobody says anything of %s', (fault) => {
    expect(VERDICTS.find((row) => row.fault === fault)).toMatchObject({
      ...{ trace: null, races: null, lockdep: null, kcsan: null },
    });
  });
});

test('every locking and race fault of the module is in the table', () => {
  const source = readFileSync(join(packageRoot(), 'kmod/fault.c'), 'utf8');
  const faults = [...source.matchAll(/\{ "([a-z-]+)", "(deadlock|race|none)"/g)].map(([, name = '']) => name);
  expect(faults.length).toBeGreaterThan(8);
  for (const fault of [...faults, 'atomic-sleep']) expect(VERDICTS.map((row) => row.fault)).toContain(fault);
});

test('docs/trace-analysis.md has the table', () => {
  expectMarked('docs/trace-analysis.md', 'src/run/verdict-table.test.ts', table(VERDICTS));
});

function table(rows: readonly VerdictRow[]): string {
  const kind = (name: string | null) => (name === null ? '-' : `\`${name}\``);
  return [
    '| fault | trace | trace with `--races` | lockdep kernel | KCSAN kernel | remark |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      ({ fault, trace, races, lockdep, kcsan, because }) =>
        `| \`${fault}\` | ${[trace, races, lockdep, kcsan].map(kind).join(' | ')} | ${because} |`,
    ),
  ].join('\n');
}
