import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messageOf } from '../base/errors.ts';
import { findKernel, type Kernel } from '../guest/kernel.ts';
import { buildVexfs } from '../guest/module.ts';
import { packageRoot } from '../guest/paths.ts';
import { CAPTURE_SCHEMA, type CaptureInfo } from '../model/capture.ts';
import { detailsSchema } from '../model/details/details.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import { CaptureWriter } from '../source/capture-writer.ts';
import { type FunctionRow, functionsOf, instructionsOf } from '../symbolize/testing.ts';
import { analyze } from './analyze.ts';
import { replay } from './replay.ts';
import type { SymbolOptions } from './symbol-finding.ts';
import { openSymbols } from './symbols.ts';

/** The stock kernel, or why its module cannot be built here. */
function stock(): Kernel | string {
  try {
    for (const tool of ['addr2line', 'objdump', 'make', 'gcc']) execFileSync(tool, ['--version'], { stdio: 'ignore' });
    const kernel = findKernel('stock');
    if (kernel.buildDir === undefined) return ' (the headers of the stock kernel are not installed)';
    return kernel.arch === 'x86_64' ? kernel : ' (its reports are those of x86-64)';
  } catch (error) {
    return ` (the module cannot be built here: ${messageOf(error)})`;
  }
}

const kernel = stock();
const why = typeof kernel === 'string' ? kernel : '';
let file: string;

/** The first line of a source of the module with these words, behind the one with others. */
function lineOf(source: string, words: string, behind = ''): number {
  const lines = readFileSync(join(packageRoot(), source), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.includes(behind));
  const at = lines.findIndex((line, index) => index >= from && line.includes(words));
  expect(Math.min(from, at)).toBeGreaterThanOrEqual(0);
  return at + 1;
}

interface Place {
  readonly fn: string;
  readonly at: number;
}

/** The instruction of a function that looks like this, and the one behind it. */
function instruction(fn: string, looks: RegExp): { readonly at: Place; readonly behind: Place } {
  const rows = instructionsOf(file, fn);
  const index = rows.findIndex(({ text }) => looks.test(text));
  const [own, next] = [rows[index], rows[index + 1]];
  if (own === undefined || next === undefined) throw new Error(`${fn} has no instruction like ${looks}`);
  return { at: { fn, at: own.at }, behind: { fn, at: next.at } };
}

