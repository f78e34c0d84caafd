import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ARCH_NAMES, isNative } from './arch.ts';
import { buildVexcheck } from './check-program.ts';

const TMPFS = '/dev/shm';
/** Of the host's own filesystem and of one in memory. */
const places = [tmpdir(), ...(existsSync(TMPFS) ? [TMPFS] : [])];
const fastest = places.at(-1) as string;
const program = buildVexcheck(ARCH_NAMES.find(isNative) ?? 'x86_64').from;
const dirs: string[] = [];

function freshDir(place = fastest): string {
  const dir = mkdtempSync(join(place, 'vexcheck-test-'));
  dirs.push(dir);
  return dir;
}

afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

interface Line {
  readonly [key: string]: unknown;
}

function run(...args: string[]): { status: number | null; lines: Line[]; stderr: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  const lines = stdout.split('\n').filter(Boolean);
  return { status, lines: lines.map((line) => JSON.parse(line) as Line), stderr };
}

/** What a check finds wrong when calls do not tell the truth. */
const LIES: Readonly<Record<string, readonly (readonly [lie: string, what: RegExp])[]>> = {
  files: [
    ['read-flip', /^content /],
    ['read-short', /^bytes /],
    ['write-drop', /^(content|size|bytes)/],
    ['write-half', /^(content|size|bytes)/],
    ['append-front', /^(content|size|bytes)/],
    ['truncate-drop', /^(size|content)/],
    ['map-flip', /^content /],
    ['errno', /^error of /],
    ['stat-size', /^size$/],
    ['stat-time', /^mtime after a change$/],
  ],
  names: [
    ['errno', /^(open|mkdir|rename|unlink|link|symlink|rmdir|lstat|mknod)/],
    ['success', /^(mkdir|rename|unlink|link|symlink|rmdir|mknod)/],
    ['refuse', /^(open|mkdir|rename|unlink|link|symlink|rmdir|mknod)/],
    ['stat-links', /^number of links$/],
    ['stat-inode', /^inode number$/],
    ['stat-type', /^type$/],
    ['stat-time', /^mtime of a directory/],
    ['name-lose', /^a name missing in a listing/],
    ['name-twice', /^a name listed twice/],
    ['rename-drop', /^(rename|a name after the call that removed it|inode number|type)/],
    ['unlink-drop', /^(unlink|a name after the call that removed it)/],
  ],
  threads: [
    ['lock-grant', /^holders of an exclusive lock$/],
    ['write-drop', /^(bytes|block|size) of a (worker's file|file in common)$/],
    ['write-half', /^(bytes|block|size) of a (worker's file|file in common)$/],
    ['read-flip', /^block of a (worker's file|file in common)$/],
    ['truncate-drop', /^size of a worker's file$/],
    ['unlink-drop', /^(error of (create|unlink)|a name in common)/],
    ['errno', /^error of /],
    ['die', /^end of a worker$/],
  ],
};

describe('list', () => {
  test('every check says what it is', () => {
    const { status, lines } = run('list');
    expect(status).toBe(0);
    for (const line of lines) {
      expect(line).toEqual({
        name: expect.stringMatching(/^[a-z-]+$/),
        domain: expect.stringMatching(/^(filesystem|vector|safety|performance|integration)$/),
        about: expect.stringMatching(/^[^\n]{20,}$/),
        needs: expect.any(String),
      });
    }
    expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length);
  });
});

for (const place of places) {
  describe(`on ${place}`, () => {
    test.each(Object.keys(LIES))('%s finds nothing wrong, and cleans up', (name) => {
      const dir = freshDir(place);
      const { status, lines } = run('run', name, '--dir', dir, '--seconds', '2', '--ops', '3000', '--seed', '77');
      expect(lines.at(-1)).toMatchObject({ check: name, result: 'right', seed: 77 });
      expect(lines).toHaveLength(1);
      expect(lines[0]?.ops).toBeGreaterThan(20);
      expect(status).toBe(0);
      expect(readdirSync(dir)).toEqual([]);
    });
  });
}

describe('a filesystem that lies', () => {
  const rows = Object.entries(LIES).flatMap(([name, lies]) => lies.map(([lie, what]) => ({ name, lie, what })));
  test.each(rows)('$name finds $lie', ({ name, lie, what }) => {
    const dir = freshDir();
    const { status, lines } = run('run', name, '--dir', dir, '--ops', '4000', '--lie', lie);
    const wrong = lines.filter((line) => 'wrong' in line);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.length).toBeLessThanOrEqual(20);
    expect(wrong[0]).toMatchObject({ wrong: name, what: expect.stringMatching(what), seed: 1 });
    expect(lines.at(-1)).toMatchObject({ check: name, result: 'wrong' });
    expect(status).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('the same seed does the same, another seed something else', () => {
  const digestOf = (name: string, seed: string) =>
    run('run', name, '--dir', freshDir(), '--ops', '1500', '--seed', seed).lines.at(-1)?.digest;
  for (const name of ['files', 'names']) {
    expect(digestOf(name, '5')).toBe(digestOf(name, '5'));
    expect(digestOf(name, '5')).not.toBe(digestOf(name, '6'));
  }
});

test('a check that cannot be run says why', () => {
  const { status, lines } = run('run', 'vectors', '--dir', freshDir());
  expect(lines).toEqual([
    { check: 'vectors', result: 'cannot', reason: expect.stringContaining('no vector calls'), seed: 1 },
  ]);
  expect(status).toBe(4);
  const missing = run('run', 'files', '--dir', '/nowhere/"\u001b[1m');
  expect(missing.lines[0]).toMatchObject({
    result: 'cannot',
    reason: '/nowhere/"\u001b[1m: No such file or directory',
  });
  expect(missing.status).toBe(4);
});

test.each([
  [['run']],
  [['run', 'nothing']],
  [['run', 'files', '--seed', '-1']],
  [['run', 'files', '--ops', '5x']],
  [['run', 'files', '--workers', '65']],
  [['run', 'files', '--seconds', '0']],
  [['run', 'files', '--lie', 'unknown']],
  [['run', 'files', 'more']],
])('%j is no usage', (args) => {
  const { status, lines, stderr } = run(...args);
  expect(status).toBe(2);
  expect(lines).toEqual([]);
  expect(stderr).toMatch(/^usage|vexcheck: /m);
});
