import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinutils, type Machine } from './programs.ts';
import { runProgram } from './run-program.ts';

/** Bytes around an instruction pointer as a report shows them. */
export interface Code {
  /** Groups of hexadecimal digits: bytes on x86, else instructions, whose value the kernel prints. */
  readonly bytes: string;
  /** Bytes of a group. */
  readonly width: number;
  /** Which group the CPU was at, from 0. */
  readonly trap?: number;
}

/** A kernel prints 64 bytes. */
const MAX_BYTES = 1024;
/** No instruction of x86 has more bytes. */
const LONGEST = 15;
/** Reports that repeat show the same bytes. */
const MAX_KNOWN = 256;

/** Code to the lines of its instructions, by objdump. */
export class Disassembler {
  readonly #known = new Map<string, Promise<readonly string[] | undefined>>();

  /**
   * One line an instruction, as `  2a: 48 89 78 08  mov %rdi,0x8(%rax)`; that which the CPU was at begins with `>`. Offsets are from
   * the first byte. Undefined where objdump is not installed, does not know the machine, or there is no code.
   */
  lines(code: Code, machine: Machine): Promise<readonly string[] | undefined> {
    const key = `${machine.name} ${code.trap} ${code.bytes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const lines = disassemble(code, machine);
    this.#known.set(key, lines);
    return lines;
  }
}

async function disassemble(code: Code, machine: Machine): Promise<readonly string[] | undefined> {
  const objdump = findBinutils('objdump', machine);
  const bytes = bytesOf(code, machine);
  if (objdump === undefined || bytes === undefined) return undefined;
  const trap = code.trap === undefined ? undefined : code.trap * code.width;
  const folder = mkdtempSync(join(tmpdir(), 'vexfs-trace-code-'));
  try {
    const file = join(folder, 'code');
    writeFileSync(file, bytes);
    // The bytes begin somewhere in a function. Read from the wrong one, instructions seldom meet the trap.
    for (let from = 0; from <= Math.min(LONGEST, trap ?? 0); from++) {
      const rows = readRows(await runProgram(objdump, [...optionsOf(machine), `--start-address=${from}`, file]));
      if (rows.length === 0) return undefined;
      if (trap === undefined || rows.some(({ at }) => at === trap)) return formatted(rows, trap);
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function optionsOf({ objdump, bigEndian }: Machine): readonly string[] {
  return ['-D', '-b', 'binary', '-m', objdump, bigEndian ? '-EB' : '-EL', '--insn-width=16'];
}

/** Undefined unless all are groups of the width. */
function bytesOf({ bytes, width }: Code, { bigEndian }: Machine): Uint8Array | undefined {
  const groups = bytes.split(' ').filter((group) => group !== '');
  const whole = groups.every((group) => group.length === width * 2 && /^[0-9a-f]+$/.test(group));
  if (!whole || groups.length === 0 || groups.length * width > MAX_BYTES) return undefined;
  return Buffer.concat(
    groups.map((group) => {
      const value = Buffer.from(group, 'hex');
      return bigEndian ? value : value.reverse();
    }),
  );
}

interface Row {
  readonly at: number;
  readonly bytes: string;
  readonly text: string;
}

/** `  2a:\t48 89 78 08 \tmov    %rdi,0x8(%rax)`; headings have no tabs. */
function readRows(output: string): Row[] {
  return output.split('\n').flatMap((line) => {
    const [at = '', bytes = '', ...text] = line.split('\t');
    const offset = Number.parseInt(at, 16);
    if (!at.trimEnd().endsWith(':') || text.length === 0 || Number.isNaN(offset)) return [];
    return { at: offset, bytes: bytes.trim(), text: text.join(' ').replace(/ +/g, ' ').trim() };
  });
}

function formatted(rows: readonly Row[], trap: number | undefined): string[] {
  const width = Math.max(...rows.map(({ bytes }) => bytes.length));
  return rows.map(
    ({ at, bytes, text }) =>
      `${at === trap ? '>' : ' '} ${at.toString(16).padStart(3)}: ${bytes.padEnd(width)}  ${text}`,
  );
}
