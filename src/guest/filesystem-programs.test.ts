import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ARCHES, type ArchName, isNative } from './arch.ts';
import { type FilesystemProgram, filesystemProgram } from './filesystem-programs.ts';
import { AREA, BACKUP, DIRECTORY, FILE, PRIMARY, RECORDS, TestImage } from './testing-image.ts';

const arch = (Object.keys(ARCHES) as ArchName[]).find(isNative);
const hasCompiler = ['make', 'gcc'].every((program) => spawnSync(program, ['--version']).error === undefined);
const { inode, name, data, vectors, xattr, forget, ofType } = RECORDS;

let dir: string;
let image: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-image-'));
  image = join(dir, 'image');
  writeFileSync(image, '');
  truncateSync(image, 1 << 20);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function run(program: FilesystemProgram, ...args: readonly string[]) {
  return spawnSync(filesystemProgram(program, arch ?? 'x86_64'), args, { encoding: 'utf8' });
}

/** What it finds, and how it ends. */
function fsck(mode: '-n' | '-p' | '-y'): { status: number | null; problems: string[] } {
  const { status, stdout } = run('fsck.vexfs', mode, '--json', image);
  const lines = stdout.trim().split('\n').filter(Boolean);
  const problems = lines.map((line) => JSON.parse(line)).filter((row) => row.problem !== undefined);
  return { status, problems: problems.map((row) => row.problem) };
}

const SMALL = [inode(2, FILE, 1, 5), data(2, 0, 'hello'), name(1, 'a', 2)];

describe.skipIf(arch === undefined || !hasCompiler)('mkfs.vexfs (needs a compiler)', () => {
  test('makes what fsck.vexfs finds nothing wrong with', () => {
    const made = run('mkfs.vexfs', '-L', 'some label', '-U', '01234567-89ab-cdef-0123-456789abcdef', image);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toContain('1024 KiB');
    expect(fsck('-n')).toEqual({ status: 0, problems: [] });
    const bytes = readFileSync(image);
    expect(bytes.subarray(PRIMARY + 32, PRIMARY + 48).toString('hex')).toBe('0123456789abcdef0123456789abcdef');
    expect(bytes.subarray(PRIMARY + 48, PRIMARY + 58).toString()).toBe('some label');
    expect(bytes.subarray(PRIMARY, PRIMARY + 512).equals(bytes.subarray(BACKUP, BACKUP + 512))).toBe(true);
  });

  test('leaves alone what holds something, unless it is forced to', () => {
    writeFileSync(image, Buffer.alloc(1 << 20, 7));
    expect(run('mkfs.vexfs', image)).toMatchObject({ status: 1, stderr: expect.stringContaining('holds something') });
    expect(readFileSync(image).every((byte) => byte === 7)).toBe(true);
    expect(run('mkfs.vexfs', '-f', image).status).toBe(0);
    expect(fsck('-n')).toEqual({ status: 0, problems: [] });
  });

  test('has a file grow to the size, and uses no more than that', () => {
    expect(run('mkfs.vexfs', '-s', '3M', image).status).toBe(0);
    expect(statSync(image).size).toBe(3 << 20);
    expect(readFileSync(image).readBigUInt64LE(PRIMARY + 16)).toBe(3n << 20n);
  });

  test.each([
    ['a file that is not there', ['-s', '4K', '/nope'], 1, /No such file/],
    ['no file', [], 2, /one device or file/],
    ['a size that is none', ['-s', '12X', 'x'], 2, /size cannot be read/],
    ['a label that is too long', ['-L', 'x'.repeat(32), 'x'], 2, /31 bytes/],
    ['a UUID that is none', ['-U', '0123', 'x'], 2, /UUID cannot be read/],
    ['a folder', [tmpdir()], 1, /Block device required/],
  ])('%s is one sentence', (_name, args, status, message) => {
    expect(run('mkfs.vexfs', ...args)).toMatchObject({ status, stderr: expect.stringMatching(message) });
  });

  test('less than a mebibyte is refused', () => {
    truncateSync(image, 1000);
    expect(run('mkfs.vexfs', image)).toMatchObject({ status: 1, stderr: expect.stringContaining('1 MiB') });
  });
});

/** A byte of each of so many pages. */
const pages = (ino: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => data(ino, (from + i) * 4096, 'x'));

