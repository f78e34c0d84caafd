import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKernel } from '../guest/kernel.ts';
import { buildVexfs } from '../guest/module.ts';
import { packageRoot } from '../guest/paths.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import { withFileBytes } from '../symbolize/bytes.ts';
import { readElf } from '../symbolize/elf.ts';
import { checkReplay } from './replay.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

/** What a real kernel prints of our module, and the file that it was loaded from without its debug information. */
describe('the frames of our own module in a stock guest', () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({});
  });
  afterAll(() => guest?.close());

  const CRASH = 'kmod/fault-crash.c';
  const lineOf = (words: string) => {
    const lines = readFileSync(join(packageRoot(), CRASH), 'utf8').split('\n');
    return lines.findIndex((line) => line.includes(words)) + 1;
  };
  const final = (event: Event): event is Finding => isFinding(event) && event.final;

  test('a small module is loaded, of the build that the symbols are of', async () => {
    const { control } = guest.attached.under.guest;
    const notes = '/sys/module/vexfs/notes/.note.gnu.build-id';
    const dump = await control.request('exec', { argv: ['/bin/busybox', 'hexdump', '-v', '-e', '1/1 "%02x"', notes] });
    const elf = withFileBytes(buildVexfs(findKernel('stock')).symbolFile, readElf);
    expect(elf?.buildId).toMatch(/^[0-9a-f]{40}$/);
    expect(dump.output).toContain(elf?.buildId);
    const size = await control.request('exec', { argv: ['/bin/busybox', 'stat', '-c', '%s', '/module/vexfs.ko'] });
    expect(Number(size.output)).toBeLessThan(1024 * 1024);
  });

  test('a fault in an inlined function names it, its line, the guilty file and the instruction', async () => {
    await guest.attached.inject(['wild-pointer']);
    const finding = guest.events.find(final);
    expect(finding).toMatchObject({
      kind: 'general-protection',
      title: 'general protection fault in vexfs_fault_wild_address',
      guiltyFile: CRASH,
    });
    const [inner, outer, caller] = finding?.stacks[0]?.frames ?? [];
    expect(inner).toMatchObject({ fn: 'vexfs_node_value', inlined: true, line: lineOf('READ_ONCE(node->value)') });
    expect(outer).toMatchObject({
      fn: 'vexfs_fault_wild_address',
      file: CRASH,
      line: lineOf('vexfs_node_value(node) ?'),
    });
    expect(caller).toMatchObject({ fn: 'vexfs_fault_write', file: 'kmod/fault.c', module: 'vexfs' });
    const instructions = finding?.details.disassembly as readonly string[];
    expect(instructions.filter((line) => line.startsWith('>'))).toEqual([expect.stringMatching(/mov .*0x8\(%/)]);
    expect(guest.warnings).toEqual([]);
  });

  test('the recording is without them, so that a replay gives the same', async () => {
    await guest.attached.close();
    const recorded = readFileSync(join(guest.captureDir, 'events.ndjson'), 'utf8').split('\n').filter(Boolean);
    expect(recorded.map((line) => JSON.parse(line) as Event).find(final)?.guiltyFile).toBe('');
    const signal = new AbortController().signal;
    expect(await checkReplay(guest.captureDir, { patterns: [], signal, warn: () => {} })).toEqual([]);
  });
});
