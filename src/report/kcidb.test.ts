import { describe, expect, test } from 'vitest';
import { EVIL } from '../sink/testing-evil.ts';
import { kcidbReport } from './kcidb.ts';
import { recordedWith, storyWith } from './testing.ts';
import { expectKcidb } from './testing-kcidb.ts';

describe('KCIDB', () => {
  test('has each test with its verdict, an issue for what broke and an incident for each time', () => {
    const { tests, issues, incidents } = expectKcidb(kcidbReport(storyWith('plain')));
    expect(tests.map(({ path, status, duration }) => [path, status, duration])).toEqual([
      ['vexfs.filesystem.files', 'FAIL', 1.5],
      ['vexfs.filesystem.names', 'PASS', 1.5],
    ]);
    expect(issues).toMatchObject([{ report_subject: 'plain', culprit: { code: false, harness: true } }]);
    expect(incidents).toMatchObject([{ test_id: tests[0]?.id, present: true, misc: { fault: 'plain' } }]);
    expect(tests[0]?.log_excerpt).toBe('plain');
  });

  test('of a recording has one test, the watch itself', () => {
    const { tests } = expectKcidb(kcidbReport(recordedWith('plain')));
    expect(tests).toMatchObject([{ path: 'vexfs.watch', status: 'FAIL', duration: 11 }]);
  });

  test.each(Object.entries(EVIL))('%s fits the schema and is text', (_, evil) => {
    for (const text of [kcidbReport(storyWith(evil)), kcidbReport(recordedWith(evil))]) {
      expectKcidb(text);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });
});
