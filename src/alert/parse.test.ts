import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAlerts } from './parse.ts';

const rule = (when: string, more = '') => `rules:\n  - name: a\n    when: ${when}\n${more}`;
const MEMORY = '{ memory: { above: 0.9 } }';

const PROBLEMS: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'nothing at all': ['', ['1:1: rules: is missing']],
  'no YAML': ['rules: [', ['1:9: Flow sequence in block collection must be sufficiently indented and end with a ]']],
  'a key with a slip': [
    `rules:\n  - name: a\n    sevrity: major\n    when: ${MEMORY}\n`,
    ['3:5: rules.0: unknown key "sevrity"; did you mean "severity"?'],
  ],
  'a condition with a slip': [
    rule('{ memroy: { above: 0.9 } }'),
    ['3:13: rules.0.when: unknown key "memroy"; did you mean "memory"?'],
  ],
  'two conditions': [
    rule('{ memory: { above: 0.9 }, hang: {} }'),
    ['3:11: rules.0.when: has one condition, no more and no less'],
  ],
  'no condition': [rule('{}'), ['3:11: rules.0.when: has one condition, no more and no less']],
  'a word that is not known': [
    rule(MEMORY, '    severity: mayor\n'),
    ['4:15: rules.0.severity: "mayor" is not one of fatal, critical, major, minor, info; did you mean "major"?'],
  ],
  'a time that is none': [
    rule(MEMORY, '    for: soon\n'),
    ['4:10: rules.0.for: a number with ms, s, m or h, such as 90s, is needed'],
  ],
  'a share of more than all': [
    rule('{ memory: { above: 90 } }'),
    ['3:30: rules.0.when.memory.above: Too big: expected number to be <1'],
  ],
  'a name twice': [`${rule(MEMORY)}  - name: a\n    when: ${MEMORY}\n`, ['4:11: there is another rule "a"']],
  'somewhere unknown': [
    `${rule(MEMORY)}send: [{ to: pager }]\n`,
    ['4:14: send.0.to: is not one of terminal, desktop, webhook, command'],
  ],
  'a file of this machine as a webhook': [
    `${rule(MEMORY)}send: [{ to: webhook, url: 'file:///etc/passwd' }]\n`,
    ['4:28: send.0.url: Invalid URL'],
  ],
  'a header with a line break': [
    `${rule(MEMORY)}send: [{ to: webhook, url: 'http://a', headers: { "a\\r\\nb": c } }]\n`,
    [expect.stringContaining('send.0.headers')] as unknown as string[],
  ],
  'an alias': [`a: &a 1\n${rule(MEMORY)}b: *a\n`, ['5:4: aliases are not allowed in files of alert rules']],
};

describe('what is wrong is said with its place', () => {
  for (const [name, [source, expected]] of Object.entries(PROBLEMS))
    test(name, () => {
      const parsed = parseAlerts(source);
      const problems = 'problems' in parsed ? parsed.problems : [];
      expect(problems.map(({ line, column, message }) => `${line}:${column}: ${message}`)).toEqual(expected);
    });
});

test('a file with everything', () => {
  const parsed = parseAlerts(`
group: 2s
send:
  - { to: terminal }
  - { to: desktop }
  - { to: webhook, url: 'https://example.org/hook', headers: { X-Team: fs }, token: HOOK_TOKEN, timeout: 3s, retries: 1 }
  - { to: command, run: [logger, -t, vexfs], timeout: 5s }
rules:
  - { name: a, about: words, severity: minor, when: { failure-rate: { above: 0.2, over: 10m, least: 3, verdicts: [FAIL, ERROR] } }, for: 30s }
  - { name: b, when: { guest-start: { below: 0.5 } } }
  - { name: c, when: { duration: { above: 3, baseline: nightly } } }
`);
  expect(parsed).toMatchObject({
    file: {
      group: 2000,
      send: [
        {},
        {},
        { timeout: 3000, retries: 1, token: 'HOOK_TOKEN' },
        { run: ['logger', '-t', 'vexfs'], timeout: 5000 },
      ],
      rules: [
        { for: 30_000, severity: 'minor' },
        { severity: 'major', when: { 'guest-start': { below: 0.5, least: 3 } } },
        {},
      ],
    },
  });
});

test('the rules that come with the program', () => {
  const parsed = parseAlerts(readFileSync(new URL('built-in.yaml', import.meta.url), 'utf8'));
  expect(parsed).toMatchObject({ file: { rules: expect.any(Array) } });
});
