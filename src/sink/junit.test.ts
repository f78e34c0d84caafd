import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XmlDocument, type XmlElement, XsdValidator } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { stepsOf } from '../run/testing-analyze.ts';
import { ABOUT, FINDING, LOG, render, type Step } from './testing.ts';

const XSD = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(packageRoot(), 'src/sink/junit.xsd'))));

/** Parses and checks what a consumer would. */
function parse(xml: Buffer): XmlDocument {
  const document = XmlDocument.fromBuffer(xml);
  XSD.validate(document);
  return document;
}

const values = (document: XmlDocument, path: string) => document.find(path).map((node) => node.content);
const attribute = (element: XmlElement | null, name: string) => element?.attr(name)?.value;

describe('JUnit', () => {
  test('a suite a log, a failed case a finding, a passed one for a clean log', async () => {
    const files = ['guests/kasan/atomic-sleep.console', 'captures/null-deref/bpftrace.raw', 'guests/stock/bug.console'];
    const document = parse(render('junit', await stepsOf(files)));
    expect(values(document, '//testsuite/@name')).toEqual(files.map((file) => join(packageRoot(), 'fixtures', file)));
    expect(values(document, '//testsuite/@tests')).toEqual(['2', '1', '1']);
    expect(values(document, '//testsuite/@failures')).toEqual(['2', '0', '1']);
    expect(values(document, '//failure/@type')).toEqual(['atomic-sleep', 'lockdep-wait-context', 'bug']);
    expect(values(document, '//testsuite[2]/testcase/@name')).toEqual(['no kernel reports']);
    expect(values(document, '//failure')[2]).toContain('kernel BUG at');
  });

  test('a finding is named by its title and carries its report', () => {
    const document = parse(render('junit', [{ event: FINDING, about: ABOUT }, { log: LOG }]));
    const found = document.get('//testcase') as XmlElement | null;
    expect(attribute(found, 'name')).toBe('KASAN: use-after-free Read in vexfs_read');
    expect(attribute(found, 'classname')).toBe('logs/console.log');
    expect(attribute(found, 'file')).toBe('fs/vexfs/file.c');
    expect(values(document, '//failure/@message')).toEqual(['critical: KASAN: use-after-free Read in vexfs_read']);
    expect(values(document, '//failure')[0]).toContain('BUG: KASAN: use-after-free in vexfs_read\n');
  });

  test('a log that was not read is an error', () => {
    const document = parse(render('junit', [{ log: { ...LOG, problem: 'permission denied' } }]));
    expect(values(document, '//testsuite/@errors')).toEqual(['1']);
    expect(values(document, '//error/@message')).toEqual(['permission denied']);
  });

  test('findings of one title have names of their own', () => {
    const steps: Step[] = [1, 2, 3].map((seq) => ({ event: { ...FINDING, seq }, about: {} }));
    expect(values(parse(render('junit', steps)), '//testcase/@name')).toEqual([
      FINDING.title,
      `${FINDING.title} (2)`,
      `${FINDING.title} (3)`,
    ]);
  });

  test('a log full of reports lists a thousand and counts the rest', () => {
    const steps: Step[] = Array.from({ length: 1234 }, (_, seq) => ({ event: { ...FINDING, seq }, about: {} }));
    const document = parse(render('junit', steps));
    expect(values(document, '//testsuite/@failures')).toEqual(['1001']);
    expect(values(document, '//testcase[last()]/failure/@message')).toEqual(['234 more findings are not listed']);
  });

  test('logs that are read at the same time keep apart', () => {
    const other = { ...FINDING, evidence: [{ ...FINDING.evidence[0], file: 'b' }] } as typeof FINDING;
    const steps: Step[] = [
      { event: FINDING, about: {} },
      { event: other, about: {} },
      { log: LOG },
      { log: { file: 'b', bytes: 1 } },
    ];
    expect(values(parse(render('junit', steps)), '//testsuite/@tests')).toEqual(['1', '1']);
  });

  test('nothing at all is a document, too', () => {
    expect(values(parse(render('junit', [])), '//testsuite')).toEqual([]);
  });
});
