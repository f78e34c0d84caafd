import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinConsole } from './join-console.ts';
import { type IPty, loadPty } from './pty.ts';
import { Heard } from './testing.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-console-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a unix socket', () => {
  async function serve(name: string): Promise<{ server: Server; path: string; peer: Promise<Socket> }> {
    const path = join(dir, name);
    const server = createServer().listen(path);
    await once(server, 'listening');
    return { server, path, peer: once(server, 'connection').then(([socket]) => socket as Socket) };
  }

  test('what was sent before anybody listened is heard, and nothing is ever sent', async () => {
    const { server, path, peer } = await serve('a.sock');
    const joined = await joinConsole({ id: 'test', path });
    const guest = await peer;
    const received: Buffer[] = [];
    guest.on('data', (bytes) => received.push(bytes));
    await new Promise<void>((resolve) => guest.write('[    1.000000] first\r\n', () => resolve()));
    const heard = new Heard(joined);
    guest.write('[    2.000000] second\r\n');
    await heard.until('console', 'second\r\n');
    expect(heard.text.console).toBe('[    1.000000] first\r\n[    2.000000] second\r\n');
    const closed = once(guest, 'close');
    await joined.close();
    await closed;
    expect(Buffer.concat(received).length).toBe(0);
    expect(await joined.exited).toMatchObject({ expected: true });
    server.close();
  });

  test('a guest that ends is noticed after its last words', async () => {
    const { server, path, peer } = await serve('b.sock');
    const joined = await joinConsole({ id: 'test', path });
    const heard = new Heard(joined);
    (await peer).end('[    3.0] reboot: Power down\r\n');
    expect(await joined.exited).toMatchObject({ expected: false, reason: 'the console was closed' });
    expect(heard.text.console).toContain('Power down');
    server.close();
  });

  test.each([
    ['a socket that nobody listens on', 'missing', 'is a socket that nobody listens on', 'start the guest first'],
    ['a path that is not there', 'missing', 'does not exist', 'name a socket'],
    ['a file', 'usage', 'is no socket, pty or serial device', 'vexfs-trace analyze'],
    ['a folder', 'usage', 'is no socket, pty or serial device', 'name a socket'],
    ['another device', 'usage', 'is no terminal or serial device', 'name a socket'],
  ])('%s is named with the next step', async (what, exit, message, hint) => {
    const path = join(dir, 'x');
    const make: Record<string, () => void> = {
      'a file': () => writeFileSync(path, ''),
      'a socket that nobody listens on': () => {
        // A server that dies without a word leaves its socket.
        const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
        spawnSync(process.execPath, ['-e', code]);
      },
    };
    make[what]?.();
    const named = what === 'a folder' ? dir : what === 'another device' ? '/dev/null' : path;
    await expect(joinConsole({ id: 'test', path: named })).rejects.toMatchObject({
      exit,
      message: expect.stringContaining(`${named} ${message}`),
      hint: expect.stringContaining(hint),
    });
    rmSync(path, { force: true });
  });
});

const pty = await loadPty();

describe('a pty', () => {
  /** The other end belongs to a process that stays silent; what is written here is what the guest says. */
  function openPty(): { terminal: IPty; path: string; echoed: () => string } {
    if (pty === undefined) throw new Error('node-pty could not be loaded');
    const terminal = pty.spawn('sleep', ['1000'], {});
    let echo = '';
    terminal.onData((text) => {
      echo += text;
    });
    return { terminal, path: (terminal as IPty & { ptsName: string }).ptsName, echoed: () => echo };
  }
  const settings = (path: string) => spawnSync('stty', ['-F', path, '-g'], { encoding: 'utf8' }).stdout;

  test.skipIf(pty === undefined)('is read raw, without echo, and set back (needs node-pty)', async () => {
    const { terminal, path, echoed } = openPty();
    const before = settings(path);
    const joined = await joinConsole({ id: 'test', path });
    expect(settings(path)).not.toBe(before);
    const heard = new Heard(joined);
    terminal.write('[    1.000000] one\x03two\r\n[    2.000000] three');
    await heard.until('console', 'three');
    expect(heard.text.console).toBe('[    1.000000] one\x03two\r\n[    2.000000] three');
    await joined.close();
    expect(settings(path)).toBe(before);
    expect(echoed()).toBe('');
    terminal.kill();
  });

  test.skipIf(pty === undefined)('whose guest ends is noticed (needs node-pty)', async () => {
    const { terminal, path } = openPty();
    const joined = await joinConsole({ id: 'test', path });
    new Heard(joined);
    (terminal as IPty & { destroy(): void }).destroy();
    expect(await joined.exited).toMatchObject({ expected: false });
    await joined.close();
  });
});
