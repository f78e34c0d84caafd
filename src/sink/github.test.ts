import { describe, expect, test } from 'vitest';
import type { Severity } from '../model/classification.ts';
import { ABOUT, FINDING, LOG, render, type Step } from './testing.ts';

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** Reads workflow commands as the runner does (actions/runner, ActionCommand.TryParseV2). */
function parse(text: Buffer): Command[] {
  return text
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', list = '', message = ''] = /^::([a-z]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
      const pairs = list === '' ? [] : list.split(',').map((pair) => pair.split(/=(.*)/s, 2).map(unescaped));
      return { name, properties: Object.fromEntries(pairs), message: unescaped(message) };
    });
}

const unescaped = (text: string) =>
  text.replaceAll(/%(0A|0D|3A|2C|25)/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

const findings = (count: number, severity: Severity): Step[] =>
  Array.from({ length: count }, (_, seq) => ({
    event: { ...FINDING, seq, severity, title: `title ${seq}` },
    about: {},
  }));

describe('GitHub', () => {
  test('an annotation where the code is, with the facts in its message', () => {
    const [command] = parse(render('github', [{ event: FINDING, about: ABOUT }]));
    expect(command).toMatchObject({
      name: 'error',
      properties: { file: 'fs/vexfs/file.c', line: '41', title: 'KASAN: use-after-free Read in vexfs_read' },
    });
    expect(command?.message.split('\n').slice(0, 3)).toEqual([
      'critical crash kasan-use-after-free',
      'logs/console.log:2-87 at 52.350s, 2026-11-21T08:13:55Z',
      'where: vexfs_read+0x71/0x110 [vexfs] fs/vexfs/file.c:41',
    ]);
  });

  test.each([
    ['fatal', 'error'],
    ['critical', 'error'],
    ['major', 'error'],
    ['minor', 'warning'],
    ['info', 'notice'],
  ] as const)('a %s finding is an %s', (severity, name) => {
    expect(parse(render('github', findings(1, severity))).map((command) => command.name)).toEqual([name]);
  });

  test.each([
    [9, 9, undefined],
    [10, 10, undefined],
    [11, 10, '2 more are not shown: a step has room for 10'],
    [500, 10, '491 more are not shown: a step has room for 10'],
  ])('%d findings are %d annotations', (count, shown, last) => {
    const commands = parse(render('github', [...findings(count, 'major'), ...findings(3, 'minor')]));
    const errors = commands.filter(({ name }) => name === 'error');
    expect(errors).toHaveLength(shown);
    if (last !== undefined) expect(errors.at(-1)?.message).toBe(last);
    expect(commands.filter(({ name }) => name === 'warning')).toHaveLength(3);
  });

  test('a log that was not read is a warning', () => {
    const [command] = parse(render('github', [{ log: { ...LOG, problem: 'permission denied' } }]));
    expect(command).toMatchObject({ name: 'warning', message: 'logs/console.log: permission denied' });
  });

  test('a title is as long as GitHub shows', () => {
    const [command] = parse(render('github', [{ event: { ...FINDING, title: 'x'.repeat(1000) }, about: {} }]));
    expect(command?.properties.title).toHaveLength(255);
  });
});
