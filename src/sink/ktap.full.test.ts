import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runReportSchema } from '../model/run-report-schema.ts';
import { RUN_FORMATS } from './run-formats.ts';

/** Sources of the kernel as Debian's package linux-source has them. */
const SOURCE = (() => {
  const names = existsSync('/usr/src') ? readdirSync('/usr/src') : [];
  return names.filter((name) => /^linux-source-[\d.]+\.tar\.xz$/.test(name)).map((name) => join('/usr/src', name))[0];
})();
const NO_SOURCE = SOURCE === undefined ? ' (skipped: no sources of the kernel here, install linux-source)' : '';
const RUNS = join(import.meta.dirname, '../../fixtures/runs');
/** What the kernel's own tool (tools/testing/kunit/kunit.py) reads KTAP with. */
const PARSE = `
import sys, json
sys.path.insert(0, sys.argv[1])
import kunit_parser
root = kunit_parser.parse_run_tests(sys.stdin.read().split("\\n"))
walk = lambda t: [(s.name, s.status.name) for s in t.subtests] if t.subtests else []
errors = root.counts.errors if hasattr(root, "counts") else 0
print("\\n" + json.dumps({"tests": walk(root), "errors": errors}))
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-ktap-'));
  if (SOURCE === undefined) return;
  const inner = `${basename(SOURCE, '.tar.xz')}/tools/testing/kunit`;
  mkdirSync(join(dir, 'kunit'));
  execFileSync('tar', ['-xJf', SOURCE, '-C', dir, '--wildcards', `${inner}/kunit_p*.py`]);
  execFileSync('sh', ['-c', 'mv "$0"/*.py "$1"', join(dir, inner), join(dir, 'kunit')]);
}, 300_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const STATUS: Readonly<Record<string, string>> = { PASS: 'SUCCESS', DONE: 'SUCCESS', SKIP: 'SKIPPED' };

test.skipIf(NO_SOURCE !== '').each(['level-1', 'faults'])(
  `the kernel's parser reads the KTAP of the recorded run %s as it is meant${NO_SOURCE}`,
  (name) => {
    const report = runReportSchema.parse(JSON.parse(readFileSync(join(RUNS, name, 'summary.json'), 'utf8')));
    const input = RUN_FORMATS.ktap(report as Parameters<typeof RUN_FORMATS.ktap>[0]);
    const { stdout, stderr, status } = spawnSync('python3', ['-c', PARSE, join(dir, 'kunit')], {
      input,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    const read = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
    expect(read.errors).toBe(0);
    expect(read.tests.map(([, outcome]: readonly string[]) => outcome)).toEqual(
      report.tests.map(({ verdict }) => STATUS[verdict] ?? 'FAILURE'),
    );
  },
);
