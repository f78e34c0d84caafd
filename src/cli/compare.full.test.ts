import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Comparison } from '../model/comparison.ts';
import type { RunReport } from '../model/run-report.ts';
import { runCli } from './testing.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-compare-cli-'));
const target = join(dir, 'target');
mkdirSync(target);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const env = { XDG_DATA_HOME: join(dir, 'data') };
const cli = (...args: string[]) => runCli(args, undefined, { cwd: dir, env });

/** A run whose rates are `scale` times as high. */
function written(name: string, scale: number, more: object = {}): string {
  const tests = Array.from({ length: 10 }, (_, i) => ({
    ...{ id: i === 0 ? 'speed' : `speed.${i + 1}`, verdict: 'PASS', durationMs: 1000 },
    figures: { rate: (1000 + i) * scale },
  }));
  mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(
    join(dir, name, 'summary.json'),
    JSON.stringify({ tool: 'vexfs-trace 1', started: '2026-11-21', facts: { cpu: 'one' }, tests, ...more }),
  );
  return name;
}

written('before', 1);
written('after', 0.9);
written('elsewhere', 1, { facts: { cpu: 'other' } });
written('empty', 1, { tests: [] });
mkdirSync(join(dir, 'many'));
for (const [i, scale] of [1, 1.001, 0.999, 1.002, 0.998].entries()) written(`many/${i}`, scale);
mkdirSync(join(dir, 'begun'));
writeFileSync(join(dir, 'begun', 'journal.ndjson'), '{}\n');
mkdirSync(join(dir, 'nothing'));
writeFileSync(join(dir, 'broken.json'), '{"tests": [');
writeFileSync(join(dir, 'other.json'), '{"tests": 5}');

const GATE = ['--fail-on-regression', 'p<0.01,delta>5%'];

describe('compare', () => {
  test.each([
    { args: ['before', 'after'], code: 0, says: '−10.0%' },
    { args: ['before', 'after', ...GATE], code: 1, says: 'speed/rate: p<0.01,delta>5%' },
    { args: ['after', 'before', ...GATE], code: 0, says: '+11.1%' },
    { args: ['before', 'before', ...GATE], code: 0, says: '~' },
    { args: ['before', join('after', 'summary.json'), 'before', ...GATE], code: 1, says: 'not let pass' },
    { args: ['before', 'elsewhere'], code: 0, says: 'another machine' },
    { args: ['before', 'elsewhere', ...GATE, '--across-machines'], code: 0, says: '~' },
    { args: ['many', 'many'], code: 0, says: 'n=5+5' },
    { args: ['before', 'after', '--parity'], code: 0, says: 'speed: 0.90 times as good' },
    { args: ['before', 'after', '--format', 'markdown'], code: 0, says: '| `speed/rate` |' },
    { args: ['before', 'after', '--parity', '--format', 'markdown'], code: 0, says: '# Parity' },
    { args: ['before', 'after', '--metric', 'mount*'], code: 0, says: 'nothing was measured that both have' },
  ])('$args', async ({ args, code, says }) => {
    const ended = await cli('compare', ...args);
    expect(ended.stdout).toContain(says);
    expect(ended.code).toBe(code);
  });

  test('as JSON is what was found', async () => {
    const { stdout } = await cli('compare', 'before', 'after', '--format', 'json');
    const { pairs } = JSON.parse(stdout) as Comparison;
    expect(pairs[0]?.rows[0]).toMatchObject({ metric: 'speed/rate', verdict: 'worse' });
  });

  test.each([
    { args: ['before', 'nowhere'], code: 2, says: 'nowhere is no run, and no baseline has that name' },
    { args: ['before', 'nothing'], code: 2, says: 'nothing holds no run' },
    { args: ['before', 'begun'], code: 2, says: 'stress --resume begun' },
    { args: ['before', 'broken.json'], code: 2, says: 'broken.json cannot be read' },
    { args: ['before', 'other.json'], code: 2, says: 'it has no list of tests' },
    { args: ['before'], code: 2, says: "missing required argument 'runs'" },
    { args: ['before', 'elsewhere', ...GATE], code: 2, says: 'two machines (cpu: one, other)' },
    { args: ['before', 'empty', ...GATE], code: 4, says: 'nothing to judge' },
    { args: ['before', 'after', 'after', '--parity'], code: 2, says: '--parity takes two runs' },
    { args: ['before', 'after', '--fail-on-regression', 'p<0.01, detla>5%'], code: 2, says: '\n            ^\n' },
  ])('$args cannot be done', async ({ args, code, says }) => {
    const ended = await cli('compare', ...args);
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
  });
});

