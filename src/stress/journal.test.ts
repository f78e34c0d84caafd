import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Entry, JOURNAL_SCHEMA, Journal, readJournal } from './journal.ts';

const HEADER = {
  schema: JOURNAL_SCHEMA,
  run: 'r',
  started: '2026-01-01T00:00:00Z',
  tool: 't',
  asked: { seed: 1 },
} as const;
const ENTRY: Entry = {
  ...{ id: 'files', test: 'files', domain: 'filesystem', attempt: 1, final: true, verdict: 'PASS', reason: '' },
  ...{ durationMs: 1, seed: 2, findings: [], incidents: [], figures: { rate: 3 } },
};

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(dir, 'journal.ndjson');
});
afterEach(() => rmSync(dir, { recursive: true }));

function written(count: number): void {
  const journal = Journal.create(file, HEADER);
  for (let i = 0; i < count; i++) journal.append({ ...ENTRY, id: `files.${i}` });
  journal.close();
}

test('what was written is read again, and added to', () => {
  written(2);
  const { header, entries } = readJournal(file);
  expect(header).toEqual(HEADER);
  expect(entries.map(({ id }) => id)).toEqual(['files.0', 'files.1']);
  const journal = Journal.open(file);
  journal.append(ENTRY);
  journal.close();
  expect(readJournal(file).entries.map(({ id }) => id)).toEqual(['files.0', 'files.1', 'files']);
});

test('cut at any byte, every whole line is kept and the next one goes behind them', () => {
  written(2);
  const bytes = readFileSync(file);
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  const [headerEnd = 0] = ends;
  for (let length = headerEnd; length <= bytes.length; length++) {
    writeFileSync(file, bytes.subarray(0, length));
    const { entries } = readJournal(file);
    const journal = Journal.open(file);
    expect(entries).toHaveLength(ends.filter((end) => end > headerEnd && end <= length).length);
    journal.append(ENTRY);
    journal.close();
    expect(readJournal(file).entries).toHaveLength(entries.length + 1);
  }
});

test('a line that the disk has room for only in part is taken back: others may follow', () => {
  const journal = Journal.create(file, HEADER);
  journal.append({ ...ENTRY, id: 'before' });
  const script = 'prlimit --pid "$1" "--fsize=$2:unlimited"';
  const limit = (bytes: string) => execFileSync('/bin/sh', ['-c', script, 'sh', String(process.pid), bytes]);
  const ignore = () => {};
  // Else it would end the process.
  process.on('SIGXFSZ', ignore);
  limit('4096');
  try {
    expect(() => journal.append({ ...ENTRY, id: 'too-long', reason: 'x'.repeat(8192) })).toThrow('EFBIG');
  } finally {
    limit('unlimited');
    process.off('SIGXFSZ', ignore);
  }
  journal.append({ ...ENTRY, id: 'behind' });
  journal.close();
  expect(readJournal(file).entries.map(({ id }) => id)).toEqual(['before', 'behind']);
});

test('a folder with a run is not begun anew', () => {
  written(0);
  expect(() => Journal.create(file, HEADER)).toThrow(/holds a run already/);
});

test.each([
  { name: 'nothing', text: undefined, message: /there is no run to go on with/ },
  { name: 'an empty file', text: '', message: /journal.ndjson:1 is no line of a run/ },
  { name: 'something else', text: 'hello\n', message: /journal.ndjson:1 is no line of a run/ },
  { name: 'a line in the middle that is broken', text: 'broken', message: /journal.ndjson:3 is no line of a run/ },
  {
    name: 'an entry without a verdict',
    text: '{"id":"x"}',
    message: /journal.ndjson:3 is no line of a run: .*verdict/,
  },
])('$name is refused with its place', ({ name, text, message }) => {
  if (name.startsWith('a line') || name.startsWith('an entry')) {
    written(1);
    appendFileSync(file, `${text}\n`);
  } else if (text !== undefined) writeFileSync(file, text);
  expect(() => Journal.open(file)).toThrow(message);
});
