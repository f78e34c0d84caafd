import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ExpectedError } from '../base/errors.ts';
import { HAS_SSHD, startSshd } from '../guest/testing-sshd.ts';
import { bpftraceInfo, type Requirements } from './capability.ts';
import { needsOf } from './machine.ts';
import { buildMapReader } from './map-native.ts';
import type { Message } from './message.ts';
import { describeFailure, type RunOptions, type Session, startBpftrace } from './run.ts';
import { type Spawn, spawnLocal, spawnThrough } from './spawn.ts';

/** What bpftrace does only when it is broken, by programs of the shell: real processes with real signals, without root. */
const STANDINS = {
  deaf: `trap '' INT USR1; echo '{"type": "attached_probes", "data": {"probes": 1}}'; while :; do sleep 0.05; done`,
  mute: `while :; do sleep 0.05; done`,
  attach: `echo '{"type": "attached_probes", "data": {"probes": 1}}'
cat ${new URL('../../fixtures/bpftrace/0.17/attach.stderr.txt', import.meta.url).pathname} >&2; exit 255`,
  parent: `sleep 300 & echo '{"type": "attached_probes", "data": {"probes": 1}}'; echo '{"type": "value", "data": '$!'}'; exit 0`,
};

const ABLE = process.getuid?.() === 0 && (await bpftraceInfo({ timeoutMs: 10_000 })) !== null;
const HAS_BPFTOOL = spawnSync('bpftool', ['version']).error === undefined;

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
  startBpftrace({
    program: { text: 'BEGIN { }' },
    bpftrace: join(directory, name),
    drainMs: 300,
    requires: null,
    ...options,
  });

async function all(session: AsyncIterable<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of session) messages.push(message);
  return messages;
}

describe('a run that goes wrong', () => {
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
});

/** By this its processes are known from those of another run of these tests. */
const MARK = `run ${process.pid} of tests`;
const TEXT = `BEGIN { @n = 3; printf("ready\\n"); } interval:ms:50 { @ticks = count(); } END { printf("end\\n"); } /* ${MARK} */`;
/** A busy machine is slow, not broken. */
const PATIENCE = { drainMs: 60_000, attachMs: 60_000 };

