import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ExpectedError } from '../base/errors.ts';
import { type Evidence, isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import { listInputs } from '../source/log-inputs.ts';
import { LogAnalysis } from './log-analysis.ts';
import { createRecorder, type RecordedStep } from './recorded-log.ts';

/** A finding of a log, as patterns see it, and as it stood there. */
export interface ReadFinding {
  readonly log: string;
  readonly step: Extract<RecordedStep, { kind: 'finding' }>;
  /** Empty when its report does not stand in one place. */
  readonly raw: string;
  /** The lines before, where they can be had: what the kernel says first may stand there. The last one first. */
  readonly before: readonly string[];
}

/** What logs that somebody named hold: files in whatever form, folders, captures, `-`. */
export interface ReadLogs {
  readonly findings: readonly ReadFinding[];
  /** What the patterns would be shown, log by log. */
  readonly steps: readonly RecordedStep[];
}

/** Reads logs as `analyze` does, and keeps what patterns are shown. Fails when there is nothing to read. */
export async function readLogs(
  names: readonly string[],
  stdin: Readable,
  warn: (text: string) => void,
): Promise<ReadLogs> {
  const steps: RecordedStep[] = [];
  const findings: ReadFinding[] = [];
  let log = '';
  const matcher: Matcher = createRecorder((step) => steps.push(step));
  const analysis = new LogAnalysis(
    {
      keepRaw: true,
      warn,
      onEvent: (event, { raw }) => {
        if (!isFinding(event) || !event.final) return;
        const step = steps.findLast((one) => one.kind === 'finding');
        if (step?.kind !== 'finding') return;
        const [place] = event.evidence;
        const bytes = Buffer.from(raw?.bytes ?? []);
        findings.push({ log, step, raw: bytes.toString('utf8'), before: place ? linesBefore(place, bytes) : [] });
      },
    },
    matcher,
    stdin,
  );
  for (const input of listInputs(names)) {
    if (input.kind === 'bad') throw input.error;
    log = input.name;
    await analysis.read(input, (words) => warn(`${input.name}: ${words}`));
    steps.push({ kind: 'boundary' });
  }
  analysis.end();
  if (analysis.bytes === 0)
    throw new ExpectedError('nothingRan', 'the logs are empty', 'name logs with something in them');
  return { findings, steps };
}

/** Bytes before a report that are looked at. */
const REACH = 2000;

/** None where the log is packed or no file: then its places are not those of a file. */
function linesBefore({ file, byte, endByte }: Evidence, raw: Buffer): string[] {
  if (file === undefined || raw.length === 0 || !existsSync(file) || !statSync(file).isFile()) return [];
  const from = Math.max(0, byte - REACH);
  const bytes = Buffer.alloc(endByte - from);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, bytes, 0, bytes.length, from);
  } finally {
    closeSync(fd);
  }
  if (!bytes.subarray(byte - from).equals(raw)) return [];
  const lines = bytes
    .subarray(0, byte - from)
    .toString('utf8')
    .split('\n')
    .slice(0, -1);
  return lines.slice(from === 0 ? 0 : 1).reverse();
}
