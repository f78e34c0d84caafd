import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BpftraceReader } from '../bpftrace-wrapper/index.ts';
import { checkProbe, type TraceCapabilities } from './check.ts';
import { fitProbe } from './fit.ts';
import { parseProbe } from './header.ts';
import { loadProbes } from './library.ts';
import { lintDangers, lintProbe } from './lint.ts';
import { combine, planProbes } from './plan.ts';
import { recordDecoder } from './record.ts';

const library = loadProbes(fileURLToPath(new URL('../../probes', import.meta.url)));

const HEADER = `/*
 * x - what it shows
 *
 * needs:  event a:b
 * record: slow nsecs cpu tid us comm | it was slow
 * map:    @x_ns hist op | nanoseconds
 * cost:   low | rare
 * set:    default
 */`;
const BODY = `tracepoint:a:b { @x_ns[args->op] = hist(args->ns); printf("slow %llu %d %d %llu %s\\n", nsecs, cpu, tid, 1, comm); }`;

describe('the library', () => {
  test('has no problems', () => {
    expect(library.problems).toEqual([]);
    expect(library.probes.map((probe) => probe.name)).toContain('vexfs-ops');
  });
  test('its default set is one program', () => {
    const defaults = library.probes.filter((probe) => probe.sets.includes('default'));
    expect(combine(defaults)).toContain('@vexfs_op_ns');
  });
  test('what a guest printed is what the headers say', () => {
    const reader = new BpftraceReader();
    const bytes = readFileSync(new URL('../../fixtures/bpftrace/0.17/default.json', import.meta.url));
    const messages = [...reader.push(bytes), ...reader.end()];
    const declared = new Map(library.probes.flatMap((probe) => probe.maps.map((map) => [map.name, map] as const)));
    const maps = messages.filter((message) => 'entries' in message);
    expect(maps.length).toBe(messages.length - 1);
    for (const message of maps) {
      const map = declared.get(message.name);
      expect(map, message.name).toBeDefined();
      expect(message.kind).toBe(map?.type === 'hist' ? 'hist' : 'map');
      for (const { key } of message.entries) expect(key?.split(',').length ?? 0, `${key}`).toBe(map?.key.length);
    }
  });
  test('no directory', () => {
    expect(loadProbes('/nonexistent')).toEqual({ probes: [], problems: ['/nonexistent: no such directory of probes'] });
  });
});

describe('headers', () => {
  test('all of one', () => {
    expect(parseProbe('x', `${HEADER}\n${BODY}`).probe).toMatchObject({
      title: 'what it shows',
      needs: [{ kind: 'event', name: 'a:b' }],
      records: [{ tag: 'slow', fields: ['nsecs', 'cpu', 'tid', 'us', 'comm'] }],
      maps: [{ name: '@x_ns', type: 'hist', key: ['op'] }],
      cost: 'low',
      sets: ['default'],
    });
  });
  test.each([
    ['another name', HEADER.replace('x -', 'y -'), 2, 'must begin with'],
    ['an unknown line', HEADER.replace('needs:', 'wants:'), 4, 'unknown header line'],
    ['a comm in between', HEADER.replace('us comm', 'comm us'), 5, 'comm must come last'],
    ['no cost', HEADER.replace('cost:   low | rare', ''), 2, 'no "cost:"'],
    ['no header', 'BEGIN { }', 2, 'must begin with'],
  ])('%s', (_name, text, line, message) => {
    const { probe, problems } = parseProbe('x', text);
    expect(probe).toBeNull();
    expect(problems).toContainEqual({ line, message: expect.stringContaining(message) });
  });
  test.each([
    ['a map without its line', '@y = 1;', '@y has no "map:" line'],
    ['BEGIN', '\nBEGIN { }', 'BEGIN and END'],
    ['a printf without its record', 'printf("other %d\\n", 1);', 'no "record:" line'],
    ['fields too few', 'printf("slow %llu\\n", nsecs);', 'has 1 fields'],
    ['no line end', 'printf("slow %llu %d %d %llu %s", 1);', 'must end with'],
    ['text between', 'printf("slow %llu %d %d %s %s\\n", 1);', 'must come last'],
    ['a return probe of a spinlock', 'kretprobe:_raw_spin_lock { }', 'can hang the machine'],
    ['one among others', 'kprobe:f, kretprobe:queued_spin_lock_slowpath { }', 'can hang the machine'],
    ['one by a wildcard', 'kretprobe:_raw_* { }', 'can hang the machine'],
    ['one in short', 'kr:_raw_spin_lock_irqsave { }', 'can hang the machine'],
  ])('lint: %s', (_name, code, message) => {
    const { probe } = parseProbe('x', `${HEADER}\n${BODY}\n${code}`);
    expect(probe && lintProbe(probe)).toEqual([
      { line: expect.any(Number), message: expect.stringContaining(message) },
    ]);
  });
});

test.each([
  'kprobe:_raw_spin_lock { }',
  'kretprobe:mutex_lock { }',
  'kretprobe:vfs_* { }',
  '/* kretprobe:_raw_spin_lock */',
])('no danger: %s', (code) => {
  expect(lintDangers(code)).toEqual([]);
});

