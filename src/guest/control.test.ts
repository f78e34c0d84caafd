import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentNotice } from '../model/guest.ts';
import { AgentControl } from './control.ts';
import { buildAgent } from './image.ts';
import { readJsonLines } from './line-socket.ts';
import { eventually } from './testing.ts';

let dir: string;
let server: Server;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-agent-'));
  server = createServer().listen(join(dir, 's'));
});
afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const hasCompiler = ['gcc', 'make'].every((tool) => spawnSync(tool, ['--version']).error === undefined);

describe.skipIf(!hasCompiler)('with the real agent on this machine (needs gcc and make)', () => {
  let agent: ChildProcess;
  let control: AgentControl;
  const notices: AgentNotice[] = [];

  beforeEach(async () => {
    notices.length = 0;
    agent = spawn(buildAgent('x86_64'), ['--port', join(dir, 's'), '--heartbeat-ms', '50'], { stdio: 'ignore' });
    const [socket] = (await once(server, 'connection')) as [Socket];
    control = new AgentControl(socket);
    control.onNotice((notice) => notices.push(notice));
  }, 60_000);
  afterEach(() => {
    control.close();
    agent.kill('SIGKILL');
  });

  test.each([
    ['ping', {}, { status: 0, output: 'pong' }],
    ['exec', { argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] }, { status: 3, output: 'out\nerr\n' }],
    ['exec', { argv: ['sh', '-c', 'kill -SEGV $$'] }, { status: 139, signal: 11 }],
    ['exec', { argv: ['/nope'] }, { status: 2, error: expect.stringContaining('No such file') }],
    ['read', { path: '/nope' }, { status: 2 }],
    ['nonsense', {}, { status: -1, error: expect.any(String) }],
  ])('%s %j is answered', async (cmd, fields, answer) => {
    expect(await control.request(cmd, fields)).toMatchObject(answer);
  });

  test('text of any kind comes back as it went', async () => {
    const text = 'ä "quoted" \\ \u2028 \u0001 🙂\n';
    expect((await control.request('exec', { argv: ['cat'], stdin: text })).output).toBe(text);
  });

  test('quick answers do not wait for slow ones', async () => {
    const order: string[] = [];
    await Promise.all([
      control.request('exec', { argv: ['sleep', '0.3'] }).then(() => order.push('slow')),
      control.request('ping').then(() => order.push('quick')),
    ]);
    expect(order).toEqual(['quick', 'slow']);
  });

  test('a program past its deadline is ended by the agent, which goes on', async () => {
    const answer = await control.request('exec', { argv: ['sleep', '1000'] }, { timeoutMs: 100 });
    expect(answer).toMatchObject({ status: -2, reaped: true });
    expect(await control.request('ping')).toMatchObject({ status: 0 });
  });

  test('hello and heartbeats are heard and show that the agent lives', async () => {
    expect(await eventually(() => notices.filter(({ event }) => event === 'heartbeat').length >= 2)).toBe(true);
    expect(notices[0]).toMatchObject({ event: 'hello', protocol: 1, epoch: '' });
    const seen = control.lastSeen;
    expect(await eventually(() => control.lastSeen > seen)).toBe(true);
  });

  test('who gives up is told at once, and the answer that comes later reaches nobody', async () => {
    const stop = new AbortController();
    const slow = control.request('exec', { argv: ['sleep', '0.2'] }, { signal: stop.signal });
    stop.abort();
    await expect(slow).rejects.toMatchObject({
      exit: 'guest',
      message: 'the guest agent did not answer "exec": given up',
    });
    expect(await control.request('exec', { argv: ['sh', '-c', 'sleep 0.3; echo later'] })).toMatchObject({
      output: 'later\n',
    });
    await expect(control.request('ping', {}, { signal: stop.signal })).rejects.toThrow('given up');
  });

  test('a new epoch gives up what was in flight; then all is as before', async () => {
    const inFlight = control.request('exec', { argv: ['sleep', '0.2'] });
    const renewed = control.renew('e1', 5000);
    await expect(inFlight).rejects.toThrow('the guest agent did not answer "exec": the guest was taken back');
    await renewed;
    notices.length = 0;
    expect(await control.request('ping')).toMatchObject({ output: 'pong' });
    expect(await eventually(() => notices.some(({ epoch }) => epoch === 'e1'))).toBe(true);
    expect(notices.every(({ epoch }) => epoch === 'e1')).toBe(true);
  });

  test('an agent that dies fails all that wait, and all to come', async () => {
    const waiting = control.request('exec', { argv: ['sleep', '1000'] });
    await control.request('ping');
    agent.kill('SIGKILL');
    await expect(waiting).rejects.toThrow('the guest agent did not answer "exec": the guest has ended');
    await expect(control.request('ping')).rejects.toThrow('the guest has ended');
  });

  test('a request too long for the agent is refused here, the longest is answered', async () => {
    const write = (bytes: number) => control.request('write', { path: '/dev/null', data: 'x'.repeat(bytes) });
    await expect(write(1 << 20)).rejects.toThrow('request write is too long');
    expect(await write((1 << 20) - 200)).toMatchObject({ status: 0, bytes: (1 << 20) - 200 });
  });
});