describe('a baseline', () => {
  test('is kept by its name, used, listed and forgotten', async () => {
    expect((await cli('baseline', 'list')).stdout).toBe('');
    expect((await cli('baseline', 'save', 'v1', 'before')).code).toBe(0);
    expect((await cli('baseline', 'list')).stdout).toMatch(/^v1 {2}20\d\d-/);
    expect((await cli('compare', 'v1', 'after', ...GATE)).code).toBe(1);
    expect((await cli('compare', 'v1', 'elsewhere', ...GATE)).code).toBe(2);
    expect((await cli('baseline', 'save', 'v1', 'after')).code).toBe(0);
    expect((await cli('compare', 'v1', 'after', ...GATE)).code).toBe(0);
    expect((await cli('baseline', 'rm', 'v1')).code).toBe(0);
    expect((await cli('baseline', 'rm', 'v1')).stderr).toContain('there is no baseline "v1"');
  });

  test.each(['../v1', '.hidden', '', 'a/b', 'x'.repeat(65)])('is not called %j', async (name) => {
    const ended = await cli('baseline', 'save', name, 'before');
    expect(ended.stderr).toContain('is no name of a baseline');
    expect(ended.code).toBe(2);
  });

  test('is one run', async () => {
    expect((await cli('baseline', 'save', 'v1', 'many')).stderr).toContain('a baseline is one run, and these are 5');
  });
});

describe('a run', () => {
  const ask = ['stress', '--test', 'names', '--seconds', '1', '--repeat', '2', '--target', target];

  test('is repeated, says what it ran on, and is compared at its end', async () => {
    const first = await cli(...ask, '--folder', 'first');
    expect(first.code).toBe(0);
    const report = JSON.parse(readFileSync(join(dir, 'first/summary.json'), 'utf8')) as RunReport;
    expect(report.tests.map(({ id }) => id)).toEqual(['names', 'names.2']);
    expect(report.facts).toMatchObject({ target, 'host-kernel': expect.stringMatching(/^\d/) });
    const second = await cli(...ask, '--folder', 'second', '--baseline', 'first', '--metric', '*/rate');
    expect(second.stdout).toMatch(/names\/rate .* n=2\+2/);
    expect(second.code).toBe(0);
    expect(JSON.parse(readFileSync(join(dir, 'second/comparison.json'), 'utf8')).baseline).toBe('first');
  });

  test('keeps its results where the baseline is of another machine', async () => {
    const ended = await cli(...ask, '--folder', 'other', '--baseline', 'elsewhere');
    expect(ended.stderr).toContain('not compared with elsewhere: these are runs of two machines');
    expect(ended.code).toBe(2);
    expect(existsSync(join(dir, 'other/summary.json'))).toBe(true);
  });

  test('is not begun without its baseline', async () => {
    const ended = await cli(...ask, '--folder', 'third', '--baseline', 'nowhere');
    expect(ended.stderr).toContain('nowhere is no run');
    expect(existsSync(join(dir, 'third'))).toBe(false);
  });

  test('of two sides is made by turns', async () => {
    const { code, stdout, stderr } = await cli(
      ...['ab', '--folder', 'ab', '--rounds', '2', '--a', '--seed 1', '--b', '--seed 2', '--'],
      ...['--test', 'names', '--seconds', '1', '--target', target],
    );
    expect(stderr.match(/round \d of 2: [ab]/g)).toEqual(
      [1, 1, 2, 2].map((round, i) => `round ${round} of 2: ${'abba'[i]}`),
    );
    expect(stdout).toMatch(/command: stress --test names .* --seed 1, now stress .* --seed 2$/m);
    expect(stdout).toMatch(/names\/rate .* n=2\+2/);
    expect(readdirSync(join(dir, 'ab/b'))).toEqual(['0001', '0002']);
    expect(code).toBe(0);
    expect((await cli('ab', '--folder', 'ab')).stderr).toContain('is there already');
  });
});
