import { describe, expect, test } from 'vitest';
import type { Elf, ElfSymbol, Section } from './elf.ts';
import { SymbolTable } from './symbol-table.ts';

const section = (index: number, name: string, size: number, address = 0n): Section => ({
  ...{ index, name, size, address },
  ...{ type: 1, executable: true, offset: 0, align: 16, link: 0 },
});
const MODULE: Elf = {
  machine: 62,
  relocatable: true,
  hasDebugInfo: true,
  sections: [
    section(0, '', 0),
    section(1, '.text', 0x95),
    section(2, '.init.text', 0x20),
    section(3, '.text.unlikely', 0x28),
  ],
};
const KERNEL: Elf = {
  ...MODULE,
  relocatable: false,
  sections: [
    section(0, '', 0),
    section(1, '.text', 0x1000, 0xffffffff81000000n),
    section(2, '.init.text', 0x100, 0xffffffff83000000n),
  ],
};
const symbol = (name: string, section: number, at: number, size: number): ElfSymbol => ({ name, section, at, size });
const SYMBOLS = [
  symbol('first', 1, 0, 0x2d),
  symbol('alias', 1, 0, 0x2d),
  symbol('padded', 1, 0x40, 0x11),
  symbol('twice', 1, 0x60, 0x10),
  symbol('twice', 1, 0x70, 0x10),
  symbol('last', 1, 0x80, 0x15),
  symbol('init_module', 2, 0, 0x20),
  symbol('rare.cold', 3, 0, 0x10),
  symbol('rare.part.0.cold', 3, 0x10, 0x18),
];

describe('a module has', () => {
  const table = new SymbolTable(MODULE, SYMBOLS);
  test.each([
    // A size reaches to the next function, or is that of the compiler.
    ['first', 0x40, '.text', 0],
    ['first', 0x2d, '.text', 0],
    ['alias', 0x40, '.text', 0],
    ['padded', 0x20, '.text', 0x40],
    // The kernel counts the last one up to the next section, which begins at a multiple of 16.
    ['last', 0x20, '.text', 0x80],
    ['rare', 0x10, '.text.unlikely', 0],
    // Nothing follows but the rest of the page.
    ['rare', 0xf50, '.text.unlikely', 0x10],
    ['init_module', 0x1000, '.init.text', 0],
  ])('%s of size %i in %s', (fn, size, name, at) => {
    const found = table.find(fn, 3, size);
    expect(found).toMatchObject({ kind: 'found', place: { section: { name }, at: at + 3 } });
  });

  test.each([
    ['first', 0x50, { kind: 'other-size', sizes: [0x40] }],
    ['padded', 0x18, { kind: 'other-size', sizes: [0x20] }],
    ['twice', 0x10, { kind: 'ambiguous' }],
    ['nobody', 0x10, { kind: 'unknown' }],
    // A part of a name is none.
    ['rar', 0x10, { kind: 'unknown' }],
  ])('no %s of size %i', (fn, size, expected) => {
    expect(table.find(fn, 3, size)).toEqual(expected);
  });
});

test('jumps that the loader adds count for the last function', () => {
  const sections = [...MODULE.sections, section(4, '.plt', 1)];
  const report = ['rare', 0x10, 0x164c] as const;
  expect(new SymbolTable({ ...MODULE, sections }, SYMBOLS).find(...report)).toMatchObject({ kind: 'found' });
  expect(new SymbolTable(MODULE, SYMBOLS).find(...report)).toMatchObject({ kind: 'other-size' });
});

test('a kernel has its functions where they are linked', () => {
  const table = new SymbolTable(KERNEL, [
    symbol('start_kernel', 2, 0x10, 0x20),
    symbol('do_one', 1, 0x100, 0),
    symbol('do_two', 1, 0x180, 8),
  ]);
  expect(table.find('do_one', 5, 0x80)).toMatchObject({
    kind: 'found',
    place: { section: { name: '.text' }, at: 0x105 },
  });
  expect(table.start('start_kernel')).toMatchObject({ section: { name: '.init.text' }, at: 0x10 });
  expect(table.start('nobody')).toBeUndefined();
});

test('of two with one name and one place there is one', () => {
  const table = new SymbolTable(MODULE, [symbol('a', 1, 0, 4), symbol('a.isra.0', 1, 0, 4)]);
  expect(table.find('a', 1, 4)).toMatchObject({ kind: 'found' });
});
