import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { contentOf, type Packing } from './content.ts';
import { unpack } from './unpack.ts';

const TEXT = Buffer.from(
  Array.from({ length: 60_000 }, (_, i) => `[${i}.000000] line ${(i * 7919) % 60_013}\n`).join(''),
);
const PACKERS: readonly [string, string[]][] = [
  ['gzip', []],
  ['xz', []],
  ['zstd', ['-q']],
  ['bzip2', []],
];

function pack(program: string, args: readonly string[], bytes: Uint8Array): Buffer {
  const { stdout, error } = spawnSync(program, [...args, '-c'], { input: bytes, maxBuffer: 1 << 28 });
  if (error) throw error;
  return stdout;
}

async function* inParts(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(packed: Uint8Array, packing: Packing): Promise<{ bytes: Buffer; damage: string[] }> {
  const damage: string[] = [];
  const parts: Uint8Array[] = [];
  for await (const part of unpack(inParts(packed), packing, (words) => damage.push(words))) parts.push(part);
  return { bytes: Buffer.concat(parts), damage };
}

function packingOf(packed: Uint8Array): Packing {
  const content = contentOf(packed);
  if (content.kind !== 'packed') throw new Error(`taken for ${content.kind}`);
  return content.packing;
}

describe.each(PACKERS)('%s', (program, args) => {
  const packed = pack(program, args, TEXT);
  const packing = packingOf(packed);

  test('is known by its first bytes and unpacked', async () => {
    const { bytes, damage } = await read(packed, packing);
    expect(bytes.equals(TEXT)).toBe(true);
    expect(damage).toEqual([]);
  });

  test('cut short gives its beginning and says so', async () => {
    const { bytes, damage } = await read(packed.subarray(0, Math.floor(packed.length * 0.9)), packing);
    expect(bytes.length).toBeGreaterThan(10_000);
    expect(TEXT.subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(damage).toEqual([expect.stringMatching(/^\w+ says: .*(?:end|premature)/)]);
  });

  test('with other bytes in it is told, whatever was read', async () => {
    const bad = Buffer.concat([packed.subarray(0, 40_000), randomBytes(5_000), packed.subarray(45_000)]);
    const { damage } = await read(bad, packing);
    expect(damage).toHaveLength(1);
    expect(damage[0]).not.toContain('\n');
  });

  test('that nobody wants any more ends at once', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield packed.subarray(0, packed.length - 100);
      await new Promise(() => {});
    }
    for await (const part of unpack(endless(), packing, () => {})) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
  });
});

test('a program that is not there is named with its package', async () => {
  const packing = { name: 'nope', program: 'vexfs-no-such-program', args: [], from: 'nope-utils' };
  await expect(read(TEXT, packing)).rejects.toMatchObject({
    exit: 'missing',
    message: 'it is packed with nope, and vexfs-no-such-program is not installed',
    hint: 'apt-get install nope-utils',
  });
});

test('what fails while it is read is told', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield pack('gzip', [], TEXT).subarray(0, 50_000);
    throw new Error('EIO: i/o error, read');
  }
  const damage: string[] = [];
  const packing = packingOf(pack('gzip', [], TEXT));
  for await (const _ of unpack(broken(), packing, (words) => damage.push(words)));
  expect(damage).toEqual(['EIO: i/o error, read']);
});
