import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FTRACE_SCRIPT, KMSG_SCRIPT } from './follow-scripts.ts';
import { joinSsh, type SshOptions } from './join-ssh.ts';
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
import { HAS_SSHD, startSshd, type TestSshd } from './testing-sshd.ts';

const OPTIONS: SshOptions = {
  ...{ id: 'test', host: 'box', interactive: false, backlog: false },
  ...{ onNote: () => {}, progress: () => {} },
};
const FORKS = { globs: ['sched:sched_process_fork'], required: true };
const able = HAS_SSHD && IS_ROOT && hasTracefs();

describe('a machine behind ssh', () => {
  let sshd: TestSshd;
  let release: () => void;
  beforeAll(async () => {
    release = await holdMachine();
    if (able) sshd = await startSshd();
  }, 120_000);
  afterAll(async () => {
    await sshd?.close();
    release();
  });
  /** Scripts that run behind the connection; the ssh clients carry them in their arguments, too. */
  const running = () => [...processesWith(KMSG_SCRIPT), ...processesWith(FTRACE_SCRIPT)];

  test.skipIf(!able)('is read through ssh_config, and nothing stays there (needs sshd, root, tracefs)', async () => {
    const before = traceInstances();
    const joined = await joinSsh({ ...OPTIONS, config: sshd.config, events: FORKS });
    const heard = new Heard(joined);
    const mark = `vexfs-trace ssh ${process.hrtime.bigint()}`;
    printk(mark);
    await heard.until('kmsg', `${mark}\n`);
    spawn('true');
    await heard.until('ftrace', 'sched_process_fork:');
    expect(heard.text.kmsg).toMatch(/^\d+,\d+,\d+,/);
    expect(joined.describe).toMatch(/^box, \d+\./);
    await joined.close();
    expect(await eventually(() => running().length === 0 && traceInstances().length === before.length)).toBe(true);
  });

  test.skipIf(!able)('that goes away is noticed, and cleans up behind us (needs sshd, root, tracefs)', async () => {
    const before = traceInstances();
    const joined = await joinSsh({ ...OPTIONS, config: sshd.config, events: FORKS });
    new Heard(joined);
    sshd.killSessions();
    expect(await joined.exited).toMatchObject({
      code: 255,
      expected: false,
      reason: expect.stringMatching(/closed|reset|disconnect/),
    });
    await joined.close();
    expect(await eventually(() => running().length === 0 && traceInstances().length === before.length)).toBe(true);
  });

  test.skipIf(!able)('with the backlog, what was printed before is there (needs sshd, root, tracefs)', async () => {
    const mark = `vexfs-trace ssh ${process.hrtime.bigint()}`;
    printk(mark);
    const joined = await joinSsh({ ...OPTIONS, config: sshd.config, backlog: true });
    await new Heard(joined).until('kmsg', `${mark}\n`);
    await joined.close();
  });

  test.skipIf(!able)('ssh fails in its own words (needs sshd, root, tracefs)', async () => {
    const wrongKey = sshd.configWith(
      'wrong',
      'Host box\n  IdentityFile /dev/null\n  PreferredAuthentications password',
    );
    await expect(joinSsh({ ...OPTIONS, config: wrongKey })).rejects.toMatchObject({
      exit: 'guest',
      message: expect.stringMatching(/^ssh box failed: .*Permission denied/),
    });
    const closed = sshd.configWith('closed', 'Host box\n  Port 1');
    await expect(joinSsh({ ...OPTIONS, config: closed })).rejects.toMatchObject({
      exit: 'guest',
      message: expect.stringMatching(/^ssh box failed: .*Connection refused/),
    });
  });

  test.skipIf(!able)('an interrupt while it connects leaves nothing (needs sshd, root, tracefs)', async () => {
    const interrupt = new AbortController();
    const joining = joinSsh({ ...OPTIONS, config: sshd.config, signal: interrupt.signal });
    interrupt.abort();
    await expect(joining).rejects.toMatchObject({ exit: 'sigint' });
    expect(await eventually(() => running().length === 0)).toBe(true);
  });

  test('a host that looks like an option is none', async () => {
    await expect(joinSsh({ ...OPTIONS, host: '-oProxyCommand=true' })).rejects.toMatchObject({
      exit: 'guest',
      message: expect.stringContaining('failed: '),
    });
  });

  test('a configuration that is not there is named', async () => {
    await expect(joinSsh({ ...OPTIONS, config: '/nonexistent' })).rejects.toMatchObject({
      exit: 'usage',
      message: 'ssh configuration /nonexistent does not exist',
    });
  });
});
