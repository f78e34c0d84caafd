import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '../model/chunk.ts';
import type { Joined } from './joined.ts';

export const IS_ROOT = process.getuid?.() === 0;
/** Where tests of joining look for our trace instances on this machine. */
const INSTANCES = '/sys/kernel/tracing/instances';

export function hasTracefs(): boolean {
  return listDir(INSTANCES) !== undefined;
}

/** Our trace instances on this machine. */
export function traceInstances(): string[] {
  return (listDir(INSTANCES) ?? []).filter((name) => name.startsWith('vexfs-trace-'));
}

function listDir(dir: string): string[] | undefined {
  try {
    return readdirSync(dir);
  } catch {
    return undefined;
  }
}

/**
 * This machine for one test file at a time: its kernel log and trace instances are shared by all. The lock is an abstract
 * unix socket (unix(7)), which goes with its process. Returns what releases it.
 */
export async function holdMachine(): Promise<() => void> {
  for (;;) {
    const server = createServer();
    const held = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen('\0vexfs-trace-test-machine', () => resolve(true));
    });
    if (held) return () => server.close();
    await sleep(50);
  }
}

/** Processes of which some argument holds the text. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

/** Nothing tells of a process or instance of others that has gone, so this looks again and again. */
export async function eventually(check: () => boolean, timeoutMs = 10_000): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(20)) if (check()) return true;
  return check();
}

/**
 * Prints a line to this machine's kernel log, below the level that consoles show. Each goes through a file of its own,
 * because the kernel limits the rate of each (kernel/printk/printk.c devkmsg_write), and ends with a newline, because a
 * record without one stays open.
 */
export function printk(text: string): void {
  writeFileSync('/dev/kmsg', `<7>${text}\n`);
}

/** The report of a real NULL dereference, line by line without printk's prefix. */
export function recordedOops(): string[] {
  const file = new URL('../../fixtures/guests/stock/null-deref.console', import.meta.url);
  const lines = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
  const start = lines.findIndex((line) => line.includes('BUG: kernel NULL pointer'));
  return lines.slice(start).map((line) => line.replace(/^\[ *[\d.]+\] ?/, ''));
}

/** What a joined guest says, with a wait for what is yet to come. */
export class Heard {
  readonly text: Partial<Record<Stream, string>> = {};
  readonly #waiting = new Set<() => void>();

  constructor(joined: Joined) {
    joined.onData((stream, bytes) => {
      this.text[stream] = (this.text[stream] ?? '') + Buffer.from(bytes).toString('latin1');
      for (const look of this.#waiting) look();
    });
  }

  until(stream: Stream, part: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.text[stream]?.includes(part)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
