import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { readStory } from './report.ts';
import { documentOf } from './report-formats.ts';
import { findReportInput } from './report-input.ts';
import { printPdf } from './report-pdf.ts';

const there = spawnSync('chromium', ['--version']).status === 0;

test.skipIf(!there)('a page is printed as a PDF of several sheets', async () => {
  const page = `<!DOCTYPE html><meta charset="utf-8"><title>x</title>${'<p>text</p>'.repeat(300)}`;
  const text = Buffer.from(await printPdf(page, new AbortController().signal)).toString('latin1');
  expect(text).toMatch(/^%PDF-1\.\d/);
  expect(text.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(3);
});

const NO_POPPLER =
  spawnSync('pdfinfo', ['-v']).status === 0 ? '' : ' (skipped: no pdfinfo here, install poppler-utils)';

test.skipIf(!there || NO_POPPLER !== '')(
  `the report of a recorded run is a PDF with its title, its tests and its findings, as pdfinfo and pdftotext have it${NO_POPPLER}`,
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vexfs-pdf-'));
    try {
      const input = findReportInput(join(packageRoot(), 'fixtures/runs/faults'));
      const signal = new AbortController().signal;
      const story = await readStory(input, { patterns: [], signal, warn: (text) => expect.unreachable(text) });
      const file = join(dir, 'report.pdf');
      writeFileSync(file, await printPdf(documentOf(story, 'pdf'), signal));
      const info = spawnSync('pdfinfo', [file], { encoding: 'utf8' });
      expect([info.status, info.stderr]).toEqual([0, '']);
      expect(info.stdout).toMatch(/^Title: .*fixtures\/runs\/faults$/m);
      expect(info.stdout).toMatch(/^JavaScript: +no$/m);
      expect(Number(/^Pages: +(\d+)$/m.exec(info.stdout)?.[1])).toBeGreaterThan(5);
      const { stdout: text } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8', maxBuffer: 1 << 26 });
      for (const { id } of story.run?.tests ?? []) expect(text.replaceAll(/\s+/g, '')).toContain(id);
      expect(text).toContain('vexfs_fault_list_corruption');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  200_000,
);

test.skipIf(!there)('a printing that is ended leaves nothing', async () => {
  await expect(printPdf('<p>x</p>', AbortSignal.abort())).rejects.toThrow('chromium printed nothing');
});
