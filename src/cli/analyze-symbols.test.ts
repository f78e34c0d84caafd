import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { buildSample, functionsOf, noSample, type Sample } from '../symbolize/testing.ts';
import { runCli } from './testing.ts';

/** The sources as they are, bundled apart from dist/, as deep in the package as src/ is. */
const OUT = join(packageRoot(), 'node_modules', `.symbols-test-${process.pid}`);
const why = noSample();

describe.skipIf(why !== '')(`analyze with symbols${why}`, () => {
  let dir: string;
  let sample: Sample;
  beforeAll(() => {
    const built = spawnSync(process.execPath, ['.ci/build.mjs', OUT], { cwd: packageRoot(), encoding: 'utf8' });
    expect(built.stderr).toBe('');
    dir = mkdtempSync(join(tmpdir(), 'vexfs-symbols-'));
    sample = buildSample();
    mkdirSync(join(dir, 'linux'));
    writeFileSync(join(dir, 'linux/MAINTAINERS'), 'SAMPLE\nM:\tFay <fay@example.org>\nF:\tfs/\n');
    writeFileSync(join(dir, 'text.ko'), 'no module');
    const size = functionsOf(sample.module).find(({ fn }) => fn === 'faulty')?.size ?? 0;
    const sizes = functionsOf(sample.kernel).find(({ fn }) => fn === 'other')?.size ?? 0;
    writeFileSync(
      join(dir, 'crash.log'),
      `[    1.000000] Linux version 6.1.0
[   13.000000] BUG: kernel NULL pointer dereference, address: 0000000000000000
[   13.000001] Oops: 0000 [#1] PREEMPT SMP NOPTI
[   13.000002] CPU: 0 PID: 143 Comm: cp Tainted: G           OE      6.1.0 #1
[   13.000003] RIP: 0010:faulty+0x0/0x${size.toString(16)} [sample]
[   13.000004] RAX: 0000000000000000 RBX: 000000000000000a RCX: ffffffffc05b75dc
[   13.000005] Call Trace:
[   13.000006]  <TASK>
[   13.000007]  other+0x1/0x${sizes.toString(16)}
[   13.000008]  </TASK>
[   13.000009] ---[ end trace 0000000000000000 ]---
`,
    );
  }, 60_000);
  afterAll(() => {
    for (const path of [OUT, dir, sample.dir]) rmSync(path, { recursive: true, force: true });
  });

  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    runCli(['analyze', 'crash.log', ...args], () => {}, {
      ...{ command: [process.execPath, join(OUT, 'vexfs-trace.cjs')], cwd: dir, env },
    });

  test('shows files, lines, inlined functions and the guilty file of a module and a kernel', async () => {
    const options = ['--vmlinux', sample.kernel, '--module', sample.module, '--kernel-tree', 'linux'];
    const { code, stdout, stderr } = await run([...options, '--format', 'ndjson']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const finding = JSON.parse(stdout.split('\n')[0] ?? '');
    expect(finding.guiltyFile).toBe('fs/one.c');
    const inner = { fn: 'inner', file: 'fs/inner.h', line: 3, inlined: true };
    expect(finding.stacks[0].frames).toMatchObject([
      { ...inner, module: 'sample' },
      { fn: 'middle', file: 'fs/one.c', line: 6, inlined: true },
      { fn: 'faulty', file: 'fs/one.c', line: 10, module: 'sample' },
      { fn: 'other', file: 'fs/two.c', line: 7 },
    ]);
    expect(finding.details.maintainers).toEqual([
      { role: 'maintainer', who: 'Fay <fay@example.org>', section: 'SAMPLE' },
    ]);
  });

  test.each([
    [['--module', 'text.ko'], 2, 'text.ko is no ELF file'],
    [['--module', 'none.ko'], 2, 'none.ko cannot be read: ENOENT'],
    [['--vmlinux', 'STRIPPED'], 2, 'has no debug information'],
    [['--module', 'linux'], 2, 'there is no .ko file in linux'],
    [['--kernel-tree', '.'], 2, '. holds no MAINTAINERS file'],
  ])('%j ends with %i: %s', async (args, code, words) => {
    const ended = await run(args.map((arg) => (arg === 'STRIPPED' ? sample.stripped : arg)));
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) });
    expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('ends with 3 and the package to install where nothing reads line numbers', async () => {
    const ended = await run(['--module', sample.module], { PATH: join(dir, 'linux') });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('addr2line or llvm-symbolizer');
    expect(ended.stderr).toContain('apt-get install binutils');
  });
});
