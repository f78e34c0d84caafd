import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseInfo, unmet } from './capability.ts';
import { parseDiagnostics } from './diagnostic.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/bpftrace/0.17/${name}`, import.meta.url), 'utf8');

describe('what bpftrace says of itself and of programs', () => {
  const info = { version: '0.17.0', features: parseInfo(fixture('info.txt')) };
  test.each([
    [{ version: '0.17' }, []],
    [{ version: '0.9' }, []],
    [{ version: '0.20' }, ['bpftrace is 0.17.0, 0.20 is needed']],
    [{ features: ['Probe types: kprobe', 'Kernel features: btf', 'Build: from the future'] }, []],
    [
      { features: ['Probe types: kfunc', 'Probe types: iter:task'] },
      [
        'the kernel or this build lacks "Probe types: kfunc"',
        'the kernel or this build lacks "Probe types: iter:task"',
      ],
    ],
  ])('%j', (requirements, missing) => {
    expect(unmet(info, requirements)).toEqual(missing);
  });
  test.each([
    [
      'broken.stderr.txt',
      { place: { file: 'broken.bt', line: 3, column: 18, endColumn: 24 }, source: '  printf("%d\\n", nosuch(1));' },
    ],
    [
      'missing.stderr.txt',
      { message: 'tracepoint not found: nosuch:thing', place: { file: 'missing.bt', line: 1, column: 1 } },
    ],
    ['attach.stderr.txt', { level: 'warning', place: { file: 'attach.bt' } }],
  ])('%s', (name, expected) => {
    expect(parseDiagnostics(fixture(name))[0]).toMatchObject(expected);
  });
  test('a range of lines', () => {
    expect(parseDiagnostics('x.bt:13-14: ERROR: More than one BEGIN probe defined')).toMatchObject([
      { place: { line: 13, column: null } },
    ]);
  });
});
