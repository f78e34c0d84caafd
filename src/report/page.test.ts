import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EVENT_SCHEMA, type Event } from '../model/event.ts';
import { FINDING } from '../sink/testing.ts';
import { EVIL } from '../sink/testing-evil.ts';
import { Collector } from './collect.ts';
import { html } from './markup.ts';
import { storyPage } from './page.ts';
import { recordedWith, storyWith } from './testing.ts';

const page = (text: string) => storyPage(storyWith(text), { script: true });

/** Elements in their order, with the names of their attributes: what a text must not be able to change. */
function skeleton(source: string): string[] {
  const ours = source.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1></$1>');
  return (ours.match(/<[^>]*>/g) ?? []).map((tag) => tag.replaceAll(/="[^"]*"/g, '=""'));
}

describe('hostile text', () => {
  const plain = skeleton(page('plain'));
  // An empty text leaves out the parts that would hold it.
  test.each(Object.entries(EVIL).filter(([, text]) => text !== ''))(
    '%s is no element, attribute or control',
    (_, evil) => {
      const source = page(evil);
      expect(skeleton(source)).toEqual(plain);
      expect(source.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\ufffe\uffff]/u);
      expect(source.match(/ (?:href|src|xlink:href|action)="[^#]/g)).toBeNull();
    },
  );

  test('an empty text leaves a page that is whole', () => {
    const tags = skeleton(page(''));
    for (const name of ['table', 'details', 'ul', 'pre', 'dl', 'svg', 'main'])
      expect(tags.filter((tag) => tag.startsWith(`<${name} `) || tag === `<${name}>`).length, name).toBe(
        tags.filter((tag) => tag === `</${name}>`).length,
      );
  });

  test('stands in an attribute as what it is', () => {
    expect(html`<a title="${`"' onload="x" \`<>&`}">`.text).toBe(
      '<a title="&quot;&#39; onload=&quot;x&quot; &#96;&lt;&gt;&amp;">',
    );
  });
});

describe('the policy', () => {
  const policyOf = (source: string) => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(source)?.[1] ?? '';
  const hashOf = (text: string) => createHash('sha256').update(text).digest('base64');

  test('names the style and the script by their hashes, and nothing else', () => {
    const source = page('x');
    const policy = policyOf(source).replaceAll('&#39;', "'");
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(source) ?? [];
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(source) ?? [];
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hashOf(style)}'; script-src 'sha256-${hashOf(script)}'; base-uri 'none'; form-action 'none'`,
    );
    expect(source.match(/<(style|script|link|img|iframe|object|base|form)\b/g)).toEqual(['<style', '<script']);
    expect(source).not.toMatch(/ style="| on[a-z]+="/);
  });

  test('a page to print has no script', () => {
    const source = storyPage(storyWith('x'), { script: false });
    expect(source).not.toContain('<script');
    expect(policyOf(source)).toContain('script-src &#39;none&#39;');
  });
});

describe('a page', () => {
  test('leads from a finding to its incident and to the lines of the log', () => {
    const source = page('plain');
    const ids = new Set([...source.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...source.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id ?? ''))).toEqual([]);
    expect(links).toEqual(expect.arrayContaining(['incident-1-1', 'line-1-1-2']));
  });

  test('says first what is wrong, and what was put in on purpose', () => {
    const source = page('plain');
    expect(source).toContain('<p class="verdict bad" id="verdict-line">1 test failed, 1 finding between tests</p>');
    expect(source).toContain('put in on purpose: plain');
    expect(source.indexOf('id="findings"')).toBeLessThan(source.indexOf('id="tests"'));
  });

  test('of a recording has no tests', () => {
    const source = storyPage(recordedWith('plain'), { script: true });
    expect(source).not.toContain('id="tests"');
    expect(source).toContain('2 findings in 1 incident, 1 recovered');
  });
});

test('100,000 events make a page of a few megabytes that says what it leaves out', () => {
  const collector = new Collector();
  for (let i = 0; i < 50_000; i++) {
    const time = { observed: i * 1e9 };
    const severity = i === 40_000 ? 'fatal' : 'minor';
    collector.event(
      { ...FINDING, id: `f${i}`, seq: i, time, incident: `i${i}`, severity, title: `finding ${i}` },
      undefined,
    );
    const note: Event = {
      schema: EVENT_SCHEMA,
      id: `n${i}`,
      seq: i,
      time,
      evidence: [],
      event: 'guest',
      kind: 'note',
      detail: { i },
    };
    collector.event(note, undefined);
  }
  const [recording] = recordedWith('x').recordings;
  if (recording === undefined) throw new Error('no recording');
  const big = { ...recordedWith('x'), recordings: [{ ...recording, ...collector.collected() }] };
  const source = storyPage(big, { script: true });
  expect(source.length).toBeLessThan(4_000_000);
  expect(source).toContain('49700 incidents more, none of them worse than those above');
  expect(source).toContain('49000 later rows are left out');
  expect(source).toContain('finding 40000');
});
