import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Classification } from '../model/classification.ts';
import { calibrate, lookUp, reliability } from './calibration.ts';
import { featuresOf } from './features.ts';
import { type Known, Neighbours } from './neighbours.ts';
import { findingWith } from './testing.ts';
import { createUnknown } from './unknown.ts';

const known = (id: string, classification: Classification, ...features: string[]): Known<Classification> => ({
  ...{ id, classification, features },
});

test('the features of a finding, and those that do not name its kind', () => {
  expect(featuresOf(findingWith())).toContain('kind:null-deref');
  expect(featuresOf(findingWith(), 'frames')).toEqual([
    'in-module',
    'role:trap',
    'fn:vexfs_fault_null_deref',
    'top:vexfs_fault_null_deref',
    'fn:vfs_write',
    'top:vfs_write',
    'role:alloc',
    'fn:kmalloc_trace',
    'top:kmalloc_trace',
  ]);
});

describe('neighbours', () => {
  const neighbours = new Neighbours([
    known('a', 'deadlock', 'common', 'x', 'y'),
    known('b', 'deadlock', 'common', 'x', 'z'),
    known('c', 'race', 'common', 'q'),
  ]);

  test('the nearest come first, and what they agree on wins', () => {
    const vote = neighbours.vote(['common', 'x', 'y']);
    expect(vote?.classification).toBe('deadlock');
    expect(vote?.nearest.map(({ known: { id } }) => id)).toEqual(['a', 'b', 'c']);
    expect(vote?.nearest[0]?.likeness).toBe(1);
  });

  test('what all have says less than what few have', () => {
    expect(neighbours.vote(['common', 'q'])?.nearest[0]?.known.id).toBe('c');
    const [like, unlike] = [neighbours.vote(['x', 'y'])?.score ?? 0, neighbours.vote(['common'])?.score ?? 0];
    expect(like).toBeGreaterThan(unlike);
  });

  test('among many the nearest are those that comparing with each finds', () => {
    const feature = fc.constantFrom(...'abcdefghij');
    const rows = fc.array(fc.uniqueArray(feature, { maxLength: 6 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.uniqueArray(feature, { maxLength: 6 }), (all, own) => {
        const crashes = all.map((features, i) => known(`${10 + i}`, 'race', ...features));
        const having = (name: string) => all.filter((features) => features.includes(name)).length;
        const weight = (names: Iterable<string>) =>
          [...names].reduce((sum, name) => sum + Math.log(1 + all.length / (1 + having(name))), 0);
        const expected = crashes
          .map(({ id, features }) => {
            const total = weight(new Set([...features, ...own]));
            return { id, likeness: total === 0 ? 0 : weight(features.filter((name) => own.includes(name))) / total };
          })
          .sort((a, b) => Number(b.likeness.toFixed(9)) - Number(a.likeness.toFixed(9)))
          .slice(0, 5);
        const nearest = new Neighbours(crashes).vote(own)?.nearest ?? [];
        expect(nearest.map(({ likeness }) => likeness.toFixed(9))).toEqual(
          expected.map(({ likeness }) => likeness.toFixed(9)),
        );
      }),
    );
  });

  test('nothing alike is no score, nothing known no vote', () => {
    expect(neighbours.vote(['never'])?.score).toBe(0);
    expect(new Neighbours([]).vote(['x'])).toBeUndefined();
  });
});

describe('an unknown crash', () => {
  const finding = findingWith({ kind: 'kernel-info' });
  const all = featuresOf(finding);

  test('like a known one is proposed to be what that was', () => {
    expect(createUnknown([known('log 1', 'deadlock', ...all)])(finding)).toMatchObject({
      pattern: 'nearest:log 1',
      classification: 'deadlock',
      explain: 'no pattern; the nearest known are log 1 (1.00)',
    });
  });

  test('unlike all stays what its kind says, with the three nearest', () => {
    const few = all.slice(0, 2);
    const rows = ['a', 'b', 'c', 'd'].map((id, i) =>
      known(id, i % 2 === 0 ? 'race' : 'deadlock', ...few, 'u', 'v', `w${i}`, 'k'),
    );
    const match = createUnknown(rows)(finding);
    expect(match).toMatchObject({
      pattern: 'kind:kernel-info',
      confidence: 0.5,
      classification: 'unknown',
      actions: [],
    });
    expect(match.explain).toMatch(
      /^no pattern; the default of the kind; the nearest known are a \(0\.\d\d\), b .*, c .*\)$/,
    );
    expect(createUnknown([])(finding).explain).toMatch(/nothing like it is known/);
  });
});

describe('calibration', () => {
  test('is what was right so far, with one doubt each way, and rises', () => {
    const outcomes = [0.1, 0.1, 0.5, 0.5, 0.9, 0.9, 0.9].map((score, i) => ({ score, right: i > 1 }));
    const steps = calibrate(outcomes, [0.3, 0.7]);
    expect(steps).toEqual([
      { upTo: 0.3, confidence: 0.25, n: 2 },
      { upTo: 0.7, confidence: 0.75, n: 2 },
      { upTo: null, confidence: 0.8, n: 3 },
    ]);
    expect([0, 0.3, 0.31, 5].map((score) => lookUp(steps, score))).toEqual([0.25, 0.25, 0.75, 0.8]);
  });

  test('never falls, whatever the outcomes', () => {
    const outcome = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() });
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 40 }), (outcomes) => {
        const confidences = calibrate(outcomes).map(({ confidence }) => confidence);
        expect(confidences).toEqual([...confidences].sort((a, b) => a - b));
        expect(calibrate(outcomes).at(-1)?.upTo).toBe(null);
        expect(calibrate(outcomes).reduce((sum, { n }) => sum + n, 0)).toBe(outcomes.length);
      }),
    );
  });

  test('reliability of what is said', () => {
    const said = [
      { probability: 0.9, right: true },
      { probability: 0.9, right: true },
      { probability: 0.9, right: false },
      { probability: 0.1, right: false },
    ];
    const { brier, ece, bins } = reliability(said);
    expect(brier).toBeCloseTo((0.01 + 0.01 + 0.81 + 0.01) / 4);
    expect(ece).toBeCloseTo(0.75 * (0.9 - 2 / 3) + 0.25 * 0.1);
    expect(bins.map(({ n }) => n)).toEqual([1, 0, 0, 0, 3]);
  });
});
