import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKernel } from '../guest/kernel.ts';
import { type Event, isFinding } from '../model/event.ts';
import { runCli } from './testing.ts';
import { untilNothingIsLeft } from './testing-leftovers.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-cli-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (args: readonly string[], onStderr?: (text: string, pid: number) => void) =>
  runCli(args, onStderr, { cwd: dir });

describe('attach', () => {
  test('a file system on a disk, with modules it needs, its own mkfs and a load of the user', async () => {
    const module = join(findKernel('stock').modulesDir ?? '', 'kernel/fs/xfs/xfs.ko');
    const disk = ['--disk-size', '320M', '--mkfs', 'mkfs.xfs'];
    const load = ['--load', 'echo from the load >/mnt/vexfs/file; sync; sleep 100', '--duration', '3s'];
    const { code, stdout, stderr } = await run([
      ...['attach', '--module', module, ...disk, ...load],
      ...['--no-probes', '--no-capture', '--format', 'ndjson'],
    ]);
    const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event]));
    expect(events.filter(isFinding)).toEqual([]);
    const states = events.flatMap((event) => (event.event === 'guest' ? [{ kind: event.kind, ...event.detail }] : []));
    expect(states).toContainEqual(expect.objectContaining({ kind: 'ready', module: 'xfs' }));
    expect(states).toContainEqual(expect.objectContaining({ kind: 'load', state: 'running' }));
    expect(stderr).not.toContain('warning:');
    expect(code).toBe(0);
    expect(await untilNothingIsLeft()).toEqual([]);
  });

  test('Ctrl-C while the guest boots ends with 130 and leaves nothing', async () => {
    let sent = false;
    const { code } = await run(['attach', '--no-capture'], (text, pid) => {
      if (!sent && text.includes('booting')) {
        sent = true;
        process.kill(pid, 'SIGINT');
      }
    });
    expect(code).toBe(130);
    expect(await untilNothingIsLeft()).toEqual([]);
  });

  test('after kill -9 QEMU ends by itself and the next start removes the rest', async () => {
    let sent = false;
    await run(['attach', '--no-capture'], (text, pid) => {
      if (!sent && text.includes('loading')) {
        sent = true;
        process.kill(pid, 'SIGKILL');
      }
    });
    const { stdout } = await run(['guest', 'list']);
    expect(stdout).toBe('');
    expect(await untilNothingIsLeft()).toEqual([]);
  });
});

test.each([
  ['a kernel that is not there', ['attach', '--kernel', '9.9'], 3, /no kernel "9.9" is installed[\s\S]*next: /],
  ['a kernel path that is not there', ['attach', '--kernel', './nope'], 3, /nope does not exist\n {2}next: /],
  ['a module that is not there', ['attach', '--module', 'nope.ko'], 3, /module nope.ko does not exist\n {2}next: /],
  [
    'a module that is none',
    ['attach', '--module', 'bad.ko', '--no-capture'],
    5,
    /loading module bad failed in the guest: .*Exec format error/,
  ],
  [
    'a machine that QEMU refuses',
    ['attach', '--memory', '1', '--no-capture'],
    5,
    /the guest did not come up|QEMU could not start/,
  ],
  ['an unknown option', ['attach', '--kernle', 'stock'], 2, /unknown option '--kernle'[\s\S]*Did you mean --kernel/],
  ['an unknown command', ['atach'], 2, /unknown command 'atach'[\s\S]*Did you mean attach/],
  [
    'an unknown fault',
    ['attach', '--inject', 'warm', '--no-probes', '--no-capture'],
    2,
    /no fault "warm", did you mean "warn"\?\n {2}next: /,
  ],
  [
    'a disk size that is none',
    ['attach', '--module', 'bad.ko', '--disk-size', 'big'],
    2,
    /disk size "big" cannot be read\n {2}next: /,
  ],
  ['a capture that is none', ['replay', '.'], 2, /is not a capture: it has no capture.json\n {2}next: /],
  ['a log that is not there', ['analyze', 'nope.log'], 2, /nope.log does not exist\n {2}next: /],
  ['a guest that is not there', ['guest', 'exec', 'gnope', '--', 'true'], 2, /no guest "gnope" is running/],
] as const)('%s is one sentence with a next step', async (_name, args, expected, message) => {
  writeFileSync(join(dir, 'bad.ko'), 'not a module');
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('internal error');
  // What the kernel itself says of a module is a finding, too.
  const others = stdout
    .split('\n')
    .filter((line) => line !== '' && !/ GUEST |module failed to load|module-load-failure/.test(line));
  expect(others).toEqual([]);
  expect(code).toBe(expected);
  expect(await untilNothingIsLeft()).toEqual([]);
});
