import type { About, LogRead } from '../model/about.ts';
import { EVENT_SCHEMA, type Event, type Finding } from '../model/event.ts';
import { SINKS } from './formats.ts';
import type { Format, Surface } from './sink.ts';
import { Tally } from './tally.ts';

/** What a sink gets to see of a run, in its order. */
export type Step = { readonly event: Event; readonly about: About } | { readonly log: LogRead } | 'pause';

/** What a format writes of it. */
export function render(format: Format, steps: readonly Step[], options: Partial<Surface> = {}): Buffer {
  const chunks: Uint8Array[] = [];
  const tally = new Tally();
  const sink = SINKS[format]({
    write: (chunk) => chunks.push(Buffer.from(chunk as Uint8Array)),
    warn: () => {},
    ...{ color: false, width: 100, terminal: false, version: '1.2.3' },
    ...options,
  });
  for (const step of steps) {
    if (step === 'pause') sink.pause?.();
    else if ('log' in step) {
      tally.log(step.log);
      sink.log?.(step.log);
    } else {
      tally.event(step.event);
      sink.event(step.event, step.about);
    }
  }
  sink.close(tally.summary());
  return Buffer.concat(chunks);
}

/** A finding that says something in every member. */
export const FINDING: Finding = {
  schema: EVENT_SCHEMA,
  ...{ id: '01F', seq: 1, run: 'r', incident: '01I' },
  time: { kernel: 52.349533, wall: '2026-11-21T08:13:55Z' },
  evidence: [
    { stream: 'file', file: 'logs/console.log', byte: 91, endByte: 5693, line: 2, endLine: 87, role: 'report' },
  ],
  ...{ event: 'crash', kind: 'kasan-use-after-free', severity: 'critical', final: true },
  source: { stream: 'file', file: 'logs/console.log', line: 2, endLine: 87 },
  title: 'KASAN: use-after-free Read in vexfs_read',
  ...{ altTitles: ['bad-access in vexfs_read'], type: 'KASAN-USE-AFTER-FREE-READ', frame: 'vexfs_read' },
  ...{ guiltyFile: 'fs/vexfs/file.c', corrupted: true, corruptedReason: 'ends in its middle', panicked: true },
  ...{ fingerprint: 'v1:5b2ff550cf7317d0', fingerprintInputs: ['kasan-use-after-free', 'vexfs', 'vexfs_read'] },
  context: { pid: 88, comm: 'cp', cpu: 1, taint: 'GO', kernel: '6.1.192', hardware: 'QEMU', module: 'vexfs' },
  stacks: [
    {
      role: 'access',
      frames: [
        { fn: 'kasan_report', offset: '0xd7', size: '0x180', reliable: true },
        { fn: 'vexfs_stale', offset: '0x1', size: '0x2', module: 'vexfs', reliable: false },
        {
          fn: 'vexfs_read',
          offset: '0x71',
          size: '0x110',
          module: 'vexfs',
          reliable: true,
          file: 'fs/vexfs/file.c',
          line: 41,
        },
        { fn: 'vfs_read', offset: '0x195', size: '0x740', reliable: true },
      ],
    },
    { role: 'free', frames: [{ fn: 'kfree', reliable: true }] },
  ],
  details: {
    message: 'said before',
    disassembly: [
      '    0: 31 c0        xor %eax,%eax',
      '>   2: 48 89 78 08  mov %rdi,0x8(%rax)',
      '    6: c3           ret',
    ],
    maintainers: [{ role: 'list', who: 'vexfs@example.org', section: 'VEXFS' }],
  },
  matches: [
    {
      ...{ pattern: 'use-after-free', confidence: 0.46, classification: 'memory-corruption', severity: 'critical' },
      ...{ actions: ['pause-load'], explain: 'kind=kasan-use-after-free' },
    },
  ],
  related: [],
};

export const ABOUT: About = {
  advice: {
    pattern: 'Use after free',
    meaning: 'An object was freed while it was in use.',
    lookAt: ['who freed it'],
    references: ['Documentation/dev-tools/kasan.rst'],
    next: { actions: ['pause-load'], reason: 'stop writing' },
  },
  raw: {
    bytes: Buffer.from('[   52.349533] BUG: KASAN: use-after-free in vexfs_read\n[   52.349534] \nthe end\n'),
    missing: 0,
  },
};

export const LOG: LogRead = { file: 'logs/console.log', bytes: 5800 };
