import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExpectedError } from '../base/errors.ts';
import type { Message } from '../bpftrace-wrapper/index.ts';
import { CoreLoader, explainFailure, type Probe, parseProbe } from '../probes/index.ts';
import { builtInProbes } from './probes-library.ts';
import { buildLoader, buildObject, localCoreEngine } from './probes-objects.ts';
import {
  bpfNames,
  during,
  Network,
  NO_NETWORK,
  NO_OBJECTS,
  residentKiB,
  settled,
  untilGone,
} from './testing-probes.ts';

const OURS = /on_sys_enter|on_switch|on_wakeup|on_packet|on_drop|syscalls|run_delay|interface_/;
const able = NO_OBJECTS === '';

const probe = (name: string): Probe => {
  const found = builtInProbes().find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};
const mapOf = (messages: readonly Message[], name: string) =>
  messages.findLast((message) => 'name' in message && message.name === name);
const quiet = () => {};

/** A program of a user, around one body. */
const program = (name: string, section: string, body: string): Probe => {
  const text = `/*
 * ${name} - a test
 *
 * map:    counts count | calls
 * cost:   low | rare
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
SEC("${section}")
int on_test(void *context)
{
${body}
}
char LICENSE[] SEC("license") = "GPL";
`;
  const { probe: parsed, problems } = parseProbe(name, text, 'core');
  if (!parsed) throw new Error(JSON.stringify(problems));
  return parsed;
};

