import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { loadPatterns } from '../patterns/load.ts';
import { createMatcher } from '../patterns/match.ts';
import { patternWith } from '../patterns/testing.ts';
import { checkSamples } from './check-samples.ts';

const { patterns, problems } = loadPatterns([join(packageRoot(), 'patterns')], {
  fixtures: join(packageRoot(), 'fixtures'),
});
const library = createMatcher(patterns);

test('the library loads without a problem', () => {
  expect(problems).toEqual([]);
  expect(patterns.length).toBeGreaterThan(30);
});

describe.each(patterns)('$id', (pattern) => {
  test('wins its samples and none of its counter-samples', () => {
    const wrong = checkSamples(pattern, library).filter(({ ok }) => !ok);
    expect(wrong.map(({ kind, number, detail }) => `${kind} ${number} ${detail}`)).toEqual([]);
  });
});

test('checkSamples says what happened instead', () => {
  const sample = (text: string) => ({ text, origin: 'mm/x.c', recorded: false });
  const oops = 'BUG: kernel NULL pointer dereference, address: 0000000000000008\n';
  const panic = 'Kernel panic - not syncing: x\n';
  const events = { ...sample(''), events: [{ event: 'crash', kind: 'null-deref' } as const] };
  const pattern = patternWith(
    { kind: 'null-deref' },
    { samples: [sample(oops), sample(panic), sample('quiet')], counterSamples: [sample(panic), sample(oops), events] },
  );
  expect(checkSamples(pattern).map(({ kind, number, ok, detail }) => [kind, number, ok, detail])).toEqual([
    ['sample', 1, true, ''],
    ['sample', 2, false, 'not matched: panic "kernel panic: x" won by no pattern'],
    ['sample', 3, false, 'no finding was read from the text'],
    ['counterSample', 1, true, ''],
    ['counterSample', 2, false, expect.stringMatching(/^matched: null-deref "BUG: .*" won by p$/)],
    ['counterSample', 3, false, 'matched: null-deref "" won by p'],
  ]);
});
