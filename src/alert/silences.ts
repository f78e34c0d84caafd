import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { AtomicFile } from '../base/atomic-file.ts';
import { ExpectedError } from '../base/errors.ts';
import type { Transition } from './transition.ts';

const silenceSchema = z.object({
  id: z.string(),
  /** Rule, with * for any text. */
  rule: z.string(),
  /** Labels that have to be so, with * for any text. */
  labels: z.record(z.string(), z.string()),
  /** ISO 8601. */
  until: z.string(),
  comment: z.string(),
});
export type Silence = z.infer<typeof silenceSchema>;

const fileSchema = z.object({ schema: z.literal('vexfs-trace/silences/1'), silences: z.array(silenceSchema) });
const MAX_BYTES = 1 << 20;

/** Where silences of this user are kept. */
export function silencesFile(): string {
  const base = process.env.XDG_DATA_HOME ?? '';
  return join(isAbsolute(base) ? base : join(homedir(), '.local', 'share'), 'vexfs-trace', 'silences.json');
}

/** Those that have not run out. Fails with exit 2 where the file is not one of ours. */
export function readSilences(file: string, now: number): readonly Silence[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ExpectedError('usage', `${file} cannot be read`, 'see that it belongs to you');
  }
  const parsed = text.length > MAX_BYTES ? undefined : parse(text);
  if (parsed === undefined)
    throw new ExpectedError('usage', `${file} does not hold silences`, 'remove it, and silence anew');
  return parsed.filter(({ until }) => Date.parse(until) > now);
}

/** Writes all of them; those that have run out are gone. */
export function writeSilences(file: string, silences: readonly Silence[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const out = new AtomicFile(file);
  out.write(`${JSON.stringify({ schema: 'vexfs-trace/silences/1', silences }, null, 2)}\n`);
  out.commit();
}

/** The silence that an alert is kept from being sent by. */
export function silenceOf(
  { rule, labels }: Pick<Transition, 'rule' | 'labels'>,
  silences: readonly Silence[],
  now: number,
): Silence | undefined {
  return silences.find(
    (silence) =>
      Date.parse(silence.until) > now &&
      matches(silence.rule, rule) &&
      Object.entries(silence.labels).every(([name, pattern]) => matches(pattern, labels[name] ?? '')),
  );
}

/** `*` is any text; in linear time, however many there are. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function parse(text: string): readonly Silence[] | undefined {
  try {
    return fileSchema.parse(JSON.parse(text)).silences;
  } catch {
    return undefined;
  }
}
