import { test } from 'vitest';
import { expectMarked } from '../base/testing-marked.ts';
import { THRESHOLDS } from '../model/thresholds.ts';
import { BASE, levelRow } from './levels.ts';
import type { Settings } from './test.ts';
import { TESTS } from './tests.ts';

const LEVELS = [1, 2, 3] as const;
const UNITS = { seconds: 's', workers: ' workers', cycles: ' cycles' } as const satisfies Record<
  keyof Settings,
  string
>;

/** What a level says of a test. */
function settingsOf(name: string, level: (typeof LEVELS)[number]): string {
  const row = levelRow(level).tests.find(({ test }) => test === name);
  if (row === undefined) return name.startsWith('fault-') && level === 3 ? 'drawn' : '';
  const said = (Object.keys(BASE) as (keyof Settings)[]).filter((key) => row[key] !== undefined);
  return said.length === 0 ? 'yes' : said.map((key) => `${row[key]}${UNITS[key]}`).join(', ');
}

test('docs/stress.md has every test with its levels (npm run test:update writes it)', () => {
  const rows = TESTS.map(({ name, domain, about, needs }) => {
    const needed = needs.filter((need) => need !== 'module').map((need) => `\`${need}\``);
    return `| \`${name}\` | ${domain} | ${about} | ${needed.join(', ')} | ${LEVELS.map((level) => settingsOf(name, level)).join(' | ')} |`;
  });
  const limits = Object.entries(THRESHOLDS).map(
    ([name, { unit, limit, about }]) => `| \`${name}\` | ${limit} ${unit} | ${about} |`,
  );
  expectMarked(
    'docs/stress.md',
    'src/stress/docs.test.ts',
    [
      '| test | domain | what it is about | needs | level 1 | level 2 | level 3 |',
      '|---|---|---|---|---|---|---|',
      ...rows,
      '',
      '| limit | value | of |',
      '|---|---|---|',
      ...limits,
    ].join('\n'),
  );
});
