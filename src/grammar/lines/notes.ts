import { lines } from './line-row.ts';

/** What stands beside reports: lib/fault-inject.c fail_dump, lib/kunit/{test,assert}.c, Documentation/dev-tools/ktap.rst. */
export const NOTE_LINES = lines(
  ['injection', 'FAULT_INJECTION: ', /^FAULT_INJECTION: forcing a failure/, 'FAULT_INJECTION: forcing a failure.'],
  [
    'injection-name',
    ', probability ',
    /^name (?<name>[\w-]+), interval (?<interval>\d+), probability (?<probability>\d+), space (?<space>-?\d+), times (?<times>-?\d+)/,
    'name failslab, interval 1, probability 100, space 0, times -1',
    'injected',
  ],
  ['ktap-version', 'TAP version ', /^ *K?TAP version \d+$/, 'KTAP version 1'],
  ['ktap-plan', '1..', /^ *1\.\.(?<planned>\d+)$/, '1..3'],
  ['ktap-suite', '# Subtest: ', /^(?<indent> *)# Subtest: (?<name>.*)$/, '    # Subtest: vexfs_extents'],
  [
    'ktap-result',
    'ok ',
    /^(?<indent> *)(?<not>not )?ok \d+(?: -)? ?(?<name>[^#]*?)(?: *# *(?<directive>SKIP|TODO)\b.*)?$/,
    '    not ok 2 vexfs_extent_merge',
  ],
  [
    'ktap-failed',
    ' FAILED at ',
    /^ *# (?<name>[\w.-]+): (?:EXPECTATION|ASSERTION) FAILED at (?<where>\S+:\d+)/,
    '    # vexfs_extent_merge: EXPECTATION FAILED at fs/vexfs/extent_test.c:31',
  ],
  ['ktap-expected', 'Expected ', /^ +Expected (?<expected>.*)$/, '    Expected found == 1, but'],
  ['ktap-value', ' == ', /^ {4,}(?<value>\S.* == .*)$/, '        found == 2 (0x2)'],
  ['ktap-note', '# ', /^ *# /, '# vexfs_extents: pass:1 fail:1 skip:0 total:2'],
);
