import { describe, expect, test } from 'vitest';
import type { Finding } from '../model/event.ts';
import { blamedFrame, codePlace, logPlace, placeText } from './places.ts';
import { FINDING } from './testing.ts';

const frame = (fn: string, file?: string, line?: number) => ({
  ...{ fn, reliable: true },
  ...(file !== undefined && { file }),
  ...(line !== undefined && { line }),
});
const stacks = (...frames: ReturnType<typeof frame>[]): Pick<Finding, 'stacks'> => ({
  stacks: [{ role: 'trap', frames }],
});

describe('codePlace', () => {
  test.each<[string, Partial<Finding>, ReturnType<typeof codePlace>]>([
    ['the blamed frame in the guilty file', {}, { file: 'fs/vexfs/file.c', line: 41 }],
    [
      'another frame in the guilty file',
      { guiltyFile: 'fs/a.c', ...stacks(frame('vexfs_read', 'mm/b.c', 1), frame('x', './fs/a.c', 7)) },
      { file: 'fs/a.c', line: 7 },
    ],
    [
      'a guilty file of which the report itself says the line',
      { guiltyFile: 'fs/a.c', stacks: [], details: { where: 'fs/a.c:12' } },
      { file: 'fs/a.c', line: 12 },
    ],
    ['a guilty file that no frame names', { guiltyFile: 'fs/a.c', stacks: [] }, { file: 'fs/a.c' }],
    [
      'no guilty file, but a symbolized frame',
      { guiltyFile: '', ...stacks(frame('vexfs_read', 'fs/b.c', 3)) },
      { file: 'fs/b.c', line: 3 },
    ],
    [
      'what a WARNING says of itself',
      { guiltyFile: '', stacks: [], kind: 'warning', details: { where: 'fs/vexfs/dir.c:12' } },
      { file: 'fs/vexfs/dir.c', line: 12 },
    ],
    [
      'a place in the code that only found it',
      { guiltyFile: '', stacks: [], kind: 'refcount', details: { where: 'lib/refcount.c:28' } },
      undefined,
    ],
    [
      'words instead of a place',
      { guiltyFile: '', stacks: [], kind: 'bug', details: { where: 'nowhere:x' } },
      undefined,
    ],
    ['nothing', { guiltyFile: '', stacks: [] }, undefined],
  ])('%s', (_name, change, place) => {
    expect(codePlace({ ...FINDING, ...change })).toEqual(place);
  });
});

test('a log is named by its file, else by its stream', () => {
  expect(placeText(logPlace(FINDING))).toBe('logs/console.log:2-87');
  const source = { stream: 'console', line: 5, endLine: 5 };
  expect(placeText(logPlace({ ...FINDING, evidence: [], source }))).toBe('console:5');
});

test('a frame that the unwinder doubts is not blamed', () => {
  const doubted = { ...frame('vexfs_read'), reliable: false };
  expect(blamedFrame({ ...FINDING, stacks: [{ role: 'trap', frames: [doubted] }] })).toBeUndefined();
  expect(blamedFrame(FINDING)?.offset).toBe('0x71');
});
