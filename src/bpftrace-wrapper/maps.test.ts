import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bpftraceInfo } from './capability.ts';
import { bpftoolMaps } from './map-bpftool.ts';
import { type MapDeclaration, mapDeclarations } from './map-declaration.ts';
import { decodeMap } from './map-decode.ts';
import { keyLayout } from './map-layout.ts';
import { buildMapReader, nativeMaps } from './map-native.ts';
import type { KernelMap, MapSource } from './map-source.ts';
import type { Message } from './message.ts';
import { startBpftrace } from './run.ts';
import { nameMaps } from './session-maps.ts';

describe('what a program says of its maps', () => {
  test.each<[string, Partial<MapDeclaration>]>([
    ['@ = count();', { name: '@', kind: 'count', keys: [] }],
    ['@a[comm, pid] = sum((uint64)args->x);', { kind: 'sum', keys: ['comm', 'int32'], value: 'uint64' }],
    ['@a["x,]", str(args->y)] = hist(nsecs - @b[tid]);', { kind: 'hist', keys: ['text', 'text'] }],
    ['@a[args->dev >> 20, $x] = lhist(cpu, 0, 100, 10);', { keys: ['int', 'any'], linear: [0n, 100n, 10n] }],
    ['@a[tid]++;', { kind: 'value', keys: ['int32'], value: 'int' }],
    ['@a[tid] += 5;', { kind: 'value', value: 'int' }],
    ['@a[kstack(3)] = count();', { keys: ['opaque'] }],
    ['@a[ksym(args->ip)] = count();', { keys: ['address'] }],
    ['@a = (1, 2);', { kind: 'value', value: 'opaque' }],
    ['@a = hist(5, 3);', { kind: 'value', value: 'opaque' }],
    [
      '/* @b = count(); */ printf("@c = max(1)"); if (@a == 5) { } @a = max(1); // @d = avg(1)',
      { name: '@a', kind: 'max' },
    ],
  ])('%s', (text, expected) => {
    expect([...mapDeclarations(`BEGIN { ${text} }`).values()].find(({ name }) => name !== '@b')).toMatchObject(
      expected,
    );
  });
  test('no text makes it throw or stall', () => {
    for (const text of ['@a[', '@a["', '@a = ', '@[@[', '@a = (((', '"\\', '@a[1] = lhist(1,2)']) {
      mapDeclarations(text);
      mapDeclarations(text.repeat(20_000));
    }
  });
});

