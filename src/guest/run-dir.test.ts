import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runtimeRoot } from './paths.ts';
import { createRunDir, isAlive, listRecords, type ProcessId, processId, sweep, writeRecord } from './run-dir.ts';

let home: string;
const started: ChildProcess[] = [];
const before = process.env.TMPDIR;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vexfs-runs-'));
  // A place of our own for runtime folders: os.tmpdir() looks there first.
  process.env.TMPDIR = home;
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(home, { recursive: true, force: true });
});

/** A process that runs until it is ended. Its name holds what breaks a careless reader of /proc/PID/stat. */
function start(): ProcessId & { child: ChildProcess } {
  const child = spawn('sh', ['-c', 'printf "x) Z 1 (y" >/proc/$$/comm; read line']);
  started.push(child);
  const id = processId(child.pid);
  if (id === undefined) throw new Error('the process did not start');
  return { ...id, child };
}

async function end({ child }: { child: ChildProcess }): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function record(id: string, owner: ProcessId | undefined, qemu: ProcessId | undefined): string {
  const dir = createRunDir(id);
  const pick = (of: ProcessId) => ({ pid: of.pid, start: of.start });
  writeRecord(dir, {
    ...{ id, kernel: '6.1', started: 'now' },
    ...(owner !== undefined && { owner: pick(owner) }),
    ...(qemu !== undefined && { qemu: pick(qemu) }),
  });
  return dir;
}

describe('a process', () => {
  test('is alive until it ends, and a number alone does not make it the same', async () => {
    const one = start();
    expect(isAlive(one)).toBe(true);
    expect(isAlive({ pid: one.pid, start: `${Number(one.start) - 1}` })).toBe(false);
    await end(one);
    expect(isAlive(one)).toBe(false);
    expect(processId(one.pid)).toBeUndefined();
    expect(isAlive(undefined)).toBe(false);
  });

  test('that has ended but was not collected is not alive', async () => {
    // The shell does not wait for its first child, which stays a zombie.
    const shell = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 1000']);
    started.push(shell);
    const [text] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    for (let i = 0; i < 100 && processId(pid) !== undefined; i++) await new Promise((done) => setTimeout(done, 20));
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    expect(processId(pid)).toBeUndefined();
  });
});

describe('sweep', () => {
  const reused = (of: ProcessId) => ({ pid: of.pid, start: '1' });

  test.each([
    ['a live owner and guest', 'live', 'live', 'kept', 'alive'],
    ['a live owner, QEMU not started yet', 'live', 'none', 'kept', 'none'],
    ['a live owner whose QEMU ended', 'live', 'dead', 'kept', 'dead'],
    ['an owner who was killed, QEMU left over', 'dead', 'live', 'cleaned', 'dead'],
    ['an owner who was killed with QEMU', 'dead', 'dead', 'cleaned', 'dead'],
    ['an owner who was killed before QEMU started', 'dead', 'none', 'cleaned', 'none'],
    ['an owner whose number another process has now', 'reused', 'live', 'cleaned', 'dead'],
    ['a QEMU whose number another process has now', 'dead', 'reused', 'cleaned', 'alive'],
    ['a detached guest', 'none', 'live', 'kept', 'alive'],
    ['a detached guest that has ended', 'none', 'dead', 'cleaned', 'dead'],
    ['a detached guest whose number another process has now', 'none', 'reused', 'cleaned', 'alive'],
  ] as const)('%s', async (_name, owner, qemu, expected, after) => {
    const processes = { owner: start(), qemu: start() };
    const ids = { owner, qemu } as const;
    const as = (who: 'owner' | 'qemu') => {
      const state = ids[who];
      return state === 'none' ? undefined : state === 'reused' ? reused(processes[who]) : processes[who];
    };
    const dir = record('gtest', as('owner'), as('qemu'));
    for (const who of ['owner', 'qemu'] as const) if (ids[who] === 'dead') await end(processes[who]);
    const cleaned = expected === 'cleaned';
    expect(sweep()).toEqual(cleaned ? ['gtest'] : []);
    expect(existsSync(dir)).toBe(!cleaned);
    expect(listRecords().map(({ record }) => record.id)).toEqual(cleaned ? [] : ['gtest']);
    if (after === 'dead' && qemu === 'live') await once(processes.qemu.child, 'exit');
    if (after !== 'none') expect(isAlive(processes.qemu)).toBe(after === 'alive');
  });

  test('cleans one guest and leaves its neighbour', async () => {
    const [mine, other] = [start(), start()];
    record('gmine', mine, undefined);
    const dir = record('gother', other, undefined);
    await end(other);
    writeFileSync(join(dir, 'console.raw'), 'last words');
    expect(sweep()).toEqual(['gother']);
    expect(readdirSync(runtimeRoot())).toEqual(['gmine']);
  });

  test.each([
    ['no record yet', undefined],
    ['half a record', '{"id":"gtest","own'],
    ['something else', '[1]'],
  ])('a folder with %s is no guest; it is left alone while it is new and removed when it is old', (_name, text) => {
    const dir = createRunDir('gtest');
    if (text !== undefined) writeFileSync(join(dir, 'record.json'), text);
    expect(listRecords()).toEqual([]);
    expect(sweep()).toEqual([]);
    expect(existsSync(dir)).toBe(true);
    expect(sweep(Date.now() + 3_600_000)).toEqual(['gtest']);
    expect(existsSync(dir)).toBe(false);
  });

  test('a file that is no folder is nobody’s business', () => {
    writeFileSync(join(runtimeRoot(), 'note.txt'), 'hello');
    expect(sweep(Date.now() + 3_600_000)).toEqual([]);
  });
});

test('two guests never share a folder', () => {
  createRunDir('gtest');
  expect(() => createRunDir('gtest')).toThrow('EEXIST');
});