describe.skipIf(!able)(`compiled probes${NO_OBJECTS}`, () => {
  // The first time ever compiles for seconds.
  beforeAll(() => {
    for (const each of builtInProbes()) if (each.engine === 'core') buildObject(each);
    buildLoader();
  }, 120_000);

  test('are compiled once', () => {
    const { file } = buildObject(probe('run-delay'));
    const before = statSync(file).mtimeMs;
    const said: string[] = [];
    buildObject(probe('run-delay'), (message) => said.push(message));
    expect(statSync(file).mtimeMs).toBe(before);
    expect(said).toEqual([]);
  });

  test('several at once count what happens', async () => {
    const running = await localCoreEngine(quiet).start([probe('syscall-counts'), probe('run-delay')], {});
    const messages = await during(running, () => {
      for (let i = 0; i < 300; i++) existsSync('/nonexistent');
    });
    expect(await running.ended).toBeNull();
    expect(messages[0]).toEqual({ kind: 'attached', probes: 2 });
    const calls = mapOf(messages, 'syscalls');
    const own = calls?.kind === 'map' ? calls.entries.filter(({ key }) => key?.startsWith(`${process.pid},`)) : [];
    expect(Math.max(...own.map(({ value }) => Number(value)))).toBeGreaterThanOrEqual(300);
    expect(own[0]?.key).toMatch(/^\d+,SYS_\w+,/);
    const delays = mapOf(messages, 'run_delay_us');
    const buckets = delays?.kind === 'hist' ? (delays.entries[0]?.buckets ?? []) : [];
    expect(buckets.reduce((all, { count }) => all + Number(count), 0)).toBeGreaterThan(0);
    for (const { min, max } of buckets) expect(Number(max)).toBeGreaterThanOrEqual(Number(min));
    expect(await untilGone(OURS)).toEqual([]);
  });

  test('are read at intervals', async () => {
    const running = await localCoreEngine(quiet).start([probe('syscall-counts')], { intervalMs: 10 });
    let reads = 0;
    for await (const message of running) if (message.kind === 'map' && ++reads === 3) break;
    expect(await running.ended).toBeNull();
    expect(await untilGone(OURS)).toEqual([]);
  });

  test('end when they are told to before they are attached', async () => {
    const running = await localCoreEngine(quiet).start([probe('run-delay')], { signal: AbortSignal.abort() });
    const kinds: string[] = [];
    for await (const message of running) kinds.push(message.kind);
    expect(kinds).toEqual(['attached', 'hist', 'map']);
  });

  test('go when whoever loaded them is killed', async () => {
    // The shell holds the loader's input open as a program would, and is killed.
    const { file, btf } = buildObject(probe('syscall-counts'));
    const requests = [
      { id: 1, op: 'load', file, btf },
      { id: 2, op: 'attach', object: 0 },
    ];
    const script = `mkfifo "$0/in"; '${buildLoader()}' <"$0/in" & exec 3>"$0/in"; printf '%s\\n' "$@" >&3; exec sleep 60`;
    const dir = `/tmp/vexfs-probes-${process.pid}`;
    mkdirSync(dir);
    const shell = spawn('sh', ['-c', script, dir, ...requests.map((request) => JSON.stringify(request))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    while (!said.includes('"links":1')) said += String(await once(shell.stdout, 'data'));
    expect(bpfNames().filter((name) => OURS.test(name))).not.toEqual([]);
    shell.kill('SIGKILL');
    expect(await untilGone(OURS)).toEqual([]);
    spawnSync('rm', ['-r', dir]);
  });

  test('leave nothing behind after a hundred cycles', async () => {
    const loader = new CoreLoader([buildLoader()]);
    const { file, btf } = buildObject(probe('syscall-counts'));
    const before = bpfNames();
    const cycle = async () => {
      const { object = -1, status } = await loader.load({ file, btf });
      expect([status, (await loader.attach(object)).status, (await loader.read(object)).status]).toEqual([0, 0, 0]);
      expect(await loader.unload(object)).toMatchObject({ status: 0 });
    };
    // What malloc keeps it keeps from the first ones on.
    for (let i = 0; i < 20; i++) await cycle();
    const resident = residentKiB(loader.pid ?? 0);
    for (let i = 0; i < 100; i++) await cycle();
    expect(residentKiB(loader.pid ?? 0) - resident).toBeLessThan(512);
    expect(await untilGone(OURS)).toEqual([]);
    const after = await settled((names) => names.length <= before.length);
    expect(after.length).toBeLessThanOrEqual(before.length);
    expect(spawnSync('find', ['/sys/fs/bpf', '-name', '*syscalls*'], { encoding: 'utf8' }).stdout).toBe('');
    await loader.close();
  }, 60_000);

  const refused = async (
    probes: readonly Probe[],
    options: { interface?: string } = {},
    before: readonly string[] = [],
  ) => {
    const error = await localCoreEngine(quiet, before)
      .start(probes, options)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExpectedError);
    expect(await untilGone(/on_test|counts/)).toEqual([]);
    return (error as ExpectedError).message;
  };

  test('that the verifier refuses come with its words and the line', async () => {
    const body = '\treturn *(volatile int *)(long)bpf_ktime_get_ns(); /* no pointer */';
    expect(await refused([program('wild', 'raw_tp/sys_enter', body)])).toMatch(
      /^wild: the kernel's verifier refused on_test: R\d invalid mem access '(?:inv|scalar)' at: return \*\(volatile int \*\)/,
    );
  });
  test('that do not compile come with the words of clang', async () => {
    expect(await refused([program('broken', 'raw_tp/sys_enter', '\treturn nothing;')])).toMatch(
      /clang .* failed \(exit 1\):\n {2}broken\.bpf\.c:\d+:\d+: error: use of undeclared identifier 'nothing'/,
    );
  });
  test.each([
    ['a raw tracepoint', 'raw_tp/no_such_event', 'lost: the kernel has no tracepoint no_such_event'],
    ['a tracepoint', 'tracepoint/no_such/event', 'lost: the kernel has no tracepoint no_such/event'],
  ])('%s that the kernel lacks', async (_name, section, message) => {
    expect(await refused([program('lost', section, '\treturn 0;')])).toBe(message);
  });
  test('without privilege', async () => {
    const without = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
    expect(await refused([probe('syscall-counts')], {}, without)).toMatch(
      /^syscall-counts: loading BPF programs takes root/,
    );
  });
  test('one that fails takes the others along', async () => {
    const lost = program('lost', 'raw_tp/no_such_event', '\treturn 0;');
    expect(await refused([probe('run-delay'), lost])).toContain('no tracepoint');
    expect(await untilGone(OURS)).toEqual([]);
  });
  test('no interface, and one that is not there', async () => {
    expect(await refused([probe('interface-packets')])).toBe('interface-packets: no interface was named');
    expect(await refused([probe('interface-packets')], { interface: 'nope0' })).toBe(
      'interface-packets: there is no interface nope0',
    );
  });
  test('a loader that cannot be started', async () => {
    expect(await refused([probe('run-delay')], {}, ['/nonexistent/program'])).toContain(
      'the loader of probes has ended',
    );
  });
});

describe.skipIf(!able || NO_NETWORK !== '')(`at an interface${NO_OBJECTS || NO_NETWORK}`, () => {
  let network: Network;
  beforeAll(async () => {
    buildObject(probe('interface-packets'));
    network = await Network.open();
  }, 60_000);
  afterAll(() => network.close());

  test('packets and drops are counted', async () => {
    const engine = localCoreEngine(quiet, network.enter);
    const running = await engine.start([probe('interface-packets')], { interface: 'v0' });
    const messages = await during(running, () => network.broadcast(20));
    expect(mapOf(messages, 'interface_packets')).toMatchObject({
      entries: expect.arrayContaining([{ key: 'ipv4', value: 20 }]),
    });
    // 14 bytes of Ethernet, 20 of IP, 8 of UDP, 5 of ours.
    expect(mapOf(messages, 'interface_bytes')).toMatchObject({
      entries: expect.arrayContaining([{ key: 'ipv4', value: 20 * 47 }]),
    });
    const drops = mapOf(messages, 'interface_drops');
    // They come from an address of this side; 6.1 has no name for that.
    const dropped = drops?.kind === 'map' ? drops.entries.reduce((all, { value }) => all + Number(value), 0) : 0;
    expect(dropped).toBeGreaterThanOrEqual(20);
    expect(await untilGone(OURS)).toEqual([]);
  });

  test('a second program is refused with a word', async () => {
    const engine = localCoreEngine(quiet, network.enter);
    const first = await engine.start([probe('interface-packets')], { interface: 'v0' });
    const error = await engine.start([probe('interface-packets')], { interface: 'v0' }).catch((thrown) => thrown);
    expect(String(error)).toContain('another XDP program is on that interface');
    await during(first, () => {});
    expect(await untilGone(OURS)).toEqual([]);
  });
});

test.each([
  [{ status: 22, us: 0, error: 'load: Invalid argument', log: '' }, 'x: load: Invalid argument'],
  [
    { status: 3, us: 0, error: 'load: No such process', log: 'libbpf: failed to find valid kernel BTF\n' },
    'x: the kernel has no types of its own (BTF, CONFIG_DEBUG_INFO_BTF)',
  ],
])('what the loader says: %j', (answer, sentence) => {
  expect(explainFailure(answer, 'x').message).toBe(sentence);
});
