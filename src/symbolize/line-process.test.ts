import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineProcess } from './line-process.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-lines-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Answers as addr2line does. `$n` counts the addresses of this process; each start is a line of `starts`. */
function program(name: string, beforeAnswer = ''): readonly string[] {
  const path = join(dir, name);
  writeFileSync(
    path,
    `#!/bin/sh\necho $$ >>${path}.starts\nn=0\nwhile read -r a; do\nn=$((n+1))\n${beforeAnswer}\necho "$a"\necho f$n\necho f.c:$n\ndone\n`,
  );
  chmodSync(path, 0o755);
  return [path];
}

function starts(name: string): string[] {
  const path = join(dir, `${name}.starts`);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function isRunning(pid: string | undefined): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

const answered = (...lines: number[]) => lines.map((line) => [{ fn: `f${line}`, file: 'f.c', line }]);

describe('a program for lines', () => {
  test('is started with the first question, once, and ended at the end', async () => {
    const lines = new LineProcess(program('good'));
    expect(starts('good')).toEqual([]);
    expect(await Promise.all([lines.ask([1n, 2n]), lines.ask([3n])])).toEqual([answered(1, 2), answered(4)]);
    expect(await lines.ask([])).toEqual([]);
    const [pid] = starts('good');
    expect(starts('good')).toHaveLength(1);
    expect(isRunning(pid)).toBe(true);
    await lines.close();
    expect(isRunning(pid)).toBe(false);
    expect(await lines.ask([1n])).toBeUndefined();
    expect(starts('good')).toHaveLength(1);
  });

  test('is started again when it dies, and answers', async () => {
    // The first process ends at its third address, the second one answers all.
    const lines = new LineProcess(program('dies', `[ $n = 3 ] && [ $(wc -l <"$0.starts") = 1 ] && exit 1`));
    expect(await lines.ask([1n])).toEqual(answered(1));
    expect(await lines.ask([1n, 2n])).toEqual(answered(1, 2));
    expect(starts('dies')).toHaveLength(2);
    expect(lines.givenUp).toBe(false);
    await lines.close();
  });

  test.each([
    ['silent', 'exec sleep 600', 100],
    ['wordy', 'echo "what is $a?"', 5000],
    ['gone', 'exit 0', 5000],
  ])('that is %s is given up', async (name, beforeAnswer, deadlineMs) => {
    const lines = new LineProcess(program(name, beforeAnswer), { deadlineMs });
    expect(await lines.ask([1n])).toBeUndefined();
    expect(lines.givenUp).toBe(true);
    expect(await lines.ask([1n])).toBeUndefined();
    await lines.close();
    expect(starts(name)).toHaveLength(2);
    expect(starts(name).filter(isRunning)).toEqual([]);
  });

  test('that is not there is given up', async () => {
    const lines = new LineProcess([join(dir, 'nothing')]);
    expect(await lines.ask([1n])).toBeUndefined();
    await lines.close();
  });
});
