import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedError } from '../base/errors.ts';
import { packageRoot } from '../guest/paths.ts';
import type { LogRead } from '../model/about.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import { analyze } from './analyze.ts';

const FIXTURES = join(packageRoot(), 'fixtures');
const LOG = readFileSync(join(FIXTURES, 'inputs/dmesg/null-deref.log'));
const NOISE = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) % 256);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-analyze-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Ran {
  exit: string | undefined;
  events: Event[];
  findings: Finding[];
  warnings: string[];
  logs: LogRead[];
  error?: ExpectedError;
}

async function run(names: readonly string[], stdin: Uint8Array = Buffer.alloc(0)): Promise<Ran> {
  const ran: Ran = { exit: undefined, events: [], findings: [], warnings: [], logs: [] };
  try {
    ran.exit = await analyze(names, Readable.from(stdin.length > 0 ? [stdin] : []), {
      patterns: [],
      onEvent: (event) => ran.events.push(event),
      onLog: (log) => ran.logs.push(log),
      warn: (text) => ran.warnings.push(text.replaceAll(dir, 'DIR')),
    });
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    ran.error = error;
    ran.exit = error.exit;
  }
  ran.findings = ran.events.filter(isFinding).filter(({ final }) => final);
  return ran;
}

const path = (name: string) => join(dir, name);
function file(name: string, bytes: string | Uint8Array): string {
  writeFileSync(path(name), bytes);
  return path(name);
}

function link(name: string, target: string): string {
  symlinkSync(target, path(name));
  return path(name);
}
function folder(name: string, ...files: string[]): string {
  mkdirSync(path(name));
  for (const each of files) file(join(name, each), '{');
  return path(name);
}
const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\0', 'latin1');

