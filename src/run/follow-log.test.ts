import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { analyze } from './analyze.ts';

const input = (form: string, name: string) => readFileSync(join(packageRoot(), 'fixtures/inputs', form, `${name}.log`));

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-follow-'));
  path = join(dir, 'kern.log');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function follow(names: readonly string[], stdin = new PassThrough()) {
  const stop = new AbortController();
  const findings: Finding[] = [];
  const warnings: string[] = [];
  const ended = analyze(names, stdin, {
    patterns: [],
    follow: stop.signal,
    onEvent: (event) => isFinding(event) && findings.push(event),
    warn: (text) => warnings.push(text),
  });
  return {
    findings,
    warnings,
    ended,
    found: (count: number) => vi.waitFor(() => expect(findings).toHaveLength(count), { timeout: 15_000, interval: 10 }),
    async end() {
      stop.abort();
      await ended;
    },
  };
}

test('a report is complete when the log has paused, wherever its bytes were parted', async () => {
  const log = input('dmesg', 'null-deref');
  writeFileSync(path, log.subarray(0, 3000));
  const { findings, found, end } = follow([path]);
  appendFileSync(path, log.subarray(3000));
  await found(1);
  expect(findings[0]).toMatchObject({ kind: 'null-deref', final: true, source: { file: path, line: 31, endLine: 93 } });
  await end();
  expect(findings).toHaveLength(1);
});

test.each(['journal-json', 'journal-export', 'dmesg'])(
  'a log is read on after it was rotated, in the form %s',
  async (form) => {
    writeFileSync(path, input(form, 'null-deref'));
    const { findings, found, end } = follow([path]);
    await found(1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, input(form, 'lock-inversion'));
    await found(2);
    await end();
    expect(findings.map(({ kind }) => kind)).toEqual(['null-deref', 'lockdep-circular']);
    const whole = readFileSync(path);
    for (const { byte, endByte } of findings[1]?.evidence ?? [])
      expect(byte < endByte && endByte <= whole.length).toBe(true);
  },
);

test('several logs and standard input are read together, each to its own findings', async () => {
  const other = join(dir, 'other.log');
  const stdin = new PassThrough();
  const { findings, found, end } = follow([path, other, '-'], stdin);
  writeFileSync(path, input('dmesg', 'null-deref'));
  await found(1);
  stdin.write(input('kmsg', 'null-deref'));
  await found(2);
  writeFileSync(other, input('dmesg', 'lock-inversion'));
  await found(3);
  expect(findings.map(({ source }) => source.file)).toEqual([path, 'stdin', other]);
  await end();
});

test('of a folder what is there, what appears and what is rotated is read, each once', async () => {
  const folder = join(dir, 'log');
  mkdirSync(join(folder, 'below'), { recursive: true });
  const log = join(folder, 'kern.log');
  writeFileSync(log, input('dmesg', 'null-deref'));
  writeFileSync(join(folder, 'kern.log.2.gz'), gzipSync('x'));
  const { findings, warnings, found, end } = follow([folder]);
  await found(1);
  renameSync(log, `${log}.1`);
  writeFileSync(log, input('dmesg', 'lock-inversion'));
  await found(2);
  writeFileSync(join(folder, 'below', 'new.log'), input('journal-json', 'null-deref'));
  await found(3);
  await end();
  expect(findings.map(({ source }) => source.file)).toEqual([log, log, join(folder, 'below', 'new.log')]);
  expect(warnings).toEqual([`${join(folder, 'kern.log.2.gz')} is packed with gzip: it cannot be followed`]);
});

test('standard input alone ends the run when it ends, a pause before', async () => {
  const stdin = new PassThrough();
  const { findings, found, ended } = follow(['-'], stdin);
  stdin.write(input('dmesg', 'null-deref'));
  await found(1);
  stdin.end(input('dmesg', 'lock-inversion'));
  await ended;
  expect(findings.map(({ kind }) => kind)).toEqual(['null-deref', 'lockdep-circular']);
});

test('a signal ends it although standard input is open', async () => {
  const { findings, end } = follow(['-']);
  await end();
  expect(findings).toEqual([]);
});

test.each([
  ['a packed log', 'packed with gzip: it cannot be followed', () => writeFileSync(path, gzipSync('x'))],
  ['a program', 'binary data: it cannot be followed', () => writeFileSync(path, Buffer.alloc(100, '\x01\x02'))],
  [
    'a recording',
    'a recording: it cannot be followed',
    () => cpSync(join(packageRoot(), 'fixtures/captures/null-deref'), path, { recursive: true }),
  ],
])('%s cannot be followed', async (_name, words, make) => {
  make();
  await expect(follow([path]).ended).rejects.toMatchObject({ exit: 'usage', message: `${path} is ${words}` });
});