describe('objects', () => {
  const source = `// SPDX-License-Identifier: GPL-2.0
/*
 * o - what it counts
 *
 * needs:  btf
 * map:    calls count tid | calls
 * map:    calls_lost lost | calls that found no room
 * cost:   low | rare
 */
struct { } calls SEC(".maps"), calls_lost SEC(".maps");`;
  test('have the header of programs behind the licence', () => {
    const { probe, problems } = parseProbe('o', source, 'core');
    expect(problems).toEqual([]);
    expect(probe).toMatchObject({ engine: 'core', needs: [{ kind: 'btf', name: '' }], maps: [{}, { type: 'lost' }] });
    expect(probe && lintProbe(probe)).toEqual([]);
  });
  test('without a map that the header names', () => {
    const { probe } = parseProbe('o', source.replace(' calls_lost SEC', ' others SEC'), 'core');
    expect(probe && lintProbe(probe)).toEqual([
      { line: 2, message: 'calls_lost is declared and there is no such map' },
    ]);
  });
});

describe('names of functions', () => {
  const text = `/*\n * f - it\n * needs: kprobe lock or lock_nested\n * map: @n count | n\n * cost: low | rare\n */
kprobe:lock, kretprobe:lock, kprobe:lock_other { @n = count(); }`;
  const nothing: TraceCapabilities = { bpftrace: '0.17.0', events: null, functions: null, config: null };
  test.each([
    ['as in the file where nothing is known', nothing, 'kprobe:lock, kretprobe:lock, kprobe:lock_other'],
    [
      'of a list',
      { ...nothing, functions: new Set(['lock_nested']) },
      'kprobe:lock_nested, kretprobe:lock_nested, kprobe:lock_other',
    ],
    [
      'of lockdep',
      { ...nothing, config: new Set(['CONFIG_DEBUG_LOCK_ALLOC']) },
      'kprobe:lock_nested, kretprobe:lock_nested, kprobe:lock_other',
    ],
    [
      'of a stock kernel',
      { ...nothing, functions: new Set(['lock']) },
      'kprobe:lock, kretprobe:lock, kprobe:lock_other',
    ],
  ])('%s', (_name, has, points) => {
    const { probe } = parseProbe('f', text);
    expect(probe && fitProbe(probe, has).text).toContain(points);
  });
  test('neither is there', () => {
    const { probe } = parseProbe('f', text);
    const has = { ...nothing, functions: new Set(['other']) };
    expect(probe && checkProbe(probe, has).missing).toEqual(['the kernel cannot probe the function lock']);
  });
});

describe('needs', () => {
  const nothing: TraceCapabilities = { bpftrace: '0.17.0', events: null, functions: null, config: null };
  const probe = (name: string) => {
    const found = library.probes.find((each) => each.name === name);
    if (!found) throw new Error(name);
    return found;
  };
  test.each([
    ['unknown is not missing', 'vexfs-ops', nothing, true, []],
    [
      'the module is not loaded',
      'vexfs-ops',
      { ...nothing, events: new Set(['sched:sched_switch']) },
      false,
      ['the kernel has no event vexfs:op_end (is the module loaded?)'],
    ],
    ['no bpftrace', 'vexfs-ops', { ...nothing, bpftrace: null }, false, ['bpftrace is not installed there']],
    ['no compiler', 'run-delay', { ...nothing, lacksToBuild: ['clang'] }, false, ['clang is not installed there']],
    ['no types', 'run-delay', { ...nothing, btf: false }, false, [expect.stringContaining('(BTF, ')]],
    ['no privilege', 'oom', { ...nothing, privileged: false }, false, [expect.stringContaining('takes root')]],
    [
      'no interface',
      'interface-packets',
      { ...nothing, interfaces: new Set<string>() },
      false,
      ['there is no network interface'],
    ],
  ] as const)('%s', (_name, name, has, runs, missing) => {
    expect(checkProbe(probe(name), has)).toMatchObject({ runs, missing });
  });
  test('a kernel without kprobes', () => {
    const plan = planProbes(library.probes, { ...nothing, config: new Set() });
    expect(plan.left.map((check) => check.probe.name)).toEqual(['vfs-errors']);
    expect(plan.chosen.map((each) => each.name)).toContain('vexfs-ops');
  });
});

describe('records', () => {
  const decode = recordDecoder(library.probes);
  test.each([
    [
      'blocked 123456789012 1 77 1500 npm view execa \n',
      { nsecs: 123456789012, cpu: 1, tid: 77, ms: 1500, comm: 'npm view execa ' },
    ],
    ['hung 1 0 77\n', { nsecs: 1, cpu: 0, tid: 77 }],
  ])('%j', (text, values) => {
    expect(decode(text)?.values).toEqual(values);
  });
  test.each(['blocked 1 2\n', 'blocked 1 2 3 4 x', 'other 1\n', '', ' \n'])('%j is none', (text) => {
    expect(decode(text)).toBeNull();
  });
});
