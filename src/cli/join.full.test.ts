import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FTRACE_SCRIPT, KMSG_SCRIPT } from '../guest/follow-scripts.ts';
import {
  eventually,
  hasTracefs,
  holdMachine,
  IS_ROOT,
  processesWith,
  recordedOops,
  traceInstances,
} from '../guest/testing.ts';

const BIN = new URL('../../bin/vexfs-trace', import.meta.url).pathname;
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-cli-join-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `vexfs-trace attach` as a user runs it; `onStderr` sees what it has said so far. */
function attach(args: readonly string[], onStderr: (text: string, child: ChildProcess) => void = () => {}) {
  return ended(spawn(BIN, ['attach', '--no-capture', ...args], { cwd: dir, env: ENV }), onStderr);
}

const ENV = { ...process.env, NO_COLOR: '1' };

function ended(child: ChildProcess, onStderr: (text: string, child: ChildProcess) => void = () => {}): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
    onStderr(stderr, child);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const HELP = '(add --help for what can be given)\n';
const CONSOLE_HINT = 'name a socket (QEMU: -serial unix:PATH,server=on,wait=off), /dev/pts/N or a serial device';

describe('what cannot be is said in one sentence', () => {
  test.each<[string, number, string]>([
    [
      '--ssh h --kernel stock',
      2,
      `error: option '--ssh <host>' cannot be used with option '--kernel <name|path>'\n${HELP}`,
    ],
    ['--console /x --local', 2, `error: option '--console <path>' cannot be used with option '--local'\n${HELP}`],
    ['--local --stress', 2, `error: option '--local' cannot be used with option '--stress'\n${HELP}`],
    ['--local --inject bug', 2, `error: option '--local' cannot be used with option '--inject <fault>'\n${HELP}`],
    ['--local --baud 9600', 2, 'vexfs-trace: --baud is for --console\n  next: leave it out\n'],
    ['--console /x --backlog', 2, 'vexfs-trace: --backlog is for --ssh and --local\n  next: leave it out\n'],
    ['--events x:y', 2, 'vexfs-trace: --events is for --ssh and --local\n  next: leave it out\n'],
    ['--ssh-config /x', 2, 'vexfs-trace: --ssh-config is for --ssh\n  next: leave it out\n'],
    ['--console /nonexistent', 3, `vexfs-trace: console /nonexistent does not exist\n  next: ${CONSOLE_HINT}\n`],
    ['--console /dev/null', 2, `vexfs-trace: /dev/null is no terminal or serial device\n  next: ${CONSOLE_HINT}\n`],
    [
      '--ssh vexfs-trace.invalid',
      5,
      'vexfs-trace: ssh vexfs-trace.invalid failed: ssh: Could not resolve hostname vexfs-trace.invalid: ',
    ],
  ])('%s', async (args, code, stderr) => {
    const result = await attach(args.split(' '));
    expect({ ...result, stderr: result.stderr.slice(0, stderr.length) }).toEqual({ code, stdout: '', stderr });
  });

  test.skipIf(!IS_ROOT)('a log that may not be read (needs root, to be somebody else)', async () => {
    const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', BIN];
    const args = [...nobody, 'attach', '--no-capture', '--local'];
    expect(await ended(spawn('setpriv', args, { cwd: '/', env: ENV }))).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'vexfs-trace: /dev/kmsg may not be read by this user\n  next: run it as root: sudo vexfs-trace attach --local\n',
    });
  });
});

describe('a console', () => {
  test('is shown, and its end ends the run with the code of what was found', async () => {
    const run = async (name: string, text: string) => {
      const path = join(dir, name);
      const server = createServer((guest) => guest.end(text));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      const result = await attach(['--console', path]);
      server.close();
      return result;
    };
    const oops = recordedOops().map((line, i) => `[    2.${100_000 + i}] ${line}\r\n`);
    const found = await run('oops.sock', oops.join(''));
    expect(found.stdout).toContain(
      'CRASH    BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_',
    );
    expect(found.stdout).toContain('meaning: The kernel read or wrote through a pointer that was NULL.');
    expect(found.stdout).toMatch(/GUEST {4}exit connection=console .*reason=the console was closed/);
    expect(found.stderr).toContain('the guest went away: the console was closed');
    expect(found.code).toBe(1);
    const clean = await run('clean.sock', '[    1.000000] Linux version 6.1.0\r\n');
    expect(clean.stderr).toContain(
      'vexfs-trace: the guest went away: the console was closed\n  next: see that it runs',
    );
    expect(clean.code).toBe(5);
  });
});

describe('this machine', () => {
  const able = IS_ROOT && hasTracefs();
  let release: () => void;
  beforeAll(async () => {
    release = await holdMachine();
  }, 120_000);
  afterAll(() => release());
  const args = ['--local', '--events', 'sched:sched_process_fork'];
  const clean = (before: number) => () =>
    traceInstances().length === before && [KMSG_SCRIPT, FTRACE_SCRIPT].flatMap(processesWith).length === 0;

  test.skipIf(!able)('for a time (needs root and tracefs)', async () => {
    const { code, stdout, stderr } = await attach([...args, '--duration', '1s', '--format', 'ndjson']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; kind: string });
    expect(events[0]).toMatchObject({ event: 'guest', kind: 'ready', detail: { joined: 'local' } });
    expect(stderr).toMatch(/^watching this machine, .*\n0 findings in 0 incidents, 0 recovered, 0 gaps\n$/);
    expect(code).toBe(0);
  });

  test.skipIf(!able).each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'until %s, which leaves nothing behind (needs root and tracefs)',
    async (signal) => {
      const before = traceInstances().length;
      let during = 0;
      const { code } = await attach(args, (text, child) => {
        if (during > 0 || !text.includes('watching')) return;
        during = traceInstances().length;
        child.kill(signal);
      });
      expect(during).toBe(before + 1);
      expect(await eventually(clean(before))).toBe(true);
      expect(code).toBe(signal === 'SIGKILL' ? null : 0);
      expect(existsSync(join(dir, 'captures'))).toBe(false);
    },
  );
});
