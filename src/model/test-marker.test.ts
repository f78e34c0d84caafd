import { expect, test } from 'vitest';
import { markerOf, markerText } from './test-marker.ts';

test.each([
  { test: 'files', begins: true },
  { test: 'mount-busy.12', begins: false },
])('$test is read as it was written', (marker) => {
  expect(markerOf(markerText(marker))).toEqual(marker);
  expect(markerOf(`${markerText(marker)}\r`)).toEqual(marker);
});

test.each([
  'vexfs-trace: test files',
  'vexfs-trace: test files wins',
  'vexfs-trace: test ../files begins',
  'vexfs-trace: test  begins',
  `vexfs-trace: test ${'a'.repeat(101)} begins`,
  'somebody said vexfs-trace: test files begins',
])('%s is none', (text) => {
  expect(markerOf(text)).toBeUndefined();
});
