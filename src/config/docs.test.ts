import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectMarked } from '../base/testing-marked.ts';
import { parseConfig } from './parse-file.ts';
import { tableOfOptions } from './written.ts';

const PAGE = new URL('../../docs/configuration.md', import.meta.url);

test('the page says what the table says (npm run test:update writes it)', () => {
  expectMarked('docs/configuration.md', 'src/config/docs.test.ts', tableOfOptions());
});

test('the example on the page is right', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  expect(parseConfig(example, '/vexfs-trace.yaml')).toMatchObject({ entries: expect.any(Map) });
});
