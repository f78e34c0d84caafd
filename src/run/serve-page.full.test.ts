import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNdjson } from '../base/ndjson.ts';
import { CAPTURE_SCHEMA } from '../model/capture.ts';
import { EVENT_SCHEMA } from '../model/event.ts';
import { EVIL } from '../sink/testing-evil.ts';
import { testEvents } from '../store/testing-events.ts';
import { copyRecorded, hostileId, hostileRun, openServed, type Served, storeRecorded } from './dashboard/testing.ts';
import { FAINT, NO_PAGE, openChromium, withPage } from './dashboard/testing-page.ts';
import { soon } from './dashboard/testing-soon.ts';

const LIVE = '01J00000000000000000000LVE';

/** A recording without events. */
function beginRecording(folder: string, run: string): string {
  const dir = join(folder, run);
  mkdirSync(dir);
  const info = { schema: CAPTURE_SCHEMA, run, tool: 't', startWall: Date.now(), command: ['attach'] };
  writeFileSync(join(dir, 'capture.json'), JSON.stringify(info));
  return join(dir, 'events.ndjson');
}

const notes = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) =>
    toNdjson({
      ...{ schema: EVENT_SCHEMA, id: `e${from + i}`, seq: from + i, run: LIVE, time: { observed: (from + i) * 1e6 } },
      ...{ evidence: [], event: 'guest', kind: 'note', detail: { number: from + i } },
    }),
  ).join('');