/** What is done to an image, what fsck.vexfs calls it, and how -n, -p and -y end, with what -n says after -y. */
const DAMAGES: readonly (readonly [
  what: string,
  damage: (image: TestImage) => unknown,
  problems: readonly string[],
  ends: readonly [n: number, p: number, y: number, after: number],
])[] = [
  ['nothing', (i) => i.commit(SMALL), [], [0, 0, 0, 0]],
  ['a bit of the superblock', (i) => i.flip(PRIMARY + 20), ['super-primary'], [4, 1, 1, 0]],
  ['the mark of the superblock', (i) => i.flip(PRIMARY), ['super-primary'], [4, 1, 1, 0]],
  ['a bit of its copy', (i) => i.flip(BACKUP + 50), ['super-backup'], [4, 1, 1, 0]],
  ['a bit of each', (i) => i.flip(PRIMARY + 20).flip(BACKUP + 20), ['super-bad', 'super-bad'], [4, 4, 4, 4]],
  ['both marks', (i) => i.flip(PRIMARY).flip(BACKUP), [], [8, 8, 8, 8]],
  ['a bit of the boot sector', (i) => i.flip(100), [], [0, 0, 0, 0]],
  ['a bit of the first commit', (i) => i.flip(AREA + 80), ['log-empty'], [4, 4, 4, 4]],
  ['a bit of its header', (i) => i.flip(AREA + 20), ['log-empty'], [4, 4, 4, 4]],
  ['a bit behind the log', (i) => i.flip(AREA + i.tail), [], [0, 0, 0, 0]],
  ['a bit of the last commit', (i) => i.commit(SMALL).flip(AREA + i.tail - 4096 + 70), ['log-checksum'], [4, 4, 1, 0]],
  ['the power cut after a commit', (i) => i.commit(SMALL, false), ['torn-commit'], [0, 1, 1, 0]],
  [
    'the power cut in a commit',
    (i) => i.commit(SMALL, false).flip(AREA + i.tail - 4096 + 70),
    ['torn-commit'],
    [0, 1, 1, 0],
  ],
  [
    'a bit of a commit before the last, and the power cut',
    (i) =>
      i
        .commit(SMALL, false)
        .flip(AREA + i.tail - 4096 + 70)
        .commit([inode(3, FILE, 1), name(1, 'b', 3)], false),
    ['log-checksum'],
    [4, 4, 1, 0],
  ],
  [
    'a size beyond the file',
    (i) =>
      i
        .flip(PRIMARY + 20)
        .flip(BACKUP + 20)
        .seal(),
    ['super-bad'],
    [4, 4, 4, 4],
  ],
  ['a wrong link count', (i) => i.commit([inode(2, FILE, 3), name(1, 'a', 2)]), ['link-count'], [4, 1, 1, 0]],
  [
    'a directory that is not counted',
    (i) => i.commit([inode(2, DIRECTORY, 2), name(1, 'd', 2)]),
    ['link-count'],
    [4, 1, 1, 0],
  ],
  ['an inode without a name', (i) => i.commit([inode(2, FILE, 1)]), ['unreachable'], [4, 4, 1, 0]],
  ['a name without an inode', (i) => i.commit([name(1, 'a', 9)]), ['name-without-inode'], [4, 4, 1, 0]],
  [
    'a name in no directory',
    (i) => i.commit([...SMALL, inode(3, FILE, 1), name(2, 'b', 3)]),
    ['unreachable', 'unreachable'],
    [4, 4, 1, 0],
  ],
  [
    'directories that hold each other',
    (i) => i.commit([inode(2, DIRECTORY, 3), inode(3, DIRECTORY, 3), name(2, 'x', 3), name(3, 'y', 2)]),
    ['unreachable', 'unreachable', 'unreachable', 'unreachable'],
    [4, 4, 1, 0],
  ],
  [
    'a directory with two names',
    (i) => i.commit([inode(1, DIRECTORY, 3), inode(2, DIRECTORY, 2), name(1, 'a', 2), name(1, 'b', 2)]),
    ['second-name'],
    [4, 4, 1, 0],
  ],
  ['data outside of the file', (i) => i.commit([...SMALL, data(2, 4096, 'x')]), ['bad-record'], [4, 4, 1, 0]],
  ['data of no file', (i) => i.commit([data(7, 0, 'x')]), ['bad-record'], [4, 4, 1, 0]],
  ['vectors that do not follow', (i) => i.commit([...SMALL, vectors(2, 3, 4, 2)]), ['bad-record'], [4, 4, 1, 0]],
  [
    'vectors of two dimensions',
    (i) => i.commit([...SMALL, vectors(2, 0, 4, 2), vectors(2, 2, 5, 1)]),
    ['bad-record'],
    [4, 4, 1, 0],
  ],
  ['an attribute of no namespace', (i) => i.commit([...SMALL, xattr(2, 'other.x', 'y')]), ['bad-record'], [4, 4, 1, 0]],
  [
    'an attribute twice',
    (i) => i.commit([...SMALL, xattr(2, 'user.x', 'y'), xattr(2, 'user.x', 'z')]),
    ['bad-record'],
    [4, 4, 1, 0],
  ],
  ['a name with a slash', (i) => i.commit([...SMALL, name(1, 'a/b', 2)]), ['bad-record'], [4, 4, 1, 0]],
  ['a name that is there', (i) => i.commit([...SMALL, name(1, 'a', 2)]), ['bad-record'], [4, 4, 1, 0]],
  ['the end of what is not there', (i) => i.commit([forget(5)]), ['bad-record'], [4, 4, 1, 0]],
  ['the end of the root', (i) => i.commit([forget(1)]), ['bad-record'], [4, 4, 1, 0]],
  [
    'an inode number out of range',
    (i) => i.commit(SMALL, true, 2),
    ['bad-record', 'bad-record', 'name-without-inode'],
    [4, 4, 1, 0],
  ],
  [
    'a kind that is none',
    (i) => i.commit([inode(2, 0o644, 1), name(1, 'a', 2)]),
    ['bad-record', 'name-without-inode'],
    [4, 4, 1, 0],
  ],
  ['a root that is a file', (i) => i.commit([inode(1, FILE, 1)]), ['bad-record'], [4, 4, 1, 0]],
  ['inode numbers at their end', (i) => i.commit(SMALL, true, 2 ** 60), ['bad-record'], [4, 4, 1, 0]],
  [
    'an inode with a number near the end',
    (i) => i.commit([inode(2 ** 60, FILE, 1)], true, 2 ** 61),
    ['bad-record', 'bad-record'],
    [4, 4, 1, 0],
  ],
  [
    'more pages than there is room for',
    (i) => i.commit([inode(2, FILE, 1, 2 ** 30), name(1, 'a', 2), ...pages(2, 196)]).commit(pages(2, 1, 196)),
    ['bad-record'],
    [4, 4, 8, 4],
  ],
  ['a record of no type', (i) => i.commit([...SMALL, ofType(99)]), ['bad-record'], [4, 4, 1, 0]],
];

