import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { runCli } from './testing.ts';

const OUT = join(packageRoot(), 'node_modules', `.export-test-${process.pid}`);
const TRACE = join(packageRoot(), 'fixtures/ftrace/6.1/vexfs.txt');

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-export-'));
  expect(spawnSync(process.execPath, ['.ci/build.mjs', OUT], { cwd: packageRoot(), encoding: 'utf8' }).stderr).toBe('');
}, 60_000);
afterAll(() => {
  rmSync(OUT, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

const run = (args: readonly string[], input: string | Uint8Array = '') =>
  runCli(['export', ...args], () => {}, {
    command: [process.execPath, join(OUT, 'vexfs-trace.cjs')],
    cwd: dir,
    input,
  });

describe('export', () => {
  test('to a file, and says how much it shows', async () => {
    const { code, stdout, stderr } = await run([TRACE, '-o', 'out.json']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '200 of 200 records are shown\n' });
    expect(JSON.parse(readFileSync(join(dir, 'out.json'), 'utf8'))).toHaveProperty('traceEvents');
  });
  test.each([
    ['chrome', /^\{"displayTimeUnit"/],
    ['folded', /^vexload 100;read/m],
    ['speedscope', /^\{"\$schema"/],
  ])('%s from standard input to standard output', async (format, expected) => {
    const { code, stdout } = await run(['-', '--format', format], readFileSync(TRACE));
    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
  });
  test('what is no trace leaves no file', async () => {
    const { code, stdout, stderr } = await run([join(packageRoot(), 'LICENSE'), '-o', 'none.json']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('no trace was found');
    expect(existsSync(join(dir, 'none.json'))).toBe(false);
  });
  test('a place where nothing can be written', async () => {
    expect(await run([TRACE, '-o', '/nowhere/out.json'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('/nowhere/out.json cannot be written'),
    });
  });
});
