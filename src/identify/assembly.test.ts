import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../grammar/samples.ts';
import { finalReports, stamped } from '../grammar/testing.ts';
import { identify } from './identify.ts';

const ROOT = join(import.meta.dirname, '../../fixtures/guests');

/** Consoles of real guests; those of the KASAN and KCSAN kernels have caller tags. */
const recordings = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.console'))
  .sort()
  .map((name) => [name, readFileSync(join(ROOT, name), 'latin1').replaceAll('\r', '')] as const);

const recording = (name: string): string => recordings.find(([file]) => file === `${name}.console`)?.[1] ?? '';
const PREFIX = /^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])?/;
const withoutTags = (log: string): string => log.replaceAll(/^(\[ *\d+\.\d+\])\[ *[TC]\d+\]/gm, '$1');

/** The lines of a recording as one task wrote them, a millisecond apart. */
function byTask(name: string, tag: string): string[] {
  const lines = recording(name).split('\n').filter(Boolean);
  return lines.map((line, i) => line.replace(PREFIX, `[${(20 + i / 1000).toFixed(6).padStart(12)}]${tag}`));
}

/** Two logs with their lines mixed, the same each time. */
function mixed(a: readonly string[], b: readonly string[], seed: number): string {
  const out: string[] = [];
  let state = seed;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    state = (state * 48271) % 2147483647;
    if (j >= b.length || (i < a.length && state % 2 === 0)) out.push(a[i++] ?? '');
    else out.push(b[j++] ?? '');
  }
  return `${out.join('\n')}\n`;
}

const found = (log: string) => finalReports(log).map(identify);
const named = (log: string): string[] => found(log).map(({ kind, title }) => `${kind}: ${title}`);

const NAMES = [
  'kasan/uaf-read',
  'kasan/lock-inversion',
  'kasan/null-deref',
  'kasan/ubsan-shift',
  'kasan/atomic-sleep',
  'kasan/rcu-usage',
  'stock/warn',
  'stock/bug',
  'stock/refcount-underflow',
];
const PAIRS = NAMES.flatMap((a, i) => NAMES.slice(i + 1).map((b) => [a, b] as const));

describe('lines of two tasks', () => {
  test.each(PAIRS)('are told apart by caller tags: %s and %s', (a, b) => {
    const one = byTask(a, '[  T101]');
    const two = byTask(b, '[  T202]');
    const facts = (log: string) =>
      found(log)
        .map(({ title, stacks, details }) => ({ title, stacks, details }))
        .sort((x, y) => (x.title < y.title ? -1 : 1));
    const alone = facts(`${[...one, ...two].join('\n')}\n`);
    expect(alone.length).toBeGreaterThan(1);
    for (const seed of [1, 2]) expect(facts(mixed(one, two, seed))).toEqual(alone);
  });

  test.each([
    ['kasan/uaf-read', 'kcsan/list-corruption'],
    ['kasan/lock-inversion', 'kcsan/null-deref'],
    ['kasan/atomic-sleep', 'kasan/recursive-lock'],
    ['kasan/ubsan-bounds', 'kcsan/warn'],
  ])('and clocks of their own, if two logs were mixed: %s and %s', (a, b) => {
    const linesOf = (name: string) => recording(name).split('\n').filter(Boolean);
    const alone = [...named(recording(a)), ...named(recording(b))].sort();
    for (const seed of [1, 2, 3]) expect(named(mixed(linesOf(a), linesOf(b), seed)).sort()).toEqual(alone);
  });

  test.each(PAIRS)('without tags are two findings of the right kinds, that say so: %s and %s', (a, b) => {
    const log = mixed(byTask(a, ''), byTask(b, ''), 3);
    const reports = found(log);
    const first = (name: string) => found(recording(name))[0]?.kind ?? '';
    const kinds: string[] = reports.map(({ kind }) => kind);
    for (const name of [a, b]) expect(kinds).toContain(first(name));
    expect(reports.some(({ corrupted }) => corrupted)).toBe(true);
    for (const { corrupted, corruptedReason } of reports) expect(corruptedReason !== '').toBe(corrupted);
  });
});

test.each(recordings)('%s gives the same findings without caller tags', (_, log) => {
  expect(named(withoutTags(log))).toEqual(named(log));
});

describe('a report that is not whole says why', () => {
  /** Reports that end with a line of their own: an oops, KASAN. */
  const ENDED = ['stock/null-deref', 'stock/bug', 'kasan/uaf-read', 'kasan/slab-oob-write', 'stock/warn'];

  test.each(ENDED)('%s, wherever the log stops within it', (name) => {
    const lines = recording(name).split('\n').filter(Boolean);
    const [whole] = finalReports(recording(name));
    const begin = lines.findIndex((line) => line.includes(whole?.headlineText ?? ''));
    const end = lines.findIndex((line) => line.includes(whole?.lines.at(-1)?.text ?? ''));
    const marks = ['---[ end trace', '===================='];
    const last = lines.findIndex((line, at) => at > begin && marks.some((mark) => line.includes(mark)));
    for (let cut = begin + 1; cut < Math.min(last, end); cut++) {
      const [report] = found(`${lines.slice(0, cut).join('\n')}\n`);
      expect(report?.corrupted, lines[cut - 1]).toBe(true);
      expect(report?.corruptedReason).not.toBe('');
    }
  });

  test('messages that printk dropped within it', () => {
    const lines = stamped(SAMPLES.NULL_DEREF).split('\n');
    lines[18] = `** 40 printk messages dropped **\n${lines[18]}`;
    const [report] = found(lines.join('\n'));
    expect(report).toMatchObject({
      kind: 'null-deref',
      corrupted: true,
      corruptedReason: 'printk dropped 40 messages within the report',
      details: { lost: 40 },
    });
  });

  test('another report of its task began', () => {
    const lines = stamped(SAMPLES.NULL_DEREF, 10, '[  T123]').split('\n');
    const log = `${lines.slice(0, 14).join('\n')}\n${stamped(SAMPLES.REFCOUNT, 10.1, '[  T123]')}`;
    expect(found(log).map(({ kind, corruptedReason }) => [kind, corruptedReason])).toEqual([
      ['null-deref', expect.stringMatching(/./)],
      ['refcount', ''],
    ]);
  });
});

describe('a line that printk cut off and wrote again', () => {
  const replay = '[   10.000000] ** replaying previous printk message **\n';

  test('is the header', () => {
    const log = stamped(SAMPLES.NULL_DEREF);
    const cut = `${log.slice(0, 40)}\n${replay}${log}`;
    const [report, ...others] = found(cut);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ kind: 'null-deref', corrupted: false, details: { replays: 1 } });
    expect(report?.title).toBe(found(log)[0]?.title);
    expect(report?.stacks).toEqual(found(log)[0]?.stacks);
  });

  test('is within the report', () => {
    const lines = stamped(SAMPLES.NULL_DEREF).split('\n');
    const at = lines.findIndex((line) => line.includes('vfs_write'));
    const whole = lines[at] ?? '';
    lines.splice(at, 1, whole.slice(0, 24), replay.trim(), whole);
    const [report] = found(lines.join('\n'));
    expect(report?.stacks).toEqual(found(stamped(SAMPLES.NULL_DEREF))[0]?.stacks);
    expect(report?.details.replays).toBe(1);
  });
});
