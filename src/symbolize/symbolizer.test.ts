import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../model/stack.ts';
import { SourcePaths } from './source-path.ts';
import { SymbolSet } from './symbol-set.ts';
import { Symbolizer, type Traces } from './symbolizer.ts';
import { buildSample, functionsOf, instructionsOf, noSample, type Sample } from './testing.ts';

const why = noSample();
const hex = (number: number) => `0x${number.toString(16)}`;

describe.skipIf(why !== '')(`frames of a module${why}`, () => {
  let sample: Sample;
  let symbols: SymbolSet;
  const warnings: string[] = [];
  beforeAll(() => {
    sample = buildSample();
    symbols = new SymbolSet({ modules: [sample.module] }, (message) => warnings.push(message));
  });
  afterAll(async () => {
    await symbols.close();
    rmSync(sample.dir, { recursive: true });
  });

  /** A frame as the kernel prints it; the size tells functions of one name apart. */
  const frame = (fn: string, offset: number, size?: number): Frame => ({
    ...{ fn: fn.split('.')[0] ?? '', offset: hex(offset), module: 'sample', reliable: true },
    size: hex(size ?? functionsOf(sample.module).find((row) => row.fn === fn)?.size ?? 0),
  });
  const symbolize = async (frames: Frame[], more: Partial<Traces> = {}) => {
    warnings.length = 0;
    const symbolizer = new Symbolizer(symbols, new SourcePaths(), (message) => warnings.push(message));
    const [stack] = await symbolizer.symbolize({
      stacks: [{ role: 'trap', frames }],
      buildId: () => undefined,
      ...more,
    });
    return stack?.frames ?? [];
  };
  const places = (frames: readonly Frame[]) =>
    frames.map(({ fn, file, line, inlined }) => `${fn}${inlined ? ' (inlined)' : ''} ${file}:${line}`);
  /** Behind the call that the function makes. */
  const behindCall = (fn: string) => {
    const rows = instructionsOf(sample.module, fn);
    const call = rows.findIndex(({ text }) => /^(?:call|bl)\s/.test(text));
    return rows[call + 1]?.at ?? 0;
  };

  test('that was caught in an inlined function shows it and those around it', async () => {
    const trap = frame('faulty', 0);
    const frames = await symbolize([trap], { trap });
    expect(places(frames)).toEqual([
      'inner (inlined) fs/inner.h:3',
      'middle (inlined) fs/one.c:6',
      'faulty fs/one.c:10',
    ]);
    // What the report says of the function stays; what was made out of it has no place in its code.
    expect(frames[2]).toEqual({ ...trap, file: 'fs/one.c', line: 10 });
    expect(frames[0]).toEqual({
      fn: 'inner',
      module: 'sample',
      reliable: true,
      file: 'fs/inner.h',
      line: 3,
      inlined: true,
    });
    expect(warnings).toEqual([]);
  });

  test('that called is at its call, not behind it', async () => {
    const caller = frame('caller', behindCall('caller'));
    expect(places(await symbolize([frame('faulty', 0), caller]))).toContain('caller fs/one.c:14');
    // The same address, where an interrupt came.
    expect(places(await symbolize([caller], { trap: caller }))).toEqual(['caller fs/one.c:15']);
    // The beginning of a function is behind no call of it.
    expect(places(await symbolize([frame('caller', 0)]))).toEqual(['caller fs/one.c:13']);
    expect(places(await symbolize([{ fn: 'asm_exc_page_fault', reliable: true }, caller]))).toContain(
      'caller fs/one.c:15',
    );
  });

  test('of one name are told apart by their size, in all sections', async () => {
    const sizes = functionsOf(sample.module).flatMap(({ fn, size }) => (fn === 'same' ? size : []));
    expect(new Set(sizes).size).toBe(2);
    const found = await symbolize([
      ...sizes.map((size) => frame('same', 1, size)),
      frame('caller.cold', 1),
      frame('starting', 1),
    ]);
    expect(places(found)).toEqual(
      expect.arrayContaining(['same fs/one.c:3', 'same fs/two.c:3', 'caller fs/one.c:25', 'starting fs/one.c:20']),
    );
  });

  test('of another build stay as they are, and the file is named once', async () => {
    const own = execFileSync('readelf', ['-n', sample.module], { encoding: 'utf8' });
    const buildId = /Build ID: ([0-9a-f]+)/.exec(own)?.[1] ?? '';
    const frames = [frame('faulty', 0), frame('caller', 5)];
    const other = buildId.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    expect(await symbolize(frames, { buildId: () => other })).toEqual(frames);
    expect(warnings).toEqual([
      `frames stay without lines, ${sample.module} does not fit: it has build id ${buildId}, and the report is of ${other}`,
    ]);
    expect(places(await symbolize(frames, { buildId: (name) => (name === 'sample' ? buildId : other) }))).toContain(
      'faulty fs/one.c:10',
    );
    expect(warnings).toEqual([]);
  });

  test('whose functions have other sizes are of another build, too', async () => {
    const size = functionsOf(sample.module).find(({ fn }) => fn === 'faulty')?.size ?? 0;
    const frames = [frame('faulty', 0, size + 16), frame('caller', 5)];
    expect(await symbolize(frames)).toEqual(frames);
    expect(warnings).toEqual([
      `frames stay without lines, ${sample.module} does not fit: faulty has ${hex(size + 16)} bytes in the report and ${hex(size)} there`,
    ]);
    const unknown = [frame('nobody', 1, 32), frame('caller', 5)];
    expect(await symbolize(unknown)).toEqual(unknown);
    expect(warnings[0]).toContain('nobody is not in it');
  });

  test('that have a place, or none to look for, stay as they are', async () => {
    const frames: Frame[] = [
      { ...frame('faulty', 0), file: 'fs/before.c', line: 1 },
      { ...frame('faulty', 0), module: 'another' },
      { fn: 'faulty', module: 'sample', reliable: true },
      { ...frame('vfs_write', 1, 32), module: undefined } as unknown as Frame,
      frame('faulty', 1000),
    ];
    expect(await symbolize(frames)).toEqual(frames);
  });
});