describe('how keys lie in memory', () => {
  const fields = (text: string, size: number) =>
    keyLayout([...mapDeclarations(text).values()][0] as MapDeclaration, size)?.fields.map((field) => [
      field.offset,
      field.size,
      field.form,
    ]);
  test.each<[string, number, unknown]>([
    [
      '@a[comm, pid] = count();',
      24,
      [
        [0, 16, 'text'],
        [16, 8, 'signed'],
      ],
    ],
    [
      '@a[comm, pid] = count();',
      20,
      [
        [0, 16, 'text'],
        [16, 4, 'signed'],
      ],
    ],
    [
      '@a[pid, cpu] = hist(1);',
      24,
      [
        [0, 8, 'signed'],
        [8, 8, 'signed'],
      ],
    ],
    [
      '@a[pid, comm] = hist(1);',
      28,
      [
        [0, 4, 'signed'],
        [4, 16, 'text'],
      ],
    ],
    [
      '@a["xy", 1] = count();',
      11,
      [
        [0, 3, 'text'],
        [3, 8, 'signed'],
      ],
    ],
    ['@a[args->name] = count();', 64, [[0, 64, 'text']]],
    ['@a[args->name] = count();', 4, [[0, 4, 'signed']]],
    ['@a = hist(1);', 16, []],
    ['@a[str(args->a), str(args->b)] = count();', 128, undefined],
    ['@a[$x, $y] = count();', 20, undefined],
    ['@a[kstack] = count();', 8, undefined],
  ])('%s of %i bytes', (text, size, expected) => {
    expect(fields(text, size)).toEqual(expected);
  });
  test('bytes that are too few, buckets that cannot be', () => {
    const hist = mapDeclarations('@h = hist(1);').get('@h') as MapDeclaration;
    const map: KernelMap = { id: 1, name: 'AT_h', keySize: 8, valueSize: 8, maxEntries: 9 };
    const at = (index: string, count: string) => Buffer.from(index + count, 'hex');
    const [one, many] = ['0100000000000000', 'ffffffffffffff7f'];
    const bytes = Buffer.concat([at(many, one), at(one, many), Buffer.alloc(3)]);
    expect(decodeMap(hist, map, { bytes, values: 1, width: 8, cut: false })).toEqual({
      message: {
        kind: 'hist',
        name: '@h',
        entries: [{ key: null, buckets: [{ min: 0, max: 0, count: 2n ** 63n - 1n }] }],
      },
    });
  });
  test('any bytes', () => {
    const text =
      '@a = count(); @b[comm, tid] = sum(1); @c = min(1); @d[tid] = stats(1); @e[pid] = lhist(1, 0, 9, 3); @f[1] = comm; @g = avg(1); @h[cpu] = hist(1); @i = nsecs;';
    const declarations = [...mapDeclarations(text).values()];
    fc.assert(
      fc.property(
        fc.constantFrom(...declarations),
        fc.constantFrom(0, 1, 4, 8, 16, 20, 24),
        fc.constantFrom(0, 1, 4, 8, 16),
        fc.nat(3),
        fc.uint8Array({ maxLength: 300 }),
        (declaration, keySize, valueSize, values, bytes) => {
          const width = Math.ceil(valueSize / 8) * 8;
          decodeMap(
            declaration,
            { id: 1, name: '', keySize, valueSize, maxEntries: 1 },
            { bytes: Buffer.from(bytes), values, width, cut: false },
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
  test('a symbol comes as its address', () => {
    const declaration = mapDeclarations('@a[ksym(reg("ip"))] = count();').get('@a') as MapDeclaration;
    const map: KernelMap = { id: 1, name: 'AT_a', keySize: 8, valueSize: 8, maxEntries: 9 };
    const bytes = Buffer.from('785634120000ffff0200000000000000', 'hex');
    expect(decodeMap(declaration, map, { bytes, values: 1, width: 8, cut: true })).toEqual({
      message: {
        kind: 'map',
        name: '@a',
        entries: [{ key: '0xffff000012345678', parts: ['0xffff000012345678'], value: 2 }],
        cut: true,
      },
    });
  });
  test('names that the kernel cut are told apart by their order, or not at all', () => {
    const map = (id: number, name: string): KernelMap => ({ id, name, keySize: 8, valueSize: 8, maxEntries: 1 });
    const names = ['@vexfs_search_vectors', '@vexfs_search_ns', '@n'];
    const found = nameMaps(names, [
      map(7, 'AT_vexfs_search'),
      map(5, 'AT_vexfs_search'),
      map(6, 'AT_n'),
      map(8, 'printf'),
    ]);
    expect([...found].map(([name, { id }]) => [name, id])).toEqual([
      ['@n', 6],
      ['@vexfs_search_ns', 5],
      ['@vexfs_search_vectors', 7],
    ]);
    expect(nameMaps(names, [map(5, 'AT_vexfs_search')]).size).toBe(0);
  });
});

const PROGRAM = `BEGIN {
  @n = count(); @n = count(); @by[comm, pid] = count(); @h = hist(0); @h = hist(-5); @h = hist(77); @hk[cpu * 0, comm] = hist(9);
  @st[comm, 1] = stats(3); @st[comm, 1] = stats(8); @stats = stats(7); @av = avg(-4); @avk["x"] = avg(9); @mi = min(7); @mi = min(5);
  @ma = max(2); @ma = max(9); @su[5] = sum(-2); @su[6] = sum((uint64)3); @l = lhist(5, 0, 10, 2); @l = lhist(50, 0, 10, 2);
  @lk[pid, 1] = lhist(5, 0, 10, 2); @sc = 5; @neg = -3; @str = comm; @up[1, comm]++; @up[1, comm]++; @big = (uint64)18446612686364999681;
  @a_very_long_name_one = 1; @a_very_long_name_two = 2; @comma["a", ",b"] = 1; @stacks[kstack(2)] = count(); printf("ready\\n");
}
interval:s:1000 { }`;

const bpftrace = process.env.BPFTRACE ?? 'bpftrace';
const able = process.getuid?.() === 0 && (await bpftraceInfo({ bpftrace, timeoutMs: 10_000 })) !== null;
const reader = able ? await buildMapReader() : null;
const hasBpftool =
  able &&
  (await bpftoolMaps()
    .list(process.pid)
    .catch((error: Error) => error.message)) !== 'missing';

describe.skipIf(!able)('maps of a running program, as it prints them in the end', { timeout: 120_000 }, () => {
  const read = async (source: MapSource) => {
    const session = await startBpftrace({ bpftrace, program: { text: PROGRAM }, maps: source, drainMs: 60_000 });
    const names = [...mapDeclarations(PROGRAM).keys()];
    const maps = new Map<string, unknown>();
    const problems: string[] = [];
    const printed: Message[] = [];
    for await (const message of session) {
      printed.push(message);
      if (message.kind !== 'printf') continue;
      for (const name of names) {
        const answer = await session.readMap(name);
        if ('problem' in answer) problems.push(answer.problem);
        else maps.set(name, comparable(answer.message));
      }
      void session.stop();
    }
    source.close();
    await expect(session.readMap('@n')).rejects.toThrow('has ended');
    return { maps, problems, printed };
  };
  const check = ({ maps, problems, printed }: Awaited<ReturnType<typeof read>>) => {
    const expected = new Map(
      printed.flatMap((message) =>
        'name' in message && message.name !== '@stacks' ? [[message.name, comparable(message)]] : [],
      ),
    );
    expect(expected.size).toBeGreaterThan(20);
    // A key of two texts cannot be told from its size.
    expected.delete('@comma');
    for (const [name, value] of expected) expect([name, maps.get(name)]).toEqual([name, value]);
    expect(problems.map((problem) => /@\w+/.exec(problem)?.[0])).toEqual(['@comma', '@stacks']);
  };

  test.skipIf(reader === null)('through the small reader', async () => check(await read(nativeMaps(reader ?? ''))));
  test.skipIf(!hasBpftool)('through bpftool', async () => check(await read(bpftoolMaps())));
  test('a process without maps, a map that is gone', async () => {
    for (const source of [reader === null ? null : nativeMaps(reader), hasBpftool ? bpftoolMaps() : null]) {
      if (source === null) continue;
      const gone = { id: 2 ** 31 - 1, name: '', keySize: 8, valueSize: 8, maxEntries: 1 };
      await expect(source.dump(gone)).rejects.toMatchObject({ name: 'ExpectedError' });
      source.close();
    }
  });
});

/** Without what reading cannot know: the parts of keys, the order, how a histogram of one bucket was made, text for wide integers. */
function comparable(message: Message): unknown {
  if (!('entries' in message)) return message;
  const entries = message.entries.map(({ parts: _, ...entry }) =>
    JSON.stringify(entry, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  return { kind: message.kind === 'lhist' ? 'hist' : message.kind, entries: entries.sort() };
}
