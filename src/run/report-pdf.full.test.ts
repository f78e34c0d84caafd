import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { printPdf } from './report-pdf.ts';

const there = spawnSync('chromium', ['--version']).status === 0;

test.skipIf(!there)('a page is printed as a PDF of several sheets', async () => {
  const page = `<!DOCTYPE html><meta charset="utf-8"><title>x</title>${'<p>text</p>'.repeat(300)}`;
  const text = Buffer.from(await printPdf(page, new AbortController().signal)).toString('latin1');
  expect(text).toMatch(/^%PDF-1\.\d/);
  expect(text.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(3);
});

test.skipIf(!there)('a printing that is ended leaves nothing', async () => {
  await expect(printPdf('<p>x</p>', AbortSignal.abort())).rejects.toThrow('chromium printed nothing');
});
