import { expect, test } from 'vitest';
import type { AgentAnswer } from '../model/guest.ts';
import { readForeign, readTold } from './told.ts';

const RIGHT = '{"check":"files","result":"right","ops":3,"rate":1.5}\n';
const DIFFERS = '{"wrong":"contents","what":"read","expected":"aa","got":"ab","op":7}\n';

test.each<{ name: string; answer: AgentAnswer; wrong: string[]; cannot: string | undefined; unusable?: string }>([
  { name: 'right', answer: { status: 0, output: RIGHT }, wrong: [], cannot: undefined },
  {
    name: 'progress and noise before it',
    answer: { status: 0, output: `{"ops":1}\nhello\n{broken\n${RIGHT}` },
    ...{ wrong: [], cannot: undefined },
  },
  {
    name: 'wrong',
    answer: { status: 1, output: `${DIFFERS}{"check":"files","result":"wrong"}` },
    ...{ wrong: ['contents, read, expected aa, got ab, at operation 7'], cannot: undefined },
  },
  {
    name: 'wrong, whatever its status says',
    answer: { status: 0, output: `${DIFFERS}${RIGHT}` },
    ...{ wrong: ['contents, read, expected aa, got ab, at operation 7'], cannot: undefined },
  },
  {
    name: 'ended by a signal',
    answer: { status: 139, signal: 11, output: '{"ops":1}\n' },
    ...{ wrong: ['the program was ended by signal 11'], cannot: undefined },
  },
  {
    name: 'silent',
    answer: { status: 0, output: '' },
    ...{ wrong: ['the program said nothing'], cannot: undefined },
  },
  {
    name: 'not there',
    answer: { status: 2, output: '', error: 'exec: No such file or directory' },
    ...{ wrong: [], cannot: undefined, unusable: 'exec: No such file or directory' },
  },
  {
    name: 'called in a way that it does not know',
    answer: { status: 2, output: 'usage: vexcheck\n' },
    ...{ wrong: [], cannot: undefined, unusable: 'it was not understood: usage: vexcheck' },
  },
  {
    name: 'not to be run here',
    answer: { status: 4, output: '{"check":"vectors","result":"cannot","why":"no vector ioctls"}\n' },
    ...{ wrong: [], cannot: 'no vector ioctls' },
  },
])('$name', ({ answer, wrong, cannot, unusable }) => {
  const told = readTold(answer);
  expect(told.wrong).toEqual(wrong);
  expect(told.cannot).toBe(cannot);
  expect(told.unusable).toBe(unusable);
});

test.each([
  { name: 'that ends well', answer: { status: 0, output: 'ok\n' }, told: { wrong: [], figures: {} } },
  {
    name: 'that ends badly',
    answer: { status: 1, output: 'a\nb\nc\nverify: bad magic\n' },
    told: { wrong: ['the program ended with status 1: b / c / verify: bad magic'], figures: {} },
  },
  {
    name: 'that is not there',
    answer: { status: 2, output: '', error: 'no such file' },
    told: { wrong: [], unusable: 'no such file', figures: {} },
  },
])('a program of others $name', ({ answer, told }) => expect(readForeign(answer)).toEqual(told));

test('what is wrong a thousand times is told twenty times', () => {
  expect(readTold({ status: 1, output: DIFFERS.repeat(1000) }).wrong).toHaveLength(20);
});
