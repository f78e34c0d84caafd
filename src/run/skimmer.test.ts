import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogLines } from '../grammar/log-lines.ts';
import { PROFILES } from '../grammar/profiles.ts';
import { createReportReader, type ReportUpdate } from '../grammar/report-reader.ts';
import { packageRoot } from '../guest/paths.ts';
import type { LogLine } from '../model/line.ts';
import { LogStream } from './console-stream.ts';

type Profile = 'default' | 'syzkaller';
type Seen = { readonly lines: number; readonly told: unknown[] };

/** What a log says: its reports, with the places of their lines, and what stands between them. */
function collector() {
  const told: unknown[] = [];
  let lines = 0;
  return {
    onLine: ({ line, dropped, boot }: LogLine, { cut }: { readonly cut: boolean }) => {
      lines++;
      if (dropped !== undefined || cut) told.push({ line, dropped, cut });
      if (boot !== undefined) told.push({ line, boot });
    },
    onUpdate: ({ report }: ReportUpdate) => told.push(report),
    seen: (): Seen => ({ lines, told }),
  };
}

function skim(bytes: Uint8Array, chunk: number, profile: Profile): Seen {
  const { onLine, onUpdate, seen } = collector();
  const log = new LogStream({ stream: 'file', live: false, profile, onLine, onUpdate });
  // One buffer for all chunks, as a reader of files has it.
  const buffer = Buffer.alloc(Math.min(chunk, bytes.length));
  for (let at = 0; at < bytes.length; at += chunk) {
    const part = bytes.subarray(at, at + chunk);
    buffer.set(part);
    log.push(buffer.subarray(0, part.length), 0);
  }
  log.end();
  return seen();
}

/** The same without the skimmer. */
function readAll(bytes: Uint8Array, profile: Profile): Seen {
  const { onLine, onUpdate, seen } = collector();
  const reader = createReportReader({ profile, provisional: false });
  let boot: string | undefined;
  const lines = new LogLines({
    stream: 'file',
    live: false,
    forms: PROFILES[profile].forms,
    onLine: (line, raw) => {
      if (line.boot !== undefined && line.boot !== boot) reader.flush().forEach(onUpdate);
      boot = line.boot ?? boot;
      onLine(line, raw);
      reader.push(line).forEach(onUpdate);
    },
  });
  lines.push(bytes, 0);
  lines.end();
  reader.flush().forEach(onUpdate);
  return seen();
}

/** Long enough that skimming has begun, and has passed over something. */
const CLEAN = Array.from({ length: 1200 }, (_, i) => {
  const time = (i / 100).toFixed(6).padStart(12);
  return i % 3 === 0
    ? `[${time}] usb 1-1: new high-speed USB device number ${i} using xhci_hcd`
    : `[${time}] systemd[1]: Started Session ${i} of User root.`;
});
const clean = `${CLEAN.join('\n')}\n`;
const separator = Buffer.from(`\n${clean}`);

function expectSame(
  text: string | Uint8Array,
  chunks: readonly number[],
  profile: Profile = 'default',
  skimmed = true,
): void {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const whole = readAll(bytes, profile);
  for (const chunk of chunks) {
    const seen = skim(bytes, chunk, profile);
    expect(seen.told, `chunks of ${chunk}`).toEqual(whole.told);
    if (skimmed) expect(seen.lines).toBeLessThan(whole.lines);
  }
}

const CHUNKS = [997, 4096, 65_536, 1 << 20];

const FIXTURES = join(packageRoot(), 'fixtures');
const logs = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(console|log|raw|txt)$/.test(name))
  .sort();

