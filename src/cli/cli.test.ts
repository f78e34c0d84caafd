import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { eventSchema } from '../model/event-schema.ts';
import { type CliOptions, type Ended, runCli } from './testing.ts';

/** The sources as they are, bundled apart from dist/, as deep in the package as src/ is. */
const OUT = join(packageRoot(), 'node_modules', `.cli-test-${process.pid}`);
const PROGRAM = [process.execPath, join(OUT, 'vexfs-trace.cjs')];
const CAPTURE = join(packageRoot(), 'fixtures/captures/null-deref');
const LOG = readFileSync(join(CAPTURE, 'console.raw'));

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-cli-'));
  const built = spawnSync(process.execPath, ['.ci/build.mjs', OUT], { cwd: packageRoot(), encoding: 'utf8' });
  expect(built.stderr).toBe('');
}, 60_000);
afterAll(() => {
  rmSync(OUT, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

const run = (args: readonly string[], options: CliOptions = {}) =>
  runCli(args, () => {}, { command: PROGRAM, cwd: dir, ...options });

/** Everything that a user sees, as one text. */
const seen = ({ code, stdout, stderr }: Ended) => `exit ${code}\n── stdout\n${stdout}── stderr\n${stderr}`;

describe('help', () => {
  /** All commands, found in the help of those above them. */
  async function* walk(path: readonly string[]): AsyncGenerator<[string, Ended]> {
    const ended = await run([...path, '--help']);
    yield [path.join(' '), ended];
    const [, commands = ''] = /^Commands:\n((?: {2}.*\n)*)/m.exec(ended.stdout) ?? [];
    for (const [, name = ''] of commands.matchAll(/^ {2}([a-z-]+)/gm))
      if (name !== 'help') yield* walk([...path, name]);
  }

  test('of every command says what it takes', async () => {
    const names: string[] = [];
    for await (const [name, ended] of walk([])) {
      names.push(name);
      expect(seen(ended), name).toMatchSnapshot(name || 'vexfs-trace');
    }
    expect(names.length).toBeGreaterThan(10);
  }, 60_000);
});

describe('analyze', () => {
  test('of a log on stdin tells what broke, once', async () => {
    expect(seen(await run(['analyze', '-'], { input: LOG }))).toMatchInlineSnapshot(`
      "exit 1
      ── stdout
      CRITICAL crash null-deref  stdin:370-432 at 13.188s
        BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref
        where     vexfs_fault_null_deref+0x7/0x20 [vexfs]
        access    write at 0x0000000000000008 in supervisor mode
        who       vexfs-agent, pid 143, CPU 0
        kernel    6.1.0-56-cloud-amd64, tainted GOE (out-of-tree module, unsigned module)
        machine   QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014
        why       module-crash: NULL pointer dereference, pattern null-deref (0.99)
        recovery  reset-guest (power-cycle)
        meaning   The kernel read or wrote through a pointer that was NULL. The address in the first line
                  is the offset of the member inside the structure: 0000000000000008 is the second
                  pointer-sized member of a NULL structure. The task that did it is dead, and every lock
                  it held stays held.
        look at   - the function that RIP names and the member whose offset equals the address: pahole -C
                    the_struct module.ko lists offsets
                  - error_code and the #PF line: write or read, and whether an instruction fetch from
                    address 0 means a NULL function pointer (an operations table with a missing member)
                  - who sets that pointer, and whether an error path or a teardown in another task leaves
                    it NULL while this path is still reachable
        see       Documentation/admin-guide/bug-hunting.rst
                  Documentation/admin-guide/reporting-issues.rst
        call trace
        > vexfs_fault_null_deref+0x7/0x20 [vexfs]
          vexfs_fault_write+0xed/0x140 [vexfs]
          vfs_write+0xc7/0x3f0
          ksys_write+0x6b/0xf0
          do_syscall_64+0x5d/0x90
          entry_SYSCALL_64_after_hwframe+0x6e/0xd8
        report
        | [   13.187745] BUG: kernel NULL pointer dereference, address: 0000000000000008
        | [   13.188022] #PF: supervisor write access in kernel mode
        | [   13.188090] #PF: error_code(0x0002) - not-present page
        | [   13.190837] PGD 5700067 P4D 5702067 PUD 5701067 PMD 0
        | [   13.191124] Oops: 0002 [#1] PREEMPT SMP NOPTI
        | [   13.191277] CPU: 0 PID: 143 Comm: vexfs-agent Tainted: G           OE      6.1.0-56-cloud-am…
        | 57 more lines

      1 finding in 1 incident: 1 critical
          1  critical  null-deref
      log: stdin, 30.6 kB, 1 finding
      ── stderr
      "
    `);
  });

  test('takes stdin without a dash, too', async () => {
    const [with_, without] = await Promise.all([
      run(['analyze', '-'], { input: LOG }),
      run(['analyze'], { input: LOG }),
    ]);
    expect(without).toEqual(with_);
  });

  test('--format ndjson writes events of the contract and nothing else', async () => {
    const { code, stdout, stderr } = await run(['analyze', '-', '--format', 'ndjson'], { input: LOG });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => eventSchema.parse(JSON.parse(line)));
    expect(events.map(({ event, kind }) => `${event} ${kind}`)).toEqual([
      'crash null-deref',
      'incident opened',
      'incident closed',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });

  test.each([
    ['a line end', '\n'],
    ['a clean log', '[    0.000000] Linux version 6.1.0\n[    1.5] vexfs: loaded\n'],
    ['a log without line end', '[    0.000000] Linux version 6.1.0'],
  ])('of %s finds nothing', async (_name, input) => {
    expect(await run(['analyze', '-'], { input })).toEqual({ code: 0, stdout: '', stderr: 'no findings\n' });
  });

  test('of no bytes at all is told from a clean log', async () => {
    const { code, stdout, stderr } = await run(['analyze', '-'], { input: '' });
    expect(stderr).toMatch(/^vexfs-trace: the input is empty\n {2}next: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });

  test.each([
    ['fatal', 0],
    ['critical', 1],
    ['info', 1],
  ])('--fail-on %s ends %d', async (severity, code) => {
    expect((await run(['analyze', '-', '--fail-on', severity], { input: LOG })).code).toBe(code);
  });

  test('escape sequences of a log do not reach the terminal', async () => {
    const input = LOG.toString('latin1').replaceAll('vexfs-agent', 'vexfs\x1b[2J\x07\b\x9b');
    const { stdout } = await run(['analyze', '-'], { input });
    expect(stdout).toContain('vexfs\\x07\\x08');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('colour', () => {
  test.each([
    ['where nobody looks', {}, false],
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, true],
    ['NO_COLOR wins', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    ['an empty NO_COLOR is none', { FORCE_COLOR: '1', NO_COLOR: '' }, true],
  ])('%s', async (_name, env, painted) => {
    const { stdout } = await run(['analyze', '-'], { input: LOG, env: { NO_COLOR: '', ...env } });
    expect(stdout.includes('\x1b[')).toBe(painted);
  });
});

test.each(['text', 'ndjson'])('a reader that goes away ends %s quietly', (format) => {
  // Far apart in time: each report is an incident of its own.
  const later = (i: number) => LOG.toString('latin1').replaceAll('[   13.', `[${String(13 + 300 * i).padStart(5)}.`);
  writeFileSync(join(dir, 'long.log'), Array.from({ length: 100 }, (_, i) => later(i)).join(''));
  const pipe = 'set -o pipefail; "$@" | head -1';
  const args = [...PROGRAM, 'analyze', 'long.log', '--format', format];
  const { status, stdout, stderr } = spawnSync('bash', ['-c', pipe, 'bash', ...args], { cwd: dir, encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/EPIPE|internal error/);
  expect(status).toBe(0);
});

describe('replay', () => {
  test('of a recorded run tells its story again', async () => {
    expect(seen(await run(['replay', CAPTURE]))).toMatchInlineSnapshot(`
      "exit 1
      ── stdout
          0.004s GUEST    boot kernel=6.1.0-56-cloud-amd64 (stock), tcg, 2 CPUs, 768 MiB
         14.152s GUEST    ready kernel=6.1.0-56-cloud-amd64 (stock), tcg, 2 CPUs, 768 MiB module=vexfs
         14.580s GUEST    note snapshot=ready ms=425
         14.594s GUEST    fault name=null-deref
         14.667s CRASH    BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref [vexfs] pid 143 (vexfs-agent) cpu 0 taint GOE
                          critical: null-deref · module-crash, pattern null-deref (0.99) · console:370-432
         15.948s GUEST    restore ms=263
         16.317s RECOVERY restore-snapshot ok, verified in 633ms boot: 1, reloads: 0, agent: ok, module: ok, write and read back: ok, stuck tasks: none
         16.320s RECOVERY resume-load ok in 1ms
         16.382s INCIDENT BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref: module-crash, recovered
         16.443s GUEST    note run=end
         16.443s LATENCY  operations create                        1 × 8ms / 8ms / 8ms
                          operations vector_add                    1 × 3ms / 3ms / 3ms
                          operations vector_search                 1 × 2ms / 2ms / 2ms
                          operations write                         1 × 2ms / 2ms / 2ms
         16.443s LATENCY  waits inode.vec_sem                      3 × 29µs / 628µs / 628µs
                          waits inode.i_rwsem                      1 × 98µs / 98µs / 98µs
         16.443s LATENCY  holds inode.vec_sem                      3 × 246µs / 3ms / 3ms
                          holds inode.i_rwsem                      1 × 1ms / 1ms / 1ms
         16.443s TRACE    analysed: no accesses, so no word of races (--races), 4 lock pairs, no losses
      ── stderr
      "
    `);
  });

  test('--check without the events of the live run is a sentence', async () => {
    const { code, stderr } = await run(['replay', CAPTURE, '--check']);
    expect(stderr).toMatch(/events\.ndjson is missing\n {2}next: /);
    expect(code).toBe(2);
  });
});

test.each([
  ['no command', [], 2, /^Usage: vexfs-trace/],
  ['an unknown command', ['atach'], 2, /unknown command 'atach'[\s\S]*Did you mean attach/],
  ['an unknown option', ['analyze', '--fromat', 'text'], 2, /unknown option '--fromat'[\s\S]*Did you mean --format/],
  ['a choice that is none', ['analyze', '--fail-on', 'bad'], 2, /'bad' is invalid[\s\S]*Allowed choices/],
  ['a log that is not there', ['analyze', 'nope.log'], 2, /nope.log does not exist\n {2}next: /],
  ['what is no log', ['analyze', process.execPath], 4, /: not a log: an ELF file\n {2}next: /],
  ['patterns that are not there', ['analyze', '-', '--patterns', 'nope'], 2, /nope does not exist\n {2}next: /],
  ['a capture that is none', ['replay', '.'], 2, /is not a capture: it has no capture.json\n {2}next: /],
  ['a time that is none', ['attach', '--duration', 'soon'], 2, /write a number with s, m or h/],
  ['a count that is none', ['attach', '--cpus', '0'], 2, /a whole number above 0 is needed/],
  ['two ways of booting', ['guest', 'boot', '--detach', '--interactive'], 2, /cannot be used with/],
  ['a guest that is not there', ['guest', 'exec', 'gnope', '--', 'true'], 2, /no guest "gnope" is running/],
] as const)('%s is told in words', async (_name, args, code, message) => {
  const ended = await run(args);
  expect(ended.stderr).toMatch(message);
  expect(ended.stderr).not.toMatch(/internal error|\n {4}at /);
  expect(ended.stdout).toBe('');
  expect(ended.code).toBe(code);
});

test('--version is the one of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('the draft of a pattern goes where it is wanted, makes its area, and takes the place of no other', async () => {
  const from = join(packageRoot(), 'fixtures/guests/stock/warn-text.console');
  const draft = () => run(['patterns', 'new', '--from', from, '-o', 'drafts/area/too-many-vectors.yaml']);
  expect(await draft()).toMatchObject({ code: 0, stderr: expect.stringContaining('write what stands at TODO') });
  expect(readFileSync(join(dir, 'drafts/area/too-many-vectors.yaml'), 'utf8')).toMatch(/^id: too-many-vectors$/m);
  const second = await draft();
  expect(second.stderr).toMatch(/too-many-vectors\.yaml cannot be written: .*\n {2}next: name another file with -o/);
  expect(second.code).toBe(2);
});

describe('config', () => {
  /** A folder with this as its file. */
  const folder = (text: string) => {
    const path = mkdtempSync(join(dir, 'config-'));
    writeFileSync(join(path, 'vexfs-trace.yaml'), text);
    return path;
  };

  test('show tells what is in force and why', async () => {
    const cwd = folder(
      'kernel: ./debug\nguest: { cpus: 4 }\nthresholds:\n  mount: 2s\nhooks: { after-run: [logger, "a b"] }\n',
    );
    const env = { VEXFS_TRACE_GUEST_CPUS: '3', VEXFS_TRACE_THRESHOLDS_LEAK: '2M' };
    const { code, stdout } = await run(['config', 'show', '--threshold', 'hang=90s'], { cwd, env });
    expect(code).toBe(0);
    const rows = Object.fromEntries(stdout.split('\n').map((line) => [line.split(' ')[0], line.replace(/^\S+ +/, '')]));
    const file = join(cwd, 'vexfs-trace.yaml');
    expect(rows).toMatchObject({
      kernel: `${join(cwd, 'debug')}  ${file}:1`,
      'guest.cpus': expect.stringMatching(/^3 +VEXFS_TRACE_GUEST_CPUS$/),
      'guest.network': expect.stringMatching(/^none +default$/),
      'thresholds.mount': expect.stringMatching(/^2s .*vexfs-trace\.yaml:4$/),
      'thresholds.leak': expect.stringMatching(/^2MiB +VEXFS_TRACE_THRESHOLDS_LEAK$/),
      'thresholds.hang': expect.stringMatching(/^90s +flag$/),
      'hooks.after-run': expect.stringMatching(/^\[logger, "a b"\] .*:5$/),
    });
  });

  test.each<[name: string, text: string, stderr: string]>([
    ['a slip of the finger', 'kernl: stock\n', 'x.yaml:1:1: unknown key "kernl"; did you mean "kernel"?'],
    ['what moves the cursor', '"\\e[2J": x\n', 'x.yaml:1:1: unknown key "\\x1b[2J"'],
  ])('check tells %s', async (_, text, stderr) => {
    const cwd = folder('');
    writeFileSync(join(cwd, 'x.yaml'), text);
    expect(await run(['config', 'check', 'x.yaml'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `vexfs-trace: ${stderr}\n`,
    });
  });

  test('init writes a file that check is content with, and leaves one that is there', async () => {
    const cwd = mkdtempSync(join(dir, 'config-'));
    const codes = [];
    for (const args of [['init'], ['check', 'vexfs-trace.yaml'], ['init']])
      codes.push((await run(['config', ...args], { cwd })).code);
    expect(codes).toEqual([0, 0, 2]);
  });

  test.each<[name: string, args: readonly string[], first: string]>([
    ['takes the options of the file', [], '{"'],
    ['heeds its flags first', ['--format', 'text'], '  '],
    ['reads the file that is named', ['--config', '/dev/null'], '?'],
  ])('a command %s', async (_, args, first) => {
    const cwd = folder('output: { format: ndjson }\n');
    const { stdout, stderr } = await run(['replay', CAPTURE, ...args], { cwd });
    if (first === '?') expect(stderr).toContain('the configuration file /dev/null is no file');
    else expect(stdout.slice(0, 2)).toBe(first);
  });

  test('analyze stands by its own formats and fails at what the file says', async () => {
    const cwd = folder('output: { format: ndjson, failOn: none }\n');
    const { code, stdout } = await run(['analyze', '-'], { cwd, input: LOG });
    expect([code, stdout.slice(0, 8)]).toEqual([0, 'CRITICAL']);
  });
});
