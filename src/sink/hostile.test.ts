import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import type { EventOf, Finding } from '../model/event.ts';
import { FORMATS, type Format } from './sink.ts';
import { ABOUT, FINDING, render, type Step } from './testing.ts';
import { EVIL } from './testing-evil.ts';

/** The finding with the text wherever a log decides. */
function poisoned(evil: string): Step[] {
  const frames = [{ fn: evil, module: evil, reliable: true, file: evil, line: 1 }];
  const finding: Finding = {
    ...FINDING,
    ...{ title: evil, frame: evil, guiltyFile: evil, corruptedReason: evil, altTitles: [evil], type: evil },
    evidence: [{ stream: 'file', file: evil, byte: 0, endByte: 9, line: 1, endLine: 2 }],
    source: { stream: 'file', file: evil, line: 1, endLine: 2 },
    time: { kernel: 1, wall: evil },
    context: { pid: 1, comm: evil, cpu: 0, taint: evil, kernel: evil, hardware: evil, module: evil },
    stacks: [
      { role: 'access', frames },
      { role: evil, frames, comm: evil, about: evil },
    ],
    details: {
      message: evil,
      access: evil,
      workqueue: evil,
      where: evil,
      accesses: [{ access: evil, size: 1, address: evil }],
      locks: [{ name: evil }],
      disassembly: [`> ${evil}`],
      maintainers: [{ who: evil, role: evil }],
    },
    matches: [{ ...FINDING.matches[0], pattern: evil } as Finding['matches'][number]],
  };
  const gap: EventOf<'gap'> = {
    ...{ schema: finding.schema, id: 'g', seq: 2, time: {}, evidence: finding.evidence },
    ...{ event: 'gap', kind: 'printk-dropped', stream: evil, lost: null, unit: evil, from: null, to: null },
  };
  return [
    { event: finding, about: { ...ABOUT, raw: { bytes: Buffer.from(`${evil}\n${evil}`), missing: 0 } } },
    { event: { ...finding, id: 'again' }, about: {} },
    { event: gap, about: {} },
    { log: { file: evil, bytes: 1, problem: evil } },
  ];
}

/** Control characters other than the line end and the tab, and what turns text around. */
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** What must hold of each format, whatever the text. */
const CHECKS: Readonly<Record<Format, (text: string, harmless: string, evil: string) => void>> = {
  text(text) {
    expect(text).not.toMatch(UNSAFE);
  },
  raw(text) {
    expect(text).not.toMatch(UNSAFE);
  },
  json: (text) => expect(JSON.parse(text).events).toHaveLength(3),
  ndjson: (text) =>
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toHaveLength(3),
  sarif: (text) => expect(JSON.parse(text).runs[0].results).toHaveLength(2),
  junit(text) {
    expect(text).not.toMatch(UNSAFE);
    const document = XmlDocument.fromString(text);
    expect(document.find('//testcase')).toHaveLength(3);
    expect(
      document
        .find('//*')
        .map((node) => (node as XmlElement).name)
        .filter((name) => !JUNIT_NAMES.has(name)),
    ).toEqual([]);
    expect(document.find('//system-out')).toEqual([]);
  },
  markdown(text, harmless, evil) {
    expect(text).not.toMatch(UNSAFE);
    const shape = shapeOf(text);
    for (const type of ['html', 'link', 'image', 'em', 'del']) expect(shape, type).not.toContain(type);
    // The same blocks as of a text that wants nothing; what is empty is left out.
    if (evil !== '') expect(shape).toEqual(shapeOf(harmless));
    // Nothing outside of code can be a mention or an address.
    expect(plainTextOf(text)).not.toMatch(/@everyone|https:|GH-1|#1\b/);
  },
  github(text, harmless) {
    expect(text).not.toMatch(UNSAFE);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(harmless.trimEnd().split('\n').length);
    for (const line of lines) {
      expect(line).toMatch(/^::(error|warning|notice)( (file=[^,:]*,)?(line=\d+,)?(title=[^,:]*)?)?::/);
    }
  },
};

const JUNIT_NAMES = new Set(['testsuites', 'testsuite', 'testcase', 'failure', 'error']);

function shapeOf(text: string): string[] {
  const types: string[] = [];
  marked.walkTokens(marked.lexer(text), ({ type }) => {
    if (type !== 'space' && type !== 'escape' && type !== 'text') types.push(type);
  });
  return types;
}

function plainTextOf(text: string): string {
  const parts: string[] = [];
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === 'text' && !('tokens' in token && token.tokens !== undefined)) parts.push(token.text);
  });
  return parts.join(' ');
}

describe.each(FORMATS)('in %s', (format) => {
  const harmless = render(format, poisoned('harmless'), { terminal: true }).toString();

  test.each(Object.entries(EVIL))('%s stays text', (_name, evil) => {
    CHECKS[format](render(format, poisoned(evil), { terminal: true }).toString(), harmless, evil);
  });
});
