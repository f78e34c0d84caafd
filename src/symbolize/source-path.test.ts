import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SourcePaths } from './source-path.ts';

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'vexfs-trace-tree-'));
  mkdirSync(join(tree, 'fs/ext4'), { recursive: true });
  writeFileSync(join(tree, 'fs/ext4/inode.c'), '');
});
afterAll(() => rmSync(tree, { recursive: true }));

describe('the name of a source in its tree', () => {
  test.each([
    ['/build/linux/fs/ext4/inode.c', ['/build/linux'], 'fs/ext4/inode.c'],
    ['/build/linux/./fs/../fs/a.c', ['/other', '/build/linux/'], 'fs/a.c'],
    ['debian/build/amd64/fs/a.c', ['debian/build/amd64'], 'fs/a.c'],
    ['/build/linux-2/fs/a.c', ['/build/linux'], '/build/linux-2/fs/a.c'],
    ['/home/me/myfs/a.c', [], '/home/me/myfs/a.c'],
    ['fs/a.c', [], 'fs/a.c'],
  ])('%s below %j', (path, roots, expected) => {
    expect(new SourcePaths().relative(path, roots)).toBe(expected);
  });

  test('is another one for other roots', () => {
    const paths = new SourcePaths();
    expect(paths.relative('/build/fs/a.c', [])).toBe('/build/fs/a.c');
    expect(paths.relative('/build/fs/a.c', ['/build'])).toBe('fs/a.c');
  });

  test.each([
    ['/somewhere/else/fs/ext4/inode.c', 'fs/ext4/inode.c'],
    ['fs/ext4/inode.c', 'fs/ext4/inode.c'],
    ['/somewhere/else/fs/ext4/other.c', '/somewhere/else/fs/ext4/other.c'],
    ['../../../fs/ext4/inode.c', 'fs/ext4/inode.c'],
    ['/somewhere/fs/ext4', '/somewhere/fs/ext4'],
  ])('%s, by the tree that is here', (path, expected) => {
    const paths = new SourcePaths(tree);
    expect(paths.relative(path, ['/build'])).toBe(expected);
    expect(paths.relative(path, ['/build'])).toBe(expected);
  });
});
