import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { createMatcher } from '../patterns/match.ts';
import { Pipeline } from './pipeline.ts';

/** What firmware, boot loaders, clean boots, test programs and a busy machine say. fixtures/chatter/README.md tells how it was recorded. */
const ROOT = join(packageRoot(), 'fixtures/chatter');
const MAX_BYTES = 64 * 1024;
const matcher = createMatcher([]);
/** What the kernel says of programs that crash, of a mount that it refuses, of a file that is no module. */
const COMPLAINTS = ['user-segfault', 'mount-failure', 'module-load-failure'];

interface About {
  readonly what: string;
  /** What said it, with its version. */
  readonly from: string;
  readonly command: string;
  readonly date: string;
  readonly bytes: number;
  readonly cut: number;
  /** Only where the kernel itself complains of what a program did. */
  readonly expected?: readonly Pick<Finding, 'kind' | 'title'>[];
}

const recordings = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => ({
    name: name.slice(0, -5),
    bytes: readFileSync(join(ROOT, name.replace(/json$/, 'log'))),
    about: JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as About,
  }));

/** Final findings of a log, read in chunks of a size. */
function findings(bytes: Uint8Array, chunk = bytes.length): Finding[] {
  const found: Finding[] = [];
  const pipeline = new Pipeline({
    run: 'chatter',
    startWall: 0,
    live: false,
    file: 'log',
    matcher,
    sink: (event) => {
      if (isFinding(event) && event.final) found.push(event);
    },
    warn: () => {},
  });
  for (let at = 0; at < bytes.length; at += chunk)
    pipeline.push({ stream: 'file', observed: 0, bytes: bytes.subarray(at, at + chunk) });
  pipeline.end();
  return found;
}

test('every kind of chatter is there, and every recording with its provenance', () => {
  expect(new Set(recordings.map(({ name }) => name.split('/')[0]))).toEqual(
    new Set(['boot', 'firmware', 'journal', 'programs']),
  );
  for (const { name, bytes, about } of recordings) {
    expect({ name, about }).toMatchObject({
      name,
      about: { what: expect.any(String), from: expect.any(String), command: expect.any(String), bytes: bytes.length },
    });
    expect(bytes.length).toBeLessThanOrEqual(MAX_BYTES);
    expect(bytes.length).toBeGreaterThan(0);
    expect(COMPLAINTS).toEqual(expect.arrayContaining((about.expected ?? []).map(({ kind }) => kind)));
  }
});

describe.each(recordings)('$name', ({ bytes, about: { expected = [] } }) => {
  const titles = (log: Uint8Array, chunk?: number) => findings(log, chunk).map(({ kind, title }) => ({ kind, title }));
  const lf = Buffer.from(bytes.toString('latin1').replaceAll('\r', ''), 'latin1');

  test.each([
    ['as it came', bytes, undefined],
    ['in chunks of 7 bytes', bytes, 7],
    ['in chunks of 1021 bytes', bytes, 1021],
    ['with LF', lf, undefined],
    ['with CRLF', Buffer.from(lf.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'), undefined],
    ['without its first half', bytes.subarray(bytes.length >> 1), undefined],
  ] as const)('%s', (how, log, chunk) => {
    const found = titles(log, chunk);
    if (how === 'without its first half') expect(expected).toEqual(expect.arrayContaining(found));
    else expect(found).toEqual(expected);
  });
});