describe('with a guest that misbehaves', () => {
  /** The guest's end is a script; `received` is what the host sent. */
  async function connect(): Promise<{ control: AgentControl; guest: Socket; received: Record<string, unknown>[] }> {
    const guest = await new Promise<Socket>((resolve) => {
      import('node:net').then(({ createConnection }) => {
        const socket: Socket = createConnection(join(dir, 's'), () => resolve(socket));
      });
    });
    const host = await accepted;
    const received: Record<string, unknown>[] = [];
    readJsonLines(guest, (message) => received.push(message));
    return { control: new AgentControl(host), guest, received };
  }
  let accepted: Promise<Socket>;
  beforeEach(() => {
    accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  });
  const say = (to: Socket, ...lines: readonly unknown[]) => {
    for (const line of lines) to.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  };

  test('noise, answers to nobody and lines without end are passed over', async () => {
    const { control, guest } = await connect();
    const ping = control.request('ping');
    say(guest, '', 'garbage', '[1]', '{"id":', { id: 99, status: 0 }, { id: 'one', status: 0 }, { status: 0 });
    say(guest, `{"id":1,"output":"${'x'.repeat(3 << 20)}"}`);
    say(guest, { id: 1, status: 0, output: 'pong' }, { id: 1, status: 7, output: 'again' });
    expect(await ping).toMatchObject({ status: 0, output: 'pong' });
    control.close();
  });

  test('an answer without a status is no success', async () => {
    const { control, guest } = await connect();
    const ping = control.request('ping');
    say(guest, { id: 1 });
    expect(await ping).toEqual({ id: 1, status: -1, output: '' });
    control.close();
  });

  test('silence ends with the deadline and its grace', async () => {
    const { control, received } = await connect();
    await expect(control.request('ping', {}, { timeoutMs: 1 })).rejects.toMatchObject({
      exit: 'guest',
      message: 'the guest agent did not answer "ping": no answer within 3.001 s',
    });
    expect(received).toEqual([{ id: 1, cmd: 'ping', timeoutMs: 1 }]);
    control.close();
  });

  test('nothing said before the new epoch is confirmed counts', async () => {
    const { control, guest, received } = await connect();
    const heard: AgentNotice[] = [];
    control.onNotice((notice) => heard.push(notice));
    control.request('sync').catch(() => {});
    // The state that is restored was saved in the middle of a line.
    guest.write('{"event":"heartbeat","n":1,"ep');
    expect(await eventually(() => received.length === 1)).toBe(true);
    const renewed = control.renew('e1', 5000);
    const ping = control.request('ping');
    expect(await eventually(() => received.length === 3)).toBe(true);
    const lastSeen = control.lastSeen;
    const epoch = received.find(({ cmd }) => cmd === 'epoch');
    expect(epoch).toMatchObject({ value: 'e1' });
    const id = Number(epoch?.id);
    say(guest, 'och":""}', { event: 'heartbeat', n: 2 }, { id: 1, status: 0 }, { id: id + 1, output: 'of the past' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(control.lastSeen).toBe(lastSeen);
    say(guest, { id, status: 0, epoch: 'e1' }, { event: 'heartbeat', n: 3 }, { id: id + 1, output: 'of the present' });
    await renewed;
    expect(await ping).toMatchObject({ output: 'of the present' });
    expect(heard).toEqual([{ event: 'heartbeat', n: 3 }]);
    control.close();
  });
});
