import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FTRACE_SCRIPT, KMSG_SCRIPT, shellCommand } from './follow-scripts.ts';

const SCRIPTS = { KMSG_SCRIPT, FTRACE_SCRIPT };
const SHELLS: readonly (readonly string[])[] = [['sh'], ['bash', '--posix'], ['busybox', 'sh']];
const has = (program: string) => spawnSync(program, ['--help']).error === undefined;

describe.each(Object.entries(SCRIPTS))('%s', (_name, script) => {
  test.each(SHELLS)('is understood by %s', (program, ...args) => {
    if (!has(program)) throw new Error(`${program} is needed for this test: run make setup`);
    expect(spawnSync(program, [...args, '-n', '-c', script], { encoding: 'utf8' }).stderr).toBe('');
  });

  test('is quoted for a login shell as it is', () => {
    const echo = spawnSync('sh', ['-c', shellCommand(script).replace('exec sh -c', 'exec printf %s')]);
    expect(echo.stdout.toString()).toBe(script);
  });
});