describe.skipIf(NO_PAGE !== '')(`the page in Chromium${NO_PAGE}`, () => {
  let browser: Browser;
  let served: Served;
  let ids: { faults: string; level1: string };
  beforeAll(async () => {
    browser = await openChromium();
    served = await openServed(async (folder, store) => {
      copyRecorded(folder);
      await storeRecorded(store);
    });
    const [faults, level1] = (await (await served.get('/api/runs')).json()) as { id: string }[];
    ids = { faults: faults?.id ?? '', level1: level1?.id ?? '' };
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });
  const url = (hash = '', to = served) => `${to.listening.url}${hash}`;
  /** Every view, by what stands behind the #. */
  const views = () => [
    '#/runs',
    ...['overview', 'events', 'console', 'probes', 'tests'].map((tab) => `#/run/${ids.faults}/${tab}`),
    '#/incidents',
    '#/patterns/list-corruption',
    `#/compare?a=${ids.level1}&b=${ids.faults}`,
    '#/nothing',
  ];
  const settled = (page: Page) => page.locator('main [aria-busy]').waitFor({ state: 'detached' });

  test('from the list to a run, its incidents, an event, the report and back', async () => {
    const seen = await withPage(browser, url(), {}, async (page) => {
      expect(page.url()).not.toContain('token');
      await page.getByRole('link', { name: 'faults' }).click();
      await soon(() => page.locator('.incidents > li').count()).toBe(9);
      expect(await page.locator('.timeline rect').count()).toBe(9);
      expect(await page.locator('.chart canvas').count()).toBeGreaterThan(1);
      await page
        .locator('.incidents a', { hasText: /^event/ })
        .first()
        .click();
      await soon(() => page.locator('.pane h3').first().textContent()).toContain('NULL pointer');
      expect(await page.locator('.event[aria-current]').count()).toBe(1);
      await page.getByRole('link', { name: 'All of this failure' }).click();
      await soon(() => page.locator('h1').textContent()).toContain('NULL pointer');
      await page.getByText('Look at').waitFor();
      await page.goBack();
      await page.getByRole('navigation', { name: 'Parts of this run' }).getByText('Console').click();
      await page.getByRole('button', { name: 'First' }).click();
      await soon(() => page.locator('.console-line').first().textContent()).toContain('Linux version');
      await page.getByRole('navigation', { name: 'Parts of this run' }).getByText('Tests').click();
      await soon(() => page.locator('tbody tr').first().textContent()).toContain('FAIL');
      const [report] = await Promise.all([
        page.waitForEvent('popup'),
        page.getByRole('link', { name: 'Report' }).click(),
      ]);
      await soon(() => report.title()).toContain('faults');
      // Its own script has run, in its sandbox.
      await soon(() => report.locator('.tools').isVisible()).toBe(true);
      expect(await report.locator('details.incident').count()).toBeGreaterThan(0);
    });
    expect(seen).toEqual([]);
  });

  test('incidents are searched, patterns found, runs compared', async () => {
    const seen = await withPage(browser, url('#/incidents'), {}, async (page) => {
      const rows = page.locator('tbody tr');
      await soon(() => rows.count()).toBe(13);
      await page.keyboard.press('/');
      await page.keyboard.type('list corrupt');
      await soon(() => rows.count()).toBe(1);
      await page.goto(url('#/patterns'));
      await page.getByRole('searchbox').fill('NULL pointer');
      await soon(() => rows.count()).toBeLessThan(30);
      expect(await rows.count()).toBeGreaterThan(0);
      await page.goto(url('#/runs'));
      await page.getByRole('checkbox').first().check();
      await page.getByRole('checkbox').nth(1).check();
      await page.getByRole('button', { name: 'Compare the two' }).click();
      await soon(() => page.locator('.badge.bad', { hasText: 'new' }).count()).toBe(12);
    });
    expect(seen).toEqual([]);
  });

  test('without a mouse: skip link, rows, places, help, parts of a run', async () => {
    const seen = await withPage(browser, url(), {}, async (page) => {
      const focused = (what: string) => page.evaluate<string | null>(`document.activeElement.${what}`);
      await page.getByRole('link', { name: 'faults' }).waitFor();
      await page.keyboard.press('Tab');
      expect(await focused('textContent')).toBe('To the content');
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
      await page.keyboard.press('Enter');
      expect(await focused('id')).toBe('main');
      await page.keyboard.press('j');
      expect(await focused('textContent')).toBe('faults');
      await page.keyboard.press('j');
      expect(await focused('textContent')).toBe('level-1');
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      await soon(() => page.locator('h1').textContent()).toContain('faults');
      await page.keyboard.press('2');
      await soon(() => page.locator('.event').count()).toBeGreaterThan(10);
      await page.keyboard.press('j');
      await soon(() => page.locator('.pane').count()).toBe(1);
      await page.keyboard.press('Escape');
      await soon(() => page.locator('.pane').count()).toBe(0);
      await page.keyboard.press('?');
      await soon(() => page.getByRole('dialog').isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      await soon(() => page.getByRole('dialog').count()).toBe(0);
      await page.keyboard.press('g');
      await page.keyboard.press('i');
      await soon(() => page.locator('h1').textContent()).toBe('Incidents');
    });
    expect(seen).toEqual([]);
  });

  test.each([
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 860 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 860 } }],
    ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true }],
  ] as const)('%s: nothing is wider than the screen, text stands out', async (_, options) => {
    const seen = await withPage(browser, url(), options, async (page) => {
      for (const view of views()) {
        await page.goto(url(view));
        await settled(page);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), view).toBeLessThanOrEqual(0);
        expect(await page.evaluate(FAINT), view).toEqual([]);
      }
    });
    expect(seen).toEqual([]);
  });

  test('colours are chosen, and stay chosen', async () => {
    const dark = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await withPage(browser, url(), { colorScheme: 'light' }, async (page) => {
      const light = await dark(page);
      await page.keyboard.press('t');
      await page.keyboard.press('t');
      await soon(() => dark(page)).not.toBe(light);
      await page.reload();
      await soon(() => dark(page)).not.toBe(light);
    });
  });

  test('events come as they are written; after the server was away none is missing and none comes twice', async () => {
    const file = beginRecording(served.folder, LIVE);
    appendFileSync(file, notes(0, 10));
    const own = await openServed(() => {}, { folders: [served.folder], token: 'a-token-that-stays-the-same' });
    const seen = await withPage(browser, url(`#/run/${LIVE}/events`, own), {}, async (page) => {
      const total = () => page.locator('[data-total]').getAttribute('data-total');
      await soon(total).toBe('10');
      appendFileSync(file, notes(10, 500));
      await soon(total).toBe('500');
      await soon(() => page.locator('.event').last().getAttribute('data-seq')).toBe('499');
      await own.listening.close();
      await soon(() => page.getByText('connecting…').count()).toBe(1);
      appendFileSync(file, notes(500, 700));
      const again = await openServed(() => {}, {
        ...{ folders: [served.folder], token: 'a-token-that-stays-the-same', port: own.listening.port },
      });
      try {
        await soon(total, { timeout: 30_000 }).toBe('700');
        appendFileSync(file, notes(700, 720));
        await soon(total).toBe('720');
        await page.getByRole('searchbox').fill('number: 55');
        await soon(() => page.locator('[data-total]').textContent()).toContain('16 of 720');
      } finally {
        await again.close();
      }
    });
    expect(seen.filter((text) => !text.includes('ERR_CONNECTION_REFUSED') && !text.includes('ERR_INCOMPLETE'))).toEqual(
      [],
    );
  });

  test('100,000 events scroll like a thousand do', async () => {
    const sizes = { few: 1000, many: 100_000 };
    const many = await openServed((folder) => {
      for (const [name, count] of Object.entries(sizes)) {
        const run = `01J${name.padEnd(23, '0').toUpperCase()}`;
        writeFileSync(beginRecording(folder, run), testEvents(run, count).map(toNdjson).join(''));
      }
    });
    try {
      const worst: Record<string, number> = {};
      for (const [name, count] of Object.entries(sizes))
        await withPage(
          browser,
          url(`#/run/01J${name.padEnd(23, '0').toUpperCase()}/events`, many),
          {},
          async (page) => {
            await soon(() => page.locator('[data-total]').getAttribute('data-total'), { timeout: 120_000 }).toBe(
              String(count),
            );
            const frames = await page.evaluate<number[]>(SCROLL);
            frames.sort((a, b) => a - b);
            worst[name] = frames[Math.floor(frames.length * 0.95)] ?? Number.NaN;
            expect(await page.locator('.event').count()).toBeLessThan(100);
            await page.getByRole('searchbox').fill('null pointer');
            await soon(() => page.locator('[data-total]').textContent()).toContain(
              `${((count * 3) / 10).toLocaleString('en')} of`,
            );
          },
        );
      expect(worst.many).toBeLessThan((worst.few ?? 0) * 2 + 17);
    } finally {
      await many.close();
    }
  });

  test('script that got in would not run', async () => {
    const seen = await withPage(browser, url(), {}, async (page) => {
      await page.getByRole('link', { name: 'faults' }).waitFor();
      const ran = await page.evaluate<string>(`(() => {
        const tries = [
          () => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran=1">'),
          () => { document.body.innerHTML = '<svg onload="window.ran=1"></svg>'; },
          () => { const s = document.createElement('script'); s.textContent = 'window.ran=1'; document.body.append(s); },
          () => { const a = document.createElement('a'); a.href = 'javascript:window.ran=1'; document.body.append(a); a.click(); },
          () => { setTimeout('window.ran=1', 0); },
        ];
        for (const each of tries) try { each(); } catch {}
        return new Promise((resolve) => setTimeout(() => resolve(String(window.ran)), 100));
      })()`);
      expect(ran).toBe('undefined');
    });
    expect(seen.length).toBeGreaterThan(0);
  });
});