describe.skipIf(!ABLE)('the real bpftrace', { timeout: 120_000 }, () => {
  const real = (text: string, options: Partial<RunOptions> = {}) =>
    startBpftrace({ program: { text }, ...PATIENCE, ...options });
  const untilReady = async (session: Session, act: () => void) => {
    const messages: Message[] = [];
    for await (const message of session) {
      messages.push(message);
      if (message.kind === 'printf' && message.text === 'ready\n') act();
    }
    return messages;
  };

  test('stop drains: END runs, maps come after SIGINT', async () => {
    const session = await real(TEXT);
    const messages = await untilReady(session, () => void session.stop());
    expect(messages).toContainEqual({ kind: 'printf', text: 'end\n' });
    expect(messages).toContainEqual({ kind: 'map', name: '@n', entries: [{ key: null, value: 3 }] });
    expect(await session.result).toMatchObject({ outcome: 'stopped', code: 0 });
  });
  test('an abort signal drains too, one that was raised before keeps it from starting', async () => {
    const abort = new AbortController();
    const session = await real(TEXT, { signal: abort.signal });
    expect(await untilReady(session, () => abort.abort())).toContainEqual({ kind: 'printf', text: 'end\n' });
    expect(await session.result).toMatchObject({ outcome: 'stopped', code: 0 });
    await expect(real(TEXT, { signal: abort.signal })).rejects.toThrow();
  });
  test('leaving the loop stops it', async () => {
    const session = await real(TEXT);
    for await (const _ of session) break;
    expect(await session.result).toMatchObject({ outcome: 'stopped' });
  });
  test('a deadline drains; values are exact', async () => {
    const text = 'BEGIN { @big = (uint64)18446612686364999681; printf("café\\n"); } interval:ms:100 { @n = count(); }';
    const session = await real(text, { deadlineMs: 2000, requires: { version: '0.17' } });
    const messages = await all(session);
    expect(await session.result).toMatchObject({ outcome: 'deadline', code: 0 });
    expect(messages).toContainEqual({ kind: 'printf', text: 'café\n' });
    const big = messages.find((message) => message.kind === 'map' && message.name === '@big');
    expect([
      { kind: 'map', name: '@big', entries: [{ key: null, value: 18446612686364999681n }] },
      // In 0.24 and later.
      { kind: 'map', name: '@big', entries: [{ key: null, value: '18446612686364999681' }] },
    ]).toContainEqual(big);
  });
  test('dump prints maps and goes on; five at once are one, one before it listens is not lost', async () => {
    const session = await real(TEXT.replace('@ticks = count();', '@ticks = count(); printf("tick\\n");'));
    session.dump();
    const dumps: number[] = [];
    let ticks = 0;
    for await (const message of session) {
      // Long enough for every dump that was asked for to be there.
      if (message.kind === 'printf' && message.text === 'tick\n' && dumps.length === 2 && ++ticks === 20) {
        expect(dumps).toHaveLength(2);
        void session.stop();
        session.dump();
      }
      if (message.kind !== 'map' || message.name !== '@n') continue;
      dumps.push(performance.now());
      if (dumps.length === 1) for (let i = 0; i < 5; i++) session.dump();
    }
    expect(ticks).toBeGreaterThanOrEqual(20);
    // The third is the one of the end.
    expect(dumps).toHaveLength(3);
    expect((dumps[1] ?? 0) - (dumps[0] ?? 0)).toBeGreaterThan(50);
    expect(await session.result).toMatchObject({ outcome: 'stopped', code: 0 });
  });
  test('the end prints each map once, also where 0.17 forgot the signal over its events', async () => {
    const busy = `BEGIN { printf("ready\\n"); } tracepoint:raw_syscalls:sys_enter { @n++; if (@n % 20 == 0) { printf("%d\\n", @n); } } /* ${MARK} */`;
    for (let round = 0; round < 5; round++) {
      const session = await real(busy);
      const messages = await untilReady(session, () => void session.stop());
      expect(messages.filter(({ kind }) => kind === 'map')).toHaveLength(1);
      expect(await session.result).toMatchObject({ outcome: 'stopped', code: 0 });
    }
  });
  test.each([
    ['BEGIN {\n  printf("%d\\n", nosuch(1));\n}', /^program:2:18: Unknown function: '?nosuch'?$/],
    ['BEGIN { @a = ; }', /^program:1:1[3-5]: syntax/],
  ])('an error of the program says where: %j', async (text, words) => {
    const session = await real(text);
    expect(await all(session)).toEqual([]);
    const result = await session.result;
    expect(result).toMatchObject({ outcome: 'failed', code: 1 });
    expect(describeFailure(result)).toMatch(words);
  });
  test('what is not read holds it up, and it says what was lost then', async () => {
    const session = await real(
      'tracepoint:raw_syscalls:sys_enter { printf("%s %d\\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", args->id); } interval:s:60 { exit(); }',
      {
        env: { BPFTRACE_PERF_RB_PAGES: '1' },
      },
    );
    const messages = session[Symbol.asyncIterator]();
    await messages.next();
    // Nobody reads on for a second; meanwhile the pipe fills and then the buffer of the kernel.
    await sleep(1500);
    let lost = 0;
    while (lost === 0) {
      const next = await messages.next();
      if (next.done) break;
      if (next.value.kind === 'lost') lost = next.value.events;
    }
    await messages.return?.();
    expect(lost).toBeGreaterThan(0);
  });
  test('its owner is killed: nothing stays', async () => {
    const bundle = join(directory, 'owner.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(directory, 'wrapper.mjs'),
    });
    writeFileSync(
      bundle,
      `import { startBpftrace } from './wrapper.mjs';
const session = await startBpftrace({ program: { text: ${JSON.stringify(TEXT)} } });
for await (const message of session) if (message.text === 'ready\\n') console.log(await session.readMap('@n'));`,
    );
    copyFileSync(new URL('./map-reader.c', import.meta.url), join(directory, 'map-reader.c'));
    const owner = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    const all = processes();
    const children = all.filter(({ parent }) => parent === owner.pid);
    const mine = all.filter((each) => children.some(({ pid }) => pid === each.pid || pid === each.parent));
    // bpftrace, the shell beside it, and what reads maps.
    owner.kill('SIGKILL');
    expect(mine.length).toBeGreaterThanOrEqual((await buildMapReader()) === null ? 2 : 3);
    const left = () => processes().filter(({ pid }) => mine.some((known) => known.pid === pid));
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 60_000, interval: 50 });
  });
  test.skipIf(!HAS_SSHD)('through ssh: drains, its maps are read, and a broken connection ends it', async () => {
    const sshd = await startSshd();
    try {
      const spawn = spawnThrough(['ssh', '-F', sshd.config, 'box']);
      const session = await real(TEXT, { spawn, env: { BPFTRACE_STRLEN: '64' } });
      const reads: unknown[] = [];
      const messages = await untilReady(session, async () => {
        reads.push(await session.readMap('@n').catch((error: Error) => error.message));
        void session.stop();
      });
      expect(reads).toEqual([
        HAS_BPFTOOL
          ? { message: { kind: 'map', name: '@n', entries: [{ key: null, value: 3 }] } }
          : expect.stringContaining('bpftool'),
      ]);
      expect(messages).toContainEqual({ kind: 'printf', text: 'end\n' });
      expect(await session.result).toMatchObject({ outcome: 'stopped', code: 0 });

      const broken = await real(TEXT, { spawn });
      await untilReady(broken, () => sshd.killSessions()).catch(() => {});
      await vi.waitFor(
        () =>
          expect(processes().filter(({ command }) => command.startsWith('bpftrace') && command.includes(MARK))).toEqual(
            [],
          ),
        { timeout: 60_000, interval: 50 },
      );
    } finally {
      await sshd.close();
    }
  });
});

