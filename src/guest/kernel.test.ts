import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExpectedError } from '../base/errors.ts';
import { findKernel } from './kernel.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-kernel-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** The header of a bzImage (Documentation/arch/x86/boot.rst) with the release at 0x400. */
function bzImage(release: string): Buffer {
  const image = Buffer.alloc(0x800);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x200, 0x20e);
  image.write(`${release} (builder) #1`, 0x400, 'latin1');
  return image;
}

/** The magic of an arm64 Image (Documentation/arch/arm64/booting.rst) and the banner somewhere behind it. */
function arm64Image(release: string): Buffer {
  const image = Buffer.alloc(0x800);
  image.write('ARM\x64', 0x38, 'latin1');
  image.write(`Linux version ${release} (builder) #1\0`, 0x432, 'latin1');
  return image;
}

test.each([
  ['a bzImage', 'bzImage', bzImage('6.1.0-test'), { arch: 'x86_64', release: '6.1.0-test' }],
  ['an arm64 Image', 'Image', arm64Image('6.12.3-arm'), { arch: 'arm64', release: '6.12.3-arm' }],
])('%s says its release and architecture', (_, name, bytes, expected) => {
  const image = join(dir, name);
  writeFileSync(image, bytes);
  expect(findKernel(image)).toMatchObject({ ...expected, image });
});

test.each([
  ['no image', 'README', Buffer.from('read me')],
  ['an empty file', 'empty', Buffer.alloc(0)],
])('%s is told from one', (_, name, bytes) => {
  const image = join(dir, name);
  writeFileSync(image, bytes);
  expect(() => findKernel(image)).toThrow(ExpectedError);
});
