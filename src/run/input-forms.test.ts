import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import { createMatcher } from '../patterns/match.ts';
import { listInputs } from '../source/log-inputs.ts';
import { LogAnalysis } from './log-analysis.ts';
import { Pipeline } from './pipeline.ts';

/** Two crashes as the real tools write them, a folder a form; its README says how they were made. */
const ROOT = join(packageRoot(), 'fixtures/inputs');
const CASES = ['null-deref', 'lock-inversion'] as const;
type Case = (typeof CASES)[number];

/** The same reports on the consoles that the recordings were made from. */
const CONSOLES: Readonly<Record<Case, string>> = {
  'null-deref': 'fixtures/captures/null-deref/console.raw',
  'lock-inversion': 'fixtures/guests/kasan/lock-inversion.console',
};
const PACKERS: readonly (readonly [string, string])[] = [
  ['plain', ''],
  ['gzip', '-c'],
  ['xz', '-c'],
  ['zstd', '-qc'],
];
const FORMS = readdirSync(ROOT).filter((form) => existsSync(join(ROOT, form, 'null-deref.log')));
/** Forms in which the kernel's own time does not stand. */
const TIMELESS =
  /^dmesg-(T|t|e|delta|iso|xT)$|^journal-(cat|short|short-precise|short-full|short-iso.*|short-unix|with-unit)$/;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-forms-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function findings(...files: string[]): Promise<Finding[]> {
  const found: Finding[] = [];
  const warnings: string[] = [];
  const onEvent = (event: Event) => isFinding(event) && found.push(event);
  const warn = (text: string) => warnings.push(text);
  const analysis = new LogAnalysis({ onEvent, warn }, createMatcher([]), Readable.from([]));
  for (const input of listInputs(files)) if (input.kind !== 'bad') await analysis.read(input, warn);
  analysis.end();
  expect(warnings).toEqual([]);
  return found;
}

/** What must not depend on the form. */
function same({
  kind,
  title,
  altTitles,
  type,
  frame,
  corrupted,
  panicked,
  fingerprint,
  context,
  stacks,
  details,
}: Finding) {
  return { kind, title, altTitles, type, frame, corrupted, panicked, fingerprint, context, stacks, details };
}

describe.each(CASES)('%s', (name) => {
  let wanted: ReturnType<typeof same>;
  beforeAll(async () => {
    const [only, ...others] = await findings(join(packageRoot(), CONSOLES[name]));
    expect(others).toEqual([]);
    wanted = same(only as Finding);
    expect(wanted.corrupted).toBe(false);
    expect(wanted.stacks.length).toBeGreaterThan(0);
  });

  describe.each(FORMS)('as %s', (form) => {
    const file = join(ROOT, form, `${name}.log`);

    test.each(PACKERS)('%s gives the finding of the console', async (packer, options) => {
      let path = file;
      if (packer !== 'plain') {
        path = join(dir, `${form}-${name}.${packer}`);
        const packed = spawnSync(packer, [options, file]);
        expect(packed.error).toBeUndefined();
        writeFileSync(path, packed.stdout);
      }
      const found = await findings(path);
      expect(found.map(same)).toEqual([wanted]);
      const size = readFileSync(file).length;
      for (const { byte, endByte, file: named } of found[0]?.evidence ?? []) {
        expect(named).toBe(path);
        expect(byte < endByte && endByte <= size).toBe(true);
      }
      expect(found[0]?.time.kernel === undefined).toBe(TIMELESS.test(form));
    });
  });

  test('as files of pstore in a folder, the newest part first', async () => {
    const found = await findings(join(ROOT, 'pstore-folder', name));
    expect(found.map(same)).toEqual([wanted]);
    expect(found[0]?.evidence.length).toBeGreaterThan(1);
    const parts = found[0]?.evidence.map(({ file }) => file ?? '');
    expect(parts).toEqual([...(parts ?? [])].sort().reverse());
  });
});

/** systemd src/pstore/pstore.c append_dmesg: the oldest part first, each under the name of its file. */
test.each(CASES)('%s as systemd-pstore keeps it', async (name) => {
  const folder = join(ROOT, 'pstore-folder', name);
  const parts = readdirSync(folder).sort().reverse();
  const path = join(dir, `${name}-dmesg.txt`);
  writeFileSync(
    path,
    parts.map((part) => `${part}:\n${readFileSync(join(folder, part), 'latin1')}\n`).join(''),
    'latin1',
  );
  expect((await findings(path)).map(same)).toEqual((await findings(folder)).map(same));
});

/**
 * Records of /dev/kmsg as vmcore-dmesg and `makedumpfile --dump-dmesg` write them, constructed: a stamp, and the other lines of a message
 * indented by its width; what is neither printable nor a blank as `\\xHH` (kexec-tools util_lib/elf_info.c, makedumpfile printk.c).
 */
function asVmcore(kmsg: string): string {
  const records = [...kmsg.matchAll(/^\d+,\d+,(\d+),[^;]*;(.*)$/gm)];
  return records
    .map(([, usec, text = '']) => {
      const stamp = `[${(Number(usec) / 1e6).toFixed(6).padStart(12)}] `;
      return `${stamp}${text.replaceAll('\\x0a', `\n${' '.repeat(stamp.length)}`)}\n`;
    })
    .join('');
}

