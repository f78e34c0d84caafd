import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finalReports } from '../grammar/testing.ts';
import { packageRoot } from '../guest/paths.ts';
import { identify } from '../identify/identify.ts';
import type { ParsedReport } from '../model/report.ts';

/** Recordings put into each other: what each of them gives alone, both give together. */
const ROOT = join(packageRoot(), 'fixtures/guests');
const RUNS = 200;

interface Recording {
  readonly name: string;
  readonly lines: readonly string[];
  readonly reports: readonly ParsedReport[];
  /** First and last line of each report, counted from 0. */
  readonly spans: readonly (readonly [first: number, last: number])[];
  readonly tagged: boolean;
}

const STAMP = /^\[ *([\d.]+)\]/;
const TAG = /^(\[ *[\d.]+\])\[ *T(\d+)\]/;

function recording(name: string): Recording {
  const log = readFileSync(join(ROOT, name), 'latin1').replaceAll('\r', '');
  const reports = finalReports(log);
  const lines = log.split('\n').filter((line, at, all) => at < all.length - 1 || line !== '');
  const spans = reports.map(({ lead, lines: own, echoes }) => {
    const places = [...lead, ...own].map(({ place }) => place.line - 1);
    // What a panic says again is not kept, and stands at the end of the log.
    return [Math.min(...places), echoes.length > 0 ? lines.length : Math.max(...places)] as const;
  });
  return { name, lines, reports, spans, tagged: lines.some((line) => TAG.test(line)) };
}

const recordings = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.console'))
  .sort()
  .map(recording)
  .filter(({ reports }) => reports.length > 0);
const tagged = recordings.filter((one) => one.tagged);

const named = (reports: readonly ParsedReport[]): string[] =>
  reports
    .map(identify)
    .map(({ kind, title, corruptedReason }) => `${kind}: ${title} ${corruptedReason}`)
    .sort();
const read = (...parts: readonly (readonly string[])[]): ParsedReport[] => finalReports(`${parts.flat().join('\n')}\n`);

/** The same numbers in every run: a failure names its seed. */
function picker(seed: number): <T>(from: readonly T[]) => T {
  let state = seed * 7919 + 1;
  return (from) => {
    for (let i = 0; i < 3; i++) state = (state * 48271) % 2147483647;
    return from[state % from.length] as (typeof from)[number];
  };
}

/** Places between lines, outside of all reports. */
function between({ lines, spans }: Recording): number[] {
  return [...lines, ''].map((_, at) => at).filter((at) => !spans.some(([first, last]) => at > first && at <= last));
}

/** One report of a recording, with what leads to it; undefined when it takes others to tell it. */
function oneOf({ lines, spans }: Recording, pick: <T>(from: readonly T[]) => T): readonly string[] | undefined {
  const [first, last] = pick(spans);
  const part = lines.slice(first, last + 1);
  return read(part).length === 1 ? part : undefined;
}

function later(lines: readonly string[], seconds: number): string[] {
  return lines.map((line) => line.replace(STAMP, (_, time) => `[${(Number(time) + seconds).toFixed(6).padStart(12)}]`));
}

function check(into: Recording, part: readonly string[], at: number, about: string): void {
  const got = named(read(into.lines.slice(0, at), part, into.lines.slice(at)));
  expect(got, about).toEqual([...named(into.reports), ...named(read(part))].sort());
}

describe('of two recordings, one in the other', () => {
  test(`${RUNS} times, between reports, both give their findings`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const pick = picker(seed);
      const [into, from] = [pick(recordings), pick(recordings)];
      const part = seed % 2 === 0 ? from.lines : (oneOf(from, pick) ?? from.lines);
      const at = pick(between(into));
      if (into !== from) check(into, part, at, `seed ${seed}: ${from.name} in ${into.name} at line ${at + 1}`);
    }
  });

  test(`${RUNS} times, anywhere, when callers have tags, both give their findings`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const pick = picker(seed);
      const [into, from] = [pick(tagged), pick(tagged)];
      const part = seed % 2 === 0 ? from.lines : (oneOf(from, pick) ?? from.lines);
      // Tasks of two guests may have one number.
      const others = part.map((line) => line.replace(TAG, (_, stamp, task) => `${stamp}[ T9${task.padStart(3, '0')}]`));
      const at = pick([...into.lines.keys()]);
      if (into !== from) check(into, others, at, `seed ${seed}: ${from.name} in ${into.name} at line ${at + 1}`);
    }
  });

  test(`${RUNS} times, anywhere, by tasks of the same numbers at another time, both give their findings`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const pick = picker(seed);
      const [into, from] = [pick(tagged), pick(tagged)];
      const part = seed % 2 === 0 ? from.lines : (oneOf(from, pick) ?? from.lines);
      // Later or earlier than all of the other.
      const [seconds, earlier] = [pick([200, 500, 1000]), pick([true, false])];
      const whole = earlier ? { ...into, lines: later(into.lines, 2 * seconds) } : into;
      const at = pick([...into.lines.keys()]);
      const others = later(part, seconds);
      if (into !== from) check(whole, others, at, `seed ${seed}: ${from.name} in ${into.name} at line ${at + 1}`);
    }
  });
});
