import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ARCH_NAMES, isNative } from '../guest/arch.ts';
import { buildVexcheck } from '../guest/check-program.ts';
import { minimise } from './minimise.ts';

const letters = [...'abcdefghijklmnopqrst'];
const hasAll = (needed: string) => async (lines: readonly string[]) =>
  [...needed].every((letter) => lines.includes(letter));

describe('what a failure needs', () => {
  test.each(['a', 't', 'at', 'jk', 'cfm', 'abcdefghijklmnopqrst'])('%s', async (needed) => {
    expect(await minimise(letters, hasAll(needed))).toEqual([...needed]);
  });

  test('is nothing but one line where all fail', async () => {
    expect(await minimise(letters, async () => true)).toEqual(['a']);
  });

  test('is not known where the whole does not fail', async () => {
    expect(await minimise(letters, async () => false)).toBeNull();
    expect(await minimise([], async () => false)).toBeNull();
  });

  test('an empty sequence may fail, too', async () => {
    expect(await minimise([], async () => true)).toEqual([]);
  });

  test('of lines that are the same, one stays', async () => {
    expect(await minimise(['x', 'x', 'y', 'x'], hasAll('x'))).toEqual(['x']);
  });

  test('a failure that needs one of two is told by one', async () => {
    const fails = async (lines: readonly string[]) => lines.includes('d') || lines.includes('q');
    expect(await minimise(letters, fails)).toHaveLength(1);
  });

  test('nothing is asked twice, and not more often than allowed', async () => {
    const asked: string[] = [];
    const fails = async (lines: readonly string[]) => {
      asked.push(lines.join(''));
      return hasAll('cfmt')(lines);
    };
    await minimise(letters, fails);
    expect(new Set(asked).size).toBe(asked.length);
    asked.length = 0;
    const some = await minimise(letters, fails, 7);
    expect(asked).toHaveLength(7);
    expect(await hasAll('cfmt')(some ?? [])).toBe(true);
  });

  test('an error of the one who is asked comes through', async () => {
    const lost = async (): Promise<boolean> => {
      throw new Error('the guest is gone');
    };
    await expect(minimise(letters, lost)).rejects.toThrow('the guest is gone');
  });
});

describe('sequences of vexcheck', () => {
  const program = buildVexcheck(ARCH_NAMES.find(isNative) ?? 'x86_64').from;
  const dir = mkdtempSync(join(tmpdir(), 'vexcheck-minimise-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** A filesystem that now and then answers EIO where EINVAL is right. */
  const fails = async (lines: readonly string[]) => {
    const { stdout } = spawnSync(program, ['replay', '-', '--dir', dir, '--lie', 'errno', '--seed', '3'], {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
    });
    return stdout.includes('"got":"EIO from');
  };

  test('are minimised to lines of which each is needed', async () => {
    const { stdout } = spawnSync(program, ['calls', '--seed', '3', '--ops', '200', '--workers', '1', '--print'], {
      encoding: 'utf8',
    });
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines).toHaveLength(200);
    const few = await minimise(lines, fails);
    expect(few?.length).toBeGreaterThan(0);
    expect(few?.length).toBeLessThan(20);
    expect(await fails(few ?? [])).toBe(true);
    for (const index of few?.keys() ?? []) expect(await fails(few?.toSpliced(index, 1) ?? [])).toBe(false);
  });
});
