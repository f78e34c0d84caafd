import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bpftraceInfo, parseInfo, unmet } from './capability.ts';
import { parseDiagnostics } from './diagnostic.ts';
import type { Message } from './message.ts';
import { describeFailure, type RunOptions, startBpftrace } from './run.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/bpftrace/0.17/${name}`, import.meta.url), 'utf8');

/** Programs that behave as bpftrace does, in the shell: a real process with real signals, without root. */
const STANDINS = {
  maps: `trap 'printf "\\n\\n"; echo "{\\"type\\": \\"map\\", \\"data\\": {\\"@n\\": 3}}"; exit 0' INT
echo '{"type": "attached_probes", "data": {"probes": 1}}'
while :; do sleep 0.05; done`,
  deaf: `trap '' INT; echo '{"type": "attached_probes", "data": {"probes": 1}}'; while :; do sleep 0.05; done`,
  mute: `while :; do sleep 0.05; done`,
  broken: `cat ${new URL('../../fixtures/bpftrace/0.17/broken.stderr.txt', import.meta.url).pathname} >&2; exit 1`,
  attach: `echo '{"type": "attached_probes", "data": {"probes": 1}}'
cat ${new URL('../../fixtures/bpftrace/0.17/attach.stderr.txt', import.meta.url).pathname} >&2; exit 255`,
  parent: `sleep 300 & echo '{"type": "attached_probes", "data": {"probes": 1}}'; echo '{"type": "value", "data": '$!'}'; exit 0`,
};

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bpftrace-'));
  for (const [name, text] of Object.entries(STANDINS)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

const start = (name: keyof typeof STANDINS | 'absent', options: Partial<RunOptions> = {}) =>
  startBpftrace({ program: { text: 'BEGIN { }' }, bpftrace: join(directory, name), drainMs: 300, ...options });

async function all(session: AsyncIterable<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of session) messages.push(message);
  return messages;
}

describe('a run', () => {
  test('stop drains: maps come after SIGINT', async () => {
    const session = await start('maps');
    const messages: Message[] = [];
    for await (const message of session) {
      messages.push(message);
      if (message.kind === 'attached') void session.stop();
    }
    expect(messages.at(-1)).toEqual({ kind: 'map', name: '@n', entries: [{ key: null, value: 3 }] });
    expect(await session.result).toMatchObject({ outcome: 'stopped', code: 0 });
  });
  test('a deadline drains too', async () => {
    const session = await start('maps', { deadlineMs: 200 });
    expect((await all(session)).map((message) => message.kind)).toEqual(['attached', 'map']);
    expect(await session.result).toMatchObject({ outcome: 'deadline' });
  });
  test('what does not listen is killed', async () => {
    const session = await start('deaf', { deadlineMs: 100 });
    await all(session);
    const result = await session.result;
    expect(result).toMatchObject({ outcome: 'killed', signal: 'SIGKILL' });
    expect(describeFailure(result)).toContain('killed');
  });
  test('not attached in time', async () => {
    const session = await start('mute', { attachMs: 100 });
    await all(session);
    expect(await session.result).toMatchObject({ outcome: 'not-attached' });
  });
  test('an abort signal ends it, one that was raised before keeps it from starting', async () => {
    const abort = new AbortController();
    const session = await start('maps', { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await all(session);
    expect(await session.result).toMatchObject({ outcome: 'stopped' });
    await expect(start('maps', { signal: abort.signal })).rejects.toThrow();
  });
  test('leaving the loop stops it', async () => {
    const session = await start('maps');
    for await (const _ of session) break;
    expect(await session.result).toMatchObject({ outcome: 'stopped' });
  });
  test('an error of the program says where', async () => {
    const session = await start('broken');
    expect(await all(session)).toEqual([]);
    const result = await session.result;
    expect(result).toMatchObject({ outcome: 'failed', code: 1 });
    expect(describeFailure(result)).toBe('broken.bt:3:18: Unknown function: nosuch');
  });
  test('attached, it said, and failed', async () => {
    const session = await start('attach');
    expect(await all(session)).toEqual([{ kind: 'attached', probes: 1 }]);
    expect(describeFailure(await session.result)).toBe("Error attaching probe: 'kprobe:vfs_read'");
  });
  test('no such program', async () => {
    const session = await start('absent');
    await all(session).catch(() => undefined);
    expect(describeFailure(await session.result)).toBe('bpftrace could not be started: no such program');
  });
  test('children it leaves go with it', async () => {
    const session = await start('parent');
    const child = (await all(session)).find((message) => message.kind === 'value')?.value;
    await session.result;
    const state = () => (existsSync(`/proc/${child}/stat`) ? readFileSync(`/proc/${child}/stat`, 'utf8') : 'gone');
    await vi.waitFor(() => expect(state()).toMatch(/gone|\) Z /));
  });
  test('requirements are looked up first', async () => {
    await expect(start('absent', { requires: { version: '0.17' } })).rejects.toThrow('cannot be run');
  });
});

describe('what bpftrace says of itself and of programs', () => {
  const info = { version: '0.17.0', features: parseInfo(fixture('info.txt')) };
  test.each([
    [{ version: '0.17' }, []],
    [{ version: '0.9' }, []],
    [{ version: '0.20' }, ['bpftrace is 0.17.0, 0.20 is needed']],
    [{ features: ['Probe types: kprobe', 'Kernel features: btf', 'Build: from the future'] }, []],
    [
      { features: ['Probe types: kfunc', 'Probe types: iter:task'] },
      [
        'the kernel or this build lacks "Probe types: kfunc"',
        'the kernel or this build lacks "Probe types: iter:task"',
      ],
    ],
  ])('%j', (requirements, missing) => {
    expect(unmet(info, requirements)).toEqual(missing);
  });
  test.each([
    [
      'broken.stderr.txt',
      { place: { file: 'broken.bt', line: 3, column: 18, endColumn: 24 }, source: '  printf("%d\\n", nosuch(1));' },
    ],
    [
      'missing.stderr.txt',
      { message: 'tracepoint not found: nosuch:thing', place: { file: 'missing.bt', line: 1, column: 1 } },
    ],
    ['attach.stderr.txt', { level: 'warning', place: { file: 'attach.bt' } }],
  ])('%s', (name, expected) => {
    expect(parseDiagnostics(fixture(name))[0]).toMatchObject(expected);
  });
  test('a range of lines', () => {
    expect(parseDiagnostics('x.bt:13-14: ERROR: More than one BEGIN probe defined')).toMatchObject([
      { place: { line: 13, column: null } },
    ]);
  });
});

const able = process.getuid?.() === 0 && (await bpftraceInfo({ timeoutMs: 10_000 })) !== null;
describe.skipIf(!able)('the real bpftrace', () => {
  test('runs a program to its end, exact and drained', async () => {
    const text = 'BEGIN { @big = (uint64)18446612686364999681; printf("café\\n"); } interval:ms:100 { @n = count(); }';
    const session = await startBpftrace({ program: { text }, deadlineMs: 2000, requires: { version: '0.17' } });
    const messages = await all(session);
    expect(await session.result).toMatchObject({ outcome: 'deadline', code: 0 });
    expect(messages).toContainEqual({ kind: 'printf', text: 'café\n' });
    expect(messages).toContainEqual({
      kind: 'map',
      name: '@big',
      entries: [{ key: null, value: 18446612686364999681n }],
    });
  });
});
