import * as z from 'zod';
import { hex, int, lock, part, place, registers, text, texts } from './values.ts';

/** What any report may say. */
export const ANY = {
  message: text.describe(
    'what was printed in front of the report, or the words of a panic, of a filesystem, of the module loader',
  ),
  where: text.describe('`file.c:line` that raised it'),
  what: text.describe('which of its kind: `slab-use-after-free`, `shift-out-of-bounds`, `segfault`, …'),
  trap: place.describe('where the CPU was'),
  registers: registers.describe('by the names of the architecture, of the kernel'),
  userRegisters: registers.describe('of the program that called'),
  code: part({ bytes: text, width: int, trap: int }).describe(
    'groups of hexadecimal digits, bytes of a group, which of them trapped',
  ),
  modules: texts.describe('modules that were loaded'),
  buildIds: z.record(text, text).describe('of the kernel and the modules that the report names'),
  locks: z.array(lock).describe('locks held, with class, usage, place and task'),
  workqueue: text.describe('`queue function` of a worker'),
  atomic: part({
    inAtomic: int,
    irqsDisabled: int,
    nonBlock: int,
    pid: int,
    comm: text,
    preemptCount: hex,
    preemptExpected: hex,
    rcuDepth: int,
    rcuExpected: int,
  }).describe('why the context may not sleep'),
  preemptCount: hex,
  irqTrace: part({
    stamp: int,
    hardirqsEnabled: part({ event: int, fn: text }),
    hardirqsDisabled: part({ event: int, fn: text }),
    softirqsEnabled: part({ event: int, fn: text }),
    softirqsDisabled: part({ event: int, fn: text }),
  }).describe('who last switched interrupts'),
  injected: part({ name: text, interval: int, probability: int, space: int, times: int }).describe(
    'the failure that the kernel was told to inject right before',
  ),
  condition: text.describe('the condition of a warning that prints it'),
  caller: text,
  lastFunction: text.describe('the work that a worker did last'),
  echoes: texts.describe('headlines of the panic that the report ended in'),
  lost: int.nullable().describe('printk messages that were dropped within; null where it is not said how many'),
  replays: int.describe('lines that printk wrote twice'),
};

/** What the processor says of a fault. */
export const FAULT = {
  access: text.describe('`read`, `write`, `free`, `instruction fetch`, `execute`'),
  address: hex.describe('that was accessed'),
  oops: part({ what: text, errorCode: hex, number: int, oopsFlags: texts }).describe(
    'the counter and the options of the kernel',
  ),
  errorCode: hex,
  faultStatus: hex,
  reason: text,
  privilege: text,
  during: text,
  teid: hex,
  pageTable: z.record(text, hex).describe('entries of the walk, by level'),
  abort: z.record(text, text).describe('the syndrome, by the names of the architecture'),
  kasanHint: part({ what: text, from: hex, to: hex }),
  exitCode: hex,
  stackName: text,
  stackStart: hex,
  stackEnd: hex,
  register: text,
};

export const MACHINE = {
  banks: z.array(part({ cpu: int, what: text, mcgStatus: hex, bank: int, status: hex })),
  machineCheck: part({
    tsc: hex,
    address: hex,
    misc: hex,
    vendor: int,
    processor: hex,
    recorded: int,
    socket: int,
    apic: hex,
    microcode: hex,
    verdict: text,
  }),
  reasonCode: hex,
};
