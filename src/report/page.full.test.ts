import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVIL } from '../sink/testing-evil.ts';
import { storyPage } from './page.ts';
import { storyWith } from './testing.ts';

/** `.ci/setup.sh browser` brings it. */
const CHROMIUM = '/usr/bin/chromium';
const there = existsSync(CHROMIUM);

describe.skipIf(!there)('a page in Chromium', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-page-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** What went wrong or was asked for while the page was open: scripts that ran, errors, requests. */
  async function withPage(
    text: string,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<string[]> {
    const file = join(dir, 'report.html');
    writeFileSync(file, storyPage(storyWith(text), { script: true }));
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const seen: string[] = [];
    page.on('console', (message) => seen.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
    page.on('dialog', async (dialog) => {
      seen.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) seen.push(`request: ${request.url()}`);
    });
    try {
      await page.goto(pathToFileURL(file).href);
      await use(page);
    } finally {
      await context.close();
    }
    return seen;
  }

  test.each(Object.entries(EVIL))('%s does not run and adds nothing', async (_, evil) => {
    const count = (page: Page) => page.evaluate<number>(`document.querySelectorAll('*').length`);
    let [ours, plain] = [0, 0];
    await withPage('plain', {}, async (page) => {
      plain = await count(page);
    });
    const seen = await withPage(evil, {}, async (page) => {
      ours = await count(page);
      expect(await page.locator('script').count()).toBe(1);
      expect(await page.locator('img,iframe,object,base,form,[onload],[onerror]').count()).toBe(0);
    });
    expect(seen).toEqual([]);
    if (evil !== '') expect(ours).toBe(plain);
  });

  test('script that got in would not run', async () => {
    const seen = await withPage('plain', {}, async (page) => {
      const ran = await page.evaluate<string>(`(() => {
        document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="document.title=1"><a id="bad" href="javascript:document.title=1">x</a>');
        const script = document.createElement('script');
        script.textContent = 'document.title = 1';
        document.body.append(script);
        document.getElementById('bad').click();
        return document.title;
      })()`);
      expect(ran).not.toBe('1');
    });
    expect(seen.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
  });

  test('search by keyboard, a filter by verdict, from finding to incident to line', async () => {
    const seen = await withPage('plain', {}, async (page) => {
      const rows = page.locator('tr[data-verdict]');
      await page.keyboard.press('/');
      await page.keyboard.type('names');
      await expect.poll(() => rows.filter({ visible: true }).count()).toBe(1);
      await page.keyboard.press('Escape');
      await expect.poll(() => rows.filter({ visible: true }).count()).toBe(2);
      await page.locator('#verdict').selectOption('FAIL');
      await expect
        .poll(() => rows.filter({ visible: true }).allInnerTexts())
        .toEqual([expect.stringContaining('files')]);
      await page.keyboard.press('Escape');
      await page.locator('h1').click();
      await page.keyboard.press('j');
      expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
      await page.keyboard.press('j');
      expect(await page.evaluate('document.activeElement.tagName')).toBe('TR');
      await page.locator('a[href="#incident-1-1"]').first().click();
      await page.locator('#incident-1-1 a[href="#line-1-1-2"]').first().click();
      await expect.poll(() => page.locator('#line-1-1-2').isVisible()).toBe(true);
      expect(await page.locator('svg path.curve').count()).toBeGreaterThan(0);
    });
    expect(seen).toEqual([]);
  });

  test('without script all of it is there', async () => {
    await withPage('plain', { javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('.tools').isVisible()).toBe(false);
      expect(await page.locator('tr[data-verdict]').filter({ visible: true }).count()).toBe(2);
      await page.locator('#incident-1-1 a[href="#line-1-1-2"]').first().click();
      await expect.poll(() => page.locator('#line-1-1-2').isVisible()).toBe(true);
    });
  });

  test.each([
    ['light', { colorScheme: 'light', viewport: { width: 1200, height: 800 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1200, height: 800 } }],
    ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true }],
  ] as const)('%s: nothing is wider than the screen, text stands out', async (_, options) => {
    // The longest word of a log must not widen the page either.
    for (const text of ['plain', 'x'.repeat(5000)])
      await withPage(text, options, async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        expect(await page.evaluate(CONTRASTS)).toEqual([]);
      });
  });

  test('on paper everything is open and the tools are gone', async () => {
    await withPage('plain', {}, async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.tools').isVisible()).toBe(false);
      expect(await page.locator('#line-1-1-2').isVisible()).toBe(true);
      expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    });
  });
});

/** Runs in the page: kinds of text whose contrast with what is behind them is below 4.5 (WCAG 2.1, 1.4.3). */
const CONTRASTS = `(() => {
  const rgb = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = rgb(color).map((part) => {
      const value = part / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const kinds = ['p', 'a', 'td', 'dd', 'dt', '.dim', '.bad', '.warn', '.good', '.tag', 'pre', '.ev', '.ln', '.verdict'];
  return kinds.filter((selector) =>
    [...document.querySelectorAll(selector)].some((node) => {
      const [a, b] = [luminance(getComputedStyle(node).color), luminance(behind(node))];
      return !((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= 4.5);
    }),
  );
})()`;
