import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type IPty, loadPty } from '../guest/pty.ts';
import { eventually, processesWith } from '../guest/testing.ts';
import { BIN, runCli } from './testing.ts';

const pty = await loadPty();
const guestDir = (id: string) => join(tmpdir(), `vexfs-trace-${process.getuid?.() ?? 0}`, id);

/** Behind its prompt the shell asks where the cursor stands. */
const PROMPT = /\/ # (\x1b\[6n)?$/;

/** A guest leaves neither process nor folder. */
async function expectGone(id: string): Promise<void> {
  expect(await eventually(() => processesWith(guestDir(id)).length === 0)).toBe(true);
  expect(existsSync(guestDir(id))).toBe(false);
}

/** A person at a terminal: what is on the screen, and waiting for it. */
class Person {
  screen = '';
  readonly terminal: IPty;
  readonly ended: Promise<number>;
  #seen = 0;

  constructor(env: Readonly<Record<string, string>>) {
    if (pty === undefined) throw new Error('node-pty could not be loaded');
    // The settings of the terminal before and after stand around what the program says.
    const script = 'stty -g; "$0" guest boot --interactive; code=$?; stty -g; exit $code';
    this.terminal = pty.spawn('/bin/sh', ['-c', script, BIN], { cols: 100, rows: 30, env: { ...process.env, ...env } });
    this.terminal.onData((text) => {
      this.screen += text;
    });
    this.ended = new Promise((resolve) => this.terminal.onExit(({ exitCode }) => resolve(exitCode)));
  }

  /** To the program under test, the shell's only child. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    const { pid } = this.terminal;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), name);
  }

  type(text: string): void {
    this.#seen = this.screen.length;
    this.terminal.write(text);
  }

  /** Waits for the text in what came since the last keys. */
  async sees(text: string | RegExp, timeoutMs = 20_000): Promise<string> {
    const fresh = () => this.screen.slice(this.#seen);
    await eventually(() => fresh().search(text) >= 0, timeoutMs);
    expect(fresh()).toMatch(text);
    return fresh();
  }
}

describe.skipIf(pty === undefined)('guest boot --interactive (its test needs node-pty)', () => {
  let person: Person | undefined;
  afterEach(() => person?.terminal.kill('SIGKILL'));

  test('is a shell on a terminal of its own', async () => {
    person = new Person({});
    const id = /guest (\w+) is up.*Ctrl-\] leaves/.exec(await person.sees(/Ctrl-\] leaves/, 120_000))?.[1] ?? '';
    expect(person.screen).not.toContain('plain pipes');
    person.type('echo $((6*7))\r');
    await person.sees(/^42\r/m);

    // The size of the window comes through the agent, a moment later.
    for (const [columns, rows] of [
      [100, 30],
      [120, 40],
    ] as const) {
      person.terminal.resize(columns, rows);
      person.type(`until [ "$(stty size)" = "${rows} ${columns}" ]; do sleep 0.1; done; stty size\r`);
      await person.sees(new RegExp(`^${rows} ${columns}\\r`, 'm'));
    }

    person.type('echo s$((0))leeps; sleep 1000\r');
    await person.sees(/^s0leeps\r/m);
    person.type('\x03');
    await person.sees(PROMPT);
    person.type('echo a$((0))wake\r');
    await person.sees(/^a0wake\r/m);

    // No byte twice, none lost, also when nobody takes them for a while.
    person.type('seq 10000; echo e$((0))nd\r');
    for (let pause = 0; pause < 4; pause++) {
      person.signal('SIGSTOP');
      await sleep(300);
      person.signal('SIGCONT');
      await sleep(50);
    }
    const flood = await person.sees('e0nd', 60_000);
    const numbers = flood.split(/\r*\n/).filter((line) => /^\d+$/.test(line));
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, i) => String(i + 1)));

    // Another shell follows, and the guest stands: it was not PID 1 that ended.
    const shell = async () => {
      person?.type('echo pid $$\r');
      return Number(/^pid (\d+)\r/m.exec((await person?.sees(/^pid \d+\r/m)) ?? '')?.[1]);
    };
    const first = await shell();
    person.type('exit\r');
    await person.sees(/BusyBox[\s\S]*\/ # /);
    const second = await shell();
    expect(first).toBeGreaterThan(1);
    expect(second).toBeGreaterThan(first);

    person.type('\x1d');
    expect(await person.ended).toBe(0);
    const settings = person.screen.match(/^[0-9a-f]+(:[0-9a-f]+)+\r?$/gm) ?? [];
    expect(settings.length).toBe(2);
    expect(settings[1]).toBe(settings[0]);
    await expectGone(id);
  });

  test('works over plain pipes and says so; a guest that powers off ends it', async () => {
    person = new Person({ VEXFS_TRACE_NO_PTY: '1' });
    const id = /guest (\w+) is up/.exec(await person.sees(/Ctrl-\] leaves/, 120_000))?.[1] ?? '';
    expect(person.screen.match(/plain pipes/g)).toHaveLength(1);
    person.type('echo $((6*7))\r');
    await person.sees(/^42\r/m);
    person.type('echo o > /proc/sysrq-trigger\r');
    expect(await person.ended).toBe(0);
    await expectGone(id);
  });

  test('sysrq reaches the kernel by way of the terminal', async () => {
    const { QemuGuest } = await import('../guest/qemu/guest.ts');
    const { buildGuest } = await import('../run/open-guest.ts');
    const { kernel, initramfs } = buildGuest({ kernel: 'stock', withoutTools: true });
    const guest = await QemuGuest.boot({
      ...{ id: `gtest${process.pid}`, kernel, initramfs, accelerator: 'tcg' as const, cpus: 1, memoryMiB: 512 },
      ...{ bootTimeoutMs: 60_000, terminal: { columns: 80, rows: 24, ...(pty !== undefined && { pty }) } },
    });
    let said = '';
    guest.onData((stream, bytes) => {
      if (stream === 'console') said += Buffer.from(bytes).toString('latin1');
    });
    try {
      await guest.sysrq('h');
      expect(await eventually(() => said.includes('sysrq: HELP'))).toBe(true);
    } finally {
      await guest.close();
    }
  });
});

