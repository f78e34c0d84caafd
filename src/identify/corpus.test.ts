import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { finalReports } from '../grammar/testing.ts';
import { identify } from './identify.ts';

const CORPUS = fileURLToPath(new URL('../../../shared/corpus/syzkaller', import.meta.url));
const absent = !existsSync(CORPUS);
const why = absent ? ' (skipped: no labelled logs in ../shared/corpus)' : '';

interface Case {
  readonly wanted: Readonly<Record<string, string>>;
  readonly log: Uint8Array;
}

/** `KEY: value` lines, a blank line, the log, perhaps a blank line, `REPORT:` and the report text. */
function readCases(directory: string): Case[] {
  return readdirSync(directory).map((name) => {
    const text = readFileSync(join(directory, name), 'latin1').replaceAll('\r', '');
    const [head = '', ...rest] = text.startsWith('\n') ? ['', text.slice(1)] : text.split('\n\n');
    const wanted = Object.fromEntries(head.split('\n').map((line) => line.split(/: (.*)/s)));
    const log = rest.join('\n\n').split('\n\nREPORT:\n')[0] ?? '';
    return { wanted, log: Buffer.from(`${log}\n`, 'latin1') };
  });
}

describe('labelled logs', () => {
  test.skipIf(absent)(`get the titles that syzbot gives them, and none where it gives none${why}`, () => {
    const cases = readCases(join(CORPUS, 'report'));
    const titled = cases.filter(({ wanted }) => wanted.TITLE);
    const right = titled.filter(({ wanted, log }) => {
      const first = finalReports(log, 'syzkaller').map(identify)[0];
      return (
        first?.title === wanted.TITLE &&
        first?.type === (wanted.TYPE ?? '') &&
        first?.corrupted === (wanted.CORRUPTED === 'Y') &&
        first?.panicked === (wanted.PANICKED === 'Y')
      );
    });
    expect(right.length / titled.length).toBeGreaterThan(0.98);
    const quiet = cases.filter(({ wanted }) => !wanted.TITLE);
    expect(quiet.flatMap(({ log }) => finalReports(log, 'syzkaller'))).toEqual([]);
  });

  test.skipIf(absent)(`get the same title from the reader that ends reports, with few exceptions${why}`, () => {
    const titled = readCases(join(CORPUS, 'report')).filter(({ wanted }) => wanted.TITLE);
    const right = titled.filter(({ wanted, log }) =>
      finalReports(log).some((report) => identify(report).title === wanted.TITLE),
    );
    expect(right.length / titled.length).toBeGreaterThan(0.95);
  });

  test.skipIf(absent)(`name the file to blame${why}`, () => {
    const cases = readCases(join(CORPUS, 'guilty'));
    const right = cases.filter(({ wanted, log }) => {
      const first = finalReports(log, 'syzkaller').map(identify)[0];
      return first?.guiltyFile === wanted.FILE;
    });
    expect(right.length / cases.length).toBeGreaterThan(0.95);
  });
});
