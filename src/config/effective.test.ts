import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { THRESHOLDS } from '../model/thresholds.ts';
import { type Origin, resolveOptions, type Sources } from './effective.ts';
import { environmentName, KEYS, type Key } from './table.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-config-'));
  file = join(dir, 'vexfs-trace.yaml');
});
afterEach(() => rmSync(dir, { recursive: true }));

const resolve = (sources: Partial<Sources> = {}) =>
  resolveOptions({ flags: new Map(), environment: {}, folder: dir, ...sources });

describe('a flag counts before the environment, that before the file, that before the default', () => {
  const flags = new Map<Key, number>([['thresholds.hang', 4000]]);
  const environment = { VEXFS_TRACE_THRESHOLDS_HANG: '3s' };
  test.each<
    [name: string, text: string | undefined, sources: Partial<Sources>, value: number, origin: Partial<Origin>]
  >([
    ['all', 'thresholds: { hang: 2s }', { flags, environment }, 4000, { kind: 'flag' }],
    [
      'no flag',
      'thresholds: { hang: 2s }',
      { environment },
      3000,
      { kind: 'environment', name: 'VEXFS_TRACE_THRESHOLDS_HANG' },
    ],
    ['a file', '\nthresholds: { hang: 2s }', {}, 2000, { kind: 'file', line: 2 }],
    [
      'an empty variable',
      'thresholds: { hang: 2s }',
      { environment: { VEXFS_TRACE_THRESHOLDS_HANG: '' } },
      2000,
      { kind: 'file' },
    ],
    ['nothing', undefined, {}, THRESHOLDS.hang.limit, { kind: 'default' }],
  ])('%s', async (_, text, sources, value, origin) => {
    if (text !== undefined) writeFileSync(file, text);
    const options = await resolve(sources);
    expect(options.get('thresholds.hang')).toBe(value);
    expect(options.origin('thresholds.hang')).toMatchObject(origin);
  });
});

test('every key has a name of its own in the environment, which is read', async () => {
  expect(new Set(KEYS.map(environmentName)).size).toBe(KEYS.length);
  expect(environmentName('guest.diskSize')).toBe('VEXFS_TRACE_GUEST_DISK_SIZE');
  expect(environmentName('hooks.on-finding')).toBe('VEXFS_TRACE_HOOKS_ON_FINDING');
  const options = await resolve({
    environment: { VEXFS_TRACE_HOOKS_ON_FINDING: '["logger","a b"]', VEXFS_TRACE_LEVELS_2_TESTS: 'a,b' },
  });
  expect(options.get('hooks.on-finding')).toEqual(['logger', 'a b']);
  expect(options.get('levels.2.tests')).toEqual(['a', 'b']);
});

describe('which file is read', () => {
  const deep = () => {
    const path = join(dir, 'a/b');
    mkdirSync(path, { recursive: true });
    return path;
  };
  test.each<[name: string, prepare: () => Partial<Sources>, kernel: string]>([
    [
      'the one here',
      () => {
        writeFileSync(file, 'kernel: here');
        return {};
      },
      'here',
    ],
    [
      'one above, up to the repository',
      () => {
        mkdirSync(join(dir, '.git'));
        writeFileSync(file, 'kernel: above');
        return { folder: deep() };
      },
      'above',
    ],
    [
      'not one above the repository',
      () => {
        writeFileSync(file, 'kernel: above');
        mkdirSync(join(deep(), '.git'));
        return { folder: deep() };
      },
      'stock',
    ],
    [
      'not one above where there is no repository',
      () => {
        writeFileSync(file, 'kernel: above');
        return { folder: deep() };
      },
      'stock',
    ],
    [
      'the one that is named',
      () => {
        writeFileSync(file, 'kernel: here');
        writeFileSync(join(dir, 'other.yaml'), 'kernel: other');
        return { config: join(dir, 'other.yaml') };
      },
      'other',
    ],
    [
      'the one that the environment names',
      () => {
        writeFileSync(join(dir, 'other.yaml'), 'kernel: other');
        return { environment: { VEXFS_TRACE_CONFIG: join(dir, 'other.yaml') } };
      },
      'other',
    ],
  ])('%s', async (_, prepare, kernel) => {
    expect((await resolve(prepare())).get('kernel')).toBe(kernel);
  });
});

describe('what is wrong is told with its place', () => {
  test.each<[name: string, prepare: () => Partial<Sources>, words: RegExp]>([
    [
      'in the file',
      () => {
        writeFileSync(file, 'kernel: stock\nguest:\n  cpsu: 4\n');
        return {};
      },
      /vexfs-trace\.yaml:3:3: unknown key "guest\.cpsu"; did you mean "guest\.cpus"\?$/,
    ],
    [
      'in the environment',
      () => ({ environment: { VEXFS_TRACE_GUEST_CPUS: 'two' } }),
      /^VEXFS_TRACE_GUEST_CPUS: a whole number/,
    ],
    ['a file that is not there', () => ({ config: join(dir, 'no.yaml') }), /no\.yaml cannot be read/],
    ['a folder', () => ({ config: dir }), /is no file/],
    [
      'a pipe that nobody writes to',
      () => {
        spawnSync('mkfifo', [file]);
        return {};
      },
      /is no file/,
    ],
  ])('%s', async (_, prepare, words) => {
    await expect(resolve(prepare())).rejects.toMatchObject({ exit: 'usage', message: expect.stringMatching(words) });
  });

  test('of another key it does not matter', async () => {
    const options = await resolve({ keys: ['kernel'], environment: { VEXFS_TRACE_GUEST_CPUS: 'two' } });
    expect(options.get('kernel')).toBe('stock');
  });
});

test('programs of a file that others can write are not run unless it was named', async () => {
  writeFileSync(file, 'kernel: mine\nhooks:\n  after-run: [touch, x]\nguest: { mkfs: /bin/x }\n');
  chmodSync(file, 0o666);
  const options = await resolve();
  expect([options.get('kernel'), options.get('hooks.after-run'), options.get('guest.mkfs')]).toEqual([
    'mine',
    undefined,
    undefined,
  ]);
  expect([...options.refused.keys()].sort()).toEqual(['guest.mkfs', 'hooks.after-run']);
  expect((await resolve({ config: file })).get('hooks.after-run')).toEqual(['touch', 'x']);
  chmodSync(file, 0o644);
  const own = await resolve();
  expect([own.get('guest.mkfs'), own.refused.size]).toEqual(['/bin/x', 0]);
});
