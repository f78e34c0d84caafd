import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A name space in which a file system can be mounted that nobody else sees, and that goes with the last process in it. */
const OWN_MOUNTS = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount'];
const NO_MOUNTS =
  spawnSync(OWN_MOUNTS[0] ?? '', [...OWN_MOUNTS.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
    ? ''
    : ' (skipped: no file system can be mounted here)';
/** Where packages are found. */
const BUILT = join(import.meta.dirname, '../../node_modules', `.full-disk-test-${process.pid}.mjs`);
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-full-'));
  await build({
    ...{ entryPoints: [join(import.meta.dirname, 'testing-full-disk.ts')], outfile: BUILT, bundle: true },
    ...{ format: 'esm', platform: 'node', packages: 'external', logLevel: 'warning' },
  });
});
afterAll(() => {
  rmSync(BUILT, { force: true });
  rmSync(dir, { recursive: true, force: true });
});

test.skipIf(NO_MOUNTS !== '')(
  `a disk that gets full, and one without a byte left: said, what was there can be read, and there is room again later${NO_MOUNTS}`,
  () => {
    const [disk, folder] = [join(dir, 'disk'), join(dir, 'folder')];
    mkdirSync(disk);
    mkdirSync(folder);
    // Room for the store with the first run and some of the second.
    const script = 'mount -t tmpfs -o size=24m none "$0" && head -c 21m /dev/zero >"$0/ballast" && exec "$@"';
    const argv = [...OWN_MOUNTS.slice(1), 'sh', '-c', script, disk, process.execPath, BUILT, disk, folder];
    const { stdout, stderr, status } = spawnSync(OWN_MOUNTS[0] ?? '', argv, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const notStored = [
      expect.stringMatching(/^the run is not stored, and goes on: .*full/),
      expect.stringContaining('bring it into the store later: vexfs-trace runs import '),
    ];
    expect(JSON.parse(stdout)).toEqual({
      ...{ before: [], during: notStored, listed: 2, filled: notStored, listedFilled: 2 },
      ...{ problems: [], after: [], runs: [true, true] },
    });
  },
  60_000,
);
