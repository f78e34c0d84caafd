import { createReadStream, existsSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ulid } from 'ulid';
import { ExpectedError } from '../base/errors.ts';
import type { About, LogRead } from '../model/about.ts';
import { type Event, isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import { adviceOf } from './advice.ts';
import { openLibrary } from './library.ts';
import { Pipeline } from './pipeline.ts';

export interface AnalyzeOptions {
  readonly patterns: readonly string[];
  readonly profile?: 'default' | 'syzkaller';
  /** Findings come with the text of their reports. */
  readonly keepRaw?: boolean;
  readonly onEvent: (event: Event, about: About) => void;
  /** A log has been read; none of its events comes later. */
  readonly onLog?: (log: LogRead) => void;
  readonly warn: (message: string) => void;
}

/** Reads captured logs, `-` for standard input, one after the other, each as a log of its own. Streams; never holds a file. */
export async function analyze(files: readonly string[], stdin: Readable, options: AnalyzeOptions): Promise<void> {
  for (const file of files) {
    if (file === '-') continue;
    if (!existsSync(file))
      throw new ExpectedError('usage', `${file} does not exist`, 'name a log file, or - for standard input');
    if (statSync(file).isDirectory())
      throw new ExpectedError(
        'usage',
        `${file} is a folder`,
        'name its log files; for a capture run: vexfs-trace replay',
      );
  }
  const matcher = await openLibrary(options.patterns, options.warn);
  const run = ulid();
  let seq = 0;
  let bytes = 0;
  for (const file of files) {
    const input = file === '-' ? stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
    // Each log has a pipeline of its own; numbers go on, since the order is by them alone.
    const sink = (event: Event, about: About) => options.onEvent({ ...event, seq: seq++ }, about);
    const name = file === '-' ? 'stdin' : file;
    const size = await analyzeOne(name, input, { ...options, matcher, run: `${run}:${seq}`, sink });
    options.onLog?.({ file: name, bytes: size });
    bytes += size;
  }
  if (bytes === 0)
    throw new ExpectedError(
      'nothingRan',
      'the input is empty',
      'name a log with something in it, or pipe one in: dmesg | vexfs-trace analyze -',
    );
}

/** Returns how many bytes there were. */
async function analyzeOne(
  file: string,
  input: Readable,
  {
    matcher,
    run,
    sink,
    profile,
    keepRaw,
    warn,
  }: AnalyzeOptions & { matcher: Matcher; run: string; sink: (event: Event, about: About) => void },
): Promise<number> {
  const about = (event: Event): About => {
    if (!isFinding(event)) return {};
    const [advice, raw] = [adviceOf(event, matcher), pipeline.rawText(event)];
    return { ...(advice && { advice }), ...(raw && { raw }) };
  };
  const pipeline = new Pipeline({
    run,
    startWall: Date.now(),
    live: false,
    matcher,
    file,
    sink: (event) => sink(event, about(event)),
    warn,
    ...(profile !== undefined && { profile }),
    ...(keepRaw !== undefined && { keepRaw }),
  });
  let size = 0;
  for await (const chunk of input) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    pipeline.push({ stream: 'file', observed: 0, bytes });
  }
  pipeline.end();
  return size;
}