describe.skipIf(why !== '')(`files with symbols${why}`, () => {
  let sample: Sample;
  beforeAll(() => {
    sample = buildSample();
    mkdirSync(join(sample.dir, 'tree/extra/deep'), { recursive: true });
    mkdirSync(join(sample.dir, 'empty'));
    copyFileSync(sample.module, join(sample.dir, 'tree/extra/deep/my-fs.ko.debug'));
    copyFileSync(sample.stripped, join(sample.dir, 'tree/extra/bare.ko'));
    writeFileSync(join(sample.dir, 'text.ko'), 'no module');
  });
  afterAll(() => rmSync(sample.dir, { recursive: true }));

  test.each([
    ['text.ko', 'is no ELF file', 'vmlinux or .ko'],
    ['stripped.ko', 'has no debug information', '-dbg or -debuginfo'],
    ['missing.ko', 'cannot be read: ENOENT', undefined],
    ['empty', 'there is no .ko file in ', undefined],
  ])('%s: %s', (name, words, hint) => {
    const open = () => new SymbolSet({ modules: [join(sample.dir, name)] }, () => {});
    expect(open).toThrow(expect.objectContaining({ exit: 'usage', message: expect.stringContaining(words) }));
    if (hint !== undefined) expect(open).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  test('a folder cannot be the kernel', () => {
    expect(() => new SymbolSet({ vmlinux: sample.dir, modules: [] }, () => {})).toThrow(/is no ELF file/);
  });

  test('are found in folders by what the kernel calls them; one without debug information is told of when it is needed', async () => {
    const warnings: string[] = [];
    const set = new SymbolSet({ modules: [join(sample.dir, 'tree')] }, (message) => warnings.push(message));
    expect(set.fileOf('my_fs')?.path).toBe(join(sample.dir, 'tree/extra/deep/my-fs.ko.debug'));
    expect([set.fileOf('other'), set.fileOf(undefined)]).toEqual([undefined, undefined]);
    expect(warnings).toEqual([]);
    expect([set.fileOf('bare'), set.fileOf('bare')]).toEqual([undefined, undefined]);
    expect(warnings).toEqual([
      `frames of bare stay without lines: ${join(sample.dir, 'tree/extra/bare.ko')} has no debug information`,
    ]);
    await set.close();
  });

  test('need a program that reads them', () => {
    const path = process.env.PATH;
    process.env.PATH = join(sample.dir, 'empty');
    try {
      expect(() => new SymbolSet({ modules: [sample.module] }, () => {})).toThrow(
        expect.objectContaining({ exit: 'missing', hint: expect.stringContaining('apt-get install binutils') }),
      );
    } finally {
      process.env.PATH = path;
    }
  });
});
