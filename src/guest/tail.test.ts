import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileTail } from './tail.ts';
import { eventually } from './testing.ts';

let dir: string;
let path: string;
let heard: Uint8Array[];
const text = () => Buffer.concat(heard).toString();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-tail-'));
  path = join(dir, 'console.raw');
  writeFileSync(path, '');
  heard = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = () => new FileTail(path, (bytes) => heard.push(bytes));

test('what is there is read at once, what is written later when it comes', async () => {
  appendFileSync(path, 'before');
  const tail = open();
  expect(text()).toBe('before');
  appendFileSync(path, ' and after');
  expect(await eventually(() => text() === 'before and after')).toBe(true);
  tail.close();
});

test('drain reads to the present end without waiting', () => {
  const tail = open();
  appendFileSync(path, 'now');
  expect(text()).toBe('');
  tail.drain();
  expect(text()).toBe('now');
  tail.close();
});

test('close reads what is left, and nothing behind it', async () => {
  const tail = open();
  appendFileSync(path, 'last words');
  tail.close();
  expect(text()).toBe('last words');
  appendFileSync(path, 'too late');
  tail.drain();
  tail.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(text()).toBe('last words');
});

test('what was given away is not written over by what comes next', () => {
  const tail = open();
  const long = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(97 + (i % 23))).join('');
  appendFileSync(path, long);
  tail.drain();
  expect(heard.length).toBeGreaterThan(1);
  expect(text()).toBe(long);
  tail.close();
});

test('a file that is removed while it is read is read to its end', () => {
  const tail = open();
  appendFileSync(path, 'gone');
  rmSync(path);
  tail.close();
  expect(text()).toBe('gone');
});
