import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runCheck } from './run-check.ts';

const never = new AbortController().signal;
const sh = (script: string, limitMs = 60_000, signal = never) =>
  runCheck('/bin/sh', ['-c', script], limitMs, signal, 200);

/** Gone, or dead with nobody to ask how it ended; a signal may take its time. */
async function isOver(pid: number): Promise<boolean> {
  for (let look = 0; look < 100; look++) {
    try {
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return true;
    } catch {
      return true;
    }
    await sleep(20);
  }
  return false;
}

test('what it says and how it ends', async () => {
  expect(await sh('echo one; echo two >&2; exit 3')).toEqual({
    ...{ answer: { status: 3, output: 'one\ntwo\n' }, late: false, stuck: false },
  });
  expect((await sh('kill -SEGV $$')).answer).toMatchObject({ status: -1, signal: 'SIGSEGV' });
  expect((await runCheck('/nowhere', [], 1000, never)).answer.error).toContain('ENOENT');
});

test('what it leaves in the background neither holds it up nor stays', async () => {
  const { answer } = await sh('sleep 1000 & echo $!');
  expect(answer.status).toBe(0);
  expect(await isOver(Number(answer.output))).toBe(true);
});

test('what will not stop is killed with all that it has started, and is late', async () => {
  const { late, stuck, answer } = await sh('trap "" TERM; sleep 1000 & echo $!; while :; do sleep 1000; done', 300);
  expect({ late, stuck, signal: answer.signal }).toEqual({ late: true, stuck: false, signal: 'SIGKILL' });
  expect(await isOver(Number(answer.output))).toBe(true);
});

test('one that was interrupted before it began ends at once', async () => {
  const { answer, late } = await sh('sleep 1000', 60_000, AbortSignal.abort());
  expect({ late, signal: answer.signal }).toEqual({ late: false, signal: 'SIGTERM' });
});
