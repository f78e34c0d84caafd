import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FTRACE_SCRIPT } from './follow-scripts.ts';
import { joinLocal } from './join-local.ts';
import { type JoinOptions, joinByScripts, type ScriptHost } from './join-scripts.ts';
import {
  eventually,
  Heard,
  hasTracefs,
  holdMachine,
  IS_ROOT,
  printk,
  processesWith,
  traceInstances,
} from './testing.ts';

const traced = IS_ROOT && hasTracefs();
const RESTRICTED = IS_ROOT && readFileSync('/proc/sys/kernel/dmesg_restrict', 'utf8').trim() === '1';
const HAS_SETCAP = spawnSync('setcap', ['-h']).error === undefined;
const OPTIONS: JoinOptions = { id: 'test', backlog: false, onNote: () => {}, progress: () => {} };
const FORKS = { globs: ['sched:sched_process_f*'], required: true };

let release: () => void;
beforeAll(async () => {
  release = await holdMachine();
}, 120_000);
afterAll(() => release());

describe('this machine', () => {
  test.skipIf(!IS_ROOT)('what is printed comes back, what was printed before does not (needs root)', async () => {
    const mark = `vexfs-trace test ${process.hrtime.bigint()}`;
    printk(`${mark} before`);
    const joined = await joinLocal(OPTIONS);
    const heard = new Heard(joined);
    printk(`${mark} after`);
    await heard.until('kmsg', `${mark} after\n`);
    await joined.close();
    expect(heard.text.kmsg).not.toContain('before');
    expect(heard.text.kmsg).toMatch(/^\d+,\d+,\d+,/);
    expect(await joined.exited).toMatchObject({ expected: true });
  });

  test.skipIf(!IS_ROOT)('with the backlog, what was printed before is there (needs root)', async () => {
    const mark = `vexfs-trace test ${process.hrtime.bigint()}`;
    printk(`${mark} before`);
    const joined = await joinLocal({ ...OPTIONS, backlog: true });
    await new Heard(joined).until('kmsg', `${mark} before\n`);
    await joined.close();
  });

  test.skipIf(!traced)('trace events come from an instance that is removed (needs root and tracefs)', async () => {
    const before = traceInstances();
    const joined = await joinLocal({ ...OPTIONS, events: FORKS });
    expect(traceInstances().length).toBe(before.length + 1);
    const heard = new Heard(joined);
    spawn('true');
    await heard.until('ftrace', 'sched_process_fork:');
    await joined.close();
    expect(traceInstances()).toEqual(before);
    expect(processesWith(FTRACE_SCRIPT)).toEqual([]);
  });

  test.skipIf(!traced)('an unread log that overruns goes on (needs root and tracefs)', async () => {
    const joined = await joinLocal(OPTIONS);
    const heard = new Heard(joined);
    printk('overrun begin');
    await heard.until('kmsg', 'overrun begin\n');
    // Without a turn of the loop nobody reads: the pipe fills, then the kernel overwrites what dd could not read.
    for (let i = 0; i < 3000; i++) printk(`overrun ${i} ${'x'.repeat(900)}`);
    printk('overrun end');
    await heard.until('kmsg', 'overrun end\n');
    await joined.close();
    const numbers = [...(heard.text.kmsg ?? '').matchAll(/^\d+,(\d+),/gm)].map(([, seq]) => Number(seq));
    const holes = numbers.slice(1).filter((seq, i) => seq !== (numbers[i] ?? 0) + 1);
    expect(holes.length).toBeGreaterThan(0);
    expect(numbers.length).toBeLessThan(3000);
  });

  test.skipIf(!traced)(
    'an instance whose owner is dead is swept at the next start (needs root and tracefs)',
    async () => {
      const dead = '/sys/kernel/tracing/instances/vexfs-trace-4194304-1';
      mkdirSync(dead);
      const joined = await joinLocal({ ...OPTIONS, events: FORKS });
      expect(traceInstances()).not.toContain('vexfs-trace-4194304-1');
      await joined.close();
    },
  );

  test.skipIf(!traced)('a script that is killed ends in order, too (needs root and tracefs)', async () => {
    const before = traceInstances();
    const notes: unknown[] = [];
    const joined = await joinLocal({ ...OPTIONS, events: FORKS, onNote: (note) => notes.push(note) });
    new Heard(joined);
    spawnSync('kill', processesWith(FTRACE_SCRIPT));
    expect(await eventually(() => traceInstances().length === before.length && notes.length > 0)).toBe(true);
    expect(notes).toMatchObject([{ stream: 'ftrace', state: 'ended' }]);
    await joined.close();
  });

  test.skipIf(!traced)('events that do not exist are named (needs root and tracefs)', async () => {
    const before = traceInstances();
    const said: string[] = [];
    const options = { ...OPTIONS, progress: (text: string) => said.push(text) };
    const absent = (required: boolean) => joinLocal({ ...options, events: { globs: ['no_such:*'], required } });
    await expect(absent(true)).rejects.toMatchObject({
      exit: 'missing',
      message: 'no_such:* cannot be traced on this machine: no such trace event',
    });
    await (await absent(false)).close();
    expect(said).toEqual(['no trace events of the module (no such trace event); --events SYSTEM:EVENT streams others']);
    expect(traceInstances()).toEqual(before);
  });

  test('what is no name of events never reaches a shell', async () => {
    for (const glob of ['../x', 'a b', 'a;b', '$(x)', '', 'a:b:c', "a'b"])
      await expect(joinLocal({ ...OPTIONS, events: { globs: [glob], required: true } })).rejects.toMatchObject({
        exit: IS_ROOT ? 'usage' : expect.any(String),
      });
  });

  /** Scripts as somebody who may do less than root, with some programs of their own. */
  const asNobody = (path = process.env.PATH): ScriptHost => ({
    ...{ kind: 'ssh', what: 'nobody', where: 'this machine', deadlineMs: 10_000 },
    command: (script) => ({
      program: 'setpriv',
      args: [
        ...['--reuid', '65534', '--regid', '65534', '--clear-groups'],
        ...['env', `PATH=${path}`, 'sh', '-c', script],
      ],
      detached: true,
    }),
  });

  test.skipIf(!RESTRICTED)('a user who may not read the log is told so (needs root, dmesg_restrict=1)', async () => {
    await expect(joinByScripts(asNobody(), OPTIONS)).rejects.toMatchObject({
      exit: 'missing',
      message: 'the kernel log of this machine may not be read by nobody',
      hint: 'join as root, or there: sudo sysctl kernel.dmesg_restrict=0',
    });
  });

  test.skipIf(!(RESTRICTED && HAS_SETCAP))(
    'a dmesg that may more than the user stands in for the device (needs root, setcap, dmesg_restrict=1)',
    async () => {
      const tools = mkdtempSync(join(tmpdir(), 'vexfs-dmesg-'));
      chmodSync(tools, 0o755);
      copyFileSync('/usr/bin/dmesg', join(tools, 'dmesg'));
      spawnSync('setcap', ['cap_syslog+ep', join(tools, 'dmesg')]);
      const said: string[] = [];
      const options = { ...OPTIONS, progress: (text: string) => said.push(text) };
      const joined = await joinByScripts(asNobody(`${tools}:${process.env.PATH}`), options);
      const heard = new Heard(joined);
      const mark = `vexfs-trace dmesg ${process.hrtime.bigint()}`;
      printk(mark);
      await heard.until('kmsg', `${mark}\n`);
      expect(heard.text.kmsg).toMatch(/^<\d+>\[ *\d+\.\d+\] /);
      expect(said).toEqual(['/dev/kmsg cannot be read there; dmesg does not tell of lost messages']);
      await joined.close();
      rmSync(tools, { recursive: true });
    },
  );

  test.skipIf(!traced)('the tools of busybox are enough (needs root and tracefs)', async () => {
    const tools = mkdtempSync(join(tmpdir(), 'vexfs-busybox-'));
    spawnSync('busybox', ['--install', '-s', tools]);
    const before = traceInstances();
    const host: ScriptHost = {
      ...{ kind: 'ssh', what: 'busybox', where: 'this machine', deadlineMs: 10_000 },
      command: (script) => ({
        program: 'env',
        args: [`PATH=${tools}`, join(tools, 'sh'), '-c', script],
        detached: true,
      }),
    };
    const joined = await joinByScripts(host, { ...OPTIONS, events: FORKS });
    const heard = new Heard(joined);
    const mark = `vexfs-trace busybox ${process.hrtime.bigint()}`;
    printk(mark);
    await heard.until('kmsg', `${mark}\n`);
    spawn('true');
    await heard.until('ftrace', 'sched_process_fork:');
    await joined.close();
    expect(traceInstances()).toEqual(before);
    expect(processesWith(tools)).toEqual([]);
    rmSync(tools, { recursive: true });
  });
});
