import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { zshCompletion } from './completion-zsh.ts';
import { shellWord } from './shell-word.ts';
import { COMPLETED, isThere, TREE } from './testing.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-completion-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
mkdirSync(join(dir, 'zsh'));
writeFileSync(join(dir, 'bash'), bashCompletion(TREE));
writeFileSync(join(dir, 'zsh', '_vexfs-trace'), zshCompletion(TREE));
writeFileSync(join(dir, 'fish'), fishCompletion(TREE));
writeFileSync(join(dir, 'a.log'), '');

const env = { PATH: process.env.PATH, HOME: dir, LC_ALL: 'C.UTF-8', TERM: 'dumb' };
function run(program: string, args: readonly string[], input = ''): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: dir,
    encoding: 'utf8',
    env,
    input,
    timeout: 20_000,
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

const bash = (typed: string) => {
  const words = typed.split(' ').map(shellWord).join(' ');
  const script = `source ./bash; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _vexfs_trace; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', script]).trimEnd().split('\n');
};
const fish = (typed: string) =>
  run('fish', ['--no-config', '-c', `source ./fish; complete -C ${shellWord(typed)}`])
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
/** What compadd and its kin are given: they work in a line editor alone, so that here they only tell. */
const zsh = (typed: string) => {
  const words = typed.split(' ').map(shellWord).join(' ');
  return run('zsh', ['-f', '-c', `words=(${words}); CURRENT=$#words; ${ZSH}`])
    .split('\n')
    .filter((word) => word.startsWith(typed.split(' ').at(-1) ?? ''));
};
const ZSH = `
compadd() { shift; print -rl -- "$@" }
_describe() { local name="\${@[-1]}"; print -rl -- "\${(@)\${(P@)name}%%:*}" }
_files() { print FILES }
_message() { :; }
compdef() { :; }
source zsh/_vexfs-trace
_vexfs-trace
true
`;

const SHELLS = { bash, zsh, fish };
for (const [name, complete] of Object.entries(SHELLS))
  describe.skipIf(!isThere(name))(`${name} (.ci/setup.sh shells)`, () => {
    test.each(COMPLETED)('%s', (typed, has, hasNot) => {
      const answers = complete(typed);
      for (const word of has) expect(answers, typed).toContain(word);
      for (const word of hasNot) expect(answers, typed).not.toContain(word);
    });
  });

describe.skipIf(!isThere('bash'))('bash', () => {
  test('--format=nd', () => {
    // As the words come where = is among COMP_WORDBREAKS.
    expect(bash('vexfs-trace attach --format = nd')).toEqual(['ndjson']);
    expect(bash('vexfs-trace attach --format =')).toContain('text');
  });

  test('files where a path is taken', () => {
    expect(bash('vexfs-trace attach --file a')).toEqual(['a.log']);
    expect(bash('vexfs-trace attach a')).toEqual(['a.log']);
    expect(bash('vexfs-trace attach --name a')).toEqual(['']);
  });
});

test('nothing of the words is run', () => {
  expect(existsSync(join(dir, 'pwned'))).toBe(false);
});
