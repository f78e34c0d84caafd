import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finalReports } from '../grammar/testing.ts';
import { packageRoot } from '../guest/paths.ts';
import { identify } from '../identify/identify.ts';
import type { ParsedReport } from '../model/report.ts';

/** What must hold of every recording of a guest, whatever it shows. */
const ROOT = join(packageRoot(), 'fixtures/guests');
const recordings = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.console'))
  .sort()
  .map((name) => [name, readFileSync(join(ROOT, name), 'latin1')] as const);

/** All that is said of a report, but for the sum over it and over its names. */
function factsOf(report: ParsedReport) {
  const { fingerprint, fingerprintInputs, ...facts } = identify(report);
  return facts;
}

/** The line that opens the box around a report belongs to it, although it says nothing. */
function fromBox(bytes: Buffer, start: number): number {
  const before = start === 0 ? 0 : bytes.lastIndexOf('\n', start - 2) + 1;
  return bytes.toString('latin1', before, start).includes('[ cut here ]') ? before : start;
}

describe('a log that is read from where a report begins', () => {
  test.each(recordings)('gives that report, and those behind it: %s', (_, log) => {
    const bytes = Buffer.from(log, 'latin1');
    const reports = finalReports(bytes);
    const starts = reports.map(({ lead, lines }) =>
      fromBox(bytes, Math.min(...[...lead, ...lines].map(({ place }) => place.byte))),
    );
    for (const [at, start] of starts.entries()) {
      // What began before and goes on behind it is not whole any more.
      if (
        reports.some(
          ({ lines }, other) =>
            other !== at && (starts[other] as number) <= start && (lines.at(-1)?.place.byte ?? 0) > start,
        )
      )
        continue;
      const wanted = reports.filter((_report, other) => (starts[other] as number) >= start).map(factsOf);
      expect(finalReports(bytes.subarray(start)).map(factsOf)).toEqual(wanted);
    }
  });
});

/** Names that a list has as a whole, or by their end: with another end they are other functions to it. Some stand for others. */
const WHOLE = new Set(
  `kfree kvfree down complete copyin copyout put_device iput iput_final ihold kthread page_fault setsockopt
  listen accept synchronize_rcu get_taint readb readw readl readq writeb writew writel writeq`.split(/\s+/),
);

/** Functions, the module and its tasks, and addresses get other names, the same one each time. */
function renamer(log: string): (text: string) => string {
  const symbols = [...log.matchAll(/(\w*[A-Za-z_]\w*)(?:\.\w+)*\+0x/g)].map(([, name = '']) => name);
  // Words without a joint may be words of a sentence as well.
  const names = new Set(symbols.filter((name) => name.includes('_') && !WHOLE.has(name) && !name.endsWith('_trap')));
  return (text) =>
    text
      .replace(/\w+/g, (word) => (names.has(word) ? `${word}_renamed` : word))
      .replaceAll('vexfs', 'quxfs')
      .replaceAll('VEXFS', 'QUXFS')
      .replace(
        /(?<![0-9a-f])ffff([0-9a-f])([0-9a-f]{11})(?![0-9a-f])/g,
        (_, digit, rest) => `ffff${((Number.parseInt(digit, 16) + 1) % 16).toString(16)}${rest}`,
      );
}

test.each(recordings)(
  'other functions, modules, tasks and addresses change themselves and nothing else: %s',
  (_, log) => {
    const renamed = renamer(log);
    const facts = (text: string) => finalReports(Buffer.from(text, 'latin1')).map(factsOf);
    const wanted = facts(log);
    const got = facts(renamed(log));
    expect(got).toEqual(JSON.parse(renamed(JSON.stringify(wanted))));
    if (wanted.some(({ frame }) => frame.includes('vexfs_'))) expect(got).not.toEqual(wanted);
  },
);
