import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { FORMATS } from '../sink/sink.ts';
import { type CliOptions, type Ended, runCli } from './testing.ts';

/** The sources as they are, bundled apart from dist/, as deep in the package as src/ is. */
const OUT = join(packageRoot(), 'node_modules', `.output-test-${process.pid}`);
const PROGRAM = [process.execPath, join(OUT, 'vexfs-trace.cjs')];
const GUESTS = join(packageRoot(), 'fixtures/guests');
const KERNELS = ['kasan', 'kcsan', 'stock'];

let dir: string;
beforeAll(() => {
  const built = spawnSync(process.execPath, ['.ci/build.mjs', OUT], { cwd: packageRoot(), encoding: 'utf8' });
  expect(built.stderr).toBe('');
  dir = mkdtempSync(join(tmpdir(), 'vexfs-output-'));
}, 60_000);
beforeEach(() => {
  rmSync(dir, { recursive: true });
  mkdirSync(dir);
  for (const name of KERNELS) symlinkSync(join(GUESTS, name), join(dir, name));
  writeFileSync(join(dir, 'clean.log'), '[    0.000000] Linux version 6.1.0\n[    1.500000] vexfs: loaded\n');
});
afterAll(() => {
  rmSync(OUT, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

const ENV = { GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' };
const run = (args: readonly string[], { env, ...options }: CliOptions = {}) =>
  runCli(['analyze', ...args], () => {}, { command: PROGRAM, cwd: dir, env: { ...ENV, ...env }, ...options });

/** Everything that a user sees, as one text, without what differs from run to run and from one library of patterns to the next. */
const seen = ({ code, stdout, stderr }: Ended) =>
  `exit ${code}\n── stdout\n${stdout}── stderr\n${stderr}`
    .replaceAll(/\b01[0-9A-HJKMNP-TV-Z]{24}\b(?::\d+)?/g, 'ULID')
    .replaceAll(/\(0\.\d\d\)/g, '(0.NN)')
    .replaceAll(/("confidence"):0\.\d+/g, '$1:0');
const out = (name: string) => readFileSync(join(dir, name), 'utf8');
const made = () => readdirSync(dir).filter((name) => ![...KERNELS, 'clean.log'].includes(name));

describe('each format', () => {
  test.each(FORMATS)('%s', async (format) => {
    const ended = await run(['stock/io-error.console', 'clean.log', '--format', format]);
    expect(seen(ended)).toMatchSnapshot(format);
  });

  test.each(FORMATS)('%s of a clean log', async (format) => {
    expect(seen(await run(['clean.log', '--format', format]))).toMatchSnapshot(format);
  });

  test.each(['text', 'markdown'])('%s of a report and what followed', async (format) => {
    expect(seen(await run(['kasan/atomic-sleep.console', '--format', format]))).toMatchSnapshot(format);
  });

  test('text of reports that come again', async () => {
    expect(seen(await run(['stock/rcu-stall.console']))).toMatchSnapshot('text');
  });
});

describe('-o', () => {
  test('writes several files beside standard output', async () => {
    const files = ['-o', 'junit=r.xml', '-o', 'sarif=r.sarif', '--output', 'text=r.txt'];
    const { code, stdout, stderr } = await run(['kasan/uaf-read.console', ...files]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(out('r.txt')).toBe(stdout);
    expect(out('r.xml')).toMatch(/^<\?xml.*<\/testsuites>\n$/s);
    expect(JSON.parse(out('r.sarif')).runs[0].results).toHaveLength(1);
    expect(made()).toEqual(['r.sarif', 'r.txt', 'r.xml']);
  });

  test('has no colours of the terminal in it', async () => {
    await run(['kasan/uaf-read.console', '-o', 'text=r.txt'], { env: { FORCE_COLOR: '1', NO_COLOR: '' } });
    expect(out('r.txt')).not.toContain('\x1b');
  });

  test.each([
    [
      'a folder that is not there',
      ['-o', 'junit=nope/r.xml'],
      /nope\/r\.xml cannot be written: its folder does not exist/,
    ],
    ['a folder', ['-o', 'junit=.'], /\. cannot be written: it is a folder/],
    ['the log itself', ['-o', 'text=clean.log'], /clean\.log is one of the logs to read/],
    ['one path twice', ['-o', 'text=r', '-o', 'junit=./r'], /two outputs go to \.\/r/],
    ['standard output twice', ['-o', 'junit=-'], /two outputs go to standard output/],
    ['an unknown format', ['-o', 'junti=r.xml'], /there is no format "junti"\. Did you mean junit\?/],
    ['no path', ['-o', 'junit'], /write a format and a path, such as junit=report\.xml/],
    ['an unknown kind', ['--kind', 'nul-deref'], /there is no kind "nul-deref"\. Did you mean null-deref\?/],
    ['a time that is none', ['--since', 'yesterday'], /write seconds such as 120\.5, or a time/],
    ['a day that is none', ['--since', '2026-13-41'], /write seconds such as 120\.5, or a time/],
    ['--raw in a format', ['--raw', '--format', 'json'], /cannot be used with/],
  ])('%s is told before anything is read', async (_name, args, message) => {
    // What does not end would be waited for if it were read.
    const ended = await run(['clean.log', ...args]);
    expect(ended.stderr).toMatch(message);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 2, stdout: '' });
    expect(out('clean.log')).toContain('Linux version');
    expect(made()).toEqual([]);
  });

  test('leaves no file when nothing was read, and what was there', async () => {
    writeFileSync(join(dir, 'r.xml'), 'before');
    const { code } = await run(['-', '-o', 'junit=r.xml', '-o', 'json=r.json'], { input: '' });
    expect(code).toBe(4);
    expect(made()).toEqual(['r.xml']);
    expect(out('r.xml')).toBe('before');
  });

  test('leaves no file when it is interrupted', async () => {
    const [program = '', ...before] = PROGRAM;
    const begun = new Promise((resolve) => watch(dir).once('change', resolve));
    const child = spawn(program, [...before, 'analyze', '-', '-o', 'json=r.json'], { cwd: dir, stdio: 'pipe' });
    const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    await begun;
    expect(made()).toHaveLength(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(made()).toEqual([]);
  });

  test('says that a disk is full', async () => {
    const { code, stderr } = await run(['kasan/uaf-read.console', '-o', 'json=/dev/full']);
    expect(stderr).toMatch(/\/dev\/full cannot be written: no space left on the disk/);
    expect(code).toBe(3);
  });
});

describe('what is shown', () => {
  const kinds = async (args: readonly string[], options?: CliOptions) => {
    const { code, stdout, stderr } = await run([...args, '--format', 'json'], options);
    const found = JSON.parse(stdout).summary.byKind as { kind: string; count: number }[];
    return { code, stderr, kinds: found.map(({ kind, count }) => `${count} ${kind}`) };
  };
  const LOG = 'kasan/atomic-sleep.console';

  test.each([
    [[], 1, ['1 atomic-sleep', '1 lockdep-wait-context']],
    [['--kind', 'lock'], 1, ['1 lockdep-wait-context']],
    [['--kind', 'crash,race'], 1, ['1 atomic-sleep']],
    [['--kind', 'atomic-sleep', '--kind', 'lockdep-wait-context'], 1, ['1 atomic-sleep', '1 lockdep-wait-context']],
    [['--kind', 'leak'], 0, []],
    [['--since', '52.11'], 1, ['1 lockdep-wait-context']],
    [['--since', '52.11s', '--kind', 'crash'], 0, []],
    [['--fail-on', 'critical'], 0, ['1 atomic-sleep', '1 lockdep-wait-context']],
    [['--fail-on', 'none'], 0, ['1 atomic-sleep', '1 lockdep-wait-context']],
  ] as const)('%j', async (args, code, shown) => {
    expect(await kinds([LOG, ...args])).toEqual({ code, stderr: '', kinds: [...shown] });
  });

  test('wall time picks from a log that has it', async () => {
    const log = out('kasan/uaf-read.console').replaceAll(
      /^\[ *(\d+)\.(\d+)\]\[[^\]]*\] /gm,
      '2026-11-21T08:13:$1,$2+00:00 ',
    );
    expect((await kinds(['-', '--since', '2026-11-21T08:13Z'], { input: log })).kinds).toEqual([
      '1 kasan-use-after-free',
    ]);
    expect((await kinds(['-', '--since', '2026-11-21T08:14Z'], { input: log })).kinds).toEqual([]);
  });

  test('what has no time of that clock is shown, and said to be', async () => {
    const { kinds: shown, stderr } = await kinds([LOG, '--since', '2026-11-21']);
    expect(shown).toHaveLength(2);
    expect(stderr).toBe('2 of the findings shown have no time that --since can be compared with\n');
  });

  test('--raw gives a report byte for byte', async () => {
    const log = readFileSync(join(GUESTS, 'kasan/uaf-read.console'));
    const { stdout, code } = await run(['kasan/uaf-read.console', '--raw']);
    const [place] = JSON.parse((await run(['kasan/uaf-read.console', '--format', 'json'])).stdout).events[0].evidence;
    expect(stdout).toBe(log.subarray(place.byte, place.endByte).toString());
    expect(code).toBe(1);
  });

  test('--profile syzkaller reads a whole log as its first report', async () => {
    expect((await kinds([LOG, '--profile', 'syzkaller'])).kinds).toEqual(['1 atomic-sleep']);
  });
});

describe('in a step of GitHub Actions', () => {
  test('the summary of the step gets a page, behind what is there', async () => {
    writeFileSync(join(dir, 'summary.md'), 'before\n');
    const env = { GITHUB_STEP_SUMMARY: join(dir, 'summary.md') };
    const { stdout } = await run(['kasan/uaf-read.console', '--format', 'github'], { env });
    expect(stdout).toMatch(/^::error title=KASAN%3A use-after-free Read/);
    expect(out('summary.md')).toMatch(/^before\n## Incident 1: `KASAN: use-after-free Read.*## Summary/s);
    rmSync(join(dir, 'summary.md'));
    await run(['kasan/uaf-read.console', '--format', 'text'], { env });
    expect(made()).toEqual([]);
  });

  test('a page that cannot be written does not fail the run', async () => {
    const env = { GITHUB_STEP_SUMMARY: join(dir, 'nope/summary.md') };
    const { code, stderr } = await run(['kasan/uaf-read.console', '--format', 'github'], { env });
    expect(stderr).toMatch(/^warning: the summary of the step could not be written: .*\n$/);
    expect(code).toBe(1);
  });

  test('what a log says is no command', async () => {
    const input = out('stock/panic.console').replaceAll('vexfs: fault on demand', 'x ##[error]owned');
    const { stdout } = await run(['-'], { input, env: { GITHUB_ACTIONS: 'true' } });
    expect(stdout).toContain('##\u200b[error]owned');
    expect(stdout).not.toContain('##[');
  });
});

test('a terminal is given its width, and nothing of a log that moves the cursor', async () => {
  const log = out('stock/panic.console').replaceAll('vexfs-agent', 'v\x1b[2J\x9b');
  writeFileSync(join(dir, 'evil.log'), log);
  // script gives a terminal of 60 columns.
  const command = `stty cols 60; ${PROGRAM.join(' ')} analyze evil.log --fail-on none`;
  for (const more of ['', ' --raw']) {
    const { stdout } = spawnSync('script', ['-qec', `${command}${more}`, '/dev/null'], {
      ...{ cwd: dir, encoding: 'utf8', env: { ...process.env, ...ENV, NO_COLOR: '', FORCE_COLOR: '0' } },
    });
    expect(stdout).toContain('v\\x1b[2J');
    const lines = stdout.replaceAll(/\x1b\[\d+m/g, '').split('\r\n');
    expect(lines.join('')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    if (more === '') for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  }
});

test('the excerpt in docs/output.md is what is written', async () => {
  writeFileSync(join(dir, 'console.log'), out('kasan/uaf-read.console'));
  const { stdout } = await run(['console.log']);
  const page = readFileSync(join(packageRoot(), 'docs/output.md'), 'utf8');
  const [, excerpt = ''] = /^```text\n(.*?)```$/ms.exec(page) ?? [];
  const parts = excerpt.split('...\n');
  expect(parts.length).toBeGreaterThan(2);
  for (const part of parts) expect(stdout).toContain(part);
});
