import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { type CliOptions, runCli } from './testing.ts';

/** The sources as they are, bundled apart from dist/, as deep in the package as src/ is. */
const OUT = join(packageRoot(), 'node_modules', `.inputs-test-${process.pid}`);
const PROGRAM = [process.execPath, join(OUT, 'vexfs-trace.cjs')];
const LOG = readFileSync(join(packageRoot(), 'fixtures/inputs/dmesg/null-deref.log'));
const CLEAN = '[    0.000000] Linux version 6.1.0\n[    1.500000] vexfs: loaded\n';
const isRoot = process.getuid?.() === 0;

let dir: string;
beforeAll(() => {
  const built = spawnSync(process.execPath, ['.ci/build.mjs', OUT], { cwd: packageRoot(), encoding: 'utf8' });
  expect(built.stderr).toBe('');
  dir = mkdtempSync(join(tmpdir(), 'vexfs-inputs-'));
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'crash.log'), LOG);
  writeFileSync(join(dir, 'crash.log.gz'), gzipSync(LOG));
  writeFileSync(join(dir, 'cut.log.gz'), gzipSync(LOG).subarray(0, -300));
  writeFileSync(join(dir, 'clean.log'), CLEAN);
  writeFileSync(join(dir, 'empty.log'), '');
  writeFileSync(join(dir, 'secret.log'), LOG, { mode: 0o600 });
  spawnSync('zstd', ['-q', 'crash.log'], { cwd: dir });
}, 60_000);
afterAll(() => {
  rmSync(OUT, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

const run = (args: readonly string[], options: CliOptions = {}) =>
  runCli(['analyze', ...args], () => {}, { command: PROGRAM, cwd: dir, ...options });

describe('the exit code', () => {
  test.each<[string, string[], number, RegExp]>([
    ['of packed logs', ['crash.log.gz', 'crash.log.zst'], 1, /^$/],
    [
      'of a log cut short',
      ['cut.log.gz'],
      1,
      /^warning: cut\.log\.gz is damaged; .* gzip says: unexpected end of file\n$/,
    ],
    ['of findings, with a file that is not there', ['crash.log', 'nope'], 1, /^warning: nope does not exist/],
    [
      'of no findings, with a file that is not there',
      ['clean.log', 'nope'],
      2,
      /^warning: nope does not exist.*\nno findings\n$/,
    ],
    ['of no findings, with a file that is no log', ['clean.log', process.execPath], 0, /not a log: an ELF file/],
    ['of no findings, with an empty file', ['clean.log', 'empty.log'], 0, /^warning: empty\.log is empty/],
    ['of nothing but empty files', ['empty.log', 'empty.log'], 4, /nothing could be read:\n {2}empty\.log is empty\n/],
    ['of a file that is not there, alone', ['nope'], 2, /^vexfs-trace: nope does not exist\n {2}next: /],
  ])('%s', async (_name, args, code, words) => {
    const ended = await run(args);
    expect(ended.stderr).toMatch(words);
    expect(ended.code).toBe(code);
  });

  test('of a program that the machine lacks names its package, and the others are read', async () => {
    const bin = mkdtempSync(join(dir, 'bin-'));
    symlinkSync(spawnSync('which', ['gzip'], { encoding: 'utf8' }).stdout.trim(), join(bin, 'gzip'));
    const options = { env: { PATH: bin } };
    expect(await run(['clean.log', 'crash.log.zst'], options)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /^warning: crash\.log\.zst: it is packed with zstd, and zstd is not installed \(apt-get install zstd\)\n/,
      ),
    });
    const both = await run(['crash.log.gz', 'crash.log.zst'], options);
    expect(both.stdout).toContain('null-deref');
    expect(both.code).toBe(1);
    expect((await run(['crash.log.zst'], options)).code).toBe(3);
  });

  test.skipIf(!isRoot)('of a file that one may not read (needs root, to be another)', async () => {
    const other = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...PROGRAM];
    const ended = await run(['secret.log', 'crash.log'], { command: other });
    expect(ended.stderr).toMatch(/^warning: secret\.log cannot be read: EACCES: permission denied/);
    expect(ended.stdout).toContain('crash.log');
    expect(ended.code).toBe(1);
  });
});

test('a log may come from a program', async () => {
  const ended = await runCli(['-c', '"$@" <(cat crash.log.gz)', 'bash', ...PROGRAM, 'analyze'], () => {}, {
    command: ['bash'],
    cwd: dir,
  });
  expect(ended.stdout).toContain('null-deref');
  expect(ended).toMatchObject({ code: 1, stderr: '' });
});

test('what a log or its name says moves no cursor', async () => {
  const hostile = '\x1b[2J\x1b]0;title\x07\x9b1m\b\x7f\u202e';
  const name = `a${hostile}.log`;
  const log = LOG.toString('latin1')
    .replaceAll('vexfs-agent', `x\x1b[2J\x07\b`)
    .replaceAll('vexfs_fault_write', 'f\x9b2J');
  writeFileSync(join(dir, name), log);
  writeFileSync(join(dir, `${name}.gz`), gzipSync(log).subarray(0, -9));
  const inputs = [[name], [`${name}.gz`], [`nope${hostile}`], [name, `empty${hostile}`]];
  for (const args of [...inputs, ['--format', 'ndjson', name], ['--format', 'json', name]]) {
    const { stdout, stderr } = await run(args);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  }
});

test('a file that unpacks to a thousand times its size takes no memory', async () => {
  const zeros = spawnSync('sh', ['-c', 'head -c 600000000 /dev/zero | zstd -qc > bomb.zst'], { cwd: dir });
  expect(zeros.status).toBe(0);
  const child = spawn(PROGRAM[0] as string, [PROGRAM[1] as string, 'analyze', 'bomb.zst', 'clean.log'], { cwd: dir });
  let most = 0;
  const look = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 20);
  child.once('exit', () => clearInterval(look));
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(most).toBeGreaterThan(10_000);
  expect(most).toBeLessThan(250_000);
}, 60_000);

describe('--follow', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('shows what is appended and ends in order with %s', async (signal) => {
    const name = `grow-${signal}.log`;
    writeFileSync(join(dir, name), CLEAN);
    const child = spawn(PROGRAM[0] as string, [PROGRAM[1] as string, 'analyze', '--follow', name], {
      cwd: dir,
      env: { ...process.env, NO_COLOR: '1' },
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (bytes) => (said[stream] += bytes));
    const closed = once(child, 'close');
    writeFileSync(join(dir, name), LOG, { flag: 'a' });
    await vi.waitFor(() => expect(said.stdout).toContain('null-deref'), { timeout: 20_000 });
    child.kill(signal);
    expect(await closed).toEqual([1, null]);
    expect(said.stderr).toBe('');
  });
});
