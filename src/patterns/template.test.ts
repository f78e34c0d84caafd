import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TemplateTree } from './drain.ts';
import { compileRegex } from './regex.ts';
import { expressionOf, templateExpression, templateOf } from './template.ts';

test.each([
  ['myfs: extent 12 overlaps extent 0x1f', 'myfs: extent <*> overlaps extent <*>'],
  ['EXT4-fs (vda1): error -5', 'EXT4-fs (vda1): error -<*>'],
  ['page ffff8880069e6910, size 8', 'page <*>, size <*>'],
  ['on 6.1.0 with ext4', 'on <*> with ext4'],
  ['', ''],
])('%j as a template', (text, template) => {
  expect(templateOf(text)).toBe(template);
});

test('the expression of a text is readable, finds the text and others like it', () => {
  const source = expressionOf('myfs: extent 12 (of 0x1f) is bad.');
  expect(source).toBe('myfs: extent (?:0x)?[0-9a-f]+ \\(of (?:0x)?[0-9a-f]+\\) is bad\\.');
  const regex = compileRegex(source);
  expect(regex.ok && regex.re.test('myfs: extent 7 (of 0xbeef1) is bad.')).toBe(true);
  expect(regex.ok && regex.re.test('myfs: extent 7 (of 0xbeef1) is badly')).toBe(false);
});

test('the expression of a template finds all texts of it', () => {
  const source = templateExpression('disk <*>: read (sector <*>) failed, 5 retries');
  expect(source).toBe('disk \\S+: read \\(sector \\S+\\) failed, (?:0x)?[0-9a-f]+ retries');
  const regex = compileRegex(source);
  for (const text of ['disk sda: read (sector 12) failed, 5 retries', 'disk vdb1: read (sector 0x9) failed, 6 retries'])
    expect(regex.ok && regex.re.test(text)).toBe(true);
});

test('whatever the text, its expression compiles and finds it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab1f0 .*[](){}|+?^$\\/:-x\t'), minLength: 1, maxLength: 60 }),
      (text) => {
        const regex = compileRegex(expressionOf(text));
        expect(regex.ok && regex.re.test(text), `${text} as ${expressionOf(text)}`).toBe(true);
      },
    ),
  );
});

test('texts of one template are one cluster, others are not', () => {
  const tree = new TemplateTree<number>();
  const texts = [
    'disk sda: read error at 12',
    'disk sdb: read error at 99',
    'disk sdb: is gone now x',
    'all is well',
    'all is well',
  ];
  for (const [i, text] of texts.entries()) tree.add(text, i);
  expect(tree.clusters()).toEqual([
    { template: 'disk <*>: read error at <*>', members: [0, 1] },
    { template: 'disk sdb: is gone now x', members: [2] },
    { template: 'all is well', members: [3, 4] },
  ]);
});

test('a hostile log makes no more clusters than there is room for', () => {
  const tree = new TemplateTree<number>();
  const letters = (i: number) => [...String(i)].map((digit) => 'ghijklmnop'[Number(digit)]).join('');
  for (let i = 0; i < 20_000; i++) tree.add(`${letters(i)} ${letters(i * 7)} ${letters(i * 11)}`, i);
  expect(tree.clusters().length).toBeLessThanOrEqual(5000);
});
