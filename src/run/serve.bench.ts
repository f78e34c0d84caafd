import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toJson } from '../base/text.ts';
import { packageRoot } from '../guest/paths.ts';
import { CAPTURE_SCHEMA } from '../model/capture.ts';
import { watchStream } from '../server/testing-client.ts';
import { testEvent } from '../store/testing-events.ts';

export interface LoadOptions {
  readonly clients: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Load {
  readonly events: number;
  readonly clients: number;
  /** Those that got every event once and in its order: their hash is that of the file. */
  readonly identical: number;
  /** Events a second that were written, and that all clients took together. */
  readonly written: number;
  readonly delivered: number;
  /** How long the last client took behind the last event; those that take their time are not counted. */
  readonly lagMs: number;
  /** Of the server: megabytes before, at the half of it, at the end, and the most. */
  readonly memory: readonly [before: number, half: number, end: number, most: number];
}

const RUN = '01J000000000000000000BENCH';
const TICK_MS = 20;

/**
 * A run that is written event by event as by a live run, a server in a process of its own, and clients over real connections. Some
 * leave and come again, and one takes its time: what they get is the same.
 */
export async function benchServe({ clients, perSecond, seconds }: LoadOptions): Promise<Load> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-load-'));
  const capture = join(dir, 'run');
  mkdirSync(capture);
  const info = { schema: CAPTURE_SCHEMA, run: RUN, tool: 'bench', startWall: Date.now(), command: ['attach'] };
  writeFileSync(join(capture, 'capture.json'), JSON.stringify(info));
  const server = await startServer(dir);
  try {
    const count = perSecond * seconds;
    const before = server.memory().now;
    const { port, token } = server;
    let last = 0;
    const watching = Array.from({ length: clients }, async (_, i) => {
      const slow = i % 25 === 2;
      const received = await watchStream({
        ...{ port, token, recording: RUN, count },
        ...(i % 10 === 1 && { leaveAfter: Math.ceil(count / 4) }),
        ...(slow && { pauseMs: 50 }),
      });
      if (!slow) last = Math.max(last, performance.now());
      return received;
    });
    const hash = createHash('sha256');
    const start = performance.now();
    let [seq, half] = [0, 0];
    while (seq < count) {
      await sleep(TICK_MS);
      const due = Math.min(count, Math.floor(((performance.now() - start) / 1000) * perSecond));
      let text = '';
      for (; seq < due; seq++) {
        const json = toJson(testEvent(RUN, seq));
        hash.update(json);
        text += `${json}\n`;
      }
      appendFileSync(join(capture, 'events.ndjson'), text);
      if (half === 0 && seq >= count / 2) half = server.memory().now;
    }
    const written = performance.now();
    const received = await Promise.all(watching);
    const end = performance.now();
    const wanted = hash.digest('hex');
    const { now, most } = server.memory();
    return {
      ...{ events: count, clients, identical: received.filter((each) => each.hash === wanted).length },
      ...{ written: (count / (written - start)) * 1000, delivered: ((count * clients) / (end - start)) * 1000 },
      ...{ lagMs: last - written, memory: [before, half, now, most] },
    };
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The program as it was built. */
async function startServer(folder: string) {
  const args = [join(packageRoot(), 'bin/vexfs-trace'), 'serve', folder, '--port', '0', '--no-store'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  const url = await new Promise<URL>((resolve, reject) => {
    child.stdout.once('data', (bytes) => resolve(new URL(String(bytes).trim())));
    child.once('close', (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
  return {
    port: Number(url.port),
    token: url.searchParams.get('token') ?? '',
    memory: () => memoryOf(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Megabytes of a process, as Linux counts them (proc(5), status). */
function memoryOf(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { now: read('VmRSS'), most: read('VmHWM') };
}
