import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KernelTree } from './kernel-tree.ts';
import { parseMaintainers } from './maintainers.ts';

const MAINTAINERS = `List of maintainers
===================

Descriptions of section entries
-------------------------------

	M: *Mail* patches to: FullName <address@domain>
	F: *Files* and directories wildcard patterns.

Maintainers List
----------------

EXAMPLE BLOCK LAYER
M:	Ada Block <ada@example.org>
L:	blocks@example.org (moderated for non-subscribers)
S:	Supported
F:	block/
F:	drivers/block/exa*.c
X:	block/legacy/

EXAMPLE FILESYSTEM
M:	Fay Files <fay@example.org>
M:	Ada Block <ada@example.org>
R:	Rob Reads <rob@example.org>
L:	fs@example.org
S:	Maintained
W:	https://example.org
F:	fs/examplefs/
F:	include/*/examplefs.h
K:	\\bexamplefs_magic\\b

EXAMPLE FILESYSTEM COMPRESSION
R:	Zoe Zip <zoe@example.org>
S:	Odd Fixes
F:	fs/examplefs/zip/lz?.c
F:	lib/zip
N:	[^a-z]unzip

HELD BY NOBODY
S:	Orphan
F:	fs/nobody/
N:	(?=x)y

THE REST
M:	The Head <head@example.org>
L:	kernel@example.org
S:	Buried alive in reporters
F:	*
F:	*/
`;

describe('maintainers of', () => {
  let dir: string;
  let tree: KernelTree;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-tree-'));
    writeFileSync(join(dir, 'MAINTAINERS'), MAINTAINERS);
    mkdirSync(join(dir, 'net'));
    writeFileSync(join(dir, 'net/magic.c'), 'int examplefs_magic;\n');
    writeFileSync(join(dir, 'net/other.c'), 'int my_examplefs_magic_too;\n');
    tree = new KernelTree(dir);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const REST = ['maintainer head', 'list kernel'];
  const FS = ['maintainer fay', 'maintainer ada', 'reviewer rob', 'list fs'];
  test.each<[string, readonly string[]]>([
    ['fs/examplefs/inode.c', FS],
    ['fs/examplefs/deep/er/inode.c', FS],
    // A slash at the end is a folder; a file of that name is none.
    ['fs/examplefs', REST],
    ['fs/examplefsx/inode.c', REST],
    // The deeper pattern first.
    ['fs/examplefs/zip/lz4.c', ['reviewer zoe', ...FS]],
    ['fs/examplefs/zip/lz44.c', FS],
    // A star ends at a slash.
    ['include/linux/examplefs.h', FS],
    ['include/uapi/linux/examplefs.h', REST],
    ['drivers/block/exabyte.c', ['maintainer ada', 'list blocks']],
    ['drivers/block/exabyte/a.c', REST],
    ['block/legacy/old.c', REST],
    ['block/core.c', ['maintainer ada', 'list blocks']],
    // A folder without its slash.
    ['lib/zip/deflate.c', ['reviewer zoe']],
    // By name, and by what is inside.
    ['tools/my-unzip.c', ['reviewer zoe']],
    ['tools/gunzip.c', REST],
    ['net/magic.c', FS],
    ['net/other.c', REST],
    ['fs/nobody/a.c', []],
    ['Kbuild', REST],
    ['', []],
    ['/etc/passwd', []],
    ['../../etc/passwd', []],
  ])('%s', (file, expected) => {
    const found = tree.maintainersOf(file).map(({ role, who }) => `${role} ${/([a-z]+)@/.exec(who)?.[1]}`);
    expect(found).toEqual(expected);
  });

  test('a file come with the words of their section', () => {
    expect(tree.maintainersOf('block/core.c')).toEqual([
      { role: 'maintainer', who: 'Ada Block <ada@example.org>', section: 'EXAMPLE BLOCK LAYER', status: 'Supported' },
      {
        ...{ role: 'list', who: 'blocks@example.org (moderated for non-subscribers)' },
        ...{ section: 'EXAMPLE BLOCK LAYER', status: 'Supported' },
      },
    ]);
  });

  test('no folder but a source tree', () => {
    expect(() => new KernelTree(join(dir, 'net'))).toThrow(
      expect.objectContaining({ exit: 'usage', message: expect.stringContaining('holds no MAINTAINERS file') }),
    );
  });
});

test('the head of the file is no section, and what is none of ours is passed over', () => {
  const sections = parseMaintainers(MAINTAINERS);
  expect(sections.map(({ title }) => title)).toEqual([
    'EXAMPLE BLOCK LAYER',
    'EXAMPLE FILESYSTEM',
    'EXAMPLE FILESYSTEM COMPRESSION',
    'HELD BY NOBODY',
    'THE REST',
  ]);
  expect(sections[1]?.files).toHaveLength(2);
  expect(parseMaintainers(`A\nF:\nZ:\tx\n${'F:'.padEnd(5000, 'x')}\nM:`)).toMatchObject([
    { title: 'A', files: [], people: [] },
  ]);
  expect(parseMaintainers('')).toEqual([]);
});

test('a glob that could be read in many ways is soon done', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-tree-'));
  try {
    writeFileSync(join(dir, 'MAINTAINERS'), `A\nM:\tx\nF:\tfs/${'*a'.repeat(400)}b\nN:\t(a+)+$\n`);
    const before = performance.now();
    expect(new KernelTree(dir).maintainersOf(`fs/${'a'.repeat(5000)}!`)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(1000);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
