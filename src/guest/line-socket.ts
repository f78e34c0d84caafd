import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineSplitter } from '../base/lines.ts';

/**
 * Connects to a unix socket that another process is about to open, until the deadline.
 * There is nothing to wait for but the file, so this polls; `alive` ends it early.
 */
export async function connectUnix(path: string, deadlineMs: number, alive: () => boolean): Promise<Socket> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await connectOnce(path);
    } catch (error) {
      if (!alive() || Date.now() > end) throw error;
      await sleep(10);
    }
  }
}

function connectOnce(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Calls `onObject` for each line that is a JSON object and `onNoise` for every other one. */
export function readJsonLines(
  socket: Socket,
  onObject: (value: Record<string, unknown>) => void,
  onNoise: (text: string) => void = () => {},
): { forget(): void } {
  let splitter = new LineSplitter(MAX_JSON_LINE);
  socket.on('data', (bytes: Buffer) => {
    splitter.push(bytes, (line) => {
      const value = parseObject(line.text);
      if (value === undefined) onNoise(line.text);
      else onObject(value);
    });
  });
  return {
    forget() {
      splitter = new LineSplitter(MAX_JSON_LINE);
    },
  };
}

const MAX_JSON_LINE = 2 * 1024 * 1024;

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
