import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBlocks } from './read-blocks.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-blocks-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function readAll(file: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const block of readBlocks(file)) parts.push(Buffer.from(block));
  return Buffer.concat(parts);
}

test.each([0, 1, 524_288, 524_289, 3_000_000])('a file of %d bytes comes whole and in order', async (size) => {
  const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31 + (i >> 9)) & 255));
  writeFileSync(join(dir, 'file'), bytes);
  expect((await readAll(join(dir, 'file'))).equals(bytes)).toBe(true);
});

test('a pipe is read as it comes', async () => {
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const child = spawn('sh', ['-c', '{ printf one; printf two; seq 1 200000; } >"$0"', pipe], { stdio: 'ignore' });
  const done = new Promise((resolve) => child.once('close', resolve));
  const text = (await readAll(pipe)).toString();
  expect(text.startsWith('onetwo1\n2\n')).toBe(true);
  expect(text.endsWith('\n200000\n')).toBe(true);
  await done;
});

test('who leaves early leaves no file open, what cannot be opened fails', async () => {
  writeFileSync(join(dir, 'file'), Buffer.alloc(2_000_000));
  for (let i = 0; i < 2000; i++) for await (const _ of readBlocks(join(dir, 'file'))) break;
  await expect(readAll(join(dir, 'absent'))).rejects.toThrow('ENOENT');
  await expect(readAll(dir)).rejects.toThrow('EISDIR');
});