describe.skipIf(why !== '')(`reports of our own module${why}`, () => {
  let dir: string;
  let functions: readonly FunctionRow[];
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-symbols-'));
    file = typeof kernel === 'string' ? '' : buildVexfs(kernel).symbolFile;
    functions = functionsOf(file);
  }, 300_000);
  afterAll(() => rmSync(dir, { recursive: true }));

  const hex = (number: number) => `0x${number.toString(16)}`;
  const printed = ({ fn, at }: Place, buildId = '', growth = 0) => {
    const size = functions.find((row) => row.fn === fn)?.size ?? 0;
    return `${fn}+${hex(at)}/${hex(size + growth)} [vexfs${buildId}]`;
  };
  interface Report {
    readonly trap: Place;
    readonly callers?: readonly Place[];
    readonly code?: string;
    readonly buildId?: string;
    /** Makes all sizes those of another build. */
    readonly growth?: number;
  }
  /** arch/x86/kernel/dumpstack.c, with places of the module as it was built. */
  const oops = ({ trap, callers = [], code, buildId, growth }: Report) => {
    const lines = [
      'BUG: kernel NULL pointer dereference, address: 0000000000000008',
      '#PF: supervisor write access in kernel mode',
      'Oops: 0002 [#1] PREEMPT SMP NOPTI',
      'CPU: 0 PID: 143 Comm: vexfs-agent Tainted: G           OE      6.1.0-56-cloud-amd64 #1',
      `RIP: 0010:${printed(trap, buildId, growth)}`,
      ...(code === undefined ? [] : [`Code: ${code}`]),
      'RSP: 0018:ff7aeca5c03e7bd0 EFLAGS: 00000246',
      'RAX: 0000000000000000 RBX: 000000000000000a RCX: ffffffffc05b75dc',
      'Call Trace:',
      ' <TASK>',
      ...callers.map((caller) => ` ${printed(caller, buildId, growth)}`),
      ' vfs_write+0xc7/0x3f0',
      ' </TASK>',
      '---[ end trace 0000000000000000 ]---',
    ];
    return lines.map((line, index) => `[   13.${856374 + index}] ${line}\n`).join('');
  };
  const read = async (log: string, options: SymbolOptions | undefined) => {
    const warnings: string[] = [];
    const events: Event[] = [];
    const warn = (message: string) => warnings.push(message);
    const symbols = await openSymbols(options, { warn, live: false });
    await analyze(['-'], Readable.from([Buffer.from(log)]), {
      ...{ patterns: [], warn, room: () => symbols.room() },
      onEvent: (event) => symbols.event(event, (event) => events.push(event)),
    });
    await symbols.close();
    const finding = events.find((event): event is Finding => isFinding(event));
    if (finding === undefined) throw new Error('nothing was found');
    expect(detailsSchema.parse(finding.details)).toEqual(finding.details);
    return { finding, events, warnings };
  };
  const placesOf = ({ stacks }: Finding) =>
    stacks.flatMap(({ frames }) =>
      frames.map(({ fn, file, line, inlined }) => `${fn} ${file ?? '?'}:${line ?? '?'}${inlined ? ' inlined' : ''}`),
    );

  /** vexfs_fault_write calls faults through a table. */
  const caller = () => instruction('vexfs_fault_write', /^call .*thunk/).behind;
  const CRASH = 'kmod/fault-crash.c';

  test('name the file and line of each frame of the module, and the guilty file', async () => {
    const trap = instruction('vexfs_fault_null_deref', /^mov .*,0x8\(%/).at;
    const { finding, warnings } = await read(oops({ trap, callers: [caller()] }), { modules: [file] });
    const [first, second, ...rest] = placesOf(finding);
    expect(first).toBe(`vexfs_fault_null_deref ${CRASH}:${lineOf(CRASH, 'WRITE_ONCE(node->value, arg);')}`);
    expect(second).toBe(`vexfs_fault_write kmod/fault.c:${lineOf('kmod/fault.c', 'ret = f->fn(arg);')}`);
    expect(rest).toEqual(['vfs_write ?:?']);
    expect(finding.guiltyFile).toBe(CRASH);
    expect(finding.stacks[0]?.frames[0]).toMatchObject({ offset: hex(trap.at), module: 'vexfs', reliable: true });
    expect(warnings).toEqual([]);
  });

  test('show the function that the compiler put into the one that is named', async () => {
    const value = lineOf(CRASH, 'READ_ONCE(node->value)');
    const around = lineOf(CRASH, 'vexfs_node_value(node) ?');
    const trap = instruction('vexfs_fault_wild_address', /^mov .*0x8\(%/).at;
    const inner = placesOf((await read(oops({ trap }), { modules: [file] })).finding);
    expect(inner.slice(0, 2)).toEqual([
      `vexfs_node_value ${CRASH}:${value} inlined`,
      `vexfs_fault_wild_address ${CRASH}:${around}`,
    ]);
    // The same for a caller: it is the inlined function that calls.
    const MEMORY = 'kmod/fault-memory.c';
    const free = instruction('vexfs_fault_use_after_free_read', /^call .*kfree/).behind;
    const outer = placesOf((await read(oops({ trap, callers: [free] }), { modules: [file] })).finding);
    expect(outer.slice(2, 4)).toEqual([
      `vexfs_fault_object_free ${MEMORY}:${lineOf(MEMORY, 'kfree(p);', 'vexfs_fault_object_free(u8 *p)')} inlined`,
      `vexfs_fault_use_after_free_read ${MEMORY}:${lineOf(MEMORY, 'vexfs_fault_object_free(p);', 'int vexfs_fault_use_after_free_read')}`,
    ]);
  });

  test('that show code bytes are disassembled at the trap', async () => {
    const { at } = instruction('vexfs_fault_null_deref', /^mov .*,0x8\(%/);
    const code = '66 90 0f 1f 44 00 00 31 c0 <48> 89 78 08 31 c0 c3 cc';
    const { finding } = await read(oops({ trap: at, code }), { modules: [file] });
    expect(finding.details.disassembly).toEqual([
      '    0: 66 90           xchg %ax,%ax',
      '    2: 0f 1f 44 00 00  nopl 0x0(%rax,%rax,1)',
      '    7: 31 c0           xor %eax,%eax',
      '>   9: 48 89 78 08     mov %rdi,0x8(%rax)',
      '    d: 31 c0           xor %eax,%eax',
      '    f: c3              ret',
      '   10: cc              int3',
    ]);
  });

  test('of another build stay as they are, with one warning', async () => {
    const trap = instruction('vexfs_fault_null_deref', /^mov .*,0x8\(%/).at;
    const notes = execFileSync('readelf', ['-n', file], { encoding: 'utf8' });
    const own = /Build ID: ([0-9a-f]{40})/.exec(notes)?.[1] ?? '';
    const good = await read(oops({ trap, buildId: ` ${own}` }), { modules: [file] });
    expect(good.finding.guiltyFile).toBe(CRASH);
    expect(good.warnings).toEqual([]);

    const other = own.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    for (const [report, words] of [
      [{ trap, callers: [caller()], buildId: ` ${other}` }, `it has build id ${own}, and the report is of ${other}`],
      [{ trap, callers: [caller()], growth: 16 }, 'vexfs_fault_null_deref has 0x'],
    ] as const) {
      const bad = await read(oops(report).repeat(3), { modules: [file] });
      expect(placesOf(bad.finding)).toEqual(['vexfs_fault_null_deref ?:?', 'vexfs_fault_write ?:?', 'vfs_write ?:?']);
      expect(bad.finding.guiltyFile).toBe('');
      expect(bad.warnings).toEqual([expect.stringContaining(`${file} does not fit: ${words}`)]);
    }
  });

  test('have the maintainers of the guilty file', async () => {
    const tree = join(dir, 'linux');
    execFileSync('mkdir', ['-p', tree]);
    writeFileSync(join(tree, 'MAINTAINERS'), 'VEXFS\nM:\tFay <fay@example.org>\nL:\tvexfs@example.org\nF:\tkmod/\n');
    const trap = instruction('vexfs_fault_null_deref', /^mov .*,0x8\(%/).at;
    const { finding } = await read(oops({ trap }), { modules: [file], kernelTree: tree });
    expect(finding.details.maintainers).toEqual([
      { role: 'maintainer', who: 'Fay <fay@example.org>', section: 'VEXFS' },
      { role: 'list', who: 'vexfs@example.org', section: 'VEXFS' },
    ]);
  });

  test('are the same findings but for what was added', async () => {
    const trap = instruction('vexfs_fault_null_deref', /^mov .*,0x8\(%/).at;
    const log = oops({ trap, callers: [caller()], code: '31 c0 <48> 89 78 08' }).repeat(5);
    const without = await read(log, undefined);
    const { events } = await read(log, { modules: [file] });
    expect(events.map(({ event, seq }) => [event, seq])).toEqual(without.events.map(({ event, seq }) => [event, seq]));
    for (const [index, event] of events.entries()) {
      const plain = without.events[index];
      if (!isFinding(event) || plain === undefined || !isFinding(plain)) continue;
      const { stacks, guiltyFile, details, run, id, incident, related, ...same } = event;
      const { disassembly, ...facts } = details;
      expect(disassembly).toBeDefined();
      expect({ ...same, details: facts }).toEqual(
        expect.objectContaining({
          title: plain.title,
          fingerprint: plain.fingerprint,
          frame: plain.frame,
          details: plain.details,
        }),
      );
    }
  });

  test('that were recorded get their lines in a replay', async () => {
    const trap = instruction('vexfs_fault_null_deref', /^mov .*,0x8\(%/).at;
    const capture = join(dir, 'capture');
    const info: CaptureInfo = {
      schema: CAPTURE_SCHEMA,
      run: '01KAREPLAYED',
      tool: 'test',
      startWall: 0,
      guest: 'g',
      command: ['test'],
    };
    const writer = new CaptureWriter(capture, info, () => {});
    writer.chunk({ stream: 'console', observed: 1000, bytes: Buffer.from(oops({ trap }).replaceAll('\n', '\r\n')) });
    writer.close();
    const events: Event[] = [];
    const symbols = await openSymbols({ modules: [file] }, { warn: () => {}, live: false });
    await replay(capture, {
      ...{ patterns: [], recordedPace: false, signal: new AbortController().signal, warn: () => {} },
      onEvent: (event) => symbols.event(event, (event) => events.push(event)),
    });
    await symbols.close();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, seq) => seq));
    const findings = events.filter(isFinding);
    // What is provisional comes as it is, at once.
    expect(findings.map(({ final, guiltyFile }) => [final, guiltyFile])).toEqual([
      ...findings.slice(1).map(() => [false, '']),
      [true, CRASH],
    ]);
  });
});
