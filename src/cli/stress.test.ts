import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../model/run-report.ts';
import { runCli } from './testing.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-stress-cli-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('what cannot be done is said, with the next step', () => {
  test.each([
    { args: ['stress', '--level', '4'], code: 2, says: 'there is no level "4"' },
    { args: ['stress', '--domain', 'vectors'], code: 2, says: 'did you mean "vector"?' },
    { args: ['stress', '--test', 'filse'], code: 2, says: 'there is no test "filse", did you mean "files"?' },
    { args: ['stress', '--test', 'files', '--domain', 'module', '--level', '1'], code: 4, says: 'no test matches' },
    { args: ['stress', '--resume', join(dir, 'nothing')], code: 2, says: 'there is no run to go on with' },
    { args: ['stress', '-o', 'junti=x.xml'], code: 2, says: 'did you mean junit=?' },
    { args: ['stress', '-o', 'junit=/nowhere/x.xml'], code: 2, says: 'the folder of /nowhere/x.xml does not exist' },
    { args: ['stress', '--target', '/nowhere', '--folder', join(dir, 'a')], code: 2, says: '/nowhere is no folder' },
    { args: ['stress', '--threshold', 'hagn=1s'], code: 2, says: 'Did you mean hang=…?' },
    { args: ['stress', '--level-option', '1.tests=filse', '--dry-run'], code: 2, says: 'did you mean "files"?' },
    { args: ['run', 'fast'], code: 2, says: 'quick' },
  ])('$args', async ({ args, code, says }) => {
    const ended = await runCli(args, undefined, { cwd: dir });
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
  });
});

test('a plan is shown without a guest, and is the same for the same seed', async () => {
  const plan = (seed: string) => runCli(['stress', '--level', '3', '--dry-run', '--seed', seed]);
  const [one, again, other] = await Promise.all([plan('1'), plan('1'), plan('2')]);
  expect(one.code).toBe(0);
  expect(one.stdout).toBe(again.stdout);
  expect(one.stdout).not.toBe(other.stdout);
  expect(one.stdout).toMatch(/^fault-frozen-guest {2}/m);
});

test('a word of the configuration is a word of the command', async () => {
  writeFileSync(join(dir, 'vexfs-trace.yaml'), 'levels:\n  1:\n    tests: [names, files]\n    seconds: 1\n');
  const { stdout } = await runCli(['run', 'quick', '--dry-run'], undefined, { cwd: dir });
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['names', 'files', '']);
  rmSync(join(dir, 'vexfs-trace.yaml'));
});

describe('a folder of this machine as the target', () => {
  const target = join(dir, 'target');
  const folder = join(dir, 'run');
  mkdirSync(target);
  const ask = ['stress', '--test', 'files', '--test', 'load-unload', '--seconds', '1', '--seed', '3'];

  test('has what needs no guest checked, and the rest skipped', async () => {
    const files = ['junit', 'ktap', 'markdown', 'json'].flatMap((format) => ['-o', `${format}=${join(dir, format)}`]);
    const { code, stdout } = await runCli([...ask, '--target', target, '--folder', folder, ...files]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/TEST {5}files: PASS in /);
    expect(stdout).toContain('SKIP  load-unload  it takes a guest');
    const report = JSON.parse(readFileSync(join(dir, 'json'), 'utf8')) as RunReport;
    expect(report.tests.map(({ id, verdict, seed }) => [id, verdict, typeof seed])).toEqual([
      ['files', 'PASS', 'number'],
      ['load-unload', 'SKIP', 'number'],
    ]);
    expect(report.tests[0]?.figures).toMatchObject({ check: 'files', result: 'right', ops: expect.any(Number) });
    for (const format of ['junit', 'ktap', 'markdown']) expect(existsSync(join(dir, format))).toBe(true);
  });

  test('a run that is over is not run again when it is resumed', async () => {
    const { code, stderr, stdout } = await runCli(['stress', '--resume', folder]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^0 of 2 tests/);
    expect(stdout).toContain('2 of 2 tests');
  });

  test('of a run in which all has passed nothing is run again', async () => {
    const { code, stderr } = await runCli(['stress', '--rerun', folder, '--folder', join(dir, 'again')]);
    expect(stderr).toContain('has passed or was skipped');
    expect(code).toBe(4);
  });

  test('what has not passed is run again with its seed', async () => {
    const failed = join(dir, 'failed');
    mkdirSync(failed);
    const lines = readFileSync(join(folder, 'journal.ndjson'), 'utf8').replace('"verdict":"PASS"', '"verdict":"FAIL"');
    writeFileSync(join(failed, 'journal.ndjson'), lines);
    const { code, stdout } = await runCli([
      ...['stress', '--rerun', failed, '--folder', join(dir, 'again'), '--format', 'json'],
    ]);
    expect(code).toBe(0);
    const { tests } = JSON.parse(stdout) as RunReport;
    const before = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as RunReport;
    expect(tests.map(({ id, seed, verdict }) => [id, seed, verdict])).toEqual([
      ['files', before.tests[0]?.seed, 'PASS'],
    ]);
  });

  test('a folder that holds a run is not begun anew', async () => {
    const { code, stderr } = await runCli([...ask, '--target', target, '--folder', folder]);
    expect(stderr).toContain('holds a run already');
    expect(code).toBe(2);
  });

  test('Ctrl-C ends it in order, and it goes on where it was', async () => {
    const stopped = join(dir, 'stopped');
    const args = ['stress', '--test', 'files', '--test', 'names', '--seconds', '30', '--target', target];
    let sent = false;
    const first = await runCli([...args, '--folder', stopped, '--format', 'ndjson'], (text, pid) => {
      if (sent || !text.includes('kept in')) return;
      sent = true;
      process.kill(pid, 'SIGINT');
    });
    expect(first.code).toBe(130);
    expect(first.stderr).toContain(`go on with: vexfs-trace stress --resume ${stopped}`);
    const header = JSON.parse(readFileSync(join(stopped, 'journal.ndjson'), 'utf8').split('\n')[0] ?? '');
    expect(header.asked.tests).toEqual(['files', 'names']);
  });

  test('hooks run around it', async () => {
    const said = join(dir, 'said');
    const hook = (name: string) => [
      '--hook',
      `${name}=${JSON.stringify(['sh', '-c', `echo "${name} $VEXFS_HOOK_TEST $VEXFS_HOOK_VERDICT" >>"$0"`, said])}`,
    ];
    const hooks = ['before-run', 'before-test', 'after-test', 'after-run'].flatMap(hook);
    const { code } = await runCli([
      ...['stress', '--test', 'files', '--seconds', '1', '--target', target, '--folder', join(dir, 'hooked')],
      ...hooks,
    ]);
    expect(code).toBe(0);
    expect(
      readFileSync(said, 'utf8')
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['before-run', 'before-test files', 'after-test files PASS', 'after-run', '']);
  });
});
