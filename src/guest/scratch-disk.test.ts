import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeScratchDisk } from './scratch-disk.ts';

const hasQemu = spawnSync('qemu-img', ['--version']).error === undefined;

let dir: string;
let run: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs, disk-'));
  run = join(dir, 'run');
  mkdirSync(run);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const qemuImg = (...args: string[]) => spawnSync('qemu-img', args, { encoding: 'utf8' });
const info = (file: string) => JSON.parse(qemuImg('info', '--output=json', '--backing-chain', file).stdout);

/** A program that formats: writes a mark to the beginning of its last argument. */
function makeMkfs(script: string): string {
  const path = join(dir, 'mkfs.demo');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(!hasQemu)('a scratch disk (needs qemu-img)', () => {
  test.each([
    [undefined, 64 << 20],
    ['512K', 512 << 10],
    ['8M', 8 << 20],
    ['2G', 2 ** 31],
  ])('of size %s is new, empty and takes no room', (diskSize, bytes) => {
    const disk = makeScratchDisk(run, diskSize === undefined ? {} : { diskSize });
    const [overlay, base] = info(disk);
    expect(overlay).toMatchObject({ format: 'qcow2', 'virtual-size': bytes });
    expect(base).toMatchObject({ format: 'raw', 'virtual-size': bytes });
    expect(statSync(join(run, 'scratch.raw')).blocks).toBe(0);
  });

  test('is formatted by the program of the user, which gets its path', () => {
    const mkfs = makeMkfs('[ $# = 1 ] && printf MAGIC | dd of="$1" conv=notrunc status=none');
    const disk = makeScratchDisk(run, { diskSize: '1M', mkfs });
    const raw = join(dir, 'out.raw');
    expect(qemuImg('convert', '-O', 'raw', disk, raw).status).toBe(0);
    expect(readFileSync(raw).subarray(0, 5).toString()).toBe('MAGIC');
    expect(statSync(raw).size).toBe(1 << 20);
  });

  test.each(['raw', 'qcow2'])('over a %s image of the user never writes to it', (format) => {
    const image = join(dir, 'image');
    qemuImg('create', '-q', '-f', format, image, '1M');
    const before = readFileSync(image);
    const disk = makeScratchDisk(run, { disk: image });
    expect(info(disk)[1]).toMatchObject({ format, filename: image });
    expect(spawnSync('qemu-io', ['-c', 'write -P 7 0 4096', disk]).status).toBe(0);
    expect(readFileSync(image).equals(before)).toBe(true);
  });

  test('a program that fails is told with its last words', () => {
    const mkfs = makeMkfs('echo "bad superblock" >&2; exit 9');
    expect(() => makeScratchDisk(run, { mkfs })).toThrow(/mkfs\.demo .*failed \(exit 9\):\n {2}bad superblock/);
  });
});

test.each([
  ['an image that is not there', { disk: '/nope/disk.img' }, 'missing', /\/nope\/disk\.img does not exist/],
  ['a size without unit', { diskSize: '64' }, 'usage', /disk size "64" cannot be read/],
  ['a size that is none', { diskSize: '-1M' }, 'usage', /disk size "-1M" cannot be read/],
  ['no size at all', { diskSize: '0M' }, 'usage', /disk size "0M" cannot be read/],
  ['a program that is not there', { mkfs: '/nope/mkfs' }, 'missing', /\/nope\/mkfs/],
])('%s is one sentence', (_name, options, exit, message) => {
  let error: Error | undefined;
  try {
    makeScratchDisk(run, options);
  } catch (thrown) {
    error = thrown as Error;
  }
  expect(error).toMatchObject({ exit, hint: expect.any(String) });
  expect(error?.message).toMatch(message);
});