describe('skimming finds what reading finds', () => {
  test('in the recordings, of whatever kind', () => {
    expect(logs.length).toBeGreaterThan(20);
    const parts = logs.map((name) => readFileSync(join(FIXTURES, name))).filter(({ length }) => length < 300_000);
    expectSame(Buffer.concat(parts.flatMap((part) => [separator, part])), [4099]);
  }, 60_000);

  test('in all consoles, whatever the chunks', () => {
    const consoles = logs.filter((name) => name.endsWith('.console'));
    const text = clean + consoles.map((name) => readFileSync(join(FIXTURES, name), 'latin1')).join(`\n${clean}`);
    expectSame(text, CHUNKS);
    expectSame(text.replaceAll('\n', '\r\n'), [4096]);
    expectSame(text, [65_536], 'syzkaller', false);
  }, 60_000);

  const LABELLED = join(packageRoot(), '../shared/corpus/syzkaller/report');
  test.skipIf(!existsSync(LABELLED))(
    'in the labelled logs',
    () => {
      const parts = readdirSync(LABELLED).map((name) => readFileSync(join(LABELLED, name)));
      expectSame(Buffer.concat(parts.flatMap((part) => [separator, part])), [4099]);
      for (const part of parts.filter((_, i) => i % 20 === 0))
        expectSame(Buffer.concat([separator, part, separator]), [65_536], 'syzkaller', false);
    },
    60_000,
  );

  test('where lines are too long to keep, and around them', () => {
    const long = (length: number, end = '') => `[   30.000000] ${'x'.repeat(length)}${end}\n`;
    for (const length of [15_000, 16_400, 40_000, 65_500, 65_600, 200_000]) {
      expectSame(clean + long(length) + clean, CHUNKS);
      expectSame(clean + long(length, ' BUG: kernel NULL pointer dereference') + clean, CHUNKS);
    }
  }, 60_000);

  test('where a log has no stamps, and is read', () => {
    const bare = clean.replaceAll(/^\[.*?\] /gm, '');
    expectSame(
      `${bare}BUG: unable to handle page fault for address: 0000000000000010\n${bare}`,
      CHUNKS,
      'default',
      false,
    );
  });

  const line = fc.constantFrom(
    ...CLEAN.slice(0, 20),
    '',
    'a shell says this',
    '[   12.000000] ------------[ cut here ]------------',
    '[   12.000001] list_add corruption. next->prev should be prev (0), but was 1. (next=2).',
    '[   12.000002] kernel BUG at lib/list_debug.c:25!',
    '[   12.000003] WARNING: CPU: 0 PID: 7 at fs/demo.c:12 demo_write+0x1a/0x40 [demo]',
    '[   12.000004] Call Trace:',
    '[   12.000005]  vfs_write+0xb7/0x3c0',
    '[   12.000006] ---[ end trace 0000000000000000 ]---',
    '[    0.000000] Linux version 6.1.0',
    '[  512.000000] another machine: hello',
    '[  512.000001] WARNING: CPU: 1 PID: 9 at fs/other.c:7 other_read+0x1a/0x40 [other]',
    '[  513.000002]  other_open+0xb7/0x3c0',
    '** 12 printk messages dropped **',
    '[   12.000007] EXT4-fs error (device vda1): ext4_lookup:1700: inode #2: comm ls: deleted inode referenced: 12',
    '[   12.000008] XFS (vda1): Mounting V5 Filesystem',
    '6,1500,12000009,-;usb 1-1: new device\n SUBSYSTEM=usb\n DEVICE=+usb:1-1',
    '2,1501,12000010,-;BUG: unable to handle page fault for address: 0000000000000010\n SUBSYSTEM=usb',
    '-- Boot 0123456789abcdef0123456789abcdef --',
    '[   12.000011] \u001b[33mBUG: \u001b[0mkernel NULL pointer dereference, address: 0000000000000008',
    '[   12.000012] BUG: sleeping function called from invalid context\r',
    '[   12.000013] unregister_netdevice: \u001b[0mwaiting for lo to become free. Usage count = 2',
    `[   12.000014] ${'y'.repeat(17_000)}`,
  );

  test('in any mixture of lines, whatever the chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom(0, 0, 1, 7, 31, 32, 33, 90)), { maxLength: 30 }),
        fc.integer({ min: 1, max: 90_000 }),
        fc.constantFrom<Profile>('default', 'default', 'syzkaller'),
        (parts, chunk, profile) => {
          const text = clean + parts.map(([text, gap]) => `${text}\n${CLEAN.slice(0, gap).join('\n')}\n`).join('');
          expectSame(text, [chunk], profile, false);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
