import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from './parse-file.ts';
import { tableOfOptions } from './written.ts';

const PAGE = new URL('../../docs/configuration.md', import.meta.url);
const MARK = '<!-- made by src/config/docs.test.ts -->\n';
const END = '<!-- end -->\n';

test('the page says what the table says (npm run test:update writes it)', () => {
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(MARK);
  const wanted = `${before}${MARK}\n${tableOfOptions()}\n\n${END}${rest.split(END)[1] ?? ''}`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, wanted);
  else expect(page).toBe(wanted);
});

test('the example on the page is right', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  expect(parseConfig(example, '/vexfs-trace.yaml')).toMatchObject({ entries: expect.any(Map) });
});
