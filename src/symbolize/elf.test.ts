import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, withFileBytes } from './bytes.ts';
import { readElf, readSymbols } from './elf.ts';
import { buildSample, functionsOf, noSample, type Sample } from './testing.ts';

const why = noSample();

describe.skipIf(why !== '')(`an object file${why}`, () => {
  let sample: Sample;
  beforeAll(() => {
    sample = buildSample();
  });
  afterAll(() => rmSync(sample.dir, { recursive: true }));

  test('has the build id, the sections and the functions that binutils see', () => {
    for (const path of [sample.module, sample.kernel]) {
      const notes = execFileSync('readelf', ['-n', path], { encoding: 'utf8' });
      const { elf, symbols } = withFileBytes(path, (bytes) => {
        const elf = readElf(bytes);
        return { elf, symbols: elf === null ? [] : readSymbols(bytes, elf) };
      });
      expect(elf).toMatchObject({ relocatable: path === sample.module, hasDebugInfo: true });
      expect(elf?.buildId).toBe(/Build ID: ([0-9a-f]+)/.exec(notes)?.[1]);
      const functions = functionsOf(path).map(({ fn, section }) => `${section} ${fn}`);
      expect(functions.length).toBeGreaterThan(6);
      const named = symbols.map(({ name, section }) => `${elf?.sections[section]?.name} ${name}`);
      expect(named).toEqual(expect.arrayContaining(functions));
    }
  });

  test('that was stripped has no debug information and keeps its functions and build id', () => {
    const read = (path: string) =>
      withFileBytes(path, (bytes) => {
        const elf = readElf(bytes);
        return { ...elf, symbols: elf === null ? [] : readSymbols(bytes, elf).map(({ name }) => name) };
      });
    const [whole, stripped] = [read(sample.module), read(sample.stripped)];
    expect(stripped).toMatchObject({ hasDebugInfo: false, buildId: whole.buildId, symbols: whole.symbols });
  });

  test('of 32 bits and of the other byte order is read, too', () => {
    for (const target of ['elf32-little', 'elf32-big', 'elf64-big']) {
      const out = join(sample.dir, target);
      execFileSync('objcopy', ['-I', 'binary', '-O', target, sample.stripped, out]);
      const elf = readElf(bytesOf(readFileSync(out)));
      expect(elf?.sections.map(({ name }) => name)).toEqual(['', '.data', '.symtab', '.strtab', '.shstrtab']);
      expect(elf?.sections[1]?.size).toBe(readFileSync(sample.stripped).length);
    }
  });

  test('of which any bytes are wrong or missing gives an answer or none, never an error', () => {
    const whole = readFileSync(sample.stripped);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    // Headers decide where to read.
    const early = fc.tuple(fc.nat(63), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff));
    const headers = fc.tuple(
      fc.integer({ min: whole.length - 64 * 20, max: whole.length - 1 }),
      fc.constantFrom(0, 1, 0x7f, 0xff),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(change, early, headers), { maxLength: 30 }),
        fc.option(fc.nat(whole.length)),
        (changes, length) => {
          const bytes = Uint8Array.from(whole.subarray(0, length ?? whole.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const elf = readElf(bytesOf(bytes));
          if (elf !== null) for (const { name } of readSymbols(bytesOf(bytes), elf)) expect(name).not.toBe('');
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test('what is no object file is none', () => {
  for (const text of ['', '\x7fELF', '#!/bin/sh\n', '\x7fELF'.padEnd(4096, '\0'), '\x7fELF\x02\x01'.padEnd(64, '\xff')])
    expect(readElf(bytesOf(Buffer.from(text, 'latin1')))).toBeNull();
});
