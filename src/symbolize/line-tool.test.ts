import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from './programs.ts';
import { SymbolFile } from './symbol-file.ts';
import { buildSample, functionsOf, noSample, type Sample } from './testing.ts';

const why = noSample();
const llvm = findProgram(['llvm-symbolizer']);
const tools = ['addr2line', ...(llvm === undefined ? [] : ['llvm-symbolizer'])];

describe.skipIf(why !== '')(`lines and inlined functions are the same${why}`, () => {
  let sample: Sample;
  const path = process.env.PATH;
  beforeAll(() => {
    sample = buildSample();
    for (const tool of tools) {
      mkdirSync(join(sample.dir, tool));
      symlinkSync(findProgram([tool]) ?? '', join(sample.dir, tool, tool));
    }
  });
  afterAll(() => {
    process.env.PATH = path;
    rmSync(sample.dir, { recursive: true });
  });

  test.each(tools.flatMap((tool) => (['module', 'kernel'] as const).map((kind) => [tool, kind] as const)))(
    'by %s of a %s',
    async (tool, kind) => {
      process.env.PATH = join(sample.dir, tool);
      const file = new SymbolFile(sample[kind]);
      process.env.PATH = path;
      const size = functionsOf(sample[kind]).find(({ fn }) => fn === 'faulty')?.size ?? 0;
      const lookup = file.find('faulty', 0, size);
      const places = lookup.kind === 'found' ? [lookup.place] : [];
      // Asked twice, it is known.
      for (const _ of [1, 2]) {
        const [frames = []] = await file.locate(places);
        const short = frames.map(({ fn, file, line }) => [fn, file?.slice(sample.dir.length + 1), line]);
        expect(short).toEqual([
          ['inner', 'fs/inner.h', 3],
          ['middle', 'fs/one.c', 6],
          ['faulty', 'fs/one.c', 10],
        ]);
      }
      expect(file.silent).toBe(false);
      await file.close();
    },
  );

  test.skipIf(llvm === undefined)(
    'but that llvm-symbolizer gives none outside of the .text of a module (needs llvm)',
    async () => {
      process.env.PATH = join(sample.dir, 'llvm-symbolizer');
      const file = new SymbolFile(sample.module);
      process.env.PATH = path;
      const size = functionsOf(sample.module).find(({ fn }) => fn === 'starting')?.size ?? 0;
      const lookup = file.find('starting', 0, size);
      expect(lookup).toMatchObject({ kind: 'found', place: { section: { name: '.init.text' } } });
      expect(await file.locate(lookup.kind === 'found' ? [lookup.place] : [])).toEqual([[]]);
      await file.close();
    },
  );
});
