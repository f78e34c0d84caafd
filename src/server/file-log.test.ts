import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogLine } from './event-log.ts';
import { FileLog } from './file-log.ts';

const root = mkdtempSync(join(tmpdir(), 'vexfs-file-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let path: string;
let count = 0;
let log: FileLog;
beforeEach(() => {
  path = join(root, `${count++}.ndjson`);
  log = new FileLog(path);
});
afterEach(() => log.close());

const line = (seq: number, text = '') => `${JSON.stringify({ seq, text })}\n`;
const textOf = (lines: readonly LogLine[]) => lines.map(({ json }) => `${Buffer.from(json)}\n`).join('');

/** Follows it until `seq` has come. */
function until(seq: number): Promise<readonly LogLine[]> {
  const all: LogLine[] = [];
  return new Promise((resolve) =>
    log.follow(
      (lines) => {
        all.push(...lines);
        if (lines.some((each) => each.seq === seq)) resolve(all);
      },
      () => {},
    ),
  );
}

describe('a file of events', () => {
  test('a file that is not there yet is waited for; a line is read when it is whole', async () => {
    const read = until(2);
    writeFileSync(path, line(0));
    appendFileSync(path, '{"seq":1,"te');
    appendFileSync(path, `xt":"é"}\n${line(2)}`);
    expect(textOf(await read)).toBe(`${line(0)}{"seq":1,"text":"é"}\n${line(2)}`);
    expect(log.damaged).toBe(0);
  });

  test('what is no event is counted and left out; what comes twice, too', async () => {
    const bad = ['no json', '{"seq":"1"}', 'null', '{"seq":-1}', '{"seq":1.5}', '[]', '{}'];
    writeFileSync(
      path,
      `${line(0)}${bad.map((text) => `${text}\n`).join('')}\n${line(0, 'again')}${line(5)}${line(4)}${line(6)}`,
    );
    const read = await until(6);
    expect(read.map(({ seq }) => seq)).toEqual([0, 5, 6]);
    expect(log.damaged).toBe(bad.length + 2);
    expect((await log.page(-1, 10)).map(({ seq }) => seq)).toEqual([0, 5, 6]);
  });

  test('a line end between the parts of JSON does not get into a frame', async () => {
    writeFileSync(path, '{"seq":\r0}\r\n');
    const [read] = await until(0);
    expect(Buffer.from(read?.json ?? []).toString()).toBe('{"seq":0}');
  });

  test('a line without an end fills no memory, and what comes behind it is read', async () => {
    writeFileSync(path, `${line(0)}${'x'.repeat(9 << 20)}\n${line(1)}`);
    expect((await until(1)).map(({ seq }) => seq)).toEqual([0, 1]);
    expect(log.damaged).toBe(1);
    expect((await log.page(0, 10)).map(({ seq }) => seq)).toEqual([1]);
  });

  test('pages begin behind any event and miss none', async () => {
    const total = 5000;
    writeFileSync(path, Array.from({ length: total }, (_, i) => line(i * 3, 'y'.repeat(i % 200))).join(''));
    await until((total - 1) * 3);
    for (const after of [-1, 0, 1, 2, 3, 2998, 7499, 7500, 14_993]) {
      const page = await log.page(after, 7);
      const first = Math.floor(after / 3) + 1;
      expect(page.map(({ seq }) => seq)).toEqual(
        Array.from({ length: Math.min(7, total - first) }, (_, i) => (first + i) * 3),
      );
    }
    expect(await log.page((total - 1) * 3, 7)).toEqual([]);
    let [after, found] = [-1, 0];
    for (;;) {
      const page = await log.page(after, 500);
      found += page.length;
      if (page.length === 0) break;
      after = page.at(-1)?.seq ?? after;
    }
    expect(found).toBe(total);
  });
});
