import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const isRoot = process.getuid?.() === 0;
/** Checks that only root can run. */
const NEEDS_ROOT = ['permissions'];
const runnable = (name: string) => isRoot || !NEEDS_ROOT.includes(name);

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
  attributes: [
    ['stat-mode', /^mode$/],
    ['setattr-drop', /^(mode|owner|atime|mtime)/],
    ['stat-time', /^(ctime after a change|atime|mtime)/],
    ['xattr-flip', /^value of an attribute$/],
    ['xattr-lose', /^(value of an attribute|attributes listed|setxattr|removexattr)/],
    ['name-lose', /^attributes listed$/],
    ['errno', /^(setxattr|removexattr)|^error of /],
  ],
  permissions: [
    [
      'allow',
      /^(open|truncate|execve|getxattr|setxattr|utimensat|chmod|listing|looking|create|mkdir|symlink|unlink|rename)/,
    ],
    ['refuse', /^(open|setxattr|utimensat|chmod|listing|create|mkdir|symlink|unlink|rename)/],
  ],
  handles: [
    ['lock-grant', /^(flock|F_SETLK) by /],
    ['lock-refuse', /^flock by /],
    ['write-drop', /^content /],
    ['read-flip', /^content /],
    ['stat-links', /^links /],
    ['unlink-drop', /^(name|links) /],
  ],
  interrupts: [
    ['lock-grant', /^(F_SETLKW|flock) for a lock that is held$/],
    ['write-drop', /^(content|block|read)/],
    ['write-half', /^(content|block|read)/],
    ['read-flip', /^(content|block)/],
    ['rename-drop', /^names after a rename under signals$/],
    ['truncate-drop', /^size after a truncate under signals$/],
  ],
  calls: [
    ['errno', /^error of /],
    ['die', /^end of a worker$/],
  ],
  speed: [
    ['read-flip', /^content read$/],
    ['write-drop', /^(content|bytes) read$/],
    ['errno', /^error of /],
  ],
  threads: [
    ['lock-grant', /^(holders of an exclusive lock|block of a file in common)$/],
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
    test.each(Object.keys(LIES).filter(runnable))('%s finds nothing wrong, and cleans up', (name) => {
      const dir = freshDir(place);
      const { status, lines } = run('run', name, '--dir', dir, '--seconds', '0.7', '--ops', '3000', '--seed', '77');
      expect(lines.at(-1)).toMatchObject({ check: name, result: 'right', seed: 77 });
      expect(lines).toHaveLength(1);
      expect(lines[0]?.ops).toBeGreaterThan(20);
      expect(status).toBe(0);
      expect(readdirSync(dir)).toEqual([]);
    });
  });
}

