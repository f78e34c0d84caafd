import { test } from 'vitest';
import { expectMarked } from '../base/testing-marked.ts';
import { LABELS, METRICS, type MetricRow } from './table.ts';

test('the page says what the table says (npm run test:update writes it)', () => {
  const rows = (Object.entries(METRICS) as [string, MetricRow][]).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  const labels = Object.entries(LABELS).map(([name, values]) => `| \`${name}\` | ${values?.join(', ') ?? 'any'} |`);
  expectMarked(
    'docs/metrics.md',
    'src/metrics/docs.test.ts',
    [
      '| metric | type | labels | |',
      '|---|---|---|---|',
      ...rows,
      '',
      '| label | values |',
      '|---|---|',
      ...labels,
    ].join('\n'),
  );
});
