import { describe, expect, test } from 'vitest';
import { parseConfig } from './parse-file.ts';
import { exampleConfig } from './written.ts';

const FILE = '/home/me/project/vexfs-trace.yaml';

function problems(source: string): string[] {
  const parsed = parseConfig(source, FILE);
  return 'problems' in parsed
    ? parsed.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`)
    : [];
}

function values(source: string): Record<string, unknown> {
  const parsed = parseConfig(source, FILE);
  if ('problems' in parsed) throw new Error(problems(source).join('\n'));
  return Object.fromEntries([...parsed.entries].map(([key, { value, line }]) => [key, [value, line]]));
}

describe('what a file says, and in which line', () => {
  test.each<[name: string, source: string, expected: Record<string, unknown>]>([
    ['nothing', '', {}],
    ['words about it', '# later\n', {}],
    ['a version is no number', 'kernel: 6.10\n', { kernel: ['6.10', 1] }],
    ['a kernel of the folder', 'kernel: ./debug\n', { kernel: ['/home/me/project/debug', 1] }],
    ['a module beside the file', 'module:\n  path: my.ko\n', { 'module.path': ['/home/me/project/my.ko', 2] }],
    [
      'a limit',
      'thresholds:\n  load: 5s\n  hang: 2m\n',
      { 'thresholds.load': [5000, 2], 'thresholds.hang': [120_000, 3] },
    ],
    [
      'a level',
      'levels:\n  1: { seconds: 60, tests: [a, b] }\n',
      { 'levels.1.seconds': [60, 2], 'levels.1.tests': [['a', 'b'], 2] },
    ],
    ['a hook', 'hooks:\n  after-run: [logger, "a b"]\n', { 'hooks.after-run': [['logger', 'a b'], 2] }],
    ['patterns', 'patterns: [mine]\n', { patterns: [['/home/me/project/mine'], 1] }],
    ['words that YAML takes for others', 'module: { params: yes }\n', { 'module.params': ['yes', 1] }],
  ])('%s', (_, source, expected) => {
    expect(values(source)).toEqual(expected);
  });
});

describe('problems have a place and, for slips of the finger, the word that was meant', () => {
  test.each<[name: string, source: string, expected: string[]]>([
    ['a key', 'kernl: stock\n', ['1:1: unknown key "kernl"; did you mean "kernel"?']],
    ['a key of a section', 'guest:\n  cpu: 2\n', ['2:3: unknown key "guest.cpu"; did you mean "guest.cpus"?']],
    ['a key without its section', 'cpus: 2\n', ['1:1: unknown key "cpus"; did you mean "guest.cpus"?']],
    ['a level that there is not', 'levels:\n  4: {}\n', ['2:3: unknown key "levels.4"; did you mean "levels.1"?']],
    ['a value', 'guest:\n  cpus: two\n', ['2:9: guest.cpus: a whole number above 0 is needed']],
    ['a word', 'guest: { accel: kwm }\n', ['1:17: guest.accel: there is no word "kwm". Did you mean kvm?']],
    ['no value', 'kernel:\n', ['1:8: kernel: a text is needed']],
    ['a text where a section belongs', 'guest: 5\n', ['1:8: guest: a section with keys is needed']],
    ['a list where a file belongs', '- kernel\n', ['1:1: a section with keys is needed']],
    ['a command line', 'hooks:\n  after-run: rm -rf /\n', [expect.stringMatching(/^2:14: .*no shell/)]],
    ['a key twice', 'kernel: a\nkernel: b\n', ['2:1: Map keys must be unique']],
    [
      'more than one',
      'kernl: a\nguest:\n  cpus: 0\n',
      ['1:1: unknown key "kernl"; did you mean "kernel"?', '3:9: guest.cpus: a whole number above 0 is needed'],
    ],
    ['a prototype', '__proto__: { kernel: x }\n', ['1:1: unknown key "__proto__"']],
    ['a prototype of a section', 'guest:\n  __proto__: { cpus: 4 }\n', ['2:3: unknown key "guest.__proto__"']],
    ['a constructor', 'constructor: { prototype: 1 }\n', ['1:1: unknown key "constructor"']],
  ])('%s', (_, source, expected) => {
    expect(problems(source)).toEqual(expected);
  });
});

test.each<[name: string, reason: string, source: string]>([
  [
    'a bomb',
    'aliases are not allowed',
    `a: &a [x,x]\n${Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [*a,*a]`).join('\n')}`,
  ],
  ['merge keys', 'aliases are not allowed', 'a: &a {cpus: 1}\nguest:\n  <<: *a'],
  ['depth in brackets', 'nested too deeply', `patterns: ${'['.repeat(5000)}`],
  ['depth in dashes', 'nested too deeply', '- '.repeat(5000)],
  ['a huge file', 'larger than 32 KiB', `# ${'x'.repeat(70_000)}`],
  ['a tag', 'Unresolved tag', 'kernel: !!js/function x'],
  ['many keys', 'unknown key', Array.from({ length: 2900 }, (_, i) => `k${i}: x`).join('\n')],
  ['one long key', 'unknown key', `${'k'.repeat(1000)}: x`],
  ['no text', '', '\0\u0001\uffff'],
])('hostile: %s is refused, within a second of work', (_, reason, source) => {
  const start = process.cpuUsage();
  const [first] = problems(source);
  const { user, system } = process.cpuUsage(start);
  expect(first).toContain(reason);
  expect((user + system) / 1000).toBeLessThan(1000);
});

test('the example says nothing as it is, and is right when each line of it counts', () => {
  expect(values(exampleConfig())).toEqual({});
  const [, ...lines] = exampleConfig().split('\n');
  const entries = values(lines.map((line) => line.replace(/^# /, '')).join('\n'));
  expect(Object.keys(entries).length).toBeGreaterThan(30);
});