describe('a filesystem that lies', () => {
  const rows = Object.entries(LIES)
    .filter(([name]) => runnable(name))
    .flatMap(([name, lies]) => lies.map(([lie, what]) => ({ name, lie, what })));
  test.each(rows)('$name finds $lie', ({ name, lie, what }) => {
    const dir = freshDir();
    const { status, lines } = run('run', name, '--dir', dir, '--seconds', '2', '--ops', '4000', '--lie', lie);
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
  for (const name of ['files', 'names', 'attributes']) {
    expect(digestOf(name, '5')).toBe(digestOf(name, '5'));
    expect(digestOf(name, '5')).not.toBe(digestOf(name, '6'));
  }
});

describe('what was synced', () => {
  const journal = () => join(freshDir(), 'journal');
  const write = (dir: string, file: string, ...more: string[]) =>
    run('run', 'sync-write', '--dir', dir, '--journal', file, '--ops', '200', '--seed', '4', ...more);
  const verify = (dir: string, file: string, seed = '4') =>
    run('run', 'sync-verify', '--dir', dir, '--journal', file, '--seed', seed);

  test('is found by the journal, and then removed', () => {
    const dir = freshDir();
    const file = journal();
    expect(write(dir, file).lines).toEqual([expect.objectContaining({ check: 'sync-write', result: 'right' })]);
    expect(readdirSync(dir)).toEqual(['vexcheck-sync-4']);
    expect(verify(dir, file, '5').lines).toEqual([
      { check: 'sync-verify', result: 'cannot', reason: `${file} is no journal of seed 5`, seed: 5 },
    ]);
    expect(verify(dir, file).lines).toEqual([
      expect.objectContaining({ check: 'sync-verify', result: 'right', ops: expect.any(Number) }),
    ]);
    expect(readdirSync(dir)).toEqual(['vexcheck-sync-5']);
  });

  test.each<[string, (dir: string) => void, RegExp]>([
    ['a file', (dir) => rmSync(join(dir, firstFile(dir))), /^a synced name$/],
    ['the end of a file', (dir) => truncateSync(join(dir, firstFile(dir)), 100), /^synced content$/],
    ['a byte', (dir) => spoil(join(dir, firstFile(dir))), /^synced content$/],
    ['everything', (dir) => rmSync(dir, { recursive: true }), /^a synced name$/],
    ['a removal', (dir) => restoreRemoved(dir), /^a file whose removal was synced$/],
  ])('is missed: %s', (_, lose, what) => {
    const dir = freshDir();
    const file = journal();
    write(dir, file);
    lose(join(dir, 'vexcheck-sync-4'));
    const { status, lines } = verify(dir, file);
    expect(lines[0]).toMatchObject({ wrong: 'sync-verify', what: expect.stringMatching(what) });
    expect(status).toBe(1);
  });

  test('is missed where fsync does nothing', () => {
    const dir = freshDir();
    const file = journal();
    write(dir, file, '--lie', 'sync-drop');
    expect(verify(dir, file).lines[0]).toMatchObject({ wrong: 'sync-verify', what: 'synced content' });
  });

  test('a journal that was cut off within a line counts up to there', () => {
    const dir = freshDir();
    const file = journal();
    write(dir, file);
    appendFileSync(file, '{"sync":"gone","fi');
    expect(verify(dir, file).lines).toEqual([expect.objectContaining({ result: 'right' })]);
  });
});

const firstFile = (dir: string) => readdirSync(dir).toSorted()[0] as string;

function spoil(path: string): void {
  const bytes = readFileSync(path);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** The lowest number that no file has is one that was removed. */
function restoreRemoved(dir: string): void {
  const numbers = new Set(readdirSync(dir).map((name) => Number(name.slice(2))));
  let removed = 0;
  while (numbers.has(removed)) removed++;
  for (const kind of ['f', 'r']) writeFileSync(join(dir, `${kind}-${removed}`), '');
}

describe.skipIf(!isRoot)('a small filesystem', () => {
  let dir = '';
  beforeAll(() => {
    dir = freshDir();
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', dir]);
  });
  afterAll(() => {
    spawnSync('umount', [dir]);
  });

  test('is filled four times, and empty at the end', () => {
    const { status, lines } = run('run', 'space', '--dir', dir);
    expect(lines).toEqual([expect.objectContaining({ check: 'space', result: 'right' })]);
    expect(status).toBe(0);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('may be left half full', () => {
    expect(run('run', 'space', '--dir', dir, '--ops', '20').lines).toEqual([
      expect.objectContaining({ result: 'right', ops: 20 }),
    ]);
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each([
    ['space-eio', /^write to a filesystem that fills up$/],
    ['space-leak', /^free space after everything was removed$/],
    ['write-drop', /^content in a full filesystem$|^size of a file/],
    ['write-half', /^content in a full filesystem$|^size of a file/],
    ['read-flip', /^content in a full filesystem$/],
  ])('%s is found', (lie, what) => {
    const { status, lines } = run('run', 'space', '--dir', dir, '--lie', lie);
    expect(lines[0]).toMatchObject({ wrong: 'space', what: expect.stringMatching(what) });
    expect(status).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('a large filesystem is not filled without being told to, nor beyond what is allowed', () => {
  const dir = freshDir(tmpdir());
  expect(run('run', 'space', '--dir', dir).lines).toEqual([
    expect.objectContaining({ result: 'cannot', reason: expect.stringContaining('--size') }),
  ]);
  expect(run('run', 'space', '--dir', dir, '--size', '1000000').lines).toEqual([
    expect.objectContaining({ result: 'cannot', reason: expect.stringContaining('more than --size') }),
  ]);
});

describe('sequences of calls', () => {
  const print = (seed: string) => spawnSync(program, ['calls', '--seed', seed, '--ops', '300', '--print']).stdout;

  test('are printed, and what is printed is replayed', () => {
    const text = print('9');
    expect(text.toString().split('\n')).toHaveLength(302);
    expect(text).toEqual(print('9'));
    expect(text).not.toEqual(print('10'));
    const dir = freshDir();
    const { stdout, status } = spawnSync(program, ['replay', '-', '--dir', dir], { input: text, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ check: 'replay', result: 'right', ops: 300 });
    expect(status).toBe(0);
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each([
    '0 openat to:0 path:../../etc/passwd n:2 n:0',
    '0 openat to:0 path:a n:1 n:0',
    '0 openat to:6 path:a n:2114 n:384',
    '16 fsync slot:0',
    '0 fsync slot:1 slot:1',
    '0 fsync',
    '0 reboot n:1',
    '0',
    'x fsync slot:0',
    '0 close slot:2147483647',
  ])('%j is no call', (line) => {
    const { stdout, status, stderr } = spawnSync(program, ['replay', '-', '--dir', freshDir()], {
      input: `# a comment\n\n${line}\n`,
      encoding: 'utf8',
    });
    expect(stderr).toBe('vexcheck: line 3 is no call\n');
    expect(JSON.parse(stdout)).toMatchObject({ result: 'cannot' });
    expect(status).toBe(4);
  });
});

test('SIGTERM ends a check in order', async () => {
  const dir = freshDir();
  for (const name of ['files', 'threads']) {
    const child = spawn(program, ['run', name, '--dir', dir, '--seconds', '100', '--progress']);
    let text = '';
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.stdout.on('data', (data: Buffer) => {
      text += data;
      child.kill('SIGTERM');
    });
    expect(await ended).toBe(0);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines[0]).toEqual({ ops: expect.any(Number), seconds: expect.any(Number) });
    expect(lines.at(-1)).toMatchObject({ check: name, result: 'right', stopped: true });
    expect(readdirSync(dir)).toEqual([]);
  }
});

test('pressure says what it pressed', () => {
  const dir = freshDir();
  const { status, lines } = run('pressure', '--memory', '20000000', '--cpu', '1', '--io', dir, '--seconds', '0.5');
  expect(status).toBe(0);
  expect(lines).toEqual([
    {
      check: 'pressure',
      result: 'right',
      seconds: expect.any(Number),
      memoryBytes: expect.any(Number),
      memoryKills: 0,
      cpus: 1,
      ioBytes: expect.any(Number),
    },
  ]);
  expect(lines[0]?.memoryBytes).toBeGreaterThanOrEqual(20000000);
  expect(lines[0]?.ioBytes).toBeGreaterThan(0);
  expect(readdirSync(dir)).toEqual([]);
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
  [['calls', '--seed', '1']],
  [['replay']],
  [['pressure']],
  [['pressure', '--cpu', '1000']],
  [['pressure', '--memory', '5x']],
])('%j is no usage', (args) => {
  const { status, lines, stderr } = run(...args);
  expect(status).toBe(2);
  expect(lines).toEqual([]);
  expect(stderr).toMatch(/^usage|vexcheck: /m);
});