/** What it makes, what is said, how it ends when it is all there is, and when there is a log beside it. */
const BAD: readonly (readonly [string, () => string, RegExp, string, string | undefined])[] = [
  ['a file that is not there', () => path('nope'), /^DIR\/nope does not exist/, 'usage', 'usage'],
  ['a link to nothing', () => link('link', 'nowhere'), /^DIR\/link does not exist/, 'usage', 'usage'],
  ['a link to itself', () => link('loop', 'loop'), /^DIR\/loop cannot be read: ELOOP/, 'usage', 'usage'],
  ['an empty file', () => file('empty', ''), /^DIR\/empty is empty/, 'nothingRan', undefined],
  ['a program', () => process.execPath, /: not a log: an ELF file/, 'nothingRan', undefined],
  ['an image', () => file('a.png', PNG), /^DIR\/a\.png: not a log: a PNG image/, 'nothingRan', undefined],
  ['bytes of no meaning', () => file('noise', NOISE), /^DIR\/noise: not a log: binary data/, 'nothingRan', undefined],
  [
    'a journal file',
    () => file('system.journal', 'LPKSHHRH\0\0'),
    /^DIR\/system\.journal: not a log: a journal file \(journalctl --file DIR\/system\.journal/,
    'nothingRan',
    undefined,
  ],
  [
    'a packed file of which only the header is left',
    () => file('a.gz', gzipSync(LOG).subarray(0, 10)),
    /^DIR\/a\.gz cannot be read: gzip says: unexpected end of file/,
    'usage',
    'usage',
  ],
  [
    'a packed program',
    () => file('a.gz', gzipSync(readFileSync('/bin/sh'))),
    /^DIR\/a\.gz: not a log: an ELF file/,
    'nothingRan',
    undefined,
  ],
  [
    'what is packed twice',
    () => file('a.gz', gzipSync(gzipSync(LOG))),
    /not a log: packed twice/,
    'nothingRan',
    undefined,
  ],
  ['a block device', () => blockDevice(), /is a device, not a log/, 'usage', 'usage'],
  ['an empty folder', () => folder('none'), /holds no log/, 'nothingRan', undefined],
  [
    'a capture that is damaged',
    () => folder('capture', 'capture.json'),
    /^DIR\/capture\/capture\.json cannot be read/,
    'usage',
    'usage',
  ],
];

/** Made where one may; elsewhere one that the machine has. */
function blockDevice(): string {
  const made = spawnSync('mknod', [path('disk'), 'b', '7', '0']).status === 0;
  return made ? path('disk') : '/dev/vda';
}

describe('an input that is none', () => {
  test.each(BAD)('alone ends the run: %s', async (_name, make, words, exit) => {
    const { error, findings } = await run([make()]);
    expect(findings).toEqual([]);
    const said = `${error?.message.replaceAll(dir, 'DIR')}${error?.hint ? ` (${error.hint.replaceAll(dir, 'DIR')})` : ''}`;
    expect(said).toMatch(words);
    expect(error?.exit).toBe(exit);
  });

  test.each(BAD)('beside a log is told, and the log is read: %s', async (name, make, words, _alone, exit) => {
    const good = file('good.log', LOG);
    const ran = await run([make(), good]);
    expect(ran.findings.map(({ source }) => source.file)).toEqual([good]);
    expect(ran.exit).toBe(exit);
    if (name === 'an empty folder') return;
    expect(ran.warnings).toEqual([expect.stringMatching(words)]);
    expect(ran.logs.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
  });

  test('a socket', async () => {
    const server = createServer().listen(path('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect((await run([path('socket')])).error?.message).toBe(`${path('socket')} is a socket, not a log`);
    server.close();
  });

  test('standard input without a byte, and twice', async () => {
    expect((await run(['-'])).error).toMatchObject({ exit: 'nothingRan', message: 'the input is empty' });
    expect((await run(['-', '-'], LOG)).error).toMatchObject({ exit: 'usage' });
  });
});

describe('a damaged log', () => {
  test.each([
    ['cut short', gzipSync(LOG).subarray(0, -300), /^DIR\/a\.gz is damaged; .*: gzip says: unexpected end of file$/],
    [
      'with something behind it',
      Buffer.concat([gzipSync(LOG), Buffer.from('no gzip, but longer than a header')]),
      /^DIR\/a\.gz is damaged; .*trailing garbage/,
    ],
  ])('is read as far as it goes: %s', async (_name, bytes, words) => {
    const ran = await run([file('a.gz', bytes)]);
    expect(ran.findings.map(({ kind }) => kind)).toEqual(['null-deref']);
    expect(ran.warnings).toEqual([expect.stringMatching(words)]);
    expect(ran.logs).toMatchObject([{ file: path('a.gz'), problem: expect.stringContaining('gzip says: ') }]);
    expect(ran.exit).toBeUndefined();
  });

  test('with a line of 100 MB gives what stands around it, and says what was cut', async () => {
    const name = file('long.log', '[    1.000000] first\n');
    const megabyte = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 100; i++) appendFileSync(name, megabyte);
    appendFileSync(name, `\n${LOG}`);
    const { findings, events } = await run([name]);
    expect(findings.map(({ kind, source }) => [kind, source.line])).toEqual([['null-deref', 33]]);
    expect(events.filter(({ event }) => event === 'gap')).toMatchObject([
      { kind: 'line-cut', evidence: [{ line: 2, byte: 21, endByte: 100_000_022 }] },
    ]);
  });

  test('with bytes that are no UTF-8 keeps the places of the raw ones', async () => {
    const dirty = Buffer.concat([Buffer.from('[    1.000000] \xff\xfe\xfd broken\n', 'latin1'), LOG]);
    const [finding] = (await run([file('a.log', dirty)])).findings;
    const [{ byte = 0, endByte = 0 } = {}] = finding?.evidence ?? [];
    expect(dirty.subarray(byte, endByte).toString()).toMatch(
      /^\[ {3}13\.187745\] BUG: kernel NULL[\s\S]*exited with irqs disabled\n$/,
    );
  });
});

describe('a folder', () => {
  test('gives its logs in order, those below it and captures among them', async () => {
    mkdirSync(path('logs/b/deep'), { recursive: true });
    file('logs/c.log', LOG);
    file('logs/b/deep/z.log.gz', gzipSync(LOG));
    file('logs/.hidden', LOG);
    file('logs/a.png', PNG);
    symlinkSync('b', path('logs/again'));
    symlinkSync('b/deep/z.log.gz', path('logs/d.log'));
    cpSync(join(FIXTURES, 'captures/null-deref'), path('logs/a-capture'), { recursive: true });
    spawnSync('mkfifo', [path('logs/pipe')]);
    const { findings, warnings, exit, logs } = await run([path('logs')]);
    expect(findings.map(({ source }) => source.file?.slice(dir.length + 1))).toEqual([
      'logs/a-capture/console.raw',
      'logs/b/deep/z.log.gz',
      'logs/c.log',
      'logs/d.log',
    ]);
    expect(warnings).toEqual([
      'passed over 2 of what the folders hold: DIR/logs/a.png: not a log: a PNG image; DIR/logs/pipe is a pipe, not a log',
    ]);
    expect(exit).toBeUndefined();
    expect(logs).toHaveLength(6);
  });

  test('numbers events over all its logs, each log a run of its own', async () => {
    file('a.log', LOG);
    file('b.log', LOG);
    const { events } = await run([dir]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});

test('a capture gives the findings of its replay, with the files of its streams', async () => {
  const { findings, events, logs } = await run([join(FIXTURES, 'captures/null-deref')]);
  expect(findings).toMatchObject([
    {
      kind: 'null-deref',
      source: { stream: 'console', file: join(FIXTURES, 'captures/null-deref/console.raw') },
    },
  ]);
  expect(events.some(({ event }) => event === 'recovery')).toBe(true);
  expect(logs).toEqual([{ file: join(FIXTURES, 'captures/null-deref'), bytes: expect.any(Number) }]);
});

test('two boots of a journal are not one incident', async () => {
  const [first = '', ...rest] = readFileSync(join(FIXTURES, 'inputs/journal-json/null-deref.log'), 'utf8')
    .trimEnd()
    .split('\n');
  const boot = /5f1d3c6a8b7e4f09a2c4d6e8f0a1b2c3/g;
  const second = [first, ...rest].map((line) => line.replace(boot, '00000000000000000000000000000002'));
  const once = await run([file('one.json', [first, ...rest, first, ...rest].join('\n'))]);
  const twice = await run([file('two.json', [first, ...rest, ...second].join('\n'))]);
  const opened = ({ events }: Ran) =>
    events.filter(({ event, kind }) => event === 'incident' && kind === 'opened').length;
  expect([once.findings.length, twice.findings.length]).toEqual([2, 2]);
  expect(opened(twice)).toBe(2);
});

test('messages of other programs are no findings, whatever they say and wherever they stand', async () => {
  const lines = [
    'Nov 21 02:52:42 vm sshd[12]: BUG: kernel NULL pointer dereference, address: 0',
    'user  :emerg : [   12.000000] BUG: kernel NULL pointer dereference, address: 0',
    '<12>[   12.100000] BUG: kernel NULL pointer dereference, address: 0',
    '12,900,12200000,-;BUG: kernel NULL pointer dereference, address: 0',
  ];
  const journal =
    '{"_BOOT_ID":"1","SYSLOG_IDENTIFIER":"app","_SOURCE_MONOTONIC_TIMESTAMP":"1","MESSAGE":"BUG: kernel NULL pointer dereference, address: 0"}';
  for (const [i, line] of [...lines, journal].entries())
    expect((await run([file(`${i}.log`, `${`${line}\n`.repeat(3)}`)])).findings, line).toEqual([]);
});