/** Runs in the page: how long each frame took while the list was scrolled from its end to its beginning. */
const SCROLL = `new Promise((resolve) => {
  const list = document.querySelector('.list');
  const frames = [];
  const steps = 60;
  let before = performance.now();
  const step = (now) => {
    frames.push(now - before);
    before = now;
    if (frames.length > steps) return resolve(frames.slice(1));
    list.scrollTop = list.scrollHeight * (1 - frames.length / steps);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

describe.skipIf(NO_PAGE !== '')(`hostile text in Chromium${NO_PAGE}`, () => {
  const texts = Object.entries(EVIL).map(([name, text], i) => [name, text, i] as const);
  let browser: Browser;
  let served: Served;
  beforeAll(async () => {
    browser = await openChromium();
    served = await openServed((folder) => {
      for (const [, text, i] of texts) hostileRun(folder, text, i);
    });
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  test.each(texts)('%s is text in every view', async (_, text, number) => {
    const id = hostileId(number);
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true };
    const seen = await withPage(browser, served.listening.url, phone, async (page) => {
      const views = ['overview', 'events?seq=1', 'console', 'probes'].map((tab) => {
        const [name = '', query = ''] = tab.split('?');
        return `#/run/${id}/${name}/${id}${query === '' ? '' : `?${query}`}`;
      });
      for (const view of [
        ...views,
        '#/runs',
        '#/incidents',
        `#/incident/${encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, ''))}`,
      ]) {
        await page.goto(`${served.listening.url}${view}`.replace(/\/\?token=[^#]*/, '/'));
        await page.locator('main [aria-busy]').waitFor({ state: 'detached' });
        const strange =
          'body script, img, iframe, object, embed, form:not(dialog form), [onload], [onerror], svg animate';
        expect(await page.locator(strange).count(), view).toBe(0);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), view).toBeLessThanOrEqual(0);
        expect(await page.evaluate(CONTROLS), view).toEqual([]);
      }
    });
    // Of an empty or an endless name nothing is known.
    expect(seen.filter((message) => !/status of 4(04|14)/.test(message))).toEqual([]);
  });
});

/** Runs in the page: characters that would do something, in any text of it. */
const CONTROLS = `[...document.body.textContent.matchAll(/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/g)].map(String)`;
