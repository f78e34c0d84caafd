import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followFile } from './follow.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-follow-'));
  path = join(dir, 'a.log');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** What was read, with `|` where the file began anew. */
function follow(name = path) {
  const stop = new AbortController();
  const seen = { text: '', notes: [] as string[] };
  const ended = followFile(
    name,
    {
      onBytes: (bytes) => {
        seen.text += Buffer.from(bytes).toString();
      },
      onRestart: () => {
        seen.text += '|';
      },
      onNote: (text) => seen.notes.push(text.replace(dir, 'DIR')),
    },
    stop.signal,
  );
  return {
    seen,
    until: (text: string) => vi.waitFor(() => expect(seen.text).toBe(text), { timeout: 10_000, interval: 5 }),
    async end() {
      stop.abort();
      await ended;
    },
  };
}

test('what is there, then what is appended, is read once', async () => {
  writeFileSync(path, 'one\n');
  const { until, end, seen } = follow();
  await until('one\n');
  appendFileSync(path, 'two');
  await until('one\ntwo');
  appendFileSync(path, '\n');
  await until('one\ntwo\n');
  await end();
  expect(seen.notes).toEqual([]);
});

test('a log that is rotated is read to its end, then the new one', async () => {
  writeFileSync(path, 'old\n');
  const { until, end } = follow();
  await until('old\n');
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'late\n');
  await until('old\nlate\n');
  writeFileSync(path, 'new\n');
  await until('old\nlate\n|new\n');
  await end();
});

test('a log that is copied and cut begins anew, with a word', async () => {
  writeFileSync(path, 'a long line\n');
  const { until, end, seen } = follow();
  await until('a long line\n');
  truncateSync(path, 0);
  await vi.waitFor(() => expect(seen.notes).toHaveLength(1), { timeout: 10_000 });
  appendFileSync(path, 'short\n');
  await until('a long line\n|short\n');
  await end();
  expect(seen.notes).toEqual(['DIR/a.log was cut; going on from its beginning']);
});

test('a log that is not there is waited for, with one word', async () => {
  const { until, end, seen } = follow();
  await vi.waitFor(() => expect(seen.notes).toEqual(['DIR/a.log does not exist; waiting for it']));
  writeFileSync(join(dir, 'other.log'), 'x');
  writeFileSync(path, 'here\n');
  await until('here\n');
  unlinkSync(path);
  writeFileSync(path, 'again\n');
  await until('here\n|again\n');
  await end();
  expect(seen.notes).toHaveLength(1);
});

test('a link is followed to its file, which may be another one later', async () => {
  writeFileSync(join(dir, 'first'), '1\n');
  writeFileSync(join(dir, 'second'), '2\n');
  symlinkSync('first', path);
  const { until, end } = follow();
  await until('1\n');
  appendFileSync(join(dir, 'first'), '11\n');
  await until('1\n11\n');
  symlinkSync('second', `${path}.new`);
  renameSync(`${path}.new`, path);
  await until('1\n11\n|2\n');
  await end();
});

test('what came before the end is read', async () => {
  writeFileSync(path, 'x'.repeat(1_000_000));
  const { end, seen } = follow();
  await end();
  expect(seen.text.length).toBe(1_000_000);
});
