import { describe, expect, test } from 'vitest';
import { readValue, type TypedRow } from './value-types.ts';

const ROWS: Readonly<Record<string, TypedRow>> = {
  text: { type: 'text' },
  count: { type: 'count' },
  duration: { type: 'duration' },
  bytes: { type: 'bytes' },
  ratio: { type: 'ratio' },
  choice: { type: 'choice', values: ['kvm', 'tcg'] },
  list: { type: 'list' },
  paths: { type: 'list', separator: ':' },
  actions: { type: 'actions' },
  argv: { type: 'argv' },
};

describe('values', () => {
  test.each<[row: string, raw: unknown, value: unknown]>([
    ['text', '6.10', '6.10'],
    ['count', '4', 4],
    ['duration', '90', 90_000],
    ['duration', '1.5m', 90_000],
    ['duration', '250ms', 250],
    ['bytes', '1MiB', 1 << 20],
    ['bytes', '64k', 65_536],
    ['bytes', '512', 512],
    ['ratio', '0.95', 0.95],
    ['choice', 'tcg', 'tcg'],
    ['list', 'a, b', ['a', 'b']],
    ['list', ['a, b'], ['a, b']],
    ['paths', '/a:/b,c', ['/a', '/b,c']],
    ['actions', 'none', new Set()],
    ['actions', ['pause-load'], new Set(['pause-load'])],
    ['argv', ['logger', '$(reboot)'], ['logger', '$(reboot)']],
    ['argv', '["logger","a b"]', ['logger', 'a b']],
  ])('%s %j', (row, raw, value) => {
    expect(readValue(ROWS[row] as TypedRow, raw)).toEqual({ value });
  });
});

describe('what is none', () => {
  test.each<[row: string, raw: unknown, words: string]>([
    ['text', '', 'a text is needed'],
    ['text', ['a'], 'not a list'],
    ['text', { a: 'b' }, 'a text is needed'],
    ['text', 'a\0b', 'NUL'],
    ['text', 'x'.repeat(5000), 'a text is needed'],
    ['count', '0', 'a whole number above 0'],
    ['count', '-1', 'a whole number above 0'],
    ['count', '1e9', 'a whole number above 0'],
    ['count', '9'.repeat(400), 'a whole number above 0'],
    ['duration', '90 parsecs', 'such as 90s'],
    ['duration', '0s', 'such as 90s'],
    ['bytes', '1X', 'such as 64K'],
    ['bytes', '999999999G', 'such as 64K'],
    ['ratio', 'Infinity', 'such as 0.95'],
    ['choice', 'kwm', 'Did you mean kvm?'],
    ['choice', 'constructor', 'There are kvm, tcg.'],
    ['list', 'a,,b', 'empty'],
    ['list', { length: 3 }, 'a list is needed'],
    ['actions', 'pause-lod', 'Did you mean pause-load?'],
    ['argv', 'logger done', 'which no shell reads'],
    ['argv', '{"0":"logger"}', 'which no shell reads'],
    ['argv', '["logger", 1]', 'which no shell reads'],
    ['argv', [], 'which no shell reads'],
    ['argv', ['logger', ''], 'which no shell reads'],
  ])('%s %j', (row, raw, words) => {
    expect(readValue(ROWS[row] as TypedRow, raw)).toEqual({ problem: expect.stringContaining(words) });
  });
});
