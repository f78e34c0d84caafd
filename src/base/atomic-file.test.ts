import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AtomicFile } from './atomic-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-atomic-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const read = (name: string) => readFileSync(join(dir, name), 'utf8');

test('nothing is there until all is', () => {
  const file = new AtomicFile(join(dir, 'out'));
  file.write('one ');
  file.write(Buffer.from('two'));
  expect(readdirSync(dir)).not.toContain('out');
  file.commit();
  expect(read('out')).toBe('one two');
  expect(readdirSync(dir)).toEqual(['out']);
});

test('more than fits into the buffer', () => {
  const file = new AtomicFile(join(dir, 'out'));
  for (let i = 0; i < 1000; i++) file.write(`${String(i).padStart(1023)}\n`);
  file.commit();
  expect(statSync(join(dir, 'out')).size).toBe(1024_000);
  expect(read('out').endsWith(' 999\n')).toBe(true);
});

test('what was there stays when nothing comes of it', () => {
  writeFileSync(join(dir, 'out'), 'before');
  const file = new AtomicFile(join(dir, 'out'));
  file.write('after');
  file.discard();
  file.discard();
  expect(read('out')).toBe('before');
  expect(readdirSync(dir)).toEqual(['out']);
});

test('a file keeps its mode, a link stays a link', () => {
  writeFileSync(join(dir, 'real'), 'before');
  chmodSync(join(dir, 'real'), 0o600);
  symlinkSync('real', join(dir, 'link'));
  const file = new AtomicFile(join(dir, 'link'));
  file.write('after');
  file.commit();
  expect(readlinkSync(join(dir, 'link'))).toBe('real');
  expect(read('real')).toBe('after');
  expect(statSync(join(dir, 'real')).mode & 0o777).toBe(0o600);
});

test('what is no file is written as it is', () => {
  const file = new AtomicFile('/dev/null');
  file.write('gone');
  file.commit();
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test.each([
  ['a folder', '.', 'EISDIR'],
  ['a folder that is not there', 'nope/out', 'ENOENT'],
  ['a file as a folder', 'file/out', 'ENOTDIR'],
])('%s cannot be written', (_name, path, code) => {
  writeFileSync(join(dir, 'file'), '');
  expect(() => new AtomicFile(join(dir, path))).toThrow(expect.objectContaining({ code }));
  expect(readdirSync(dir)).toEqual(['file']);
});

test('a full disk is an error, not a file cut short', () => {
  const file = new AtomicFile('/dev/full');
  file.write('x');
  expect(() => file.commit()).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
  expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
});
