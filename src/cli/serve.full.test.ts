import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_PAGE, openChromium, withPage } from '../run/dashboard/testing-page.ts';
import { soon } from '../run/dashboard/testing-soon.ts';
import { BIN, runCli } from './testing.ts';
import { untilNothingIsLeft } from './testing-leftovers.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-serve-live-'));
const MINUTES = 60_000;
let browser: Browser;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  if (NO_PAGE !== '') return;
  browser = await openChromium();
  server = spawn(BIN, ['serve', '--port', '0'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
  url = await new Promise((resolve) => server.stdout?.once('data', (bytes) => resolve(String(bytes).trim())));
});
afterAll(async () => {
  await browser?.close();
  server?.kill('SIGTERM');
  rmSync(dir, { recursive: true, force: true });
});

test.skipIf(NO_PAGE !== '')(`a live guest on the page, from boot to recovery${NO_PAGE}`, async () => {
  const seen = await withPage(browser, url, {}, async (page) => {
    const attached = runCli(['attach', '--stress', '--inject', 'warn-text', '--duration', '30s'], undefined, {
      cwd: dir,
    });
    // The run shows up by itself, and is opened while it goes on.
    const card = page.locator('a.card.live');
    await card.waitFor({ timeout: 2 * MINUTES });
    await card.click();
    await page.getByText('running').first().waitFor();
    await page.getByRole('navigation', { name: 'Parts of this run' }).getByText('Events').click();
    await page.locator('.event', { hasText: 'guest/ready' }).waitFor({ timeout: 3 * MINUTES });
    await page
      .locator('.event.crash', { hasText: 'WARNING in vexfs_fault_warn_text' })
      .first()
      .waitFor({ timeout: 3 * MINUTES });
    await page.getByRole('navigation', { name: 'Parts of this run' }).getByText('Overview').click();
    await page.locator('.incidents .badge.good', { hasText: 'recovered' }).waitFor({ timeout: 3 * MINUTES });
    await soon(() => page.locator('.chart canvas').count(), { timeout: MINUTES }).toBeGreaterThan(2);
    await page.getByRole('navigation', { name: 'Parts of this run' }).getByText('Probes').click();
    await page.locator('.probe', { hasText: '@vexfs_op_ns' }).waitFor({ timeout: MINUTES });
    await page.getByRole('navigation', { name: 'Parts of this run' }).getByText('Console').click();
    await page.getByRole('button', { name: 'First' }).click();
    await soon(() => page.locator('.console-line').first().textContent()).toContain('Linux version');
    expect((await attached).code).toBe(1);
    await page.getByText('ended').first().waitFor({ timeout: MINUTES });
    const [folder = ''] = readdirSync(join(dir, 'captures'));
    expect(await page.locator('h1').textContent()).toContain(folder);
    const [report] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'Report' }).click(),
    ]);
    await report.getByText('WARNING in vexfs_fault_warn_text').first().waitFor();
  });
  expect(seen).toEqual([]);
  expect(await untilNothingIsLeft()).toEqual([]);
});
