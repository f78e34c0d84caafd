import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadPatterns } from './load.ts';
import { createMatcher } from './match.ts';
import { formatProblem } from './pattern.ts';
import { findingWith } from './testing.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const library = loadPatterns([path('patterns')], { fixtures: path('fixtures') });

test('the built-in library loads without a word', () => {
  expect(library.problems.map(formatProblem)).toEqual([]);
  expect(library.patterns.length).toBeGreaterThan(30);
});

test('excerpts say where they come from and hold no trace of a build machine', () => {
  for (const { id, samples, counterSamples } of library.patterns) {
    for (const { text, origin } of [...samples, ...counterSamples]) {
      expect(origin, id).not.toBe('');
      expect(text, id).not.toMatch(/\/(home|work|tmp|root)\//);
    }
  }
});

test('no two patterns ask for exactly the same', () => {
  const conditions = library.patterns.map((pattern) => JSON.stringify(pattern.match));
  expect(new Set(conditions).size).toBe(conditions.length);
});

test('it compiles, and names a finding', () => {
  const [best] = createMatcher(library.patterns).match(findingWith());
  expect(best).toMatchObject({ pattern: 'null-deref', classification: 'module-crash' });
});
