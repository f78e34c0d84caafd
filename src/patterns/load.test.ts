import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPatterns } from './load.ts';

const source = (id: string, title = 'Some failure', sample = 'constructed: mm/x.c, text: boom'): string =>
  JSON.stringify({
    id,
    title,
    classification: 'unknown',
    severity: 'minor',
    match: { kind: 'bug' },
    advice: { meaning: 'x'.repeat(40), lookAt: ['look at this first'], docs: ['Documentation/a.rst'] },
    samples: [Object.fromEntries(sample.split(', ').map((part) => part.split(': ')))],
    counterSamples: [{ constructed: 'mm/x.c', text: 'quiet' }],
  });

let root = '';
const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
const load = (...dirs: string[]) => {
  const { patterns, problems } = loadPatterns(
    dirs.map((dir) => join(root, dir)),
    { fixtures: join(root, 'fixtures') },
  );
  return {
    patterns: patterns.map(({ id, title }) => `${id}: ${title}`),
    problems: problems.map(({ level, file, message }) => `${level} ${file} ${message}`.replaceAll(`${root}/`, '')),
  };
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'patterns-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('packs override by id, visibly; one bad file does not hide the others', () => {
  write('a/oops/one.yaml', source('one'));
  write('a/oops/two.yaml', source('two'));
  write('a/lock/two.yaml', source('two'));
  write('a/oops/three.yaml', source('tree'));
  write('a/.hidden.yaml', 'nonsense: [');
  write('b/one.yaml', source('one', 'Mine instead'));
  write('b/huge.yaml', ' '.repeat(100_000));
  expect(load('a', 'b', 'absent')).toEqual({
    patterns: ['one: Mine instead', 'two: Some failure'],
    problems: [
      'error a/oops/three.yaml holds the pattern "tree"; name the file tree.yaml',
      'error a/oops/two.yaml the id "two" is taken by a/lock/two.yaml',
      'error b/huge.yaml is larger than 64 KiB',
      'note b/one.yaml replaces the pattern of a/oops/one.yaml',
      expect.stringMatching(/^error absent cannot be read: ENOENT/),
    ],
  });
});

test('a single file can be named', () => {
  write('one.yaml', source('one'));
  expect(load('one.yaml')).toEqual({ patterns: ['one: Some failure'], problems: [] });
});

test('fixtures are read, dead ones are told', () => {
  write('fixtures/oops.log', 'BUG: x\n');
  write('a/one.yaml', source('one', 'Some failure', 'fixture: oops.log'));
  write('a/two.yaml', source('two', 'Some failure', 'fixture: gone.log'));
  expect(load('a')).toEqual({
    patterns: ['one: Some failure'],
    problems: [expect.stringMatching(/^error a\/two.yaml fixture gone.log: cannot be read: ENOENT/)],
  });
});
