import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A module of two files: functions in three sections, two of one name, inlined ones, a caller whose call is not on the line of
 * what follows.
 */
const SOURCES: Readonly<Record<string, string>> = {
  'fs/one.c': `#include "inner.h"
#define NOINLINE __attribute__((noinline))
static NOINLINE int same(volatile int *p) { return p[1]; }
static __attribute__((always_inline)) inline int middle(volatile int *p)
{
	return inner(p);
}
NOINLINE int faulty(volatile int *p)
{
	return middle(p);
}
NOINLINE int caller(volatile int *p)
{
	int sum = same(p);
	p[2] = 7;
	return sum;
}
__attribute__((noinline, section(".init.text"))) int starting(volatile int *p)
{
	return p[3];
}
NOINLINE int rare(volatile int *p) __asm__("caller.cold");
__attribute__((section(".text.unlikely"))) NOINLINE int rare(volatile int *p)
{
	return p[4] + p[5] + p[6] + p[7];
}
`,
  'fs/two.c': `static __attribute__((noinline)) int same(volatile int *p)
{
	return p[1] * p[2] + p[3] * p[4] + p[5] * p[6];
}
int other(volatile int *p)
{
	return same(p) + 1;
}
`,
  'fs/inner.h': `static __attribute__((always_inline)) inline int inner(volatile int *p)
{
	return *p;
}
`,
};

const COMPILE = [
  '-O1',
  '-g',
  '-c',
  '-ffreestanding',
  '-fno-pic',
  '-fcf-protection=none',
  '-fno-asynchronous-unwind-tables',
];

export interface Sample {
  readonly dir: string;
  /** Relocatable, with debug information and a build id. */
  readonly module: string;
  /** The same with addresses. */
  readonly kernel: string;
  readonly stripped: string;
}

/** Why there can be no sample here; empty where there can. */
export function noSample(): string {
  try {
    for (const tool of ['gcc', 'ld', 'objdump', 'nm', 'strip', 'addr2line'])
      execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return '';
  } catch {
    return ' (needs gcc and binutils)';
  }
}

export function buildSample(): Sample {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-symbols-'));
  mkdirSync(join(dir, 'fs'));
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(dir, name), text);
  for (const name of ['one', 'two'])
    execFileSync('gcc', [...compileOptions(), '-o', `${name}.o`, `fs/${name}.c`], { cwd: dir });
  const link = (...args: string[]) => execFileSync('ld', ['--build-id=sha1', ...args, 'one.o', 'two.o'], { cwd: dir });
  link('-r', '-o', 'sample.ko');
  link('-o', 'vmlinux', '-Ttext=0x81000000', '-e', '0');
  execFileSync('strip', ['--strip-debug', '-o', 'stripped.ko', 'sample.ko'], { cwd: dir });
  const path = (name: string) => join(dir, name);
  return { dir, module: path('sample.ko'), kernel: path('vmlinux'), stripped: path('stripped.ko') };
}

/** Intel's branch protection is an option of that compiler only. */
function compileOptions(): string[] {
  return COMPILE.filter((option) => process.arch === 'x64' || !option.startsWith('-fcf'));
}

export interface FunctionRow {
  readonly fn: string;
  /** Its address; in a module, from the beginning of the section. */
  readonly at: bigint;
  readonly section: string;
  /** How far it is to the next symbol of the section; for the last one, its own size. */
  readonly size: number;
}

/** Functions as objdump lists them. */
export function functionsOf(path: string): FunctionRow[] {
  const table = execFileSync('objdump', ['-t', path], { encoding: 'utf8' });
  const rows = [...table.matchAll(/^([0-9a-f]+) .{6}F (\S+)\t([0-9a-f]+) (?:\.hidden )?(\S+)$/gm)];
  const symbols = rows.map((m) => ({
    at: BigInt(`0x${m[1]}`),
    section: m[2] ?? '',
    own: Number(`0x${m[3]}`),
    fn: m[4] ?? '',
  }));
  return symbols.map(({ at, section, own, fn }) => {
    const behind = symbols.filter((other) => other.section === section && other.at > at).map((other) => other.at - at);
    const size = behind.length === 0 ? own : Number(behind.reduce((a, b) => (a < b ? a : b)));
    return { fn, at, section, size };
  });
}

/** Offsets of the instructions of a function, with their text and what they refer to, as objdump shows them. */
export function instructionsOf(path: string, fn: string): { readonly at: number; readonly text: string }[] {
  const { at: start = 0n, size = 0, section = '' } = functionsOf(path).find((row) => row.fn === fn) ?? {};
  const range = [`--start-address=${start}`, `--stop-address=${start + BigInt(size)}`, `--section=${section}`];
  const output = execFileSync('objdump', ['-dr', '--no-show-raw-insn', ...range, path], { encoding: 'utf8' });
  // A reference stands on a line of its own behind the instruction: `8609: R_X86_64_PLT32	kfree-0x4`.
  const joined = output.replace(/\n\t+[0-9a-f]+: R_\w+\t/g, ' ');
  const rows = [...joined.matchAll(/^ +([0-9a-f]+):\t(.*)$/gm)].map((m) => ({
    at: BigInt(`0x${m[1]}`),
    text: m[2] ?? '',
  }));
  return rows.map(({ at, text }) => ({ at: Number(at - start), text }));
}
