import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteTail } from './byte-tail.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a slice is what was pushed, whatever the parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.nat(100), fc.nat(100), (parts, a, b) => {
      const whole = Buffer.concat(parts);
      const [from = 0, to = 0] = [a, b].map((at) => Math.min(at, whole.length)).sort((x, y) => x - y);
      const tail = new ByteTail(1000);
      for (const part of parts) tail.push(part);
      expect(tail.slice(from, to)).toEqual({ bytes: new Uint8Array(whole.subarray(from, to)), missing: 0 });
    }),
  );
});

test('what is further back than the limit is missing, and said to be', () => {
  const tail = new ByteTail(4);
  for (const part of ['ab', 'cd', 'ef', 'gh']) tail.push(Buffer.from(part));
  expect(text(tail.slice(4, 8).bytes)).toBe('efgh');
  const { bytes, missing } = tail.slice(1, 6);
  expect({ text: text(bytes), missing }).toEqual({ text: 'ef', missing: 3 });
  expect(tail.slice(0, 2)).toEqual({ bytes: new Uint8Array(), missing: 2 });
});

test('offsets count what was skipped', () => {
  const tail = new ByteTail(100);
  tail.push(Buffer.from('before'));
  tail.skip(10);
  tail.push(Buffer.from('after'));
  expect(text(tail.slice(16, 21).bytes)).toBe('after');
  expect(tail.slice(0, 6)).toEqual({ bytes: new Uint8Array(), missing: 6 });
  expect(text(tail.slice(18, 99).bytes)).toBe('ter');
});

test('memory of the caller is not kept', () => {
  const tail = new ByteTail(100);
  const reused = Buffer.from('one');
  tail.push(reused);
  reused.write('two');
  expect(text(tail.slice(0, 3).bytes)).toBe('one');
});