describe.skipIf(arch === undefined || !hasCompiler)('fsck.vexfs (needs a compiler)', () => {
  test.each(DAMAGES)('%s', (_what, damage, problems, [n, p, y, after]) => {
    run('mkfs.vexfs', image);
    const made = new TestImage(image);
    damage(made);
    made.save();
    expect(fsck('-n')).toEqual({ status: n, problems });
    expect(readFileSync(image).equals(made.bytes)).toBe(true);
    expect(fsck('-p')).toEqual({ status: p, problems });
    made.save();
    expect(fsck('-y')).toEqual({ status: y, problems });
    expect(fsck('-n').status).toBe(after);
  });

  test('keeps what is good when it mends', () => {
    run('mkfs.vexfs', image);
    new TestImage(image)
      .commit([...SMALL, xattr(2, 'user.x', 'kept value'), vectors(2, 0, 3, 2)])
      .commit([inode(3, FILE, 1)])
      .save();
    expect(fsck('-y')).toEqual({ status: 1, problems: ['unreachable'] });
    const bytes = readFileSync(image);
    const other = bytes.subarray(AREA + Number(bytes.readBigUInt64LE(PRIMARY + 80)));
    for (const part of ['hello', 'user.xkept value']) expect(other.includes(part)).toBe(true);
    expect(run('fsck.vexfs', image).stdout).toBe(`${image}: clean, 2 inodes\n`);
  });

  test('says each problem in a line', () => {
    run('mkfs.vexfs', image);
    new TestImage(image).commit([inode(2, FILE, 3), name(1, 'a', 2)]).save();
    expect(run('fsck.vexfs', image).stdout.split('\n')).toEqual([
      `${image}: link-count: inode 2: link count is 3, there are 1 (left)`,
      `${image}: not clean, 2 inodes`,
      '',
    ]);
  });

  test.each([
    ['no file', [], 16],
    ['two minds', ['-n', '-y', 'x'], 16],
    ['an unknown option', ['-z', 'x'], 16],
    ['a file that is not there', ['/nope'], 8],
    ['a folder', [tmpdir()], 8],
  ])('%s ends with its status', (_name, args, status) => {
    expect(run('fsck.vexfs', ...args).status).toBe(status);
  });
});
