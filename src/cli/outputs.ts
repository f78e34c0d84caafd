import { appendFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AtomicFile } from '../base/atomic-file.ts';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { About, LogRead } from '../model/about.ts';
import type { Event } from '../model/event.ts';
import { VERSION } from '../run/version.ts';
import { SINKS } from '../sink/formats.ts';
import type { Format, Sink, Surface } from '../sink/sink.ts';
import { Tally } from '../sink/tally.ts';
import { say, terminalColumns, wantsColor, withoutCommands, write } from './output.ts';

/** A format and where it goes: a path, or `-` for standard output. */
export interface OutputSpec {
  readonly format: Format;
  readonly path: string;
}

/** Lines of a file are as long as this; a terminal says itself. */
const WIDTH = 100;
/** GitHub drops a longer summary of a step (docs.github.com/actions, workflow commands). */
const MAX_STEP_SUMMARY = 1024 * 1024 - 1024;

/**
 * The outputs of one run, each event to all of them. Files appear when the run is complete. Fails with exit 2 before anything is
 * read where a path cannot be written, goes to two places at once or is one of the logs.
 */
export class Outputs {
  readonly #sinks: Sink[] = [];
  readonly #files: { readonly path: string; readonly file: AtomicFile }[] = [];
  readonly #tally = new Tally();

  constructor(specs: readonly OutputSpec[], logs: readonly string[]) {
    checkPaths(specs, logs);
    // A reader that goes away, or a signal, ends the process.
    process.once('exit', () => this.discard());
    try {
      for (const { format, path } of specs)
        this.#sinks.push(SINKS[format](path === '-' ? stdout(format) : this.#open(path)));
      const summary = process.env.GITHUB_STEP_SUMMARY;
      if (summary && specs.some(({ format }) => format === 'github'))
        this.#sinks.push(SINKS.markdown(stepSummary(summary)));
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  event(event: Event, about: About): void {
    this.#tally.event(event);
    for (const sink of this.#sinks) sink.event(event, about);
  }

  log(log: LogRead): void {
    this.#tally.log(log);
    for (const sink of this.#sinks) sink.log?.(log);
  }

  pause(): void {
    for (const sink of this.#sinks) sink.pause?.();
  }

  /** Completes all of them and puts the files in their places. */
  close(): void {
    const summary = this.#tally.summary();
    for (const sink of this.#sinks) sink.close(summary);
    for (const { path, file } of this.#files) attempt(path, 'missing', () => file.commit());
  }

  /** Leaves no file behind; nothing happens after `close`. */
  discard(): void {
    for (const { file } of this.#files) file.discard();
  }

  #open(path: string): Surface {
    const file = attempt(path, 'usage', () => new AtomicFile(path));
    this.#files.push({ path, file });
    return surface({ write: (chunk) => attempt(path, 'missing', () => file.write(chunk)) });
  }
}

function surface(own: Pick<Surface, 'write'> & Partial<Surface>): Surface {
  return {
    warn: (text) => say(`warning: ${text}`),
    color: false,
    width: WIDTH,
    terminal: false,
    version: VERSION,
    ...own,
  };
}

/** Formats that are not read by a program. */
const FOR_PEOPLE: ReadonlySet<Format> = new Set(['text', 'markdown']);

function stdout(format: Format): Surface {
  const columns = terminalColumns();
  return surface({
    write: (chunk) => write(typeof chunk === 'string' && FOR_PEOPLE.has(format) ? withoutCommands(chunk) : chunk),
    color: wantsColor({ isTTY: columns !== undefined }),
    width: columns || WIDTH,
    terminal: columns !== undefined,
  });
}

/** The page that GitHub shows of a step; several steps may write to it. A run does not fail for it. */
function stepSummary(path: string): Surface {
  let room = MAX_STEP_SUMMARY;
  const append = (chunk: string | Uint8Array) => {
    try {
      appendFileSync(path, chunk);
    } catch (error) {
      room = 0;
      say(`warning: the summary of the step could not be written: ${messageOf(error)}`);
    }
  };
  return surface({
    write(chunk) {
      if (room <= 0) return;
      room -= Buffer.byteLength(chunk);
      append(room >= 0 ? chunk : '\n(There is more than a summary may hold.)\n');
    },
  });
}

function checkPaths(specs: readonly OutputSpec[], logs: readonly string[]): void {
  const sources = new Set(logs.filter((log) => log !== '-').map(placeOf));
  const taken = new Set<string>();
  for (const { path } of specs) {
    const place = path === '-' ? '-' : placeOf(path);
    if (sources.has(place))
      throw new ExpectedError('usage', `${path} is one of the logs to read`, 'write the output to another file');
    if (taken.has(place)) {
      const name = path === '-' ? 'standard output' : path;
      throw new ExpectedError('usage', `two outputs go to ${name}`, 'give each a path of its own: -o FORMAT=PATH');
    }
    taken.add(place);
  }
}

/** A path without links, also of a file that is not there yet. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), path.slice(path.lastIndexOf('/') + 1));
    } catch {
      return resolve(path);
    }
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'what should be its folder is a file',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the file system is read-only',
};

function attempt<T>(path: string, exit: 'usage' | 'missing', work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = WORDS[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
    throw new ExpectedError(exit, `${path} cannot be written: ${why}`, 'name another path with -o FORMAT=PATH');
  }
}
