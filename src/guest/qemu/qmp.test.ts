import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectUnix, readJsonLines } from '../line-socket.ts';
import { Qmp } from './qmp.ts';

const GREETING = { QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: ['oob'] } };

/** What a scripted server does with a command: writes lines, or nothing, or hangs up. */
type Answer = (command: { execute: string; id: number; arguments?: Record<string, unknown> }, to: Peer) => void;

/** The server's end of the connection. */
class Peer {
  readonly socket: Socket;
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
  }
  say(...lines: readonly unknown[]): void {
    for (const line of lines) this.socket.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\r\n`);
  }
}

let dir: string;
let server: Server;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-qmp-'));
});
afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A client of a server that greets (or does what `greet` says) and answers by the script. */
async function connect(
  answer: Answer,
  greet: (to: Peer) => void = (to) => to.say(GREETING),
): Promise<{ socket: Socket; peer: Peer }> {
  const path = join(dir, 'qmp.sock');
  server = createServer().listen(path);
  const accepted = once(server, 'connection');
  const socket = await connectUnix(path, 5000, () => true);
  const peer = new Peer((await accepted)[0] as Socket);
  readJsonLines(peer.socket, (message) => {
    const command = message as unknown as Parameters<Answer>[0];
    if (command.execute === 'qmp_capabilities') peer.say({ return: {}, id: command.id });
    else answer(command, peer);
  });
  greet(peer);
  return { socket, peer };
}

async function open(answer: Answer): Promise<{ qmp: Qmp; peer: Peer }> {
  const { socket, peer } = await connect(answer);
  return { qmp: await Qmp.open(socket), peer };
}

describe('a session', () => {
  test('opens by the greeting and capabilities, and a command has its answer', async () => {
    const { qmp } = await open(({ execute, id, arguments: args }, to) => to.say({ return: { execute, args }, id }));
    expect(await qmp.execute('query-status')).toEqual({ execute: 'query-status' });
    expect(await qmp.execute('stop', { why: 'test' })).toEqual({ execute: 'stop', args: { why: 'test' } });
  });

  test('answers are matched by their id, whatever their order', async () => {
    const held: number[] = [];
    const { qmp } = await open(({ id }, to) => {
      held.push(id);
      if (held.length === 3) for (const other of held.toReversed()) to.say({ return: other, id: other });
    });
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => qmp.execute(name)));
    expect(answers).toEqual(held);
  });

  test('answers to nobody and to what was given up are passed over', async () => {
    const { qmp, peer } = await open(({ execute, id }, to) => {
      if (execute === 'slow') return;
      to.say({ return: 'late', id: id - 1 }, { return: 'nobody', id: 999 }, { return: 'none' }, { return: 'mine', id });
    });
    await expect(qmp.execute('slow', {}, 50)).rejects.toMatchObject({
      exit: 'guest',
      message: 'QEMU did not answer slow within 0.05 s',
    });
    expect(await qmp.execute('quick')).toBe('mine');
    peer.socket.destroy();
  });

  test.each([
    ['an error', { class: 'GenericError', desc: 'no such device' }, 'eject: no such device'],
    ['an error without words', {}, 'eject: failed'],
  ])('%s is the error of its command only', async (_name, error, message) => {
    const { qmp } = await open(({ execute, id }, to) =>
      to.say(execute === 'eject' ? { error, id } : { return: 1, id }),
    );
    const [eject, other] = await Promise.allSettled([qmp.execute('eject'), qmp.execute('other')]);
    expect(eject).toMatchObject({ status: 'rejected', reason: { message } });
    expect(other).toEqual({ status: 'fulfilled', value: 1 });
  });

  test('events reach all who listen, until they stop', async () => {
    const { qmp, peer } = await open(({ id }, to) => to.say({ return: {}, id }));
    const heard: unknown[] = [];
    const stop = qmp.onEvent((event) => heard.push(event));
    peer.say({ event: 'GUEST_PANICKED', data: { action: 'pause' }, timestamp: {} }, { event: 'STOP' });
    await qmp.execute('query-status');
    expect(heard).toEqual([
      { event: 'GUEST_PANICKED', data: { action: 'pause' } },
      { event: 'STOP', data: {} },
    ]);
    stop();
    peer.say({ event: 'RESUME' });
    await qmp.execute('query-status');
    expect(heard).toHaveLength(2);
  });

  test('garbage between the answers changes nothing', async () => {
    const { qmp } = await open(({ id }, to) => {
      to.say('', 'not json', '{"broken":', '[1,2]', 'null', '{}', '\0\u001b[2J', `{"x":"${'x'.repeat(3 << 20)}"}`);
      to.say({ return: 'still here', id });
    });
    expect(await qmp.execute('query-status')).toBe('still here');
  });
});

describe('a server that fails', () => {
  test('by hanging up in the middle of commands fails all that wait, and those to come', async () => {
    const { qmp } = await open(({ execute }, to) => {
      if (execute === 'b') to.socket.end('{"return":');
    });
    const [a, b] = await Promise.allSettled([qmp.execute('a'), qmp.execute('b')]);
    expect(a).toMatchObject({ status: 'rejected', reason: { message: 'QEMU ended during a' } });
    expect(b).toMatchObject({ status: 'rejected', reason: { message: 'QEMU ended during b' } });
    await expect(qmp.execute('c')).rejects.toThrow('QEMU has ended; c was not sent');
  });

  test.each([
    ['by never greeting', () => {}, 'QEMU did not greet on its QMP socket'],
    ['by talking about something else', (to: Peer) => to.say('HTTP/1.1 400'), 'QEMU did not greet on its QMP socket'],
    ['by hanging up at once', (to: Peer) => void to.socket.end(), 'QEMU closed its QMP socket'],
  ])('%s is not waited for', async (_name, greet, message) => {
    const { socket } = await connect(() => {}, greet);
    const start = performance.now();
    await expect(Qmp.open(socket, undefined, 200)).rejects.toThrow(message);
    expect(performance.now() - start).toBeLessThan(2000);
    socket.destroy();
  });
});

describe('a job', () => {
  const status = (id: string, value: string) => ({ event: 'JOB_STATUS_CHANGE', data: { id, status: value } });
  /** Answers like QEMU does for snapshot-save: the job's states as events, its end by query-jobs. */
  function jobServer(states: readonly unknown[], error?: string): { answer: Answer; dismissed: unknown[] } {
    const dismissed: unknown[] = [];
    return {
      dismissed,
      answer: ({ execute, id, arguments: args }, to) => {
        if (execute === 'query-jobs') {
          to.say({
            return: [
              { id: 'other', error: 'not ours' },
              { id: 'job1', ...(error !== undefined && { error }) },
            ],
            id,
          });
          return;
        }
        if (execute === 'job-dismiss') dismissed.push(args?.id);
        to.say({ return: {}, id });
        if (execute === 'snapshot-save') to.say(...states);
      },
    };
  }

  test('ends when it is concluded, and is dismissed', async () => {
    const { answer, dismissed } = jobServer([
      ...['created', 'running', 'waiting', 'pending', 'concluded'].map((value) => status('job1', value)),
      status('job1', 'null'),
    ]);
    const { qmp } = await open(answer);
    await qmp.runJob('snapshot-save', 'job1', { tag: 'a' }, 5000);
    expect(dismissed).toEqual(['job1']);
  });

  test('that failed fails with its own words, and is dismissed, too', async () => {
    const { answer, dismissed } = jobServer([status('job1', 'aborting'), status('job1', 'concluded')], 'No space left');
    const { qmp } = await open(answer);
    await expect(qmp.runJob('snapshot-save', 'job1', {}, 5000)).rejects.toMatchObject({
      exit: 'guest',
      message: 'snapshot-save failed: No space left',
    });
    expect(dismissed).toEqual(['job1']);
  });

  test('is not ended by the end of another', async () => {
    const { answer } = jobServer([status('job2', 'concluded')]);
    const { qmp } = await open(answer);
    await expect(qmp.runJob('snapshot-save', 'job1', {}, 100)).rejects.toThrow('snapshot-save took longer than 0.1 s');
  });

  test('that is refused fails at once', async () => {
    const { qmp } = await open(({ id }, to) => to.say({ error: { desc: 'Device is busy' }, id }));
    await expect(qmp.runJob('snapshot-save', 'job1', {}, 5000)).rejects.toThrow('snapshot-save: Device is busy');
  });

  test('of a QEMU that dies fails at once', async () => {
    const { qmp } = await open(({ id }, to) => {
      to.say({ return: {}, id });
      to.socket.end();
    });
    const start = performance.now();
    await expect(qmp.runJob('snapshot-save', 'job1', {}, 10_000)).rejects.toThrow('QEMU ended during snapshot-save');
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