test.each(CASES)('%s as vmcore-dmesg writes it (constructed)', async (name) => {
  const kmsg = readFileSync(join(ROOT, 'kmsg', `${name}.log`), 'latin1');
  const path = join(dir, `${name}-vmcore-dmesg.txt`);
  writeFileSync(path, asVmcore(kmsg), 'latin1');
  const [only, ...others] = await findings(path);
  expect(others).toEqual([]);
  expect([only as Finding].map(same)).toEqual((await findings(join(ROOT, 'kmsg', `${name}.log`))).map(same));
});

test('a message of several lines, and bytes that are no text, in the words of vmcore-dmesg (constructed)', async () => {
  const lines = [
    'BUG: kernel NULL pointer dereference, address: 0000000000000008\\x0a#PF: supervisor read access in kernel mode',
    'CPU: 1 PID: 80 Comm: s\\xc3\\xa9 Not tainted 6.12.0 #1',
    'RIP: 0010:vexfs_store+0x1a/0x40 [vexfs]\\x0aCall Trace:\\x0a <TASK>\\x0a vexfs_store+0x1a/0x40 [vexfs]\\x0a vfs_write+0xf0/0x420',
    ' </TASK>\\x0a---[ end trace 0000000000000000 ]---',
  ];
  const path = join(dir, 'vmcore-dmesg.txt');
  writeFileSync(path, asVmcore(lines.map((text, at) => `4,${at},${1_000_000 + at},-;${text}\n`).join('')));
  expect(await findings(path)).toMatchObject([
    {
      title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_store',
      corrupted: false,
      context: { comm: 's\\xc3\\xa9' },
      stacks: [{ frames: [{ fn: 'vexfs_store' }, { fn: 'vfs_write' }] }],
    },
  ]);
});

/** Events of a log that comes in pieces. */
function events(bytes: Uint8Array, size: number): Event[] {
  const found: Event[] = [];
  const pipeline = new Pipeline({
    ...{ run: 'forms', startWall: 0, live: false, file: 'log', matcher: createMatcher([]) },
    sink: (event) => found.push(event),
    warn: () => {},
  });
  for (let at = 0; at < bytes.length; at += size)
    pipeline.push({ stream: 'file', observed: 0, bytes: bytes.subarray(at, at + size) });
  pipeline.end();
  return found;
}

test.each(FORMS)('%s gives the same events in any pieces', (form) => {
  for (const name of CASES) {
    const bytes = readFileSync(join(ROOT, form, `${name}.log`));
    const whole = events(bytes, bytes.length);
    expect(whole.some(isFinding)).toBe(true);
    for (const size of [1, 7, 1021, 65_536]) expect(events(bytes, size)).toEqual(whole);
  }
});

test.each(['journal-json', 'journal-json-pretty', 'journal-json-seq', 'dmesg-json', 'dmesg-x-json'])(
  '%s with a long quiet stretch before and behind gives the same finding',
  (form) => {
    for (const name of CASES) {
      const text = readFileSync(join(ROOT, form, `${name}.log`), 'utf8');
      const entry = /\{[^{}]*(?:"msg"|"MESSAGE")[^{}]*\}/.exec(text)?.[0] ?? '';
      expect(entry).not.toBe('');
      const quiet = `${entry}${form.startsWith('dmesg') ? ',' : ''}\n`.repeat(500);
      const at = text.indexOf(entry);
      const log = `${text.slice(0, at)}${quiet}${text.slice(at)}\n${quiet}`;
      const found = (bytes: Buffer) => events(bytes, 65_536).filter(isFinding);
      const [alone, among] = [found(Buffer.from(text)), found(Buffer.from(log))];
      expect(among.map(same)).toEqual(alone.map(same));
      for (const [index, { evidence }] of among.entries()) {
        const raw = Buffer.from(log).subarray(evidence[0]?.byte, evidence[0]?.endByte).toString();
        const wanted = alone[index]?.evidence[0];
        expect(raw).toBe(Buffer.from(text).subarray(wanted?.byte, wanted?.endByte).toString());
      }
    }
  },
);

test.each(FORMS.filter((form) => !/json|export/.test(form)))('%s gives the same findings with CRLF', (form) => {
  for (const name of CASES) {
    const text = readFileSync(join(ROOT, form, `${name}.log`), 'latin1');
    const found = (log: string) => events(Buffer.from(log, 'latin1'), log.length).filter(isFinding).map(same);
    expect(found(text.replaceAll('\n', '\r\n'))).toEqual(found(text));
  }
});

test.each(FORMS)('%s cut off anywhere is still read', (form) => {
  const bytes = readFileSync(join(ROOT, form, 'null-deref.log'));
  for (let part = 1; part < 40; part++) {
    const found = events(bytes.subarray(0, Math.floor((bytes.length * part) / 40)), 4096).filter(isFinding);
    // The first line itself may be cut.
    for (const { title, kind } of found) expect(kind === 'null-deref' || title.length < 40, title).toBe(true);
    expect(found.length).toBeLessThanOrEqual(1);
  }
});
