import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventSchema } from '../model/event-schema.ts';
import { NO_BPFTRACE, NO_OBJECTS } from '../run/testing-probes.ts';
import { BIN, runCli } from './testing.ts';

let dir: string;
const files: Readonly<Record<string, string>> = {
  'mine.bt': 'tracepoint:sched:sched_switch { @switches = count(); }',
  'wrong.bt': 'tracepoint:sched:sched_switch { @n = count(); nothing(); }',
  'danger.bt': 'kretprobe:_raw_spin_lock { @n = count(); }',
  'lost.bt':
    '/*\n * lost - it\n *\n * needs:  event no:such\n * map:    @n count | n\n * cost:   low | rare\n */\ntracepoint:no:such { @n = count(); }',
  'wild.bpf.c':
    '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nSEC("raw_tp/sys_enter") int wild(void *c)\n{\n\treturn *(volatile int *)(long)bpf_ktime_get_ns();\n}\nchar LICENSE[] SEC("license") = "GPL";\n',
};
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-cli-probes-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (args: readonly string[], before: readonly string[] = [], onStderr?: (text: string, pid: number) => void) =>
  runCli(['probes', ...args], onStderr, { command: [...before, BIN], cwd: dir });

describe('probes list', () => {
  test('names all of them, what they cost, and what is missing here', async () => {
    const { code, stdout } = await run(['list']);
    expect(stdout).toMatch(/^(yes|no ) +sched-delay +medium +how long tasks/m);
    expect(stdout).toMatch(/^no +vexfs-ops .*\n.*the kernel has no event vexfs:op_end \(is the module loaded\?\)/m);
    expect(code).toBe(0);
  });
  test('for programs', async () => {
    const { stdout } = await run(['list', '--format', 'json']);
    const rows = JSON.parse(stdout) as { name: string; engine: string; runs: boolean }[];
    expect(rows.find(({ name }) => name === 'run-delay')).toMatchObject({ engine: 'core', maps: expect.any(Array) });
  });
});

describe('probes check', () => {
  test.each([
    ['of a program without a header', ['mine.bt'], 0, /^ok {3}mine$/m],
    [
      'of a dangerous one',
      ['danger.bt'],
      2,
      /^bad +danger\n +danger\.bt:1: a return probe of _raw_spin_lock can hang/m,
    ],
    ['of one with a need that is not met', ['lost.bt'], 3, /^miss lost\n +the kernel has no event no:such/m],
  ] as const)('%s', async (_name, args, expected, words) => {
    const { code, stdout } = await run(['check', ...args]);
    // Without privilege or bpftrace that is said as well.
    if (NO_BPFTRACE === '') expect([code, stdout]).toEqual([expected, expect.stringMatching(words)]);
    else expect(code).toBe(expected === 2 ? 2 : 3);
  });
  test.each([
    ['a name that is none', ['slab-byte'], /there is no probe "slab-byte", did you mean "slab-bytes"\?\n {2}next: /],
    ['a file that is not there', ['nope.bt'], /nope\.bt cannot be read: ENOENT/],
  ] as const)('%s', async (_name, args, words) => {
    const { code, stderr } = await run(['check', ...args]);
    expect(stderr).toMatch(words);
    expect(code).toBe(2);
  });
});

describe.skipIf(NO_BPFTRACE !== '')(`probes run with bpftrace${NO_BPFTRACE}`, () => {
  test('a file of the user until Ctrl-C', async () => {
    let sent = false;
    const { code, stdout, stderr } = await run(['run', '--file', 'mine.bt'], [], (text, pid) => {
      if (sent || !text.includes('attached; Ctrl-C')) return;
      sent = true;
      process.kill(pid, 'SIGINT');
    });
    expect(stdout).toMatch(/^@switches\n {2}\d+\n$/);
    expect(stderr).toBe('attaching mine\nattached; Ctrl-C ends it\n');
    expect(code).toBe(0);
  });
  test.each([
    ['nothing named', [], 2, /name a probe or a --file\n {2}next: /],
    ['a program that is wrong', ['--file', 'wrong.bt'], 2, /wrong\.bt:1:\d+: Unknown function: nothing/i],
    ['a dangerous one', ['--file', 'danger.bt'], 2, /can hang the machine/],
    ['a need that is not met', ['--file', 'lost.bt'], 3, /lost cannot run: the kernel has no event no:such/],
    ['a guest that is not there', ['mine', '--guest', 'gnope'], 2, /there is no probe "mine"/],
  ] as const)('%s', async (_name, args, expected, words) => {
    const { code, stdout, stderr } = await run(['run', ...args]);
    expect(stderr).toMatch(words);
    expect([code, stdout]).toEqual([expected, '']);
  });
});

describe.skipIf(NO_OBJECTS !== '')(`probes run with compiled ones${NO_OBJECTS}`, () => {
  test('together with one of bpftrace, as events', async () => {
    const both = ['run', 'run-delay', ...(NO_BPFTRACE === '' ? ['--file', 'mine.bt'] : [])];
    const { code, stdout } = await run([...both, '--duration', '3s', '--format', 'ndjson']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => eventSchema.parse(JSON.parse(line)));
    const names = events.flatMap((event) => (event.event === 'metric' ? [event.name] : []));
    expect(names).toEqual(expect.arrayContaining(['run_delay_us', 'run_delay_worst']));
    if (NO_BPFTRACE === '') expect(names).toContain('@switches');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
    expect(code).toBe(0);
  });

  const without = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
  const masked = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', 'sh'];
  test.each([
    ['without privilege', ['run-delay'], without, 3, /run-delay cannot run: loading BPF programs takes root/],
    [
      'without types of the kernel',
      ['run-delay'],
      masked,
      3,
      /run-delay cannot run: the kernel has no types of its own/,
    ],
    [
      'without an interface',
      ['interface-packets'],
      [],
      3,
      /no interface was named\n {2}next: name one with --interface/,
    ],
    [
      'with one that is not there',
      ['interface-packets', '--interface', 'no0'],
      [],
      3,
      /there is no interface no0\n {2}next/,
    ],
    [
      'a program that the verifier refuses',
      ['--file', 'wild.bpf.c'],
      [],
      2,
      /verifier refused wild: R\d invalid mem access/,
    ],
  ] as const)('%s', async (_name, args, before, expected, words) => {
    const { code, stdout, stderr } = await run(['run', ...args, '--duration', '1s'], before);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain('internal error');
    expect([code, stdout]).toEqual([expected, '']);
  });
});
