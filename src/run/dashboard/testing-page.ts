import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { packageRoot } from '../../guest/paths.ts';

/** `.ci/setup.sh browser` brings it. */
const CHROMIUM = '/usr/bin/chromium';

/** Why no page can be looked at here; empty where it can. For the name of what is skipped. */
export const NO_PAGE = !existsSync(CHROMIUM)
  ? ' (skipped: no chromium here, see .ci/setup.sh browser)'
  : !existsSync(join(packageRoot(), 'dist/web/index.html'))
    ? ' (skipped: the page is not built, npm run build)'
    : '';

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** Opens an address and says what went wrong, or was asked of others, while the page was open. */
export async function withPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
): Promise<string[]> {
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
    if (new URL(request.url()).origin !== new URL(url).origin) seen.push(`request: ${request.url()}`);
  });
  try {
    await page.goto(url);
    await use(page);
  } finally {
    await context.close();
  }
  return seen;
}

/** Runs in the page: texts whose contrast with what is behind them is below 4.5 (WCAG 2.1, 1.4.3), with their colours. */
export const FAINT = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (node.data.trim() === '' || parent.closest('button:disabled, option, script, noscript, svg') !== null) continue;
    const { color, fontSize, visibility } = getComputedStyle(parent);
    if (parent.getClientRects().length === 0 || visibility === 'hidden' || fontSize === '0px') continue;
    const [a, b] = [luminance(rgba(color)), luminance(behind(parent))];
    if (!((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= 4.5)) faint.add(parent.className + ': ' + node.data.slice(0, 30));
  }
  return [...faint];
})()`;
