import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES, type Parsed, parsePattern } from './parse.ts';
import { formatProblem } from './pattern.ts';

const GOOD = `id: null-deref
title: NULL pointer dereference
classification: module-crash
severity: critical
match:
  kind: null-deref
advice:
  meaning: The kernel followed a pointer that was NULL or a small offset from it.
  lookAt:
    - the function that RIP names
  docs:
    - Documentation/admin-guide/bug-hunting.rst
samples:
  - constructed: arch/x86/mm/fault.c
    text: |
      BUG: kernel NULL pointer dereference, address: 0000000000000008
counterSamples:
  - fixture: clean/boot.log
    lines: 2-3
`;

const read = (source: string): Parsed =>
  parsePattern(source, 'p.yaml', (path) =>
    path === 'clean/boot.log' ? { text: 'one\ntwo\nthree\n' } : { reason: 'is not there' },
  );
const problems = (source: string): string[] => read(source).problems.map(formatProblem);

describe('parsePattern', () => {
  test('a good file', () => {
    const parsed = read(GOOD);
    expect(parsed.problems).toEqual([]);
    expect('pattern' in parsed && parsed.pattern).toMatchObject({
      id: 'null-deref',
      match: { kind: 'null-deref' },
      actions: [],
      samples: [{ origin: 'arch/x86/mm/fault.c', recorded: false }],
      counterSamples: [{ text: 'two\nthree\n', origin: 'clean/boot.log', recorded: true }],
    });
  });

  test('a sample of what no log tells', () => {
    const finding =
      '  - constructed: kmod/vexfs_trace.h\n    finding: { event: crash, kind: slow-operation, title: slow }\n';
    const parsed = read(GOOD.replace('samples:\n', () => `samples:\n${finding}`));
    expect('pattern' in parsed && parsed.pattern.samples[0]).toEqual({
      text: '',
      finding: { event: 'crash', kind: 'slow-operation', title: 'slow' },
      origin: 'kmod/vexfs_trace.h',
      recorded: false,
    });
  });

  test.each<[string, string, string, string[]]>([
    [
      'a misspelt kind',
      'kind: null-deref',
      'kind: nul-deref',
      ['p.yaml:6:9: match.kind: "nul-deref" is not one of the known values; did you mean "null-deref"?'],
    ],
    [
      'a misspelt kind in a list',
      'kind: null-deref',
      'kind: [bug, nul-deref]',
      ['p.yaml:6:15: match.kind.1: "nul-deref" is not one of the known values; did you mean "null-deref"?'],
    ],
    [
      'a misspelt key',
      'severity: critical',
      'severty: critical',
      [
        'p.yaml:1:1: severity: is missing; one of fatal, critical, major, minor, info',
        'p.yaml:4:1: unknown key "severty"; did you mean "severity"?',
      ],
    ],
    [
      'a misspelt condition',
      '  kind: null-deref',
      '  kind: bug\n  tittle: x',
      ['p.yaml:7:3: match: unknown key "tittle"; did you mean "title"?'],
    ],
    [
      'a misspelt range',
      'kind: null-deref',
      'title: {contain: x}',
      ['p.yaml:6:11: match.title: unknown key "contain"; did you mean "contains"?'],
    ],
    [
      'an unknown action',
      'advice:',
      'actions: [restart-guest]\nadvice:',
      ['p.yaml:7:11: actions.0: "restart-guest" is not one of the known values; did you mean "restart-agent"?'],
    ],
    [
      'look-ahead',
      'kind: null-deref',
      'title: /foo(?=bar)/',
      [
        'p.yaml:6:10: match.title: look-ahead is not possible: expressions run in linear time (RE2); write a second condition under `all`',
      ],
    ],
    [
      'a back-reference',
      'kind: null-deref',
      'text: /(a)\\1/',
      [
        'p.yaml:6:9: match.text: back-references are not possible: expressions run in linear time (RE2); compare the values in two conditions',
      ],
    ],
    ['an unclosed class', 'kind: null-deref', 'title: /[a/', ['p.yaml:6:10: match.title: missing closing ]: `[a`']],
    [
      'an empty match',
      'match:\n  kind: null-deref',
      'match: {}',
      ['p.yaml:5:8: match: an empty condition matches everything'],
    ],
    [
      'no samples',
      GOOD.slice(GOOD.indexOf('samples:'), GOOD.indexOf('counterSamples')),
      'samples: []\n',
      ['p.yaml:13:10: samples: Too small: expected array to have >=1 items'],
    ],
    [
      'a sample without provenance',
      '  - constructed: arch/x86/mm/fault.c\n    text',
      '  - text',
      [
        'p.yaml:14:5: samples.0: says where its text comes from: `recorded: kernel, how` or `constructed: path/of/kernel-source.c`',
      ],
    ],
    ['a dead fixture', 'clean/boot.log', 'clean/boat.log', ['p.yaml:18:5: fixture clean/boat.log: is not there']],
    [
      'a fixture that climbs',
      'clean/boot.log',
      '../../etc/passwd',
      ['p.yaml:18:14: counterSamples.0.fixture: a path below fixtures/, without . and ..'],
    ],
    [
      'lines that are not there',
      'lines: 2-3',
      'lines: 2-30',
      ['p.yaml:18:5: fixture clean/boot.log: has no lines 2-30'],
    ],
    [
      'an alias',
      'kind: null-deref',
      'kind: &k null-deref\n  frame: *k',
      ['p.yaml:7:10: aliases are not allowed in pattern files'],
    ],
    [
      'a number where text belongs',
      'title: NULL pointer dereference',
      'title: 5',
      ['p.yaml:2:8: title: Invalid input: expected string, received number'],
    ],
    [
      'text with a colon in it',
      'title: NULL pointer dereference',
      'title:\n  oops(): who',
      ['p.yaml:3:3: title: is no text; one with ": " in it needs quotes'],
    ],
    [
      'a version that YAML takes for a number',
      'match:',
      'since: 6.10\nmatch:',
      ['p.yaml:5:8: since: Invalid input: expected string, received number'],
    ],
    [
      'a duplicate key',
      'severity: critical',
      'severity: critical\nseverity: major',
      ['p.yaml:5:1: Map keys must be unique'],
    ],
    ['not an object', GOOD, '- 1', ['p.yaml:1:1: Invalid input: expected object, received array']],
    ['nothing', GOOD, '', ['p.yaml:1:1: Invalid input: expected object, received null']],
  ])('%s', (_name, from, to, expected) => {
    expect(GOOD).toContain(from);
    expect(problems(GOOD.replace(from, () => to))).toEqual(expected);
  });

  test.each([
    ['10 MB', 'is larger than 64 KiB', 'a'.repeat(10_000_000)],
    ['brackets', 'is nested too deeply', '['.repeat(MAX_FILE_BYTES)],
    ['maps', 'is nested too deeply', '{a: '.repeat(MAX_FILE_BYTES / 4)],
    ['lists', 'is nested too deeply', '- '.repeat(MAX_FILE_BYTES / 2)],
    ['deep conditions', 'is nested too deeply', `match: ${'{not: '.repeat(600)}{kind: bug}${'}'.repeat(600)}`],
    [
      'a bomb',
      'aliases are not allowed',
      `a: &a [x,x]\n${Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [*a,*a]`).join('\n')}`,
    ],
    [
      'a huge expression',
      'the expression is too large',
      GOOD.replace('kind: null-deref', `title: /${'(a{1,30}){1,30}'.repeat(60)}/`),
    ],
    [
      'nested repeats',
      'the expression is too large',
      GOOD.replace('kind: null-deref', `title: /${'((a{1,30}){1,30}b)'.repeat(50)}/`),
    ],
    [
      'very many large expressions',
      'has more than 32 expressions',
      GOOD.replace('kind: null-deref', `text: [${Array.from({ length: 90 }, (_, i) => `'/\\w{9${i}}/'`).join(', ')}]`),
    ],
    [
      'thousands of them, each refused',
      'has more than 32 expressions',
      `match:\n  any:\n${Array.from({ length: 40 }, () => `    - text: [${"'/[^a]{999}/', ".repeat(99)}x]\n`).join('')}`,
    ],
    ['steps without end', 'id: is missing', `match: { sequence: [${'{kind: bug}, '.repeat(4000)}], within: 1 }`],
    ['merge keys', 'aliases are not allowed', 'a: &a {b: 1}\nc:\n  <<: *a'],
    ['a tag', 'Unresolved tag', 'id: !!js/function x'],
    ['__proto__', 'id: is missing', '__proto__: {id: x}\nconstructor: 1'],
  ])('hostile: %s is refused at its limit, within a second of work', (_name, reason, source) => {
    // Processor time: how long others keep the machine busy is not the parser's doing.
    const start = process.cpuUsage();
    const [first] = problems(source);
    const { user, system } = process.cpuUsage(start);
    expect(first).toContain(reason);
    expect((user + system) / 1000).toBeLessThan(1000);
  });

  test('no text makes it throw', () => {
    const cut = fc.tuple(fc.nat(GOOD.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 4 }), (cuts) => {
        let source = GOOD;
        for (const [at, length, text] of cuts) source = source.slice(0, at) + text + source.slice(at + length);
        for (const problem of read(source).problems) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.message).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });
});
