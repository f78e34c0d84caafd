import { fstatSync, writeSync } from 'node:fs';
import { lazy } from '../base/lazy.ts';
import { toNdjson } from '../base/ndjson.ts';
import { escapeTerminal } from '../base/text.ts';
import type { ValueOf } from '../config/table.ts';
import type { Event } from '../model/event.ts';
import { createTextFormatter } from '../sink/text.ts';

/** What a live run and a replay write; `analyze` has more (src/sink/sink.ts). */
export type LiveFormat = ValueOf<'output.format'>;

/** Colours only where a person looks; NO_COLOR and FORCE_COLOR decide first (no-color.org). */
export function wantsColor(stream: { readonly isTTY?: boolean }): boolean {
  if (process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '') return false;
  if (process.env.FORCE_COLOR !== undefined && process.env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true;
}

/** How wide the terminal is that standard output shows on, 0 where it does not say; undefined where it is none. */
export function terminalColumns(): number | undefined {
  if (isPlain()) return undefined;
  return process.stdout.isTTY ? process.stdout.columns || 0 : undefined;
}

export function print(text: string): void {
  write(text.endsWith('\n') ? text : `${text}\n`);
}

/**
 * Writes to standard output. Files and pipes are written as Node itself does, at once and whole, without the streams and sockets
 * behind `process.stdout`, which take as long to load as a short log to read. A reader that went away (`| head`) ends the program quietly.
 */
export function write(chunk: string | Uint8Array): void {
  let bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  try {
    while (bytes.length > 0 && isPlain()) bytes = bytes.subarray(writeSync(1, bytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') process.exit(0);
    if (code !== 'EAGAIN') throw error;
    // Whoever reads shares the pipe with us, does not let writers wait, and is slow: Node waits for it.
    isPlain = () => false;
  }
  if (bytes.length > 0) stream().write(bytes);
}

/** Major number of /dev/null and its like: Documentation/admin-guide/devices.txt. */
const MEMORY_DEVICES = 1;

/** Neither a terminal nor a socket. */
let isPlain = lazy(() => {
  try {
    const stat = fstatSync(1);
    return stat.isFile() || stat.isFIFO() || (stat.isCharacterDevice() && stat.rdev >> 8 === MEMORY_DEVICES);
  } catch {
    return false;
  }
});

const stream = lazy(() => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return process.stdout;
});

/**
 * In a step of GitHub Actions what a log says must not be taken for a command: `::name::` at the beginning of a line, `##[name]`
 * anywhere (actions/runner, ActionCommand). The format `github` escapes its own.
 */
export function withoutCommands(text: string): string {
  if (process.env.GITHUB_ACTIONS !== 'true') return text;
  return text.replaceAll(/^([ \t]*):(?=:)/gm, '$1:\u200b').replaceAll('##[', '##\u200b[');
}

/** Progress and warnings: stderr, so that stdout stays the product. */
export function say(text: string): void {
  try {
    // Guests and remote machines have a say in errors.
    writeSync(2, withoutCommands(`${text.split('\n').map(escapeTerminal).join('\n')}\n`));
  } catch {
    // A closed or full stderr is no reason to end a run.
  }
}

/** Writes events in the format that was asked for; advice is for people alone. */
export function createPrinter(format: LiveFormat): (event: Event, advice?: readonly string[]) => void {
  if (format === 'ndjson') return (event) => print(toNdjson(event));
  const toText = createTextFormatter({ color: wantsColor(process.stdout) });
  return (event, advice) => {
    const text = toText(event, advice);
    if (text !== null) print(withoutCommands(text));
  };
}
