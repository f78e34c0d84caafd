import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { analyserOf, script } from './testing.ts';

const analyse = analyserOf(() => new FtraceSplitter(), vexfsEvent);

const ROOT = join(import.meta.dirname, '../../fixtures');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8').split('\n').filter(Boolean);

/** Recordings and what they must come to. Of those that are not named nothing may be found. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'ftrace/6.1/faults.txt': [
    'order fault.inversion_a fault.inversion_b',
    'softirq fault.timer_lock',
    'sleep fault.atomic_inner',
    'race vexfs_race.plain',
  ],
  'guests/kasan/lock-inversion.ftrace': ['order fault.inversion_a fault.inversion_b'],
  'guests/kasan/irq-lock-inversion.ftrace': ['softirq fault.timer_lock'],
  'guests/kasan/atomic-sleep.ftrace': ['sleep fault.atomic_inner'],
};
const RECORDINGS = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /^guests\/.*\.ftrace$|^ftrace\/.*\.txt$/.test(name))
  .sort();

/** Without the tier: which of the races is seen first depends on what is kept. */
const plain = (told: readonly string[]) =>
  [...new Set(told.map((text) => text.replace(/^race [ABC] /, 'race ')))].sort();
const bytes = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);

describe('recordings', () => {
  test.each(RECORDINGS)('%s', (name) => {
    expect(plain(analyse(bytes(read(name))).told)).toEqual([...(FOUND[name] ?? [])].sort());
  });
});

/** The same numbers for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Half of the records are dropped, in runs of about `run` on each CPU as a full buffer drops pages; what is lost is said. */
function halved(lines: readonly string[], run: number, seed: number): string[] {
  const next = random(seed);
  const dropping = new Map<string, { drop: boolean; left: number; lost: number }>();
  const kept: string[] = [];
  for (const line of lines) {
    const [, cpu = '0'] = /\[(\d{3,})\]/.exec(line) ?? [];
    let state = dropping.get(cpu);
    if (state === undefined || state.left <= 0) {
      const drop = run <= 1 ? next() < 0.5 : !(state?.drop ?? next() < 0.5);
      state = { drop, left: run <= 1 ? 1 : 1 + Math.floor(next() * 2 * run), lost: state?.lost ?? 0 };
      dropping.set(cpu, state);
    }
    state.left -= 1;
    if (state.drop) state.lost += 1;
    else {
      if (state.lost > 0) kept.push(`CPU:${Number(cpu)} [LOST ${state.lost} EVENTS]`);
      state.lost = 0;
      kept.push(line);
    }
  }
  return kept;
}

const RUNS = [1, 6, 40] as const;
const SEEDS = [1, 2] as const;

describe('half of the records are dropped', () => {
  test.each(RECORDINGS)('%s: nothing is found that is not there', (name) => {
    const lines = read(name);
    const there = FOUND[name] ?? [];
    for (const run of RUNS)
      for (const told of plain(analyse(bytes(halved(lines, run, 1))).told)) expect(there).toContain(told);
  });

  /** Four tasks on two CPUs with locked, handed-over and marked data, nested locks under a gate, and objects that come and go. */
  const work = (round: number) =>
    [1, 2, 3, 4]
      .map((pid) => {
        const cpu = pid % 2;
        const nested = pid < 3 ? '+a\n+b\n-b\n-a' : '+b\n+a\n-a\n-b';
        const own = `o${pid}`;
        const body = `begin\n+g\n${nested}\n-g\n+*s\nw s.x\nr s.y\n-*s\nW s.z\nalloc ${own}\nw ${own}.n\n+i:W\nw s.m\n-i:W\n+i:R\nr s.m\n-i:R\nfree ${own}\nend`;
        return (round % 3 === 0 && pid === 4 ? `${body}\nbegin\nend` : body).replaceAll(/^/gm, `${pid} ${cpu} `);
      })
      .join('\n');
  const clean = script(Array.from({ length: 80 }, (_, round) => work(round)).join('\n'))
    .toString()
    .split('\n')
    .filter(Boolean);

  test('a clean load gives nothing, whole or halved', () => {
    const whole = analyse(bytes(clean));
    expect(whole.told).toEqual([]);
    expect(whole.summary).toMatchObject({ gaps: 0, unjudged: 0 });
    expect(whole.summary.rules.filter(({ counterExamples }) => counterExamples.length > 0)).toEqual([]);
    for (const run of RUNS)
      for (let seed = 1; seed <= 6; seed++) {
        const { told, summary } = analyse(bytes(halved(clean, run, seed)));
        expect(told).toEqual([]);
        expect(summary.gaps).toBeGreaterThan(0);
      }
  });

  test('a fault whose records were kept is found, and the two highest tiers lie in one piece of the trace', () => {
    const racing = Array.from(
      { length: 400 },
      (_, at) => `${1 + (at % 2)} ${at % 2} begin\n${1 + (at % 2)} ${at % 2} w s.x\n${1 + (at % 2)} ${at % 2} end`,
    );
    const lines = script(racing.join('\n')).toString().split('\n').filter(Boolean);
    for (const seed of SEEDS) {
      const kept = halved(lines, 100, seed);
      const { verdicts } = analyse(bytes(kept));
      expect(verdicts.length).toBe(1);
      const [verdict] = verdicts;
      if (verdict?.kind !== 'race' || verdict.race.tier === 'C')
        throw new Error('a race within a piece is no suspicion');
      const { first, second } = verdict.race;
      const at = (time: number) => kept.findIndex((line) => line.includes(` ${time.toFixed(6)}: mem_access`));
      expect(kept.slice(at(first.time), at(second.time)).filter((line) => line.includes('LOST'))).toEqual([]);
    }
  });

  test('the recorded faults are found in half of their records: the race always, the others where they were kept', () => {
    const name = 'ftrace/6.1/faults.txt';
    const lines = read(name);
    let found = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const told = plain(analyse(bytes(halved(lines, 40, seed))).told);
      expect(told).toContain('race vexfs_race.plain');
      found += told.length;
    }
    expect(found).toBeGreaterThan(10);
  });
});
