import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Message } from '../bpftrace-wrapper/index.ts';
import { bpftraceEngine, checkProbe, type Probe, parseProbe } from '../probes/index.ts';
import { capabilitiesHere } from './probes-capability.ts';
import { builtInProbes } from './probes-library.ts';
import { during, NO_BPFTRACE } from './testing-probes.ts';

const has = capabilitiesHere();
const here = builtInProbes().filter((probe) => probe.engine === 'bpftrace' && checkProbe(probe, has).runs);

/** What may stay empty: nothing on this machine has to run out of memory, wait for a lock or for a disk. */
const QUIET = /reclaim|vmap|lock_wait|^@io_|blocked|_since$|_at$|_in$/;

/** Tasks that wait for each other and for the disk, and what a shell and its children allocate. */
function work(): void {
  const dir = mkdtempSync(join(tmpdir(), 'probes-'));
  const file = openSync(join(dir, 'file'), 'w');
  for (let i = 0; i < 20; i++) {
    writeSync(file, Buffer.alloc(65536, i));
    fsyncSync(file);
    spawnSync('sh', ['-c', 'ls / | cat | wc -l']);
  }
  closeSync(file);
  rmSync(dir, { recursive: true });
}

/** How a message contradicts the header of its probe; null when it does not. */
function contradiction(probes: readonly Probe[], message: Message): string | null {
  if (!('entries' in message)) return null;
  const map = probes.flatMap(({ maps }) => maps).find(({ name }) => name === message.name);
  if (!map) return `${message.name} is in no header`;
  const kind = map.type === 'hist' || map.type === 'lhist' ? map.type : 'map';
  // A histogram of one bucket does not say how wide they are (src/bpftrace-wrapper/message.ts).
  const kinds = kind === 'lhist' ? ['lhist', 'hist'] : [kind];
  if (!kinds.includes(message.kind)) return `${message.name} is ${message.kind}, not ${map.type}`;
  // Names of tasks may hold commas, and stacks lines.
  const short = message.entries.find(({ key }) => (key === null ? 0 : key.split(',').length) < map.key.length);
  return short ? `${message.name} has the key "${short.key}"` : null;
}

describe.skipIf(NO_BPFTRACE !== '')(`probes on trace events of this machine${NO_BPFTRACE}`, () => {
  test('each can be attached, all of them as one program, and they give what their headers say', async () => {
    expect(here.map(({ name }) => name)).toEqual(expect.arrayContaining(['sched-delay', 'io-latency', 'slab-stacks']));
    const running = await bpftraceEngine().start(here, {});
    const messages = await during(running, work);
    expect(await running.ended).toBeNull();
    expect(messages.map((message) => contradiction(here, message)).filter((words) => words !== null)).toEqual([]);
    const seen = new Set(messages.flatMap((message) => ('name' in message ? [message.name] : [])));
    const silent = here.flatMap(({ maps }) => maps.map(({ name }) => name)).filter((name) => !seen.has(name));
    expect(silent.filter((name) => !QUIET.test(name))).toEqual([]);
  }, 60_000);

  test('one that bpftrace refuses says where and why', async () => {
    const text = `/*
 * mine - a test
 *
 * map:    @n count | calls
 * cost:   low | rare
 */
tracepoint:sched:sched_switch { @n = count(); nothing(); }`;
    const { probe } = parseProbe('mine', text);
    const running = await bpftraceEngine().start(probe ? [probe] : [], {});
    await during(running, () => {});
    expect(await running.ended).toMatch(/^mine\.bt:7:\d+: Unknown function: nothing/i);
  });

  test('an event that the kernel lacks', async () => {
    const text = 'tracepoint:no:such { @n = count(); }';
    const bare = { name: 'mine', engine: 'bpftrace', title: '', needs: [], maps: [], records: [], sets: [] } as const;
    const started = bpftraceEngine().start([{ ...bare, cost: 'low', costReason: '', text }], {});
    await expect(started).rejects.toThrow('the kernel has no trace event no:such');
  });
});