describe('what a program needs', () => {
  test.each([
    ['tracepoint:a:b, t:c:d { } kretprobe:x { }', { events: ['a:b', 'c:d'], kprobes: true, btf: false }],
    ['fentry:x { } tracepoint:a:* { } tracepoint:a:b_* { }', { events: [], kprobes: false, btf: true }],
    [
      'BEGIN { printf("kprobe:x tracepoint:a:b"); } // kprobe:x\n/* fentry:y',
      { events: [], kprobes: false, btf: false },
    ],
  ])('%s', (text, needs) => {
    expect(needsOf(text)).toEqual(needs);
  });
});

describe.skipIf(!ABLE)('what a machine lacks', { timeout: 60_000 }, () => {
  const inside =
    (...prefix: string[]): Spawn =>
    (argv, env) =>
      spawnLocal([...prefix, ...argv], env);
  const refused = (text: string, spawn?: Spawn, bpftrace?: string) =>
    startBpftrace({ program: { text }, ...(spawn && { spawn }), ...(bpftrace && { bpftrace }) }).then(
      (session) => session.stop().then(() => null),
      (error: ExpectedError) => [error.message, error.hint, error.exit],
    );
  const words = (problem: string, step: string) => [
    `the probes cannot run: ${problem}`,
    expect.stringContaining(step),
    'missing',
  ];

  test('no bpftrace', async () => {
    expect(await refused(TEXT, undefined, 'no-such-bpftrace')).toEqual(
      words('bpftrace is not installed there', 'install'),
    );
  });
  test('not root', async () => {
    expect(await refused(TEXT, inside('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'))).toEqual(
      words('user 65534 may not load BPF programs', 'as root'),
    );
  });
  test('root without capabilities', async () => {
    expect(await refused(TEXT, inside('setpriv', '--bounding-set=-all', '--inh-caps=-all'))).toEqual(
      words('root has no CAP_BPF and CAP_PERFMON there, as in a container', '--cap-add'),
    );
  });
  test('no tracefs', async () => {
    const hidden = inside('unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /sys/kernel && exec "$@"', 'sh');
    expect(await refused(TEXT, hidden)).toEqual(words('tracefs is not mounted', 'mount -t tracefs'));
    expect(
      await refused(
        'fentry:vfs_read { }',
        inside('unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /sys/kernel/btf; exec "$@"', 'sh'),
      ),
    ).toEqual(words('the kernel does not describe its types (BTF)', 'CONFIG_DEBUG_INFO_BTF'));
  });
  test('too old, or a feature that its kernel lacks', async () => {
    const start = (requires: Requirements) => startBpftrace({ program: { text: TEXT }, requires });
    await expect(start({ version: '99' })).rejects.toThrow(/^the probes cannot run: bpftrace is [\d.]+, 99 is needed$/);
    await expect(start({ features: ['Probe types: kprobe_multi'] })).rejects.toThrow(/lacks "|cannot/);
  });
  test('no event', async () => {
    expect(await refused('tracepoint:vexfs_not:there { } t:sched:sched_switch { }')).toEqual(
      words('the kernel has no trace event vexfs_not:there', 'load the module'),
    );
  });
  test.skipIf(existsSync('/sys/kernel/tracing/kprobe_events'))('no kprobes', async () => {
    expect(await refused('kprobe:vfs_read { }')).toEqual(words('the kernel has no kprobes', 'use tracepoints'));
  });
});

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** What runs here, zombies left out. */
function processes(): Listed[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const [, state, parent] = /\) (\w) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      if (state === undefined || state === 'Z' || Number(pid) === process.pid) return [];
      return [
        {
          pid: Number(pid),
          parent: Number(parent),
          command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
        },
      ];
    } catch {
      return [];
    }
  });
}