test('--interactive without a terminal is one sentence with a next step', async () => {
  const { code, stderr } = await runCli(['guest', 'boot', '--interactive']);
  expect(stderr).toMatch(/^vexfs-trace: --interactive needs a terminal.*\n {2}next: .*\n$/);
  expect(code).toBe(2);
});

describe('guest boot --detach', () => {
  test('leaves a guest that others list, use and stop, and that gets at nothing of this machine', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { code, stdout } = await runCli(['guest', 'boot', '--detach', '--network', 'restricted']);
    expect(code).toBe(0);
    const id = stdout.trim();
    try {
      const [qemu = ''] = processesWith(join(guestDir(id), 'qmp.sock'));
      // A filter of system calls is in force (Documentation/filesystems/proc.rst, Seccomp).
      expect(readProc(qemu, 'status')).toMatch(/^Seccomp:\s*2$/m);
      expect(statSync(guestDir(id)).mode & 0o777).toBe(0o700);
      const { port } = server.address() as AddressInfo;
      const reach = `ip addr show eth0; nc -w 2 10.0.2.2 ${port} </dev/null; echo gave up`;
      expect((await runCli(['guest', 'exec', id, '--', 'sh', '-c', reach])).stdout).toMatch(
        /10\.0\.2\.15[\s\S]*gave up/,
      );
      expect(connections).toBe(0);
      expect(stdout).toMatch(/^g[0-9a-z]{8}\n$/);
      expect((await runCli(['guest', 'list'])).stdout).toMatch(new RegExp(`^${id} .* detached$`, 'm'));
      // Twice: whoever has used the agent lets go of it.
      for (const word of ['one', 'two']) {
        expect(await runCli(['guest', 'exec', id, '--', 'sh', '-c', `echo ${word}; exit 7`])).toMatchObject({
          code: 7,
          stdout: `${word}\n`,
        });
      }
      expect((await runCli(['guest', 'exec', id, '--', 'grep', 'vexfs', '/proc/mounts'])).stdout).toContain(
        '/mnt/vexfs',
      );
    } finally {
      server.close();
      expect((await runCli(['guest', 'stop', id])).code).toBe(0);
    }
    await expectGone(id);
    expect((await runCli(['guest', 'list'])).stdout).not.toContain(id);
  });

  test('that is killed before the guest is up leaves nothing behind the next start', async () => {
    let killed = false;
    let folder = '';
    await runCli(['guest', 'boot', '--detach'], (text, pid) => {
      if (killed || !text.includes('booting')) return;
      killed = true;
      // QEMU is there a moment later.
      for (let i = 0; folder === '' && i < 100; i++) {
        const found = processesWith('qemu-system').find((other) => parentOf(other) === pid);
        if (found === undefined) spawnSync('sleep', ['0.05']);
        else folder = /path=([^,]*)\/qmp.sock/.exec(commandLine(found))?.[1] ?? '';
      }
      process.kill(pid, 'SIGKILL');
    });
    expect(folder).not.toBe('');
    await runCli(['guest', 'list']);
    expect(await eventually(() => processesWith(folder).length === 0)).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });
});

function parentOf(pid: string): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readProc(pid, 'status'))?.[1]);
}

function commandLine(pid: string): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ');
}

/** Nothing of a process that has just ended. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
